"""Telling channels what left: lease, call without a lock, settle, read back (docs/outbox.md).

A push whose last try may have taken effect is read back before it is sent again, so that one package is never told twice as two; the
package's number is the reference that makes a repeated call the same package.
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
from orders.models import Order
from orders.services.holds import record_event
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import ChannelError, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for
from stores.channels.types import Account, Channel, ChannelState, PackageNotice, SeenPackage
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
PACKAGES = Q(kind=Push.Kind.PACKAGE_SHIPPED)  # cancellations travel in batches (batching.py)


@dataclass(frozen=True, slots=True)
class Leased:
    """A leased push with all that its call needs, read in one scope."""

    push: Push
    psp_id: int
    kind: str
    store: str  # its public id, for the logs
    account: Account
    notice: PackageNotice


def push_next() -> int:
    """Work on due pushes, a few of each seller in turn, over all tenants. Returns how many rows were worked on."""
    with across_tenants(reason="find sellers with due pushes"):
        ready = Push.due().filter(
            PACKAGES, breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE, connection__push_paused=False
        )
        sellers = list(dict.fromkeys(ready.values_list("authorization_id", "psp_id")[:200]))
    done = 0
    for authorization_id, psp_id in sellers:
        done += push_for(authorization_id=authorization_id, psp_id=psp_id)
    return done


def push_for(*, authorization_id: int, psp_id: int, limit: int = PER_SELLER) -> int:
    """Work on a few due pushes of one seller. Returns how many."""
    with tenant(psp_id):
        mine = PACKAGES & Q(authorization_id=authorization_id, connection__push_paused=False)
        leased = [one for push in Push.lease_next(limit=limit, only=mine) if (one := _prepare(push, psp_id)) is not None]
    crash_point("push.leased")
    silent = False
    for one in leased:
        if silent:
            # A marketplace that just left a call unanswered is not asked again in the same turn: each call may take as long as a lease.
            with tenant(psp_id):
                one.push.settle(attempts=max(one.push.attempts - 1, 0))
            continue
        about = {"authorization": one.account.key, "store": one.store, "order": one.notice.external_id, "push": one.push.public_id}
        with structlog.contextvars.bound_contextvars(**about):
            silent = _work(one)
    return len(leased)


def _prepare(push: Push, psp_id: int) -> Leased | None:
    """Read what the call needs; withdraw a push whose order was cancelled before anything was sent."""
    package = Package.objects.select_related("order__store").prefetch_related("items__line").get(push=push)
    order = package.order
    if push.delivery == Delivery.PENDING and not push.in_doubt and order.channel_state == ChannelState.CANCELLED:
        _withdraw(push)
        return None
    authorization = Authorization.objects.get(pk=push.authorization_id)
    return Leased(push, psp_id, authorization.kind, package.order.store.public_id, account_of(authorization), notice_of(package))


def _withdraw(push: Push) -> None:
    if push.settle(delivery=Delivery.WITHDRAWN, last_error=_("The marketplace cancelled the order before it was told of this package.")):
        _remember(push, "send", "withdrawn", detail=push.last_error)
        record_event(push.order_id, "push_withdrawn", push.last_error, facts={"push": push.public_id})


def notice_of(package: Package) -> PackageNotice:
    """Return what the channel is told of a package; the same for every try."""
    return PackageNotice(
        external_id=package.order.external_id,
        marketplace=package.order.store.place,
        reference=str(package.number),
        carrier_code=package.carrier_code,
        carrier_name=package.carrier_name,
        shipping_method=package.shipping_method,
        tracking_number=package.tracking_number,
        shipped_at=package.shipped_at,
        placed_at=package.order.placed_at,
        quantities={item.line.external_line_id: item.quantity for item in package.items.all()},
    )


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
        if Order.objects.filter(pk=one.push.order_id, channel_state=ChannelState.CANCELLED).exists():
            _withdraw(one.push)  # cancelled between taking the lease and now
            return
        Push.objects.filter(pk=one.push.pk, lease=one.push.lease).update(in_doubt=True, sent_at=now())
        crash_point("push.marking")
    crash_point("push.marked")
    receipt = channel.confirm_package(one.notice)
    crash_point("push.answered")
    with tenant(one.psp_id):
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
    """Look whether the channel shows the package. Settles as confirmed, as to be sent (again), or as to be looked at again."""
    seen = channel.packages(one.notice.external_id)
    crash_point("push.read")
    mine = next((package for package in seen if package.reference == one.notice.reference), None)
    with tenant(one.psp_id):
        push = one.push
        if mine is not None and matches(mine, one.notice):
            proof = proof_of(mine)
            settled = push.settle(
                delivery=Delivery.CONFIRMED,
                accepted_at=push.accepted_at or now(),
                read_back_at=now(),
                read_back=proof,
                in_doubt=False,
                last_error="",
                read_backs=push.read_backs + 1,
            )
            if settled:
                _remember(push, "read_back", "confirmed", detail=_("The marketplace shows this package."), started=started)
                record_event(push.order_id, "push_confirmed", _("The marketplace shows package %(n)s.") % {"n": one.notice.reference}, facts=proof)
        elif push.delivery == Delivery.PENDING:
            # In doubt, and the channel does not show it: the earlier call did not arrive. The same reference may be sent again.
            if push.settle(in_doubt=False, not_before=now()):
                _remember(push, "read_back", "not_there", detail=_("The earlier try did not arrive; it is sent again."), started=started)
        elif push.read_backs + 1 >= MOST_READ_BACKS:
            words = difference(mine, one.notice)
            push.settle(delivery=Delivery.PARKED, last_error=words, read_backs=push.read_backs + 1)
            _remember(push, "read_back", "parked", detail=words, started=started)
            record_event(push.order_id, "push_parked", words)
        else:
            words = difference(mine, one.notice)
            push.settle(not_before=now() + scaled(READ_BACK_AGAIN_S), last_error=words, read_backs=push.read_backs + 1)
            _remember(push, "read_back", "not_yet", detail=words, started=started)
        crash_point("push.proving")
    crash_point("push.proven")


def matches(seen: SeenPackage, notice: PackageNotice) -> bool:
    """Return whether the channel shows the package with its tracking number, carrier and quantities."""
    same_tracking = seen.tracking_number.replace(" ", "").upper() == notice.tracking_number
    return same_tracking and bool(seen.carrier) and (not seen.quantities or dict(seen.quantities) == dict(notice.quantities))


def difference(seen: SeenPackage | None, notice: PackageNotice) -> str:
    """Say what the channel shows instead of our package."""
    if seen is None:
        return _("The marketplace accepted package %(n)s but does not show it yet. Look at the order there if this stays.") % {"n": notice.reference}
    if not seen.carrier:
        return _("The marketplace shows the package without a carrier, so it dropped ours. Correct the carrier there.")
    return _("The marketplace shows other facts for package %(n)s (tracking “%(t)s”). Compare it there.") % {
        "n": notice.reference,
        "t": seen.tracking_number,
    }


def proof_of(seen: SeenPackage) -> dict[str, Any]:
    """Return the read-back as it is kept: no buyer data, just the package."""
    return {
        "reference": seen.reference,
        "carrier": seen.carrier,
        "tracking_number": seen.tracking_number,
        "shipped_at": seen.shipped_at.isoformat() if seen.shipped_at else None,
        "quantities": dict(seen.quantities),
        "status": seen.status,
    }


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
    elif isinstance(error, Refused):
        changes |= {"delivery": Delivery.PARKED, "in_doubt": False}
        outcome = "refused"
    else:
        ambiguous = isinstance(error, TryLater) and error.ambiguous
        changes["not_before"] = push.next_try(wait_s=error.wait_s if isinstance(error, TryLater) else None, longest_s=_longest(push))
        if step == "send":
            changes["in_doubt"] = ambiguous
        if push.attempts >= MOST_ATTEMPTS:
            changes["delivery"] = Delivery.PARKED
            outcome = "gave_up"
    if not push.settle(**changes):
        return
    log.warning("push_failed", step=step, outcome=outcome, attempts=push.attempts, failure=type(error).__name__, request=error.request_id)
    if outcome != "waits_for_quota":
        _remember(push, step, outcome, detail=str(error), request_id=error.request_id, started=started)
    if push.delivery == Delivery.PARKED:
        words = _("The marketplace refused package %(n)s: %(why)s") % {"n": one.notice.reference, "why": error}
        record_event(push.order_id, "push_parked", words, facts={"push": push.public_id})


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
