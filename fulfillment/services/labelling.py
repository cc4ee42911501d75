"""Shipping labels that are bought at the marketplace, for orders whose delivery it arranges: asking for offers, buying, and letting the parcel leave.

A label is a row first; ``label_work`` buys it and fetches its document. Buying reserves the units on their lines (``quantity_labelled``), because the
marketplace calls them shipped from then on; here they leave when somebody says that the parcel left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Label, Package, PackageItem, Push, Shipment
from fulfillment.services.shipping import SHIPPABLE, CannotShip, LeftAlready
from orders.models import Order, OrderLine
from orders.services.holds import blocking, record_event
from orders.services.production import refresh_state
from orders.states import NOT_MADE, LineState
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.abilities import MakesLabels, able
from stores.channels.errors import ChannelError
from stores.channels.registry import channel_for
from stores.channels.telling_types import LabelOffer
from stores.channels.telling_types import Parcel as LabelParcel
from stores.channels.types import ChannelState
from stores.models import Connection
from stores.services.authorizations import account_of


class CannotLabel(Exception):
    """No label can be had like this; nothing was written. The message says why and what to do."""


class LabelledAlready(CannotLabel):
    """A label of the order was bought since the page was shown, so this may be the same wish said twice."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parcel as a person describes it: units of lines (by line id), weight and size."""

    quantities: Mapping[int, int]
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


def labelable(line: OrderLine) -> int:
    """Return for how many units of a line a label can be bought."""
    return max(line.quantity_open - line.quantity_labelled, 0) if line.state in SHIPPABLE else 0


def offers(*, psp_id: int, order_id: int, wanted: Wanted) -> tuple[LabelOffer, ...]:
    """Ask the marketplace which services would carry the parcel, the cheapest first. Call outside any scope; raises ``CannotLabel``."""
    with tenant(psp_id):
        order = Order.objects.select_related("store").get(pk=order_id)
        lines = {line.pk: line for line in order.lines.all()}
        _refuse(order, lines, wanted)
        connection = Connection.objects.filter(store=order.store, authorization__isnull=False).select_related("authorization").first()
        if connection is None or connection.authorization is None:
            raise CannotLabel(_("The store is not connected, so nobody can buy a label. Connect it again first."))
        channel = able(channel_for(order.store.kind, account_of(connection.authorization)), MakesLabels)
        parcel = LabelParcel(
            order.external_id,
            order.store.place,
            {lines[pk].external_line_id: quantity for pk, quantity in wanted.quantities.items() if quantity},
            wanted.weight_g,
            wanted.length_mm,
            wanted.width_mm,
            wanted.height_mm,
        )
    try:
        found = channel.label_offers(parcel)
    except ChannelError as error:
        raise CannotLabel(_("The marketplace made no offer: %(why)s") % {"why": error}) from None
    if not found:
        raise CannotLabel(_("The marketplace has no service for a parcel of this weight and size. Check both, or split the parcel."))
    return found


@transaction.atomic
def order_label(*, order_id: int, wanted: Wanted, offer: LabelOffer, actor: Actor, known: int | None = None) -> Label:
    """Decide for an offer: write the label that a worker buys, and reserve its units. Raises ``CannotLabel``.

    ``known`` is how many labels of the order the person saw when choosing. Two parcels may be alike, so only this tells a second parcel from a
    second press of the button (``LabelledAlready``).
    """
    order = Order.reread(order_id)
    refuse_repeated(order, known)
    lines = {line.pk: line for line in order.lines.select_for_update().order_by("pk")}
    _refuse(order, lines, wanted)
    connection = Connection.objects.filter(store=order.store_id).first()
    if connection is None or connection.authorization_id is None:
        raise CannotLabel(_("The store is not connected, so nobody can buy a label. Connect it again first."))
    inside = {pk: quantity for pk, quantity in wanted.quantities.items() if quantity}
    label = Label.objects.create(
        order=order,
        authorization_id=connection.authorization_id,
        quantities={str(pk): quantity for pk, quantity in inside.items()},
        weight_g=wanted.weight_g,
        length_mm=wanted.length_mm,
        width_mm=wanted.width_mm,
        height_mm=wanted.height_mm,
        service_id=offer.service_id[:80],
        service_name=offer.name[:120],
        carrier=offer.carrier[:80],
        price=offer.price.value if offer.price else None,
        currency=offer.price.currency if offer.price else "",
        bought_by_id=actor.user_id,
    )
    for pk, quantity in inside.items():
        lines[pk].quantity_labelled += quantity
        lines[pk].save(update_fields=["quantity_labelled"])
    record_event(
        order.pk, "label", _("A label is being bought: %(service)s.") % {"service": label.service_name}, actor=actor, facts={"label": label.public_id}
    )
    hint("fulfillment.labels")
    return label


def refuse_repeated(order: Order, known: int | None) -> None:
    """Raise ``LabelledAlready`` when the order has more labels than the ``known`` ones that the person saw."""
    if known is not None and order.labels.count() > known:
        raise LabelledAlready(
            _(
                "A label of this order was bought a moment ago, so nothing was bought twice. If another parcel needs one, open “Buy a label…” on the order's page."
            )
        )


def _refuse(order: Order, lines: Mapping[int, OrderLine], wanted: Wanted) -> None:
    """Raise ``CannotLabel`` for whatever gets no label now."""
    if not order.is_labelled_by_channel:
        raise CannotLabel(_("This order is shipped with a label of your own. Ship it with your carrier's tracking number."))
    if order.channel_state == ChannelState.CANCELLED or order.state == LineState.CANCELLED:
        raise CannotLabel(_("Order %(number)s is cancelled, so nothing of it may leave.") % {"number": order.external_id})
    if order.channel_state == ChannelState.PENDING:
        raise CannotLabel(_("Payment of order %(number)s is not settled at the marketplace yet.") % {"number": order.external_id})
    held = [hold for hold in blocking(order) if hold.line_id is None or wanted.quantities.get(hold.line_id)]
    if held:
        raise CannotLabel(_("This order waits: %(why)s Solve that first.") % {"why": " ".join(hold.reason for hold in held)})
    if not any(wanted.quantities.values()):
        raise CannotLabel(_("The parcel is empty. Say how many units of which line are in it."))
    for pk, quantity in wanted.quantities.items():
        if pk not in lines or quantity < 0:
            raise CannotLabel(_("The parcel names a line that is not part of this order. Reload the page and try again."))
        if quantity > labelable(lines[pk]):
            raise CannotLabel(
                _("%(n)s of “%(line)s” are in the parcel, but only %(open)s can get a label. Lower the quantity.")
                % {"n": quantity, "line": lines[pk].sku or lines[pk].title, "open": labelable(lines[pk])}
            )


def why_not_bought(label: Label) -> str:
    """Return why a label that was decided for must not be bought any more, in a sentence; empty when it may be. Locks the order."""
    order = Order.reread(label.order_id)
    lines = order.lines.filter(pk__in=[int(key) for key in label.quantities])
    if order.channel_state == ChannelState.CANCELLED or any(line.state in NOT_MADE for line in lines):
        return _("Its goods were cancelled before it was bought, so it was not bought.")
    held = [hold for hold in blocking(order) if hold.line_id is None or str(hold.line_id) in label.quantities]
    if held:
        return _("It was not bought, because the order waits since: %(why)s Solve that, then buy a label again.") % {
            "why": " ".join(hold.reason for hold in held)
        }
    return ""


@transaction.atomic
def ship_labelled(*, order_id: int, label_ids: Sequence[int], actor: Actor) -> Shipment:
    """Record that parcels with bought labels left. The marketplace knows; the pushes only read back that it shows them. Raises ``CannotShip``."""
    order = Order.reread(order_id)
    lines = {line.pk: line for line in order.lines.select_for_update().order_by("pk")}
    labels = list(Label.objects.select_for_update().filter(order=order, pk__in=label_ids).order_by("pk"))
    if not labels or len(labels) < len(set(label_ids)):
        raise CannotShip(_("Choose a parcel whose label was bought."))
    if order.channel_state == ChannelState.CANCELLED or order.state == LineState.CANCELLED:
        raise CannotShip(
            _("Order %(number)s is cancelled, so nothing of it may leave. Keep the goods and check the timeline.") % {"number": order.external_id}
        )
    if any(label.delivery != Delivery.CONFIRMED for label in labels):
        raise CannotShip(_("A label is not here yet, so its parcel cannot have left."))
    if Package.objects.filter(label__in=labels).exists():
        raise LeftAlready(list(Package.objects.filter(label__in=labels).order_by("number")))
    if any(all(lines[int(key)].state in NOT_MADE for key in label.quantities) for label in labels):
        raise CannotShip(_("The goods of this label are cancelled, so nothing of it may leave. Keep them and use the label for no parcel."))
    if held := [hold for hold in blocking(order) if hold.line_id is None or any(str(hold.line_id) in label.quantities for label in labels)]:
        raise CannotShip(_("This order waits: %(why)s Solve that first.") % {"why": " ".join(hold.reason for hold in held)})
    moment = now()
    shipment = Shipment.objects.create(order=order, facility_id=order.facility_id, shipped_at=moment, shipped_by_id=actor.user_id)
    number = order.packages.aggregate(top=Max("number"))["top"] or 0
    for label in labels:
        number += 1
        _leave(order, shipment, label, lines, number=number, actor=actor)
    order.last_shipped_at = max(order.last_shipped_at or moment, moment)
    order.save(update_fields=["last_shipped_at"])
    refresh_state(order, list(lines.values()))
    hint("fulfillment.push")
    return shipment


def _leave(order: Order, shipment: Shipment, label: Label, lines: Mapping[int, OrderLine], *, number: int, actor: Actor) -> None:
    package = Package.objects.create(
        shipment=shipment,
        order=order,
        number=number,
        carrier_code=(label.carrier or label.service_name)[:60],
        shipping_method=label.service_name[:60],
        tracking_number=label.tracking_number,
        shipped_at=shipment.shipped_at,
        channel_id=label.channel_id,
        label=label,
    )
    for key, quantity in label.quantities.items():
        line = lines[int(key)]
        PackageItem.objects.create(package=package, line=line, quantity=quantity)
        line.quantity_labelled = max(line.quantity_labelled - quantity, 0)
        line.quantity_shipped = min(line.quantity_shipped + quantity, line.quantity)
        if line.quantity_open == 0:
            line.state = LineState.SHIPPED
        line.save(update_fields=["quantity_labelled", "quantity_shipped", "state"])
    connection = Connection.objects.filter(store=order.store_id).first()
    if connection is not None:
        Push.objects.create(
            order=order,
            package=package,
            connection=connection,
            authorization_id=label.authorization_id,
            deadline=order.ship_by,
            delivery=Delivery.ACCEPTED,
            sent_at=label.bought_at,
            accepted_at=label.bought_at,
        )
    record_event(
        order.pk,
        "shipped",
        _("Package %(number)s left with the label of the marketplace: %(carrier)s, tracking %(tracking)s.")
        % {"number": number, "carrier": package.carrier_code, "tracking": package.tracking_number},
        actor=actor,
        facts={"package": package.public_id, "label": label.public_id},
    )
