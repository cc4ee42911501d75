"""Customer products: what is offered to whom, and at which price."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog import selectors
from catalog.access import customer_product_for, product_model_for
from catalog.forms import AccessForm, CustomerProductForm, PricesForm
from catalog.models import CustomerProduct
from catalog.services.product_models import Unfit
from catalog.services.products import change_access, save_customer_product, set_customer_prices
from catalog.views.crumbs import catalog_crumb, model_crumbs
from pod_hub.accounts.access import staff_only
from pod_hub.core.twins import AlreadyThere
from pod_hub.ui.form_pages import Crumb, FormPage

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only()
def customer_product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a customer product: who may use it, what whom it costs, where it is made, how many listings sell it."""
    row = customer_product_for(public_id)
    context = {
        "product": row,
        "model": row.product_model,
        "grants": row.grants.select_related("customer").order_by("customer__name"),
        "prices": row.customer_prices.select_related("customer").order_by("customer__name"),
        "made_at": row.made_at.select_related("facility").order_by("facility__name"),
        "mapped": selectors.mapped_listings(row),
        "designs": selectors.designs_of(row.product_model) if row.product_model.needs_design else [],
    }
    return render(request, "dashboard/catalog/customer_product.html", context)


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
    cancel = reverse("catalog:customer_product", args=[row.public_id]) if known else reverse("catalog:product_model", args=[model.public_id])
    if request.method == "POST" and form.is_valid():
        row.model_variant = form.cleaned_data.get("model_variant")
        try:
            save_customer_product(product=row, customers=form.cleaned_data["customers"], facilities=form.cleaned_data["facilities"])
        except AlreadyThere as error:
            form.add_error("uid", str(error))
        except Unfit as error:
            form.add_error("active_until", str(error))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": row})
            return redirect("catalog:customer_product", row.public_id)
    return FormPage(title=title, submit=_("Save product"), cancel=cancel, crumbs=model_crumbs(model, title)).answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def prices(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set what single customers pay; an empty price is the list price."""
    row = customer_product_for(public_id)
    rows = selectors.price_rows(row)
    form = PricesForm(request.POST or None, rows=rows)
    address = reverse("catalog:customer_product", args=[public_id])
    if request.method == "POST" and form.is_valid():
        wanted = {one.customer.pk: form.cleaned_data[one.customer.public_id] for one in rows}
        changed = set_customer_prices(product=row, prices=wanted)
        messages.success(request, ngettext("%(n)s price was changed.", "%(n)s prices were changed.", changed) % {"n": changed})
        return redirect(address)
    lead = _("The list price is %(price)s %(currency)s. Leave a field empty where it applies.") % {
        "price": f"{row.price.normalize():f}",
        "currency": row.currency,
    }
    if not rows:
        lead = _("No customer may use this product yet, so there is nobody to set a price for. Edit the product and choose customers.")
    crumbs = [*model_crumbs(row.product_model), Crumb(str(row), address), Crumb(_("Customers' prices"))]
    page = FormPage(title=_("Customers' prices"), submit=_("Save prices"), cancel=address, crumbs=crumbs, lead=lead)
    return page.answer(request, form)


@read_or_post
@staff_only(may="may_set_up")
def access(request: HttpRequest) -> HttpResponse:
    """Give several customers leave to use several products at once, or take it away."""
    form = AccessForm(request.POST or None, initial={"give": "yes"})
    query = request.GET.get("q", "").strip()[:80]
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        done = change_access(products=chosen["products"], customers=chosen["customers"], give=chosen["give"])
        given = ngettext("%(n)s permission was given.", "%(n)s permissions were given.", done.given) % {"n": done.given}
        taken = ngettext("%(n)s permission was taken away.", "%(n)s permissions were taken away.", done.taken) % {"n": done.taken}
        messages.success(request, given if chosen["give"] else taken)
        return redirect("catalog:access")
    context = {
        "form": form,
        "products": selectors.products_to_grant(query=query),
        "chosen": set(form.data.getlist("products")) if form.is_bound else set(),  # type: ignore[attr-defined]  # a QueryDict
        "most": selectors.GRANTS_SHOWN,
        "query": query,
        "crumbs": [catalog_crumb(), Crumb(_("Access"))],
    }
    return render(request, "dashboard/catalog/access.html", context, status=422 if form.is_bound and form.errors else 200)
