"""What one listing, and the variants of its product, are sold for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.access import member_only
from pod_hub.core.outbox import Delivery
from pod_hub.ui.form_pages import FormPage
from stores.access import sold_listing_for
from stores.models import PricePush
from stores.product_forms import PriceForm
from stores.services.prices import CannotSetPrice, currency_of, set_price, variants_of
from stores.views.adding import actor_of
from stores.views.wishes import cautions_about, way_to


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def price(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a listing is to be sold for and whether the marketplace shows it; POST wants another price."""
    listing = sold_listing_for(public_id)
    known: PricePush | None = getattr(listing, "wanted_price", None)
    form = PriceForm(
        request.POST or None,
        listing=listing,
        currency=currency_of(listing),
        variants=variants_of(listing),
        initial={"price": known.amount if known is not None and known.delivery != Delivery.CONFIRMED else listing.price},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            count = set_price(listing_id=listing.pk, amount=given["price"], actor=actor_of(request), with_variants=given.get("with_variants", False))
        except CannotSetPrice as error:
            form.add_error(None, str(error))
        else:
            said = ngettext(
                "The price is told to the marketplace; below you see when it shows it.",
                "The prices of %(n)s variants are told to the marketplace; below you see when it shows this one.",
                count,
            )
            messages.success(request, said % {"n": count})
            return redirect("stores:price", public_id)
    page = FormPage(
        title=_("Price of “%(listing)s”") % {"listing": listing},
        submit=_("Save and tell the marketplace"),
        cancel=reverse("orders:listing", args=[public_id]),
        crumbs=way_to(listing, _("Price")),
        lead=listing.named,
        cautions=cautions_about(listing, known, wanted=_in_words(known)),
    )
    request.nav_path = reverse("stores:store", args=[listing.store.public_id])  # type: ignore[attr-defined]
    return page.answer(request, form)


def _in_words(wish: PricePush | None) -> str:
    if wish is None:
        return ""
    before = _("before: %(price)s") % {"price": f"{wish.before:.2f}"} if wish.before is not None else ""
    return ", ".join(filter(None, (f"{wish.amount:.2f} {wish.currency}", before)))
