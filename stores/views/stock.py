"""The stock and handling time of one listing (DS-13, DS-14)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.access import member_only
from pod_hub.ui.form_pages import FormPage
from stores.access import sold_listing_for
from stores.models import StockPush
from stores.product_forms import StockForm
from stores.services.stock import CannotSetStock, set_stock
from stores.views.adding import actor_of
from stores.views.wishes import cautions_about, way_to


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def stock(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what stock is wanted of a listing and whether the marketplace shows it; POST wants another."""
    listing = sold_listing_for(public_id)
    known: StockPush | None = getattr(listing, "stock", None)
    connection = getattr(listing.store, "connection", None)
    initial = {
        "quantity": known.quantity if known else listing.quantity,
        "handling_days": known.handling_days if known else getattr(connection, "handling_days", None),
    }
    form = StockForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            set_stock(listing_id=listing.pk, quantity=given["quantity"], handling_days=given["handling_days"], actor=actor_of(request))
        except CannotSetStock as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The stock is told to the marketplace; below you see when it shows it."))
            return redirect("stores:stock", public_id)
    page = FormPage(
        title=_("Stock of “%(listing)s”") % {"listing": listing},
        submit=_("Save and tell the marketplace"),
        cancel=reverse("orders:listing", args=[public_id]),
        crumbs=way_to(listing, _("Stock")),
        lead=_("SKU %(sku)s") % {"sku": listing.sku or listing.key},
        cautions=cautions_about(listing, known, wanted=_in_words(known)),
    )
    request.nav_path = reverse("stores:store", args=[listing.store.public_id])  # type: ignore[attr-defined]
    return page.answer(request, form)


def _in_words(wish: StockPush | None) -> str:
    if wish is None:
        return ""
    days = _("sent within %(n)s days") % {"n": wish.handling_days} if wish.handling_days else _("handling time as it is there")
    return ", ".join((_("%(n)s in stock") % {"n": f"{wish.quantity:,}"}, days))
