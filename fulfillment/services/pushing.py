"""Telling channels what left, what is cancelled, and what we answer: lease, call without a lock, settle, read back (docs/outbox.md).

A push whose last try may have taken effect is read back before it is sent again, so that one package is never told twice as two. How each kind of
fact is told and looked for stands in ``facts.py``; channels that take cancellations in batches have a road of their own (``batching.py``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Package, Push, PushAttempt
from fulfillment.services.facts import Fact, Shown, fact_of
from orders.models import Order
from orders.services.holds import record_event
from orders.services.order_questions import ask_about
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, NotFound, ReconnectNeeded, Refused, TryLater, WishOpen
from stores.channels.registry import CAPABILITIES, channel_for
from stores.channels.types import Account, ChannelState
from stores.models import Authorization
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

PER_SELLER = 3  # rows of one seller a turn, so that a slow seller holds up nobody
LONGEST_FIRST_WAIT_S = 1800  # Part B: 30 minutes is the longest wait before a first retry
READ_BACK_AFTER_S = 150  # the channel's data lags two minutes by design (quality, finding 2)
READ_BACK_AGAIN_S = 300
MOST_READ_BACKS = 12
RECONNECT_LOOK_S = 900
WISH_LOOK_S = 900
BATCHING_KINDS = frozenset(kind.value for kind, able in CAPABILITIES.items() if able.cancels_in_batches)
# Everything but the cancellations that travel in batches.
MINE = ~Q(kind=Push.Kind.ORDER_CANCELLED, authorization__kind__in=BATCHING_KINDS)


@dataclass(frozen=True, slots=True)
class Leased:
    """A leased push with all that its call needs, read in one scope."""

    push: Push
    psp_id: int
    kind: str
    store: str  # its public id, for the logs
    account: Account
    fact: Fact


def push_next() -> int:
    """Work on due pushes, a few of each seller in turn, over all tenants. Returns how many rows were worked on."""
    with across_tenants(reason="find sellers with due pushes"):
        ready = Push.due().filter(MINE, breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE, connection__push_paused=False)
        sellers = list(dict.fromkeys(ready.values_list("authorization_id", "psp_id")[:200]))
    done = 0
    for authorization_id, psp_id in sellers:
        done += push_for(authorization_id=authorization_id, psp_id=psp_id)
    return done


def push_for(*, authorization_id: int, psp_id: int, limit: int = PER_SELLER) -> int:
    """Work on a few due pushes of one seller. Returns how many."""
    with tenant(psp_id):
        mine = MINE & Q(authorization_id=authorization_id, connection__push_paused=False)
        leased = [one for push in Push.lease_next(limit=limit, only=mine) if (one := _prepare(push, psp_id)) is not None]
    crash_point("push.leased")
    silent = False
    for one in leased:
        if silent:
            # A marketplace that just left a call unanswered is not asked again in the same turn: each call may take as long as a lease.
            with tenant(psp_id):
                one.push.settle(attempts=max(one.push.attempts - 1, 0))
            continue
        about = {"authorization": one.account.key, "store": one.store, "order": one.fact.external_id, "push": one.push.public_id}
        with structlog.contextvars.bound_contextvars(**about):
            silent = _work(one)
    return len(leased)


def _prepare(push: Push, psp_id: int) -> Leased | None:
    """Read what the call needs; settle a push that the marketplace was quicker than."""
    order = Order.objects.select_related("store").get(pk=push.order_id)
    if push.delivery == Delivery.PENDING and not push.in_doubt and _overtaken(push, order):
        return None
    authorization = Authorization.objects.get(pk=push.authorization_id)
    return Leased(push, psp_id, authorization.kind, order.store.public_id, account_of(authorization), fact_of(push))


def _overtaken(push: Push, order: Order) -> bool:
    """Settle a push that needs no telling any more, or must not be told, because the marketplace moved first. Returns whether it did."""
    if push.kind == Push.Kind.PACKAGE_SHIPPED:
        if order.channel_state == ChannelState.CANCELLED:
            _withdraw(push)
        return order.channel_state == ChannelState.CANCELLED
    if order.channel_state == ChannelState.CANCELLED:
        # Nothing needs telling; the read-back is the proof.
        if push.settle(delivery=Delivery.ACCEPTED, accepted_at=now(), not_before=now()):
            _remember(push, "send", "not_needed", detail=_("The marketplace cancelled the order by itself before it was told."))
        return True
    if push.kind == Push.Kind.ORDER_CANCELLED and order.channel_state == ChannelState.SHIPPED:
        words = _("The marketplace shows the order as shipped, so the cancellation was not sent. Stop the parcel, or correct the order there.")
        if push.settle(delivery=Delivery.PARKED, last_error=words):
            _remember(push, "send", "shipped_there", detail=words)
            record_event(push.order_id, "push_parked", words, facts={"push": push.public_id})
        return True
    return False


def _withdraw(push: Push) -> None:
    if push.settle(delivery=Delivery.WITHDRAWN, last_error=_("The marketplace cancelled the order before it was told of this package.")):
        _remember(push, "send", "withdrawn", detail=push.last_error)
        record_event(push.order_id, "push_withdrawn", push.last_error, facts={"push": push.public_id})


def _work(one: Leased) -> bool:
    """One step of one push: send, or read back. Returns whether the marketplace gave no answer."""
    channel = channel_for(one.kind, one.account)
    started = time.monotonic()
    step = "read_back" if one.push.delivery == Delivery.ACCEPTED or one.push.in_doubt else "send"
    try:
        if step == "read_back":
            _read_back(one, channel, started)
        else:
            _send(one, channel, started)
    except ChannelError as error:
        with tenant(one.psp_id):
            _failed(one, step, error, started)
            breaker.note(one.push.authorization_id, error)
            crash_point("push.failing")
        crash_point("push.failed")
        return breaker.is_silence(error)
    return False


def _send(one: Leased, channel: Channel, started: float) -> None:
    with tenant(one.psp_id):
        # Marked before the call: whatever dies after this line, the next try reads back before it sends again.
        if not one.push.still_leased():
            return
        order = Order.objects.get(pk=one.push.order_id)
        if _overtaken(one.push, order):  # between taking the lease and now
            return
        Push.objects.filter(pk=one.push.pk, lease=one.push.lease).update(in_doubt=True, sent_at=now())
        crash_point("push.marking")
    crash_point("push.marked")
    receipt = one.fact.tell(channel)
    crash_point("push.answered")
    with tenant(one.psp_id):
        _name_package(one.push, receipt.package_id)
        accepted = one.push.settle(
            delivery=Delivery.ACCEPTED,
            accepted_at=now(),
            in_doubt=False,
            attempts=0,
            last_error=receipt.warning,
            not_before=now() + scaled(READ_BACK_AFTER_S),
        )
        _remember(
            one.push, "send", "accepted" if accepted else "accepted_late", detail=receipt.warning, request_id=receipt.request_id, started=started
        )
        breaker.note(one.push.authorization_id)
        crash_point("push.settling")
    crash_point("push.settled")


def _read_back(one: Leased, channel: Channel, started: float) -> None:
    """Look whether the channel shows the fact. Settles as confirmed, as to be sent (again), or as to be looked at again."""
    shown = one.fact.look(channel)
    crash_point("push.read")
    with tenant(one.psp_id):
        push = one.push
        if shown.proof is not None:
            _confirmed(one, shown, started)
        elif push.delivery == Delivery.PENDING:
            # In doubt, and the channel does not show it: the earlier call did not arrive. The same fact may be told again.
            if push.settle(in_doubt=False, not_before=now()):
                _remember(push, "read_back", "not_there", detail=_("The earlier try did not arrive; it is sent again."), started=started)
        elif push.read_backs + 1 >= MOST_READ_BACKS:
            push.settle(delivery=Delivery.PARKED, last_error=shown.words, read_backs=push.read_backs + 1)
            _remember(push, "read_back", "parked", detail=shown.words, started=started)
            record_event(push.order_id, "push_parked", shown.words)
        else:
            push.settle(not_before=now() + scaled(READ_BACK_AGAIN_S), last_error=shown.words, read_backs=push.read_backs + 1)
            _remember(push, "read_back", "not_yet", detail=shown.words, started=started)
        crash_point("push.proving")
    crash_point("push.proven")


def _confirmed(one: Leased, shown: Shown, started: float) -> None:
    push = one.push
    _name_package(push, shown.package_id)
    settled = push.settle(
        delivery=Delivery.CONFIRMED,
        accepted_at=push.accepted_at or now(),
        read_back_at=now(),
        read_back=shown.proof,
        in_doubt=False,
        last_error="",
        read_backs=push.read_backs + 1,
    )
    if not settled:
        return
    words = one.fact.confirmed()
    _remember(push, "read_back", "confirmed", detail=words, started=started)
    record_event(push.order_id, "push_confirmed", words, facts=shown.proof)
    if push.kind != Push.Kind.PACKAGE_SHIPPED:
        # What follows there, such as fewer units of a line, comes with the order's next reading.
        ask_about(Order.objects.select_related("store").get(pk=push.order_id), _("a cancellation took effect there"))


def _name_package(push: Push, channel_id: str) -> None:
    """Keep the channel's own number of the package, by which it is corrected."""
    if channel_id and push.package_id is not None:
        Package.objects.filter(pk=push.package_id).exclude(channel_id=channel_id).update(channel_id=channel_id[:80])


def _failed(one: Leased, step: str, error: ChannelError, started: float) -> None:
    """Settle a try that ended in an error, by what happens next."""
    push = one.push
    outcome = "try_later"
    changes: dict[str, Any] = {"last_error": str(error)}
    if isinstance(error, TryLater) and error.throttled:
        # Nothing was sent and nothing went wrong: it only waits for quota, which costs no attempt.
        changes |= {"not_before": push.next_try(wait_s=error.wait_s), "attempts": max(push.attempts - 1, 0), "last_error": ""}
        if step == "send":
            changes["in_doubt"] = False
        outcome = "waits_for_quota"
    elif isinstance(error, ReconnectNeeded):
        permission_lost(Authorization.reread(push.authorization_id), str(error))
        changes["not_before"] = now() + scaled(RECONNECT_LOOK_S)
        if step == "send":
            changes["in_doubt"] = False
        outcome = "reconnect_needed"
    elif isinstance(error, NotFound) and step == "read_back":
        changes["not_before"] = push.next_try()
    elif isinstance(error, WishOpen):
        # The answer is a person's, to whom reading the order shows the question; declining sends it on at once, and a wish that is gone by itself.
        changes |= {"in_doubt": False, "attempts": max(push.attempts - 1, 0), "not_before": now() + scaled(WISH_LOOK_S)}
        ask_about(Order.objects.select_related("store").get(pk=push.order_id), _("the buyer asks to cancel"))
        outcome = "wish_open"
    elif isinstance(error, Refused):
        changes |= {"delivery": Delivery.PARKED, "in_doubt": False}
        outcome = "refused"
    else:
        changes |= _later(push, step, error)
        outcome = "gave_up" if "delivery" in changes else outcome
    if not push.settle(**changes):
        return
    log.warning("push_failed", step=step, outcome=outcome, attempts=push.attempts, failure=type(error).__name__, request=error.request_id)
    if outcome != "waits_for_quota":
        _remember(push, step, outcome, detail=str(error), request_id=error.request_id, started=started)
    if push.delivery == Delivery.PARKED:
        record_event(push.order_id, "push_parked", one.fact.refused(error), facts={"push": push.public_id})


def _later(push: Push, step: str, error: ChannelError) -> dict[str, Any]:
    """Return what makes a push wait for its next try, or park it when it had enough of them."""
    changes: dict[str, Any] = {"not_before": push.next_try(wait_s=error.wait_s if isinstance(error, TryLater) else None, longest_s=_longest(push))}
    if step == "send":
        changes["in_doubt"] = isinstance(error, TryLater) and error.ambiguous
    return changes | ({"delivery": Delivery.PARKED} if push.attempts >= MOST_ATTEMPTS else {})


def _longest(push: Push) -> float:
    """Return the longest wait: half an hour at first, four hours later, and never past the ship-by deadline while it is ahead."""
    longest: float = LONGEST_FIRST_WAIT_S if push.attempts <= 1 else 4 * 3600
    if push.deadline and push.deadline > now():
        longest = min(longest, max((push.deadline - now()) / timedelta(seconds=4), 60))
    return longest


def _remember(push: Push, step: str, outcome: str, *, detail: str = "", request_id: str = "", started: float | None = None) -> None:
    PushAttempt.objects.create(
        push=push,
        step=step,
        outcome=outcome,
        detail=detail,
        request_id=request_id[:80],
        duration_ms=int((time.monotonic() - started) * 1000) if started is not None else 0,
    )


def try_again(*, push_id: int, actor: Actor = HUB) -> Push:
    """Put a parked push back to work, as a person asked. Anything else is left as it is."""
    push = Push.reread(push_id)
    if push.delivery != Delivery.PARKED:
        return push
    push.delivery = Delivery.ACCEPTED if push.accepted_at else Delivery.PENDING
    push.attempts, push.read_backs, push.not_before, push.last_error = 0, 0, now(), ""
    if push.kind == Push.Kind.ORDER_CANCELLED and push.delivery == Delivery.PENDING:
        push.batch, push.refusal = None, ""  # its batch is settled: it goes into the next one
    push.save()
    PushAttempt.objects.create(push=push, step="person", outcome="try_again", detail=_("%(who)s asked to try again.") % {"who": actor.label})
    record_event(
        push.order_id,
        "push_retried",
        _("The push of package %(n)s is tried again.") % {"n": push.package.number} if push.package else _("The cancellation is told again."),
        actor=actor,
    )
    return push
