"""Connecting a listing to what is made of it (GA-23 to GA-27): first the product, then its artwork, and again for each product of a bundle."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.design_choice import DesignChoice, artwork_posted, design_choice
from catalog.models import Artwork, CustomerProduct, Design
from catalog.selectors import offer_to, usable_products
from catalog.services.artwork import BadArtwork
from catalog.services.designs import BadDesign, design_from_upload
from catalog.services.preflight import BadFile
from orders.access import listing_for
from orders.bundles import Picked, picked_in, picked_of, query_of
from orders.forms import MapForm
from orders.models import OrderLine
from orders.services.mapping import CannotMap, map_bundle
from orders.states import BEFORE_PRINT
from orders.views.dashboard.listing import said_of
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.returning import back_to
from pod_hub.core.tenancy import tenant
from stores.listing_presentation import why_suggested
from stores.listing_selectors import shown_listing
from stores.models import Listing
from stores.views.pages import reach_channel


@outside_scope
@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def map_listing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Without ``?product=`` the catalog to pick from, with it the artwork; POST saves, or goes on to the next product of a bundle."""
    psp_id = membership_of(request).psp_id
    kept = artwork_posted(request, psp_id=psp_id, customer=lambda: listing_for(public_id).store.customer)
    with tenant(psp_id):
        return _map_listing(request, public_id, kept)


def _map_listing(request: HttpRequest, public_id: str, kept: Artwork | BadArtwork | None) -> HttpResponse:
    listing = listing_for(public_id)
    picked = picked_in(request.GET, listing)
    wanted = request.GET.get("product", "")
    product = (
        usable_products(listing.store.customer).filter(public_id=wanted).select_related("product_model").first() if wanted.isidentifier() else None
    )
    if product is not None:
        return _artwork(request, listing, product, picked, kept)
    if request.method == "POST":
        if picked and not wanted:
            saved = _connect(request, listing, picked)
            if saved is not None:
                return saved
        else:
            messages.error(request, _("Nothing was saved, because the chosen product is not offered to this customer. Choose one of the list."))
    return _picker(request, listing, picked)


def _picker(request: HttpRequest, listing: Listing, picked: list[Picked]) -> HttpResponse:
    """Show the catalog as it is defined (GA-24), or what of it a search finds."""
    shown, q = shown_listing(listing), request.GET.get("q", "").strip()[:100]
    suggestion = shown.suggestion
    context = {
        **_frame(request, listing, picked),
        "offer": offer_to(listing.store.customer, words=q),
        "q": q,
        "now": {part.customer_product_id for part in shown.parts},
        "suggestion": suggestion if not picked else None,
        "why": why_suggested(suggestion) if suggestion else "",
        "rest": query_of(picked, next=_next(request)),
        "bundle_of_now": query_of(picked_of(shown.parts), next=_next(request)) if len(shown.parts) > 1 and not picked else "",
    }
    return reach_channel(render(request, "dashboard/orders/map_listing.html", context), listing.store.kind)


def _artwork(
    request: HttpRequest, listing: Listing, product: CustomerProduct, picked: list[Picked], kept: Artwork | BadArtwork | None
) -> HttpResponse:
    """Choose or upload the artwork of one product; then save all that is picked, or go back for one more."""
    shown = shown_listing(listing)
    same = next((part for part in shown.parts if part.customer_product_id == product.pk), None)
    choice = _choice(request, listing, product)
    fitting = (design for design in choice.designs if not design.misfits) if choice else iter(())
    chosen = same.design if same and same.design else next(fitting, None)
    drawn = request.GET.get("design") or None  # just saved in the editor
    initial = {"quantity": same.quantity if same and not picked else 1, "design": drawn or (chosen.public_id if chosen else None)}
    form = MapForm(request.POST or None, request.FILES or None, listing=listing, product=product, initial=initial)
    if request.method == "POST" and form.is_valid():
        one = _picked(listing, product, form, kept)
        if one is not None and request.POST.get("do") == "more":
            return redirect(f"{reverse('orders:map_listing', args=[listing.public_id])}?{query_of([*picked, one], next=_next(request))}")
        if one is not None and (saved := _connect(request, listing, [*picked, one], form)) is not None:
            return saved
    context = {
        **_frame(request, listing, picked),
        "product": product,
        "form": form,
        "choice": choice,
        "chosen_design": form["design"].value() if "design" in form.fields else None,
        "rest": query_of(picked, next=_next(request)),
    }
    return reach_channel(render(request, "dashboard/orders/map_artwork.html", context), listing.store.kind)


def _frame(request: HttpRequest, listing: Listing, picked: list[Picked]) -> dict[str, Any]:
    request.nav_path = reverse("stores:store", args=[listing.store.public_id])  # type: ignore[attr-defined]
    waiting = OrderLine.objects.filter(listing=listing, mapping=None, state__in=[state.value for state in BEFORE_PRINT]).count()
    return {
        "listing": listing,
        "waiting": waiting,
        "next": _next(request),
        "picked": [{"one": one, "without": query_of([*picked[:at], *picked[at + 1 :]], next=_next(request))} for at, one in enumerate(picked)],
    }


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next", "")


def _choice(request: HttpRequest, listing: Listing, product: CustomerProduct) -> DesignChoice | None:
    """Return the customer's designs that this product can be printed with, and the way to a new one; None where none is needed."""
    if not product.product_model.needs_design:
        return None
    return design_choice(
        product_model=product.product_model,
        customer=listing.store.customer,
        name=listing.title,
        back_to=request.get_full_path(),
        begun_for=listing.public_id,
    )


def _picked(listing: Listing, product: CustomerProduct, form: MapForm, kept: Artwork | BadArtwork | None) -> Picked | None:
    """Return what the form chose, with a design of an uploaded file. None when the file was refused; the form says why."""
    design: Design | None = form.cleaned_data.get("design")
    if kept is not None and form.cleaned_data.get("upload") is not None:
        try:
            design = design_from_upload(customer=listing.store.customer, product_model=product.product_model, kept=kept)
        except (BadFile, BadDesign) as error:
            form.add_error("upload", str(error))
            return None
    return Picked(product, design, form.cleaned_data["quantity"])


def _connect(request: HttpRequest, listing: Listing, picked: list[Picked], form: MapForm | None = None) -> HttpResponse | None:
    """Save the mapping and go back; None when it was refused, with the reason on the form or as a message."""
    actor = Actor.person(request.user)  # type: ignore[arg-type]
    try:
        mapped = map_bundle(listing_id=listing.pk, parts=[one.chosen for one in picked], actor=actor)
    except CannotMap as error:
        if form is not None:
            form.add_error(None, str(error))
        else:
            messages.error(request, str(error))
        return None
    messages.success(request, said_of(listing, mapped))
    return back_to(request, "orders:listing", listing.public_id)
