"""The breaker: a seller whose marketplace does not answer is left to rest, and asked once a minute whether it is back (quality R4, F9).

Calls of every kind count together: polls, pushes, batches, listing syncs and comparisons. Three unanswered ones in a row and the seller rests: nobody
but its poll asks, once a minute, and the first answer ends the rest, whoever got it. What waits stays due in its rows and goes on at once.

Only silence counts (time-outs, 5xx, answers that are none). A refusal is an answer, quota is no fault, and what is out of order on our own side
says nothing about the seller. While the quota itself allows no call a minute, which is so after half an hour at Amazon, it sets the pace.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.pace import scaled
from stores.channels.errors import ChannelError, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import capabilities
from stores.models import Authorization, Connection

log = structlog.get_logger(__name__)

RESTS_AFTER = 3  # and what is under way at that moment makes five at most
PROBE_EVERY_S = 60
CALM = Q(resting_since=None)
CALM_AUTHORIZATION = Q(authorization__resting_since=None)


def is_silence(error: ChannelError) -> bool:
    """Return whether the error means that the marketplace gave no usable answer."""
    return isinstance(error, TryLater) and not error.throttled and not error.ours


def heard(row: Authorization, error: ChannelError | None = None) -> bool:
    """Count how a call ended: with an answer (None, or a refusal), with silence, or in a way that says nothing of the seller.

    ``row`` is locked by the caller; what changes is saved. Returns whether the seller rests now.
    """
    if error is None or isinstance(error, Refused | ReconnectNeeded):
        _answered(row)
    elif is_silence(error):
        _silent(row, error)
    return row.resting_since is not None


def note(authorization_id: int, error: ChannelError | None = None) -> bool:
    """``heard`` for calls that are no polls and hold no lock on the authorization. Call inside the tenant's scope, after every other lock.

    An answer costs one statement that usually finds nothing to change.
    """
    if error is not None and is_silence(error):
        return heard(Authorization.reread(authorization_id), error)
    troubled = Authorization.objects.filter(pk=authorization_id).exclude(calls_unanswered=0, resting_since=None)
    row = troubled.select_for_update().first()
    return row is not None and heard(row, error)


def _answered(row: Authorization) -> None:
    if not row.calls_unanswered and row.resting_since is None:
        return
    if row.resting_since is not None:
        log.info("seller_is_back", authorization=row.public_id, rested_s=round((now() - row.resting_since).total_seconds()))
        Connection.objects.filter(authorization=row, state=Connection.State.ATTENTION).update(state=Connection.State.CONNECTED, state_reason="")
    row.calls_unanswered, row.resting_since = 0, None
    row.save(update_fields=["calls_unanswered", "resting_since"])


def _silent(row: Authorization, error: ChannelError) -> None:
    row.calls_unanswered += 1
    row.last_error, row.last_error_at = str(error), now()
    if row.calls_unanswered >= RESTS_AFTER and row.resting_since is None:
        row.resting_since = now()
        row.next_poll_at = next_probe(now())  # whenever it was due: the probe is a poll
        words = _("%(channel)s does not answer for this seller.") % {"channel": capabilities(row.kind).label}
        Connection.objects.filter(authorization=row, state=Connection.State.CONNECTED).update(state=Connection.State.ATTENTION, state_reason=words)
        log.warning("seller_rests", authorization=row.public_id, unanswered=row.calls_unanswered)
    row.save(update_fields=["calls_unanswered", "last_error", "last_error_at", "resting_since", "next_poll_at"])


def next_probe(asked_at: datetime) -> datetime:
    """Return when to ask a resting seller again."""
    return asked_at + scaled(PROBE_EVERY_S)
