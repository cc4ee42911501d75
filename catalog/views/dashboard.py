"""The catalog for the print provider's staff: categories, product models, customer products."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import selectors
from catalog.access import category_for, customer_product_for, print_area_for, product_model_for
from catalog.forms import CategoryForm, CustomerProductForm, PrintAreaForm, ProductModelForm
from catalog.models import Category, CustomerProduct, PrintArea, ProductModel
from catalog.services.products import Circle, save_category, save_customer_product, save_print_area, save_product_model
from pod_hub.accounts.access import staff_only
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Caution, Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _catalog() -> Crumb:
    return Crumb(_("Catalog"), reverse("catalog:products"))


@require_safe
@staff_only()
def products(request: HttpRequest) -> HttpResponse:
    """Show the catalog as merchants see it."""
    return render(request, "dashboard/catalog/products.html", {"shelves": selectors.shelves()})


@require_safe
@staff_only()
def product_model(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a product model with its print area, products and designs."""
    row = product_model_for(public_id)
    context = {"model": row, "products": selectors.products_of_model(row), "designs": selectors.designs_of(row)}
    return render(request, "dashboard/catalog/product_model.html", context)


@require_safe
@staff_only()
def customer_product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a customer product: who may use it, where it is made, how many listings sell it."""
    row = customer_product_for(public_id)
    context = {
        "product": row,
        "model": row.product_model,
        "grants": row.grants.select_related("customer").order_by("customer__name"),
        "made_at": row.made_at.select_related("facility").order_by("facility__name"),
        "mapped": selectors.mapped_listings(row),
        "designs": selectors.designs_of(row.product_model) if row.product_model.needs_design else [],
    }
    return render(request, "dashboard/catalog/customer_product.html", context)


@read_or_post
@staff_only(may="may_set_up")
def add_category(request: HttpRequest) -> HttpResponse:
    """Add a category."""
    return _category(request, Category(), _("Add category"))


@read_or_post
@staff_only(may="may_set_up")
def edit_category(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a category."""
    return _category(request, category_for(public_id), _("Edit category"))


def _category(request: HttpRequest, row: Category, title: str) -> HttpResponse:
    form = CategoryForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        row.parent = form.cleaned_data["parent"]
        try:
            save_category(category=row)
        except AlreadyThere as error:
            form.add_error("name", str(error))
        except Circle as error:
            form.add_error("parent", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect("catalog:products")
    page = FormPage(title=title, submit=_("Save category"), cancel=reverse("catalog:products"), crumbs=[_catalog(), Crumb(title)])
    return page.answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def add_product_model(request: HttpRequest) -> HttpResponse:
    """Add a product model."""
    return _product_model(request, ProductModel(), _("Add product model"))


@read_or_post
@staff_only(may="may_set_up")
def edit_product_model(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a product model."""
    return _product_model(request, product_model_for(public_id), _("Edit product model"))


def _product_model(request: HttpRequest, row: ProductModel, title: str) -> HttpResponse:
    name, known = row.name, row.pk is not None
    form = ProductModelForm(request.POST or None, instance=row)
    address = reverse("catalog:product_model", args=[row.public_id]) if known else reverse("catalog:products")
    if request.method == "POST" and form.is_valid():
        row.category = form.cleaned_data["category"]
        try:
            save_product_model(model=row)
        except AlreadyThere as error:
            form.add_error("sku", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            if row.needs_design and not row.print_areas.exists():
                return redirect("catalog:add_print_area", row.public_id)
            return redirect("catalog:product_model", row.public_id)
    cautions = []
    if not known and not Category.objects.exists():
        add = reverse("catalog:add_category")
        cautions.append(Caution(_("There is no category yet."), _("Every product model stands in one."), _("Add category"), add))
    crumbs = [_catalog(), *([Crumb(name, address)] if known else []), Crumb(title)]
    return FormPage(title=title, submit=_("Save product model"), cancel=address, crumbs=crumbs, cautions=cautions).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def add_print_area(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a place that is printed."""
    return _print_area(request, PrintArea(product_model=product_model_for(public_id)), _("Add print area"))


@read_or_post
@staff_only(may="may_set_up")
def edit_print_area(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a place that is printed."""
    return _print_area(request, print_area_for(public_id), _("Edit print area"))


def _print_area(request: HttpRequest, row: PrintArea, title: str) -> HttpResponse:
    model, form = row.product_model, PrintAreaForm(request.POST or None, instance=row)
    address = reverse("catalog:product_model", args=[model.public_id])
    if request.method == "POST" and form.is_valid():
        try:
            save_print_area(area=row)
        except AlreadyThere as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect(address)
    crumbs = [_catalog(), Crumb(model.name, address), Crumb(title)]
    return FormPage(title=title, submit=_("Save print area"), cancel=address, crumbs=crumbs).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def add_customer_product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Offer a product model to customers."""
    model = product_model_for(public_id)
    return _customer_product(request, CustomerProduct(product_model=model), _("Add customer product"))


@read_or_post
@staff_only(may="may_set_up")
def edit_customer_product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a customer product and who may use it."""
    return _customer_product(request, customer_product_for(public_id), _("Edit customer product"))


def _customer_product(request: HttpRequest, row: CustomerProduct, title: str) -> HttpResponse:
    known, model = row.pk is not None, row.product_model
    form = CustomerProductForm(request.POST or None, instance=row)
    model_address = reverse("catalog:product_model", args=[model.public_id])
    cancel = reverse("catalog:customer_product", args=[row.public_id]) if known else model_address
    if request.method == "POST" and form.is_valid():
        try:
            save_customer_product(product=row, customers=form.cleaned_data["customers"], facilities=form.cleaned_data["facilities"])
        except AlreadyThere as error:
            form.add_error("uid", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect("catalog:customer_product", row.public_id)
    crumbs = [_catalog(), Crumb(model.name, model_address), Crumb(title)]
    return FormPage(title=title, submit=_("Save product"), cancel=cancel, crumbs=crumbs).answer(request, form)
