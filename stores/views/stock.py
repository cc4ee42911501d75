"""The stock and handling time of one listing (DS-13, DS-14)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.access import member_only
from pod_hub.ui.form_pages import Caution, Crumb, FormPage
from stores.access import sold_listing_for
from stores.models import Listing, StockPush
from stores.product_forms import StockForm
from stores.publishing_presentation import wish_look
from stores.services.stock import CannotSetStock, set_stock
from stores.views.adding import actor_of


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
    address = reverse("stores:store", args=[listing.store.public_id])
    page = FormPage(
        title=_("Stock of “%(listing)s”") % {"listing": listing},
        submit=_("Save and tell the marketplace"),
        cancel=reverse("orders:listing", args=[public_id]),
        crumbs=[Crumb(_("Stores"), reverse("stores:stores")), Crumb(listing.store.name, address), Crumb(str(listing)), Crumb(_("Stock"))],
        lead=_("SKU %(sku)s") % {"sku": listing.sku or listing.key},
        cautions=_cautions(listing, known),
    )
    request.nav_path = address  # type: ignore[attr-defined]
    return page.answer(request, form)


def _cautions(listing: Listing, known: StockPush | None) -> list[Caution]:
    found = []
    if known is not None:
        look = wish_look(known)
        wanted = _("%(n)s in stock") % {"n": f"{known.quantity:,}"}
        days = _("sent within %(n)s days") % {"n": known.handling_days} if known.handling_days else _("handling time as it is there")
        found.append(
            Caution(str(look.label), f"{wanted}, {days}. {known.last_error}".strip(), tone=look.tone if look.tone in {"ok", "bad"} else "info")
        )
    connection = getattr(listing.store, "connection", None)
    if connection is not None and connection.inventory_paused:
        found.append(
            Caution(
                _("Telling stock and prices is paused for this store."),
                _("What you save is told once somebody ends the pause, on the store's Connection tab."),
            )
        )
    return found
