"""Labels that are bought at the marketplace: offers, buying, printing, and saying that a parcel left."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fulfillment.access import label_for
from fulfillment.label_forms import LabelForm
from fulfillment.models import Label
from fulfillment.services.label_work import document_of
from fulfillment.services.label_work import try_again as ask_again
from fulfillment.services.labelling import CannotLabel, LabelledAlready, offers, order_label, refuse_repeated, ship_labelled
from fulfillment.services.shipping import CannotShip, LeftAlready
from orders.access import order_for
from orders.buyer_looks import BuyerLook
from orders.models import Order
from orders.presentation import hold_look
from orders.services.holds import blocking
from orders.services.remembering_looks import remember_look
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.sealing import CannotOpen
from pod_hub.core.tenancy import tenant
from stores.channels.registry import capabilities
from stores.channels.telling_types import LabelOffer


@require_http_methods(["GET", "HEAD", "POST"])
@outside_scope
@staff_only(may="may_change_orders")
def label(request: HttpRequest, public_id: str) -> HttpResponse:
    """Describe a parcel, see what the marketplace offers for it, and buy one of the offers. The marketplace is asked, so no scope is open."""
    membership = membership_of(request)
    with tenant(membership.psp_id):
        order = order_for(public_id)
        if not order.is_labelled_by_channel:
            return redirect("fulfillment:ship", public_id)
        models = ("customer_product__product_model", "customer_product__model_variant")
        lines = list(order.lines.select_related("mapping", *models).prefetch_related(*(f"mapping__parts__{one}" for one in models)).order_by("pk"))
        like = Label.objects.filter(order__store=order.store_id).order_by("-pk").first()
        form = LabelForm(request.POST if request.method == "POST" else None, lines=lines, labels=order.labels.count(), like=like)
        if request.method == "POST":
            try:
                refuse_repeated(order, form.known_labels())
            except LabelledAlready as repeated:
                messages.info(request, str(repeated))
                return redirect("orders:order", public_id)
    found: Sequence[LabelOffer] = ()
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            found = offers(psp_id=membership.psp_id, order_id=order.pk, wanted=form.wanted())
            wanted = "" if "again" in request.POST else request.POST.get("offer", "")
            chosen = next((offer for offer in found if _key(offer) == wanted), None)
            if chosen is not None:
                with tenant(membership.psp_id):
                    actor = Actor.person(request.user)  # type: ignore[arg-type]
                    order_label(order_id=order.pk, wanted=form.wanted(), offer=chosen, actor=actor, known=form.known_labels())
                    messages.success(request, _("The label is being bought. It appears below when it can be printed."))
                return redirect("orders:order", public_id)
            if wanted:
                error = _("The marketplace does not offer this service at this price any more. Choose among what it offers now.")
        except LabelledAlready as repeated:  # both presses were under way at once
            messages.info(request, str(repeated))
            return redirect("orders:order", public_id)
        except CannotLabel as refusal:
            error = str(refusal)
    with tenant(membership.psp_id):
        context = {
            "order": order,
            "form": form,
            "offers": [{"offer": offer, "key": _key(offer)} for offer in found],
            "error": error,
            "holds": [{"hold": hold, "look": hold_look(hold.kind, hold.cause)} for hold in blocking(order)],
            "channel": capabilities(order.store.kind),
        }
        return render(request, "dashboard/fulfillment/label.html", context, status=422 if error or form.errors else 200)


def _key(offer: LabelOffer) -> str:
    """Name an offer with its price, so that nobody buys at another one than the page showed."""
    return f"{offer.service_id}|{offer.price.value if offer.price else ''}"


@require_safe
@staff_only(may="may_change_orders")
def document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The label to print. It shows the buyer's address, so the look is remembered."""
    found = label_for(public_id)
    if not found.document_name:
        raise Http404
    try:
        content = document_of(found)
    except (OSError, CannotOpen):
        messages.error(request, _("The label's file cannot be read. Print it in the marketplace's own pages."))
        return redirect("orders:order", found.order.public_id)
    remember_look([found.order_id], actor=Actor.person(request.user), road=BuyerLook.Road.PAPER)  # type: ignore[arg-type]
    response = HttpResponse(content, content_type=found.document_type or "application/pdf")
    response["Content-Disposition"] = f'inline; filename="label-{found.order.external_id}-{found.public_id}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@staff_only(may="may_change_orders")
def leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that the parcel with this label left."""
    found = label_for(public_id)
    try:
        ship_labelled(order_id=found.order_id, label_ids=[found.pk], actor=Actor.person(request.user))  # type: ignore[arg-type]
    except LeftAlready as repeated:
        messages.success(request, str(repeated))
    except CannotShip as error:
        messages.error(request, _("Nothing was shipped. %(why)s") % {"why": error})
    else:
        messages.success(request, _("The parcel has left. The hub reads back whether the marketplace shows it."))
    return _to_order(found.order)


@require_POST
@staff_only(may="may_change_orders")
def try_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a parked label once more."""
    found = label_for(public_id)
    ask_again(label_id=found.pk, actor=Actor.person(request.user))  # type: ignore[arg-type]
    messages.success(request, _("The label is asked for again."))
    return _to_order(found.order)


def _to_order(order: Order) -> HttpResponse:
    return redirect("orders:order", order.public_id)
