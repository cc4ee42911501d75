"""Opening and releasing holds. A hold waits on an order or on one line; the order counts its open ones for lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.services.recipes import Lack
from orders.services.remote.awaiting import refuse_while_awaited
from pod_hub.accounts.actors import HUB, Actor
from stores.channels.types import CancelRequest


def record_event(
    order_id: int, kind: str, summary: str, *, actor: Actor = HUB, line_id: int | None = None, facts: dict[str, object] | None = None
) -> OrderEvent:
    """Append one entry to an order's timeline. ``summary`` and ``facts`` must hold no buyer data."""
    return OrderEvent.objects.create(
        order_id=order_id, line_id=line_id, kind=kind, summary=summary, actor_id=actor.user_id, actor_label=actor.label, facts=facts or {}
    )


def it_waits(what: str | Promise, reason: str) -> str:
    """Return the timeline's sentence for a hold that opens; ``what`` is its kind or cause in words."""
    return _("It waits: %(what)s. %(why)s") % {"what": what, "why": reason}


def open_hold(
    order: Order,
    kind: HoldKind,
    reason: str,
    *,
    line: OrderLine | None = None,
    actor: Actor = HUB,
    ends_about: datetime | None = None,
    wish: CancelRequest | None = None,
    lack: Lack | None = None,
) -> Hold | None:
    """Open a hold and say so on the timeline; returns None when the same hold is open already, whose wish is brought up to date.

    ``lack`` is what a line's artwork lacks; ``hold_for_artwork`` is the way to such a hold.
    """
    told: dict[str, object] = {"reference": wish.reference[:80], "answer_by": wish.answer_by, "quantity": wish.quantity} if wish else {}
    artwork = {"cause": lack.cause, "design_id": lack.design_id} if lack else {}
    defaults = {"reason": reason, "ends_about": ends_about, **told, **artwork}
    hold, made = Hold.objects.get_or_create(order=order, line=line, kind=kind, released_at=None, defaults=defaults)
    if not made:
        if any(getattr(hold, name) != value for name, value in told.items()):
            Hold.objects.filter(pk=hold.pk).update(reason=reason, **told)
        return None
    recount([order.pk])
    record_event(order.pk, "hold_opened", it_waits(hold.said, reason), actor=actor, line_id=line.pk if line else None, facts={"hold": kind})
    return hold


def hold_for_artwork(line: OrderLine, lack: Lack, *, actor: Actor = HUB) -> bool:
    """Hold a line for what its artwork lacks; one that is held for it already is told what it is now. True when it was opened."""
    if open_hold(line.order, HoldKind.ARTWORK, lack.text, line=line, actor=actor, lack=lack) is not None:
        return True
    waiting = Hold.objects.filter(line=line, kind=HoldKind.ARTWORK, released_at=None)
    waiting.exclude(reason=lack.text, cause=lack.cause, design=lack.design_id).update(reason=lack.text, cause=lack.cause, design_id=lack.design_id)
    return False


def release_holds(holds: Iterable[Hold], *, actor: Actor, reason: str) -> int:
    """Release holds with one reason, write the timeline entries and recount the orders. Returns how many were open."""
    waiting = [hold for hold in holds if hold.released_at is None]
    moment, ended = now(), _("The hold “%(hold)s” ended: %(why)s.")
    Hold.objects.filter(pk__in=[hold.pk for hold in waiting], released_at=None).update(
        released_at=moment, released_by_id=actor.user_id, release_reason=reason
    )
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order_id=hold.order_id,
            line_id=hold.line_id,
            kind="hold_released",
            at=moment,
            actor_id=actor.user_id,
            actor_label=actor.label,
            summary=ended % {"hold": hold.said, "why": reason.rstrip(".")},
            facts={"hold": hold.kind},
        )
        for hold in waiting
    )
    recount({hold.order_id for hold in waiting})
    return len(waiting)


class NotByHand(Exception):
    """This hold is not released by a decision but by solving it; the message says how."""


# Holds that end because a person decides; the others end when what they wait for is there.
DECIDED_BY_PERSON = frozenset({HoldKind.APPROVAL, HoldKind.CANCEL_REQUEST, HoldKind.UNREADABLE})


@transaction.atomic
def release_by_person(*, hold_id: int, actor: Actor, reason: str, without_files: bool = False) -> bool:
    """Release a hold that a person may decide, such as a declined cancel request. False when it was released already.

    An approval raises ``FilesAwaited`` while files of a storage are still to come, unless ``without_files`` says that this is meant.
    """
    hold = Hold.objects.get(pk=hold_id)
    Order.reread(hold.order_id)
    hold.refresh_from_db()
    if HoldKind(hold.kind) not in DECIDED_BY_PERSON:
        raise NotByHand(_("“%(hold)s” is not released by hand: %(why)s") % {"hold": hold.get_kind_display(), "why": hold.reason})
    if hold.kind == HoldKind.APPROVAL and hold.released_at is None and not without_files:
        refuse_while_awaited([hold.order_id])
    return bool(release_holds([hold], actor=actor, reason=reason))


def recount(order_ids: Iterable[int]) -> None:
    """Set each order's count of open holds from the hold rows."""
    opened = Hold.objects.filter(order=OuterRef("pk"), released_at=None).order_by().values("order").annotate(n=Count("pk")).values("n")
    Order.objects.filter(pk__in=list(order_ids)).update(open_holds=Coalesce(Subquery(opened), 0))


def blocking(order: Order, line: OrderLine | None = None) -> list[Hold]:
    """Return the open holds that stop the order, or one of its lines (the order's own holds stop every line)."""
    holds = Hold.objects.filter(order=order, released_at=None)
    if line is not None:
        holds = holds.filter(Q(line=line) | Q(line=None))
    return list(holds.order_by("opened_at", "pk"))
