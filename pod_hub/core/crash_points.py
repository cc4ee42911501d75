"""Named places at which a test may end or freeze the process, to prove that no moment of dying loses or doubles work (``docs/faults.md``).

A point does nothing unless the environment's FAULT_PLAN names it: ``push.answered:2`` ends the process without a farewell the second time
it comes there, ``push.leased:1:stop`` freezes it until somebody sends SIGCONT. Several plans are joined by commas. Production settings
never set it, and an idle point costs one look into an empty dict.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass

CRASHED = 137  # what a shell calls an end by SIGKILL
SETTING = "FAULT_PLAN"

# Every point and the moment it stands for. A test compares this with the code, and the fault run proves that each was reached.
POINTS: Mapping[str, str] = {
    "poll.claimed": "an authorization is leased for a poll, and committed",
    "poll.begun": "what to ask is written down, and committed",
    "poll.answered": "a page is here, and nothing of it is stored",
    "poll.storing": "the page's records and position are written, and not committed",
    "poll.stored": "the page is committed",
    "poll.stopping": "the channel failed, and that is not written yet",
    "poll.stopped": "the failure is committed",
    "intake.locked": "a batch is locked",
    "intake.created": "orders are written, and their records still say pending",
    "intake.decided": "the batch is written, and not committed",
    "intake.committed": "the batch is committed",
    "personalise.leased": "an archive is leased, and committed",
    "personalise.downloaded": "the archive is here, and nothing of it is stored",
    "personalise.settling": "the text is written, and not committed",
    "personalise.settled": "the text is committed",
    "render.leased": "a print file's drawing is leased, and committed",
    "render.drawn": "a print file is drawn, and nothing of it is stored",
    "render.stored": "a print file is stored, and no row names it",
    "render.settling": "the print file's row is written, and not committed",
    "render.settled": "the print file's row is committed",
    "mockup.leased": "a mockup's drawing is leased, and committed",
    "mockup.drawn": "a mockup is drawn and stored, and no row names it",
    "publish.leased": "what a product asks the channel is leased, and committed",
    "publish.checked": "the channel has checked a product, and nobody wrote it down",
    "publish.sending": "a product is marked as sent, and committed, and not sent",
    "publish.answered": "the channel has taken a product in, and nobody wrote it down",
    "publish.settling": "the product's listing and mapping are written, and not committed",
    "listing_push.leased": "stock or prices to tell are leased, and committed",
    "listing_push.told": "the channel has taken the stock or price of a listing, and nobody wrote it down",
    "stock.batch_sent": "the channel has taken a document of stock, and nobody wrote down its name",
    "sync.claimed": "a store is leased for a listing sync, and committed",
    "sync.answered": "a page of listings is here, and nothing of it is stored",
    "sync.storing": "the page of listings is written, and not committed",
    "sync.stored": "the page of listings is committed",
    "move.writing": "lines have moved in production, and that is not committed",
    "move.committed": "the move is committed",
    "ship.packed": "a package is written, and its push is not",
    "ship.owed": "packages and pushes are written, and not committed",
    "ship.committed": "packages and pushes are committed",
    "push.leased": "pushes are leased, and committed",
    "push.marking": "a push is marked as in doubt, and that is not committed",
    "push.marked": "the mark is committed, and nothing is sent",
    "push.answered": "the channel has taken the package, and nobody wrote it down",
    "push.settling": "the channel's yes is written, and not committed",
    "push.settled": "the channel's yes is committed",
    "push.read": "the channel has shown its packages, and nobody wrote it down",
    "push.proving": "the proof is written, and not committed",
    "push.proven": "the proof is committed",
    "push.failing": "a failed try is written, and not committed",
    "push.failed": "the failed try is committed",
    "batch.collecting": "waiting cancellations are collected and leased, and that is not committed",
    "batch.leased": "a batch of cancellations is leased, and committed",
    "batch.uploaded": "the document of a batch is uploaded, and nobody wrote down where",
    "batch.marked": "the batch is marked as in doubt, and committed, and not submitted",
    "batch.answered": "the channel has taken the batch, and nobody wrote down its name",
    "batch.submitting": "the batch's name is written, and not committed",
    "batch.submitted": "the batch's name is committed",
    "batch.searched": "after a lost answer the channel has named its batches, and nobody compared them",
    "batch.looked": "the channel has said how far the batch is, and nobody wrote it down",
    "batch.reported": "the report is here, and nothing of it is stored",
    "batch.settling": "the report is worked in, and not committed",
    "batch.settled": "the report is committed",
    "batch.failing": "a failed step of a batch is written, and not committed",
    "batch.read": "the channel has shown a cancelled order, and nobody wrote it down",
    "batch.proving": "the proof of a cancellation is written, and not committed",
    "reconcile.leased": "a comparison is leased, and committed",
    "reconcile.answered": "a page to compare is here, and nothing of it is stored",
    "reconcile.storing": "what the page lacked is written, and not committed",
    "reconcile.stored": "the compared page is committed",
    "reconcile.failing": "a failed page is written, and not committed",
    "ask.answered": "an order that a person asked for is here, and nothing of it is stored",
    "ask.recording": "its record is written, and not committed",
    "ask.recorded": "its record is committed, and not read",
    "purge.writing": "buyer data is removed, and that is not committed",
    "purge.committed": "the removal is committed",
    "hint.sending": "a hint is about to be sent",
    "hint.sent": "the hint is sent",
}


@dataclass(slots=True)
class _Plan:
    """What happens at a point: after how many more visits, and whether the process ends or stops."""

    visits_left: int
    stops: bool


def _read(plans: str) -> dict[str, _Plan]:
    read = {}
    for plan in filter(None, (part.strip() for part in plans.split(","))):
        name, _colon, rest = plan.partition(":")
        nth, _colon, action = rest.partition(":")
        if name not in POINTS or not nth.isdigit() or int(nth) < 1 or action not in {"", "stop"}:
            raise ValueError(f"{SETTING} has no plan {plan!r}. Write name:nth or name:nth:stop, with a name of pod_hub/core/crash_points.py.")
        read[name] = _Plan(int(nth), action == "stop")
    return read


_counting = threading.Lock()
_armed = _read(os.environ.get(SETTING, ""))


def crash_point(name: str) -> None:
    """Pass a named point; it is the last thing this process does when the plan says so."""
    if name in _armed:
        _reach(name)


def _reach(name: str) -> None:
    plan = _armed[name]
    with _counting:  # a worker of threads comes to a point several times at once
        plan.visits_left -= 1
        due = plan.visits_left == 0
    if not due:
        return
    if not plan.stops:
        os._exit(CRASHED)  # no clean-up, no flush, no goodbye to the database: what SIGKILL leaves
    os.kill(os.getpid(), signal.SIGSTOP)


def arm(plans: str) -> None:
    """Replace this process's plan, as if FAULT_PLAN had said so; for a test's own child processes."""
    _armed.clear()
    _armed.update(_read(plans))
