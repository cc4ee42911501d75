"""Lines that were shipped outside the hub: they end without a print job, and the channel is told only where a tracking number is given."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Push, Shipment
from fulfillment.services.shipping import CannotShip, Parcel, owe_push, pack
from orders.models import Hold, Order, OrderLine
from orders.services.holds import record_event, release_holds
from orders.services.production import refresh_state
from orders.states import OPEN, LineState
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from stores.channels.types import ChannelState


@transaction.atomic
def ship_elsewhere(
    *, order_id: int, actor: Actor, line_ids: Sequence[int] | None = None, parcel: Parcel | None = None, reason: str = ""
) -> list[OrderLine]:
    """End lines (all open ones by default) whose goods were made and sent by somebody else. Returns those that changed.

    What is left of a line counts as shipped; nothing of it may be printed here any more, and its holds are released. Without ``parcel``
    nothing is pushed: the marketplace knows already, or need not. With one (its quantities are ignored, everything open is in it) a package and
    its push are written as if it had left here. Lines that have left already are passed over, so a repeated request is harmless.
    Raises ``CannotShip`` and changes nothing.
    """
    order = Order.reread(order_id)
    lines = {line.pk: line for line in order.lines.select_for_update().order_by("pk")}
    if order.channel_state == ChannelState.CANCELLED or order.state == LineState.CANCELLED:
        raise CannotShip(_("Order %(number)s is cancelled, so nothing of it can have been shipped for it.") % {"number": order.external_id})
    if order.channel_state == ChannelState.PENDING:
        raise CannotShip(
            _("Payment of order %(number)s is not settled at the marketplace yet. Wait until its status changes.") % {"number": order.external_id}
        )
    if line_ids is not None and set(line_ids) - lines.keys():
        raise CannotShip(_("A chosen line is not part of this order. Reload the page and try again."))
    chosen = [line for line in lines.values() if line.state in OPEN and (line_ids is None or line.pk in line_ids)]
    if not chosen:
        return []
    if parcel is not None:
        _owe(order, chosen, lines, parcel, actor)
    for line in chosen:
        line.quantity_shipped, line.state = line.quantity, LineState.SHIPPED
        line.save(update_fields=["quantity_shipped", "state"])
        words = _("%(line)s was shipped elsewhere, not here.") % {"line": line.sku or line.title}
        told = _("Nothing is pushed to the marketplace.") if parcel is None else _("The marketplace is told the tracking number.")
        record_event(
            order.pk,
            "shipped_elsewhere",
            " ".join(filter(None, [words, told, reason.strip()])),
            actor=actor,
            line_id=line.pk,
            facts={"pushed": parcel is not None},
        )
    solved = list(Hold.objects.filter(order=order, line__in=chosen, released_at=None))
    if not any(line.state in OPEN for line in lines.values()):
        solved += list(Hold.objects.filter(order=order, line=None, released_at=None))
    release_holds(solved, actor=actor, reason=_("shipped elsewhere"))
    order.refresh_from_db(fields=["open_holds"])
    order.last_shipped_at = max(order.last_shipped_at or now(), now())
    order.save(update_fields=["last_shipped_at"])
    refresh_state(order, list(lines.values()))
    return chosen


def _owe(order: Order, chosen: Sequence[OrderLine], lines: dict[int, OrderLine], parcel: Parcel, actor: Actor) -> Push | None:
    shipment = Shipment.objects.create(order=order, facility_id=order.facility_id, shipped_by_id=actor.user_id)
    number = order.packages.count() + 1
    everything = Parcel(
        parcel.carrier_code,
        parcel.tracking_number,
        {line.pk: line.quantity_open for line in chosen if line.quantity_open},
        parcel.carrier_name,
        parcel.shipping_method,
    )
    package = pack(order, shipment, everything, lines, number=number, moment=shipment.shipped_at)
    push = owe_push(order, package)
    if push is not None:
        hint("fulfillment.push")
    return push
