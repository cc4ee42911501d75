"""Shipping packages: the rows that say what left, and in the same transaction the pushes that tell the channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Package, PackageItem, Push, Shipment
from fulfillment.services.shared_parcels import OTHER, same_number_elsewhere, shared_in_words
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.models import Order, OrderLine
from orders.services.holds import blocking, record_event
from orders.services.production import refresh_state
from orders.states import LineState
from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point
from stores.channels.registry import ChannelKind
from stores.channels.types import ChannelState
from stores.models import Connection

SHIPPABLE = frozenset({LineState.RELEASED, LineState.PRINTING, LineState.PACKING})


class CannotShip(Exception):
    """The packages cannot leave as described; nothing was written. The message says why and what to do."""


class LeftAlready(CannotShip):
    """These very parcels have left with this order: somebody asked twice. ``packages`` are the ones that left."""

    def __init__(self, packages: Sequence[Package]) -> None:
        told = "; ".join(
            _("package %(number)s with %(carrier)s, tracking %(tracking)s")
            % {"number": one.number, "carrier": one.carrier_name or one.carrier_code, "tracking": one.tracking_number}
            for one in packages
        )
        super().__init__(_("It was shipped already: %(packages)s. Nothing was shipped twice.") % {"packages": told})
        self.packages = list(packages)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel as a person describes it: carrier, tracking and how many units of which line (by line id).

    ``is_shared`` says that the tracking number is meant although another order's package has it: both are in one parcel.
    """

    carrier_code: str
    tracking_number: str
    quantities: Mapping[int, int]
    carrier_name: str = ""
    shipping_method: str = ""
    is_shared: bool = False


@transaction.atomic
def ship(*, order_id: int, parcels: Sequence[Parcel], actor: Actor, shipped_at: datetime | None = None) -> Shipment:
    """Record that packages left, move their lines, and write one push for each package. Raises ``CannotShip``.

    Package numbers count on within the order; they are the reference under which the channel knows the package. Parcels that have left as they are
    described here are not shipped once more (``LeftAlready``), and a number that another order's package has leaves only when it is meant.
    """
    transaction.on_commit(partial(crash_point, "ship.committed"))
    order = Order.reread(order_id)
    lines = {line.pk: line for line in order.lines.select_for_update().order_by("pk")}
    refuse_repeated(order, parcels)
    _refuse(order, lines, parcels)
    _refuse_shared(order, parcels)
    moment = shipped_at or now()
    shipment = Shipment.objects.create(order=order, facility_id=order.facility_id, shipped_at=moment, shipped_by_id=actor.user_id)
    number = order.packages.aggregate(top=Max("number"))["top"] or 0
    for parcel in parcels:
        number += 1
        package = pack(order, shipment, parcel, lines, number=number, moment=moment)
        crash_point("ship.packed")
        owe_push(order, package)
        record_event(
            order.pk,
            "shipped",
            _("Package %(number)s left with %(carrier)s, tracking %(tracking)s: %(what)s.")
            % {
                "number": number,
                "carrier": package.carrier_name or package.carrier_code,
                "tracking": package.tracking_number,
                "what": ", ".join(f"{quantity} × {lines[pk].sku or lines[pk].title}" for pk, quantity in parcel.quantities.items() if quantity),
            },
            actor=actor,
            facts={"package": package.public_id},
        )
    order.last_shipped_at = max(order.last_shipped_at or moment, moment)
    order.save(update_fields=["last_shipped_at"])
    refresh_state(order, list(lines.values()))
    crash_point("ship.owed")
    return shipment


def refuse_repeated(order: Order, parcels: Sequence[Parcel]) -> None:
    """Raise ``LeftAlready`` when every parcel has left with this order: the same number, carrier and contents."""
    try:
        wanted = [(clean_tracking_number(one.tracking_number), one.carrier_code, {pk: n for pk, n in one.quantities.items() if n}) for one in parcels]
    except BadTrackingNumber:
        return
    rows = order.packages.filter(tracking_number__in=[number for number, _carrier, _inside in wanted]).prefetch_related("items").order_by("number")
    left = {(one.tracking_number, one.carrier_code): one for one in rows} if wanted else {}
    found = [left.get((number, carrier)) for number, carrier, _inside in wanted]
    packages = [one for one in found if one is not None]
    same = [{item.line_id: item.quantity for item in one.items.all()} for one in packages] == [inside for _number, _carrier, inside in wanted]
    if packages and same:
        raise LeftAlready(packages)


def _refuse(order: Order, lines: Mapping[int, OrderLine], parcels: Sequence[Parcel]) -> None:
    """Raise ``CannotShip`` for anything that must not leave."""
    if order.channel_state == ChannelState.CANCELLED or order.state == "cancelled":
        raise CannotShip(
            _("Order %(number)s is cancelled, so nothing of it may leave. Keep the goods and check the timeline.") % {"number": order.external_id}
        )
    if order.channel_state == ChannelState.PENDING:
        raise CannotShip(
            _("Payment of order %(number)s is not settled at the marketplace yet. Wait until its status changes.") % {"number": order.external_id}
        )
    if order.is_labelled_by_channel:
        raise CannotShip(
            _(
                "The label of this order comes from the marketplace: buy it on the order's page. A parcel with another label is not counted as shipped."
            )
        )
    if holds := blocking(order):
        held = [hold for hold in holds if hold.line_id is None or any(parcel.quantities.get(hold.line_id) for parcel in parcels)]
        if held:
            raise CannotShip(_("This order waits: %(why)s Solve that first.") % {"why": " ".join(hold.reason for hold in held)})
    if not parcels:
        raise CannotShip(_("No package was given. Enter at least one with its tracking number."))
    _refuse_quantities(lines, parcels)


def _refuse_shared(order: Order, parcels: Sequence[Parcel]) -> None:
    """Raise ``CannotShip`` for a number that another order's package has, unless it is said to be meant."""
    for parcel in parcels:
        if parcel.is_shared:
            continue
        try:
            tracking = clean_tracking_number(parcel.tracking_number)
        except BadTrackingNumber:
            continue  # said when it is packed
        other = same_number_elsewhere(order_id=order.pk, carrier_code=parcel.carrier_code, carrier_name=parcel.carrier_name, tracking_number=tracking)
        if other is not None:
            raise CannotShip(shared_in_words(other) + " " + _("Check the number, or confirm that it really is the same parcel."))


def _refuse_quantities(lines: Mapping[int, OrderLine], parcels: Sequence[Parcel]) -> None:
    """Raise ``CannotShip`` for empty packages, strange lines and more units than are open."""
    wanted: dict[int, int] = {}
    for parcel in parcels:
        inside = {pk: quantity for pk, quantity in parcel.quantities.items() if quantity}
        if not inside:
            raise CannotShip(_("A package is empty. Say how many units of which line are in it, or remove it."))
        for pk, quantity in inside.items():
            if pk not in lines or quantity < 0:
                raise CannotShip(_("A package names a line that is not part of this order. Reload the page and try again."))
            wanted[pk] = wanted.get(pk, 0) + quantity
    for pk, quantity in wanted.items():
        line = lines[pk]
        if line.state not in SHIPPABLE:
            raise CannotShip(
                _("“%(line)s” is %(state)s; only released lines can be shipped.")
                % {"line": line.sku or line.title, "state": LineState(line.state).label}
            )
        if quantity > line.quantity_open:
            raise CannotShip(
                _("%(n)s of “%(line)s” are packed, but only %(open)s are open. Lower the quantity.")
                % {"n": quantity, "line": line.sku or line.title, "open": line.quantity_open}
            )


def pack(order: Order, shipment: Shipment, parcel: Parcel, lines: Mapping[int, OrderLine], *, number: int, moment: datetime) -> Package:
    """Write one package and count its units on the lines; raises ``CannotShip`` for what no channel would take. Call it with the lines locked."""
    try:
        tracking = clean_tracking_number(parcel.tracking_number)
    except BadTrackingNumber as error:
        raise CannotShip(str(error)) from None
    if not parcel.carrier_code:
        raise CannotShip(_("The carrier is missing. The marketplace requires one for every package."))
    if parcel.carrier_code == OTHER and not parcel.carrier_name.strip():
        raise CannotShip(_("Name the carrier: the marketplace asks for its name when it is not in the list."))
    package = Package.objects.create(
        shipment=shipment,
        order=order,
        number=number,
        carrier_code=parcel.carrier_code,
        carrier_name=parcel.carrier_name.strip(),
        shipping_method=parcel.shipping_method.strip(),
        tracking_number=tracking,
        shipped_at=moment,
    )
    for pk, quantity in parcel.quantities.items():
        if not quantity:
            continue
        line = lines[pk]
        PackageItem.objects.create(package=package, line=line, quantity=quantity)
        line.quantity_shipped += quantity
        if line.quantity_open == 0:
            line.state = LineState.SHIPPED
        line.save(update_fields=["quantity_shipped", "state"])
    return package


def owe_push(order: Order, package: Package) -> Push | None:
    """Write the duty to tell the channel. None where there is nobody to tell or the store's setting says not to (CS-07), with an event."""
    connection = Connection.objects.filter(store=order.store_id).select_related("store").first()
    if connection is None or connection.authorization_id is None or connection.store.kind in {ChannelKind.CSV, ChannelKind.MANUAL}:
        return None
    if not connection.mark_as_despatched:
        record_event(
            order.pk,
            "push_off",
            _("“Mark orders as despatched” is off for this store, so the marketplace is not told."),
            facts={"package": package.public_id},
        )
        return None
    return Push.objects.create(
        order=order, package=package, connection=connection, authorization_id=connection.authorization_id, deadline=order.ship_by
    )
