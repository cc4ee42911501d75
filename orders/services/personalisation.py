"""The buyer's own text for a line: fetched before its address expires, read by the channel's adapter as hostile input, shown for review."""

from __future__ import annotations

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Hold, HoldKind, Order, OrderLine, Personalisation
from orders.services.holds import record_event, release_holds
from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, Refused, TryLater, Unreadable
from stores.channels.registry import channel_for
from stores.models import Authorization
from stores.services.authorizations import account_of

log = structlog.get_logger(__name__)

MOST_TRIES = 8


def fetch_next() -> bool:
    """Fetch one archive that is due, over all tenants. False when none is."""
    with across_tenants(reason="find a personalisation to fetch"):
        due = Personalisation.due().filter(delivery=Delivery.PENDING).values_list("pk", "psp_id").first()
    if due is None:
        return False
    with tenant(due[1]):
        leased = Personalisation.lease_next(limit=1, only=Q(pk=due[0], delivery=Delivery.PENDING))
        if not leased:
            return True
        row = leased[0]
        address = sealed_field(Personalisation, "address_sealed").open_from(row)
        line = OrderLine.objects.select_related("order__store").get(pk=row.line_id)
        authorization = Authorization.objects.get(personalisations=row)
        channel = channel_for(authorization.kind, account_of(authorization))
    crash_point("personalise.leased")
    try:
        content = [{"label": one.label, "text": one.text} for one in channel.read_personalisation(_download(channel, address, line))]
    except (ChannelError, Unreadable) as error:
        with tenant(due[1]):
            Order.reread(line.order_id)
            _failed(row, error)
        return True
    crash_point("personalise.downloaded")
    with tenant(due[1]):
        Order.reread(line.order_id)
        sealed_field(Personalisation, "content_sealed").seal_into(row, content)
        if not row.settle(delivery=Delivery.CONFIRMED, content_sealed=row.content_sealed, fetched_at=now(), last_error="", address_sealed=None):
            log.warning("personalisation_lease_lost")  # another worker fetches it, or its data was purged: what is here is nobody's any more
            return True
        why = _("The buyer's own text is here. Compare it with the artwork, then approve.")
        Hold.objects.filter(line=line, kind=HoldKind.PERSONALISATION, released_at=None).update(reason=why)
        record_event(
            line.order_id,
            "personalisation",
            ngettext("The buyer's own text was fetched (%(n)s field).", "The buyer's own text was fetched (%(n)s fields).", len(content))
            % {"n": len(content)},
            line_id=line.pk,
        )
        crash_point("personalise.settling")
    crash_point("personalise.settled")
    return True


def _download(channel: Channel, address: str, line: OrderLine) -> bytes:
    """Download what the channel has; when its address has expired, ask the channel for the order again, which brings a fresh one."""
    try:
        return channel.fetch_personalisation(address)
    except Refused:
        told = channel.read_order(channel.fetch_order(line.order.external_id, marketplace=line.order.store.place).payload)
        fresh = next((one.personalisation_url for one in told.lines if one.external_line_id == line.external_line_id), "")
        if not fresh or fresh == address:
            raise
        return channel.fetch_personalisation(fresh)


def _failed(row: Personalisation, error: ChannelError | Unreadable) -> None:
    """Try again while that can help; otherwise say on the hold what to do."""
    repeat = isinstance(error, TryLater) and row.attempts < MOST_TRIES
    if not row.settle(
        delivery=Delivery.PENDING if repeat else Delivery.PARKED,
        not_before=row.next_try(wait_s=error.wait_s if isinstance(error, TryLater) else None),
        last_error=str(error),
    ):
        return
    if not repeat:
        why = _("The buyer's own text could not be fetched: %(why)s Read it at the marketplace, or fetch it again.") % {"why": error}
        Hold.objects.filter(line=row.line_id, kind=HoldKind.PERSONALISATION, released_at=None).update(reason=why)
        record_event(OrderLine.objects.get(pk=row.line_id).order_id, "personalisation", why, line_id=row.line_id)


def personalised_text(line: OrderLine) -> list[dict[str, str]] | None:
    """Return the fetched text of a line, or None while there is none. It is buyer data: show it, never log it."""
    row = Personalisation.objects.filter(line=line).first()
    if row is None:
        return None
    content: list[dict[str, str]] | None = sealed_field(Personalisation, "content_sealed").open_from(row)
    return content


class CannotApprove(ValueError):
    """There is no artwork yet with which the text could have been compared; the message says what to do."""


def approve_personalisation(*, line_id: int, actor: Actor) -> int:
    """Release the line's personalisation hold, as a person has compared text and artwork. Returns how many holds were open.

    Raises ``CannotApprove`` while the line waits for its artwork.
    """
    line = OrderLine.objects.get(pk=line_id)
    Order.reread(line.order_id)  # orders are locked first everywhere
    if Hold.objects.filter(line=line, kind__in=[HoldKind.UNMAPPED, HoldKind.ARTWORK], released_at=None).exists():
        raise CannotApprove(_("The text is compared with the artwork, and this line has none yet. Connect its listing or choose its artwork first."))
    waiting = Hold.objects.filter(line=line, kind=HoldKind.PERSONALISATION, released_at=None)
    return release_holds(list(waiting), actor=actor, reason=_("text and artwork were reviewed"))


def fetch_again(*, line_id: int) -> None:
    """Put a parked fetch back to work. The address may have expired; then the hold says so again."""
    Personalisation.objects.filter(line=line_id, delivery=Delivery.PARKED).update(delivery=Delivery.PENDING, attempts=0, not_before=now())
