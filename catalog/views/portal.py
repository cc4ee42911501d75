"""The catalog as a merchant sees it: the products it may sell, in the shelves of the print provider's catalog (GA-24), and its own artwork."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import selectors
from catalog.access import usable_product_for
from catalog.forms import OwnDesignForm
from catalog.models import Artwork, CustomerProduct
from catalog.presentation import design_was_added, what_fits
from catalog.services.artwork import BadArtwork, kept_upload
from catalog.services.designs import BadDesign, design_from_upload
from catalog.services.preflight import BadFile
from pod_hub.accounts.access import membership_of, portal_customer
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.models import Customer
from pod_hub.accounts.portal import portal_only
from pod_hub.core.tenancy import tenant
from pod_hub.ui.form_pages import Crumb, FormPage


@require_safe
@portal_only()
def products(request: HttpRequest) -> HttpResponse:
    """Show what the customer may sell, shelf by shelf."""
    membership = membership_of(request)
    context = {"shelves": selectors.shelves_of(portal_customer(request)), "psp": membership.psp.shown_name}
    return render(request, "portal/catalog/products.html", context)


@require_safe
@portal_only()
def product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a product with its print area, the customer's artwork for it and how many of its listings sell it."""
    customer, membership = portal_customer(request), membership_of(request)
    row = usable_product_for(customer, public_id)
    model = row.product_model
    context = {
        "product": row,
        "model": model,
        "designs": selectors.designs_of(model, customer=customer) if model.needs_design else [],
        "mapped": selectors.mapped_listings(row, customer=customer),
        "may_act": membership.may_act_for_customer,
        "psp": membership.psp.shown_name,
    }
    return render(request, "portal/catalog/product.html", context)


@outside_scope
@require_http_methods(["GET", "HEAD", "POST"])
@portal_only(may="may_act_for_customer")
def add_design(request: HttpRequest, public_id: str) -> HttpResponse:
    """Upload artwork for a product; a file that cannot be printed is refused beside the field."""
    customer = portal_customer(request)
    with tenant(customer.psp_id):
        row = usable_product_for(customer, public_id)
        form = OwnDesignForm(request.POST or None, request.FILES or None)
        valid = request.method == "POST" and form.is_valid()
    kept = kept_upload(form.cleaned_data["file"], customer=customer) if valid else None
    with tenant(customer.psp_id):
        return _add_design(request, customer, row, form, kept)


def _add_design(
    request: HttpRequest, customer: Customer, row: CustomerProduct, form: OwnDesignForm, kept: Artwork | BadArtwork | None
) -> HttpResponse:
    model, address = row.product_model, reverse("portal:product", args=[row.public_id])
    if kept is not None:
        try:
            design = design_from_upload(customer=customer, product_model=model, kept=kept, name=form.cleaned_data["name"])
        except (BadFile, BadDesign) as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, design_was_added(design))
            return redirect(address)
    page = FormPage(
        title=_("Upload a design"),
        submit=_("Upload design"),
        cancel=address,
        crumbs=[_products(), _product(row), Crumb(_("Upload a design"))],
        lead=what_fits(model),
    )
    return page.answer(request, form)


def _products() -> Crumb:
    return Crumb(_("Products"), reverse("portal:products"))


def _product(row: CustomerProduct) -> Crumb:
    return Crumb(str(row), reverse("portal:product", args=[row.public_id]))
