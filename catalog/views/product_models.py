"""Product models with their print areas, variants and mockups."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import selectors
from catalog.access import mockup_for, print_area_for, product_model_for, variant_for
from catalog.forms import MockupForm, PrintAreaForm, ProductModelForm, VariantForm
from catalog.models import Category, Mockup, PrintArea, ProductModel, Variant
from catalog.services import product_models as service
from catalog.services.fitting import told_misfits
from catalog.views.crumbs import catalog_crumb, model_crumbs
from pod_hub.accounts.access import staff_only
from pod_hub.core.pictures import BadPicture
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Caution, Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only()
def product_model(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a product model with its print areas, variants, mockups, products and designs."""
    row = product_model_for(public_id)
    context = {
        "model": row,
        "areas": list(row.print_areas.all()),
        "variants": selectors.variants_of(row),
        "mockups": selectors.mockups_of(row),
        "products": selectors.products_of_model(row),
        "designs": selectors.designs_of(row),
        "misfits": [(design, told_misfits(design)) for design in selectors.misfits_of(row)],
    }
    return render(request, "dashboard/catalog/product_model.html", context)


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
            service.save_product_model(model=row)
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
    crumbs = [catalog_crumb(), *([Crumb(name, address)] if known else []), Crumb(title)]
    return FormPage(title=title, submit=_("Save product model"), cancel=address, crumbs=crumbs, cautions=cautions).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def add_print_area(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a place that is printed."""
    model = product_model_for(public_id)
    first = not model.print_areas.exists()
    return _print_area(request, PrintArea(product_model=model, **({} if first else {"key": "", "name": ""})), _("Add print area"))


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
            service.save_print_area(area=row)
        except AlreadyThere as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect(address)
    cautions = []
    if row.pk and (designs := row.sheets.count()):
        text = ngettext(
            "%(n)s design puts something on it. After a change of its size, resolution or colours it is compared with it; if it no longer fits, orders of it that are not printed yet wait.",
            "%(n)s designs put something on it. After a change of its size, resolution or colours they are compared with it; orders of those that no longer fit wait where they are not printed yet.",
            designs,
        )
        cautions.append(Caution(_("Designs use this area."), text % {"n": designs}, tone="info"))
    page = FormPage(title=title, submit=_("Save print area"), cancel=address, crumbs=model_crumbs(model, title), cautions=cautions)
    return page.answer(request, form)


@require_POST
@staff_only(may="may_set_up")
def delete_print_area(request: HttpRequest, public_id: str) -> HttpResponse:
    """Print no longer there, unless designs do."""
    row = print_area_for(public_id)
    try:
        service.delete_print_area(area=row)
    except service.InUse as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” was deleted.") % {"name": row})
    return redirect("catalog:product_model", row.product_model.public_id)


@read_or_post
@staff_only(may="may_set_up")
def add_variant(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a size or colour."""
    return _variant(request, Variant(product_model=product_model_for(public_id)), _("Add variant"))


@read_or_post
@staff_only(may="may_set_up")
def edit_variant(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a size or colour."""
    return _variant(request, variant_for(public_id), _("Edit variant"))


def _variant(request: HttpRequest, row: Variant, title: str) -> HttpResponse:
    model, form = row.product_model, VariantForm(request.POST or None, instance=row)
    address = reverse("catalog:product_model", args=[model.public_id])
    if request.method == "POST" and form.is_valid():
        try:
            service.save_variant(variant=row)
        except AlreadyThere as error:
            form.add_error("sku", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect(address)
    return FormPage(title=title, submit=_("Save variant"), cancel=address, crumbs=model_crumbs(model, title)).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def add_mockup(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a picture with the print area's place on it."""
    model = product_model_for(public_id)
    area = model.main_area
    if area is None:
        messages.error(request, _("A mockup shows where a print area is, and this product model has none. Add a print area first."))
        return redirect("catalog:add_print_area", public_id)
    return _mockup(request, Mockup(product_model=model, print_area=area, position=model.mockups.count()), _("Add mockup"))


@read_or_post
@staff_only(may="may_set_up")
def edit_mockup(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a mockup's picture or the place on it."""
    return _mockup(request, mockup_for(public_id), _("Edit mockup"))


def _mockup(request: HttpRequest, row: Mockup, title: str) -> HttpResponse:
    model, form = row.product_model, MockupForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        row.print_area, row.variant = form.cleaned_data["print_area"], form.cleaned_data["variant"]
        picture = form.cleaned_data["picture"]
        try:
            service.save_mockup(mockup=row, picture=picture.read() if picture else None)
        except BadPicture as error:
            form.add_error("picture", str(error))
        except service.Unfit as error:
            form.add_error("width", str(error))
        else:
            messages.success(request, _("The mockup was saved."))
            return redirect("catalog:edit_mockup", row.public_id) if "stay" in request.POST else redirect("catalog:product_model", model.public_id)
    context = {"form": form, "mockup": row, "model": model, "title": title, "crumbs": model_crumbs(model, title)}
    return render(request, "dashboard/catalog/mockup.html", context, status=422 if form.is_bound and form.errors else 200)


@require_POST
@staff_only(may="may_set_up")
def delete_mockup(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a picture no more."""
    row = mockup_for(public_id)
    service.delete_mockup(mockup=row)
    messages.success(request, _("The mockup was deleted."))
    return redirect("catalog:product_model", row.product_model.public_id)
