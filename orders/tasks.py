"""Celery entrances of intake: each works on what is due until nothing is, or its turn is over."""

from __future__ import annotations

import time

from celery import shared_task

from orders.services import file_checks, reading_again, returning
from orders.services.approving import release_due
from orders.services.artwork_holds import sweep_flawed
from orders.services.bulk.applying import wake_imports, work_next
from orders.services.bulk.fetching import fetch_one, imports_with_files
from orders.services.digests import send_due_digests
from orders.services.filling import designs_ready, sweep_mapped
from orders.services.fitting import judge_next
from orders.services.ignoring import sweep_ignored
from orders.services.line_designs import own_designs_ready
from orders.services.noticing import handle_next
from orders.services.personalisation import fetch_next
from orders.services.polling import more_is_due, poll_next
from orders.services.purging import purge_everything_due
from orders.services.reconciling import reconcile_next
from orders.services.remote.attaching import attach_next
from orders.services.remote.scanning import scan_next
from orders.services.remote.setting_up import try_next
from orders.services.suggesting import run_next
from orders.services.take_in import authorizations_with_work, take_in
from pod_hub.core.hints import hint
from stores.services.notices import forget_old as forget_notices

TURN_S = 25  # well inside the task's time limit; the next tick goes on
FETCH_TURN_S = 5


@shared_task(name="orders.poll")
def poll() -> int:
    """Poll the authorizations that are due. Returns how many turns were taken.

    Before each answer is waited for, a colleague is woken for what else is due, so that no seller waits behind another one's marketplace.
    """
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (outcome := poll_next(claimed=_wake_another)) is not None:
        turns += 1
        if outcome.new:
            hint("orders.take_in")
    return turns


def _wake_another() -> None:
    if more_is_due():
        hint("orders.poll")


@shared_task(name="orders.take_in")
def take_in_due() -> int:
    """Take in records of every authorization that has some, a batch each in turn. Returns how many records were decided."""
    ends, records = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends:
        done = 0
        for authorization_id, psp_id in authorizations_with_work():
            taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
            done += taken.records if taken else 0
        records += done
        if not done:
            break
    if records:
        hint("orders.personalise")
    return records


@shared_task(name="orders.notices")
def notices() -> int:
    """Handle what channels told by themselves. Returns how many notices."""
    ends, handled = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := handle_next()):
        handled += count
    return handled


@shared_task(name="orders.read_again")
def read_again() -> int:
    """Ask once more for the orders that are due for it. Returns how many."""
    ends, asked = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := reading_again.read_next()):
        asked += count
    if asked:
        hint("orders.personalise")
    return asked


@shared_task(name="orders.returns")
def returns() -> int:
    """Read the returns that are due. Returns how many authorizations had a turn."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and returning.read_next():
        turns += 1
    return turns


@shared_task(name="orders.forget")
def forget() -> int:
    """Delete questions and notices that were settled long ago. Returns how many."""
    return reading_again.forget_old() + forget_notices()


@shared_task(name="orders.sweep_mapped")
def sweep() -> int:
    """Bring lines to what is decided of their listing: its mapping, its print file, that it is not made here. Returns how many."""
    return designs_ready() + own_designs_ready() + sweep_mapped() + sweep_ignored() + sweep_flawed()


@shared_task(name="orders.check_files")
def check_files() -> int:
    """Look at stored print files that are due. Returns how many; late in the turn no new one is begun, because a look at a large one takes long."""
    ends, looks = time.monotonic() + FETCH_TURN_S, 0
    while time.monotonic() < ends and file_checks.check_next():
        looks += 1
    return looks


@shared_task(name="orders.judge_designs")
def judge_designs() -> int:
    """Compare designs with product models that were changed. Returns how many portions."""
    ends, portions = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and judge_next():
        portions += 1
    return portions


@shared_task(name="orders.accept_suggestions")
def accept_suggestions() -> int:
    """Go on with accepting suggestions, or taking them back, where somebody asked for it. Returns how many turns were taken."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and run_next():
        turns += 1
    return turns


@shared_task(name="orders.reconcile")
def reconcile() -> int:
    """Go on with reconciliations that are due, and begin the nightly ones. Returns how many turns were taken."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and reconcile_next():
        turns += 1
        hint("orders.take_in")
    return turns


@shared_task(name="orders.release_approved")
def release_approved() -> int:
    """Approve the orders whose waiting time is over. Returns how many holds were released."""
    return release_due()


@shared_task(name="orders.purge")
def purge() -> int:
    """Remove buyer data whose time is over. Cheap when nothing is due, so it may run as often as beat likes. Returns how many orders."""
    return purge_everything_due(ends=time.monotonic() + TURN_S).orders


@shared_task(name="orders.digest")
def digest() -> int:
    """Queue the digests of PSPs whose hour has come. Returns how many mails."""
    return send_due_digests()


@shared_task(name="orders.personalise")
def personalise() -> int:
    """Fetch personalisation archives that are due. Returns how many."""
    ends, fetched = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and fetch_next():
        fetched += 1
    return fetched


@shared_task(name="orders.bulk_imports")
def bulk_imports() -> int:
    """Read, connect and undo bulk imports that are due. Returns how many turns were taken."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and work_next():
        turns += 1
        hint("orders.fetch_linked_files")
    return turns


@shared_task(name="orders.fetch_linked_files")
def fetch_linked_files() -> int:
    """Fetch design files that bulk imports link to, one of each import in turn. Returns how many.

    One fetch may take half a minute and its check as long again, so no new one is begun late in the turn.
    """
    ends, fetched = time.monotonic() + FETCH_TURN_S, 0
    while time.monotonic() < ends and (waiting := imports_with_files()):
        for import_id in waiting:
            fetched += fetch_one(import_id)
            if time.monotonic() > ends:
                break
        wake_imports(waiting)
        hint("orders.bulk_imports")
    return fetched


@shared_task(name="orders.scan_storages")
def scan_storages() -> int:
    """Test remote storages that somebody wants tested, and look through those that are due. Returns how many turns were taken."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (try_next() or scan_next()):
        turns += 1
        hint("orders.attach_files")
    return turns


@shared_task(name="orders.attach_files")
def attach_files() -> int:
    """Copy and attach found files that are due. Returns how many were worked on; late in the turn no new one is begun, as with linked files."""
    ends, files = time.monotonic() + FETCH_TURN_S, 0
    while time.monotonic() < ends and attach_next():
        files += 1
    if files:
        hint("orders.attach_files")
    return files
