"""Telling channels of cancellations: collect, upload, submit, wait, read the report, read the order back (Amazon's feeds).

Submitting is the ambiguous write: the channel names the batch only in its answer, and the same document submitted twice is two batches. So the row
is marked before the call, and after a lost answer the channel is asked which batches it made since; one that we do not know is ours, because one
batch of a seller and marketplace is under way at a time. Should that search ever fail us, a doubled batch still does no harm: the second one
finds the orders cancelled already, and what counts for each push is the order as it is read back, not the report.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Push, PushAttempt, PushBatch
from fulfillment.services.pushing import BATCHING_KINDS
from orders.services.holds import record_event
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import CancelsInBatches, able
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for
from stores.channels.telling_types import BatchReport, CancelNotice, CancelReason
from stores.channels.types import ChannelState
from stores.models import Authorization
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

MOST_IN_BATCH = 100
PER_SELLER = 3
LOOK_AGAIN_S = 30  # a batch of a few orders is usually through within a minute or two
LOOK_FOR_LOST_S = 150  # the channel's data lags two minutes by design
SLACK = timedelta(minutes=1)  # between our clock and the channel's; real time on both sides, so not scaled
LONGEST_WAIT = timedelta(hours=24)
READ_BACK_AGAIN_S = 300
MOST_READ_BACKS = 12
RECONNECT_LOOK_S = 900
LEASE_S = 60  # an upload is two exchanges of fifteen seconds; the lease outlives them

CANCELLED = Q(kind=Push.Kind.ORDER_CANCELLED, authorization__kind__in=BATCHING_KINDS)


@dataclass(frozen=True, slots=True)
class Desk:
    """One seller's batches and cancellations, and the way to its channel."""

    psp_id: int
    authorization_id: int
    channel: Channel

    @property
    def batches(self) -> CancelsInBatches:
        """The channel as one that takes batches."""
        return able(self.channel, CancelsInBatches)


def batch_next() -> int:
    """Go on with whatever is due about cancellations, seller by seller, over all tenants. Returns how many rows were worked on."""
    ready = Q(breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE)
    with across_tenants(reason="find sellers with due cancellations"):
        due = Push.due().filter(CANCELLED, ready, Q(batch=None) | Q(delivery=Delivery.ACCEPTED), connection__push_paused=False)
        pushing = list(due.values_list("authorization_id", "psp_id")[:200])
        batching = list(PushBatch.due().filter(ready).values_list("authorization_id", "psp_id")[:200])
    return sum(batch_for(authorization_id=authorization_id, psp_id=psp_id) for authorization_id, psp_id in dict.fromkeys(pushing + batching))


def batch_for(*, authorization_id: int, psp_id: int) -> int:
    """Collect one seller's waiting cancellations, go on with its batches, and read cancelled orders back. Returns how many rows moved."""
    with tenant(psp_id):
        done = collect(authorization_id=authorization_id)
        authorization = Authorization.objects.get(pk=authorization_id)
        desk = Desk(psp_id, authorization_id, channel_for(authorization.kind, account_of(authorization)))
        batches = PushBatch.lease_next(limit=PER_SELLER, only=Q(authorization_id=authorization_id), seconds=LEASE_S)
        told = CANCELLED & Q(authorization_id=authorization_id, delivery=Delivery.ACCEPTED)
        pushes = Push.lease_next(limit=PER_SELLER, only=told)
        if done:
            crash_point("batch.collecting")
    if batches:
        crash_point("batch.leased")
    for batch in batches:
        _work(desk, batch)
    for push in pushes:
        _read_back(desk, push)
    return done + len(batches) + len(pushes)


# --- collecting -------------------------------------------------------------------------------------------------------
def collect(*, authorization_id: int) -> int:
    """Put waiting cancellations into a batch for each marketplace that has none under way. Returns how many pushes were decided."""
    mine = Push.due().filter(CANCELLED, authorization_id=authorization_id, delivery=Delivery.PENDING, batch=None, connection__push_paused=False)
    waiting = list(mine.select_related("order").select_for_update(skip_locked=True, of=("self",))[:MOST_IN_BATCH])
    done, by_marketplace = 0, dict[str, list[Push]]()
    for push in waiting:
        if push.order.channel_state == ChannelState.CANCELLED:
            # The marketplace was first. Nothing needs telling; the read-back is the proof.
            Push.objects.filter(pk=push.pk).update(delivery=Delivery.ACCEPTED, accepted_at=now(), not_before=now())
            _remember(push, "send", "not_needed", detail=_("The marketplace cancelled the order by itself before it was told."))
            done += 1
        elif push.order.channel_state == ChannelState.SHIPPED:
            words = _("The marketplace shows the order as shipped, so the cancellation was not sent. Stop the parcel, or correct the order there.")
            _park(push, words, step="send", outcome="shipped_there")
            done += 1
        else:
            by_marketplace.setdefault(push.order.marketplace, []).append(push)
    for marketplace, pushes in by_marketplace.items():
        if PushBatch.objects.filter(authorization_id=authorization_id, marketplace=marketplace, delivery__in=PushBatch.due_states).exists():
            continue
        try:
            with transaction.atomic():
                batch = PushBatch.objects.create(authorization_id=authorization_id, marketplace=marketplace)
        except IntegrityError:
            continue  # another worker began one a moment ago; these go into the next
        Push.objects.filter(pk__in=[push.pk for push in pushes]).update(batch=batch)
        done += len(pushes)
    return done


# --- the steps of a batch ---------------------------------------------------------------------------------------------
def _work(desk: Desk, batch: PushBatch) -> None:
    """Take a batch as far as it goes now: each step is kept before the next begins."""
    started = time.monotonic()
    step = "upload"
    try:
        if not batch.document_id:
            document_id = desk.batches.upload_cancellations(_notices(desk, batch))
            crash_point("batch.uploaded")
            batch = _kept(desk, batch, document_id=document_id)
        step = "search"
        if batch.in_doubt and not batch.channel_id:
            _adopt(desk, batch)
        step = "submit"
        if not batch.channel_id:
            _submit(desk, batch, started)
            return
        step = "progress"
        if not batch.result_id and not _through(desk, batch):
            return
        step = "report"
        report = desk.batches.batch_report(batch.result_id)
        crash_point("batch.reported")
        _settle(desk, batch, report, started)
    except _LeaseLost:
        log.warning("batch_lease_lost", batch=batch.public_id)
    except ChannelError as error:
        with tenant(desk.psp_id):
            _failed(batch, step, error, started)
            breaker.note(desk.authorization_id, error)
            crash_point("batch.failing")


class _LeaseLost(Exception):
    """Another worker has the batch now."""


def _kept(desk: Desk, batch: PushBatch, **changes: Any) -> PushBatch:
    """Write a step down while keeping the lease."""
    with tenant(desk.psp_id):
        leased_until = now() + timedelta(seconds=LEASE_S)
        if not PushBatch.objects.filter(pk=batch.pk, lease=batch.lease).update(**changes, leased_until=leased_until):
            raise _LeaseLost
    for name, value in changes.items():
        setattr(batch, name, value)
    return batch


def _notices(desk: Desk, batch: PushBatch) -> list[CancelNotice]:
    with tenant(desk.psp_id):
        pushes = batch.pushes.select_related("order").order_by("pk")
        return [CancelNotice(str(push.pk), push.order.external_id, tuple(push.line_numbers), CancelReason(push.reason)) for push in pushes]


def _adopt(desk: Desk, batch: PushBatch) -> None:
    """After a lost answer: find the batch that the channel made, or learn that it made none."""
    since = (batch.submitted_at or batch.created_at) - SLACK
    made = desk.batches.recent_batches(marketplace=batch.marketplace, since=since)
    crash_point("batch.searched")
    with tenant(desk.psp_id):
        known = set(PushBatch.objects.filter(authorization_id=batch.authorization_id, channel_id__in=made).values_list("channel_id", flat=True))
    found = next((name for name in made if name not in known), "")
    if found:
        _kept(desk, batch, channel_id=found, in_doubt=False, delivery=Delivery.ACCEPTED)
        log.info("batch_found_again", batch=batch.public_id, channel_id=found)
    else:
        _kept(desk, batch, in_doubt=False)


def _submit(desk: Desk, batch: PushBatch, started: float) -> None:
    # Marked before the call: whatever dies after this line, the next try searches before it submits again.
    _kept(desk, batch, in_doubt=True, submitted_at=now())
    crash_point("batch.marked")
    channel_id = desk.batches.submit_batch(batch.document_id, marketplace=batch.marketplace)
    crash_point("batch.answered")
    with tenant(desk.psp_id):
        settled = batch.settle(
            channel_id=channel_id,
            in_doubt=False,
            delivery=Delivery.ACCEPTED,
            attempts=0,
            last_error="",
            not_before=now() + scaled(LOOK_AGAIN_S),
        )
        if settled:
            breaker.note(desk.authorization_id)
            for push in batch.pushes.all():
                _remember(push, "send", "submitted", detail=_("The marketplace has the cancellation in its queue."), started=started)
            Push.objects.filter(batch=batch).update(sent_at=now())
            crash_point("batch.submitting")
    crash_point("batch.submitted")


def _through(desk: Desk, batch: PushBatch) -> bool:
    """Ask how far the batch is; True when its report can be read."""
    progress = desk.batches.batch_progress(batch.channel_id)
    crash_point("batch.looked")
    if progress.result_id:
        _kept(desk, batch, result_id=progress.result_id)
        return True
    if progress.given_up:
        words = _("The marketplace gave up on the cancellation (%(word)s). Try again, or cancel it there.") % {"word": progress.given_up}
        with tenant(desk.psp_id):
            if batch.settle(delivery=Delivery.PARKED, last_error=words):
                _to_read_back(batch, dict.fromkeys(batch.pushes.values_list("pk", flat=True), words))
        return False
    with tenant(desk.psp_id):
        if batch.submitted_at and now() - batch.submitted_at > LONGEST_WAIT:
            words = _("The marketplace has not worked through the cancellation within a day. Look at the order there.")
            if batch.settle(delivery=Delivery.PARKED, last_error=words):
                _to_read_back(batch, dict.fromkeys(batch.pushes.values_list("pk", flat=True), words))
        else:
            batch.settle(attempts=0, not_before=now() + scaled(LOOK_AGAIN_S))
    return False


def _settle(desk: Desk, batch: PushBatch, report: BatchReport, started: float) -> None:
    with tenant(desk.psp_id):
        if not batch.settle(delivery=Delivery.CONFIRMED, last_error=""):
            return
        everything = report.refused.get("0", "")  # said of the document as a whole
        refusals = {}
        for push in batch.pushes.all():
            if words := report.refused.get(str(push.pk), everything):
                refusals[push.pk] = words
            _remember(push, "send", "refused" if words else "accepted", detail=words, started=started)
        _to_read_back(batch, refusals)
        crash_point("batch.settling")
    crash_point("batch.settled")


def _to_read_back(batch: PushBatch, refusals: dict[int, str]) -> None:
    """Hand the pushes of a finished batch over to the read-back, which decides; with the channel's words against them, if any."""
    for push in batch.pushes.filter(delivery=Delivery.PENDING):
        words = refusals.get(push.pk, "")
        Push.objects.filter(pk=push.pk).update(
            delivery=Delivery.ACCEPTED, accepted_at=None if words else now(), refusal=words, last_error=words, attempts=0, not_before=now()
        )


def _failed(batch: PushBatch, step: str, error: ChannelError, started: float) -> None:
    """Settle a try that ended in an error, by what happens next."""
    changes: dict[str, Any] = {"last_error": str(error)}
    sent_nothing = isinstance(error, ReconnectNeeded | Refused) or (isinstance(error, TryLater) and not error.ambiguous)
    if step == "submit" and sent_nothing:
        changes["in_doubt"] = False
    if isinstance(error, TryLater) and error.throttled:
        changes |= {"not_before": batch.next_try(wait_s=error.wait_s), "attempts": max(batch.attempts - 1, 0), "last_error": ""}
    elif isinstance(error, ReconnectNeeded):
        permission_lost(Authorization.reread(batch.authorization_id), str(error))
        changes["not_before"] = now() + scaled(RECONNECT_LOOK_S)
    elif isinstance(error, Refused) and step == "report":
        # It is through but cannot be read about: the orders themselves will tell.
        if batch.settle(delivery=Delivery.PARKED, **changes):
            _to_read_back(batch, {})
        return
    elif isinstance(error, Refused) or batch.attempts >= MOST_ATTEMPTS:
        if batch.settle(delivery=Delivery.PARKED, **changes):
            words = _("The cancellation could not be told: %(why)s") % {"why": error}
            for push in batch.pushes.filter(delivery=Delivery.PENDING):
                _park(push, words, step="send", outcome="refused", request_id=error.request_id, started=started)
        return
    else:
        changes["not_before"] = batch.next_try(wait_s=error.wait_s if isinstance(error, TryLater) else None)
        if changes.get("in_doubt", True) and step == "submit":
            changes["not_before"] = now() + scaled(LOOK_FOR_LOST_S)
    batch.settle(**changes)


# --- reading back -----------------------------------------------------------------------------------------------------
def _read_back(desk: Desk, push: Push) -> None:
    """Look whether the channel shows the lines as cancelled; only that settles a cancellation."""
    started = time.monotonic()
    with tenant(desk.psp_id):
        number = push.order.external_id
    try:
        shown = desk.channel.cancelled_lines(number)
        crash_point("batch.read")
    except ChannelError as error:
        with tenant(desk.psp_id):
            if isinstance(error, ReconnectNeeded):
                permission_lost(Authorization.reread(push.authorization_id), str(error))
            throttled = isinstance(error, TryLater) and error.throttled
            wait_s = error.wait_s if isinstance(error, TryLater) else None
            push.settle(not_before=push.next_try(wait_s=wait_s), last_error=push.last_error if throttled else str(error))
            breaker.note(desk.authorization_id, error)
        return
    with tenant(desk.psp_id):
        reads = push.read_backs + 1
        if shown >= set(push.line_numbers):
            proof: dict[str, object] = {"cancelled": sorted(push.line_numbers)}
            moment = now()
            if push.settle(
                delivery=Delivery.CONFIRMED,
                accepted_at=push.accepted_at or moment,
                read_back_at=moment,
                read_back=proof,
                read_backs=reads,
                last_error="",
            ):
                _remember(push, "read_back", "confirmed", detail=_("The marketplace shows the cancellation."), started=started)
                record_event(push.order_id, "push_confirmed", _("The marketplace shows the cancellation."), facts=proof)
                crash_point("batch.proving")
        elif push.refusal or reads >= MOST_READ_BACKS:
            words = push.refusal or _("The marketplace took the cancellation in but does not show it. Look at the order there.")
            if push.settle(delivery=Delivery.PARKED, last_error=words, read_backs=reads):
                _remember(push, "read_back", "parked", detail=words, started=started)
                record_event(push.order_id, "push_parked", _("The cancellation was not taken: %(why)s") % {"why": words})
        else:
            words = _("The marketplace took the cancellation in but does not show it yet.")
            push.settle(not_before=now() + scaled(READ_BACK_AGAIN_S), last_error=words, read_backs=reads)
            _remember(push, "read_back", "not_yet", detail=words, started=started)


def _park(push: Push, words: str, *, step: str, outcome: str, request_id: str = "", started: float | None = None) -> None:
    Push.objects.filter(pk=push.pk).update(delivery=Delivery.PARKED, last_error=words)
    _remember(push, step, outcome, detail=words, request_id=request_id, started=started)
    record_event(push.order_id, "push_parked", words, facts={"push": push.public_id})


def _remember(push: Push, step: str, outcome: str, *, detail: str = "", request_id: str = "", started: float | None = None) -> None:
    PushAttempt.objects.create(
        push=push,
        step=step,
        outcome=outcome,
        detail=detail,
        request_id=request_id[:80],
        duration_ms=int((time.monotonic() - started) * 1000) if started is not None else 0,
    )
