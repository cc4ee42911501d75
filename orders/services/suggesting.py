"""Accepting suggestions: one by a person who reads it, or all of a store from a level on by a worker, which can be stopped and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.services.filling import UNPRINTED, empty_waiting_lines, fill_waiting_lines, having_lines
from orders.services.mapping import CannotMap, Chosen, Mapped, map_bundle
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import User
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import across_tenants, tenant
from stores.listing_presentation import why_suggested
from stores.models import Listing, ListingMapping, Store, SuggestionRun
from stores.services.mappings import retire_first_versions, save_versions
from stores.suggestions import Suggester, Suggestion

LEASE_S = 40
CHUNK = 200
CHUNKS_PER_TURN = 25


class CannotRun(Exception):
    """The run was not begun; the message says why and what to do."""


def reason_of(suggestion: Suggestion) -> str:
    """Return why a mapping was made by a suggestion, as its history says it."""
    return _("suggestion accepted, %(confidence)s %%: %(why)s") % {"confidence": suggestion.confidence, "why": why_suggested(suggestion)}


def accept_suggestion(*, listing_id: int, seen: str, actor: Actor) -> Mapped:
    """Map a listing as suggested. ``seen`` is the suggestion's token as the person saw it. Raises ``CannotMap`` when it is another one by now."""
    listing = Listing.objects.select_related("store__customer").get(pk=listing_id)
    suggestion = Suggester(listing.store.customer).judge([listing]).get(listing.pk)
    if suggestion is None or suggestion.token != seen:
        raise CannotMap(_("The suggestion for “%(listing)s” is another one by now. Look at it again.") % {"listing": listing})
    if not suggestion.is_ready:
        raise CannotMap(_("“%(product)s” needs a design. Choose it, then connect.") % {"product": suggestion.product})
    parts = [Chosen(part.product.pk, part.design.pk if part.design else None, part.quantity) for part in suggestion.parts]
    return map_bundle(listing_id=listing.pk, parts=parts, actor=actor, because=reason_of(suggestion))


# --- many -------------------------------------------------------------------------------------------------------------
def _open_listings(store_id: int) -> Q:
    return Q(store=store_id, state=Listing.State.UNMAPPED, gone_at=None, is_parent=False)


@transaction.atomic
def start_run(*, store_id: int, level: int, by: User) -> SuggestionRun:
    """Ask for every suggestion of a store from a level on to be accepted. Raises ``CannotRun`` while one is at work."""
    store = Store.reread(store_id)
    if SuggestionRun.objects.filter(store=store, delivery=Delivery.PENDING).exists():
        raise CannotRun(_("Suggestions of this store are being accepted already. Wait for it to end, or stop it."))
    total = Listing.objects.filter(_open_listings(store_id)).count()
    return SuggestionRun.objects.create(store=store, level=level, started_by=by, total=total)


@transaction.atomic
def undo_run(*, run_id: int) -> SuggestionRun:
    """Ask for everything that a run connected to be taken back, but what was changed since. Raises ``CannotRun`` while one is at work."""
    run = SuggestionRun.reread(run_id)
    if SuggestionRun.objects.filter(store=run.store_id, delivery=Delivery.PENDING).exists():
        raise CannotRun(_("Suggestions of this store are being accepted right now. Stop that first, then undo."))
    total = run.mappings.filter(retired_at=None).count()
    run.undoing, run.delivery, run.after, run.seen, run.total, run.finished_at, run.not_before = True, Delivery.PENDING, 0, 0, total, None, now()
    run.save()
    return run


@transaction.atomic
def stop_run(*, run_id: int) -> bool:
    """End a run that is at work; what it did so far stays. False when it has ended. A worker finds out before its next lot."""
    run = SuggestionRun.reread(run_id)
    if run.delivery != Delivery.PENDING:
        return False
    run.delivery, run.finished_at, run.lease, run.leased_until = Delivery.WITHDRAWN, now(), None, None
    run.save(update_fields=["delivery", "finished_at", "lease", "leased_until"])
    return True


@dataclass(slots=True)
class _Turn:
    run: SuggestionRun
    suggester: Suggester | None = None


def run_next() -> bool:
    """Go on with the run that waits longest, over all tenants, for a couple of thousand listings. False when none waits."""
    with across_tenants(reason="find accepted suggestions that wait for a worker"):
        leased = SuggestionRun.lease_next(limit=1, seconds=LEASE_S, only=Q(delivery=Delivery.PENDING))
    if not leased:
        return False
    turn = _Turn(leased[0])
    for _number in range(CHUNKS_PER_TURN):
        with tenant(turn.run.psp_id):
            more = _chunk(turn)
        if not more:
            return True
    with tenant(turn.run.psp_id):
        turn.run.settle()
    return True


def _chunk(turn: _Turn) -> bool:
    """Work on the next lot and write how far that is, in one transaction. False when nothing is left, or the run was stopped."""
    run = SuggestionRun.objects.select_for_update().select_related("store__customer", "started_by").get(pk=turn.run.pk)
    if run.lease != turn.run.lease or run.delivery != Delivery.PENDING:
        return False
    actor = Actor.person(run.started_by)
    seen, last = _take_back(run, actor) if run.undoing else _accept(run, turn, actor)
    run.seen, run.after = run.seen + seen, last
    run.accepted = run.mappings.filter(retired_at=None).count()
    if seen < CHUNK:
        run.delivery, run.finished_at, run.lease, run.leased_until = Delivery.CONFIRMED, now(), None, None
    run.save()
    return seen == CHUNK


def _accept(run: SuggestionRun, turn: _Turn, actor: Actor) -> tuple[int, int]:
    lot = Listing.objects.filter(_open_listings(run.store_id), pk__gt=run.after).order_by("pk")
    listings = list(lot.select_for_update(of=("self",))[:CHUNK])
    turn.suggester = turn.suggester or Suggester(run.store.customer)
    suggested = turn.suggester.judge(listings)
    sure = {
        listing: (one.parts, reason_of(one))
        for listing in listings
        if (one := suggested.get(listing.pk)) is not None and one.confidence >= run.level and one.is_ready
    }
    if sure:
        save_versions(sure, actor=actor, run=run)
        for listing in having_lines(sure, UNPRINTED):
            fill_waiting_lines(listing, actor=actor)
    return len(listings), listings[-1].pk if listings else run.after


def _take_back(run: SuggestionRun, actor: Actor) -> tuple[int, int]:
    lot = list(run.mappings.filter(retired_at=None, pk__gt=run.after).order_by("pk")[:CHUNK])
    # Locked as everywhere: the listing first, then what is looked up under its lock.
    listings = list(Listing.objects.select_for_update().filter(pk__in=[mapping.listing_id for mapping in lot]).order_by("pk"))
    still = ListingMapping.objects.filter(pk__in=[mapping.pk for mapping in lot], retired_at=None)
    taken = list(still)
    retire_first_versions(taken, actor=actor)
    back = {mapping.listing_id for mapping in taken}
    for listing in having_lines((one for one in listings if one.pk in back), UNPRINTED):
        empty_waiting_lines(listing, actor=actor)
    run.undone += len(taken)
    return len(lot), lot[-1].pk if lot else run.after
