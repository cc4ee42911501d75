"""Listings that are sold but not ours to make: their order lines are marked so and never block, until somebody takes that back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.services.approving import approval_hold
from orders.services.filling import RETIRED_WITHIN, UNPRINTED, fill_waiting_lines, locked_lines, not_connected
from orders.services.holds import open_hold, release_holds
from orders.services.new_orders import no_address
from orders.services.production import refresh_state
from orders.states import OPEN, LineState, OrderState
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Connection, Listing
from stores.services.mappings import end_ignored, set_ignored


@transaction.atomic
def ignore_listing(*, listing_id: int, actor: Actor) -> int:
    """Say that a listing is not made here; its unprinted lines are set aside, and so are later ones. Returns how many lines.

    What is being printed already goes on. Its mapping is kept. Doing it twice is harmless.
    """
    listing = Listing.reread(listing_id)
    if listing.state != Listing.State.IGNORED:
        set_ignored(listing, actor=actor)
    return set_lines_aside(listing, actor=actor)


@transaction.atomic
def stop_ignoring(*, listing_id: int, actor: Actor) -> int:
    """Take that back: the listing is what its mapping makes of it, and lines that were set aside come back. Returns how many lines."""
    listing = Listing.reread(listing_id)
    if listing.state == Listing.State.IGNORED:
        end_ignored(listing, actor=actor)
    lines = take_back_lines(listing, actor=actor)
    fill_waiting_lines(listing, actor=actor)
    return lines


def set_lines_aside(listing: Listing, *, actor: Actor) -> int:
    """Mark a listing's unprinted lines as not made here. Call it under the listing's lock. Returns how many."""
    lines = locked_lines(OrderLine.objects.filter(listing=listing, state__in=UNPRINTED))
    _move(lines, LineState.NOT_OURS, actor=actor)
    orders = _refreshed(lines)
    over = [order for order, states in orders if not states & OPEN]
    waiting = [*Hold.objects.filter(line__in=lines, released_at=None), *Hold.objects.filter(order__in=over, line=None, released_at=None)]
    release_holds(waiting, actor=actor, reason=_("the listing is not made here"))
    return len(lines)


def take_back_lines(listing: Listing, *, actor: Actor) -> int:
    """Bring lines that were set aside back into intake, held until something is made of them. Under the listing's lock. Returns how many.

    An order of which nothing was ours is approved like a new one.
    """
    lines = locked_lines(OrderLine.objects.filter(listing=listing, state=LineState.NOT_OURS))
    fresh = {line.order.pk: line.order for line in lines if line.order.state == OrderState.NOT_OURS}
    for line in lines:
        line.mapping = line.customer_product = line.print_file = None
        line.pieces_each = 1
    OrderLine.objects.bulk_update(lines, ["mapping", "customer_product", "print_file", "pieces_each"], batch_size=500)
    _move(lines, LineState.RECEIVED, actor=actor)
    _refreshed(lines)
    for line in lines:
        open_hold(line.order, HoldKind.UNMAPPED, not_connected(listing), line=line, actor=actor)
    approval = Connection.objects.filter(store=listing.store_id).values_list("approval", flat=True).first()
    for order in fresh.values():
        if not order.ship_to_country:
            open_hold(order, HoldKind.ADDRESS, no_address(), actor=actor)
        if approval and (hold := approval_hold(approval, moment=now(), ship_by=order.ship_by)) is not None:
            opened = open_hold(order, HoldKind.APPROVAL, hold[0], actor=actor)
            if opened is not None:
                Hold.objects.filter(pk=opened.pk).update(release_at=hold[1])
    return len(lines)


def _move(lines: Sequence[OrderLine], to: LineState, *, actor: Actor) -> None:
    events = []
    for line in lines:
        before, line.state = line.state, to
        events.append(
            OrderEvent(
                order_id=line.order_id,
                line_id=line.pk,
                kind="state",
                summary=f"{line.sku or line.title}: {LineState(before).label} → {to.label}",
                actor_id=actor.user_id,
                actor_label=actor.label,
                facts={"before": before, "after": to.value},
            )
        )
    OrderLine.objects.bulk_update(lines, ["state"], batch_size=500)
    OrderEvent.objects.bulk_create(events, batch_size=500)


def _refreshed(lines: Iterable[OrderLine]) -> list[tuple[Order, set[str]]]:
    """Derive the orders' states anew; return each with the states of all its lines."""
    orders = {line.order.pk: line.order for line in lines}
    every: dict[int, list[OrderLine]] = {}
    for line in OrderLine.objects.filter(order__in=list(orders)):
        every.setdefault(line.order_id, []).append(line)
    for pk, order in orders.items():
        refresh_state(order, every[pk])
    return [(order, {line.state for line in every[pk]}) for pk, order in orders.items()]


def sweep_ignored(*, limit: int = 100) -> int:
    """Set aside or take back lines that missed their listing's decision, over all tenants. Returns how many.

    As with mappings (``filling.sweep_mapped``): a batch of intake that looked before the decision commits after it.
    """
    with across_tenants(reason="find lines that missed that their listing is ignored, or not any more"):
        lately = OrderLine.objects.filter(listing__decided_at__gte=now() - RETIRED_WITHIN)
        late = lately.filter(listing__state=Listing.State.IGNORED, state__in=UNPRINTED)
        early = lately.exclude(listing__state=Listing.State.IGNORED).filter(state=LineState.NOT_OURS)
        found = [*late.values_list("listing_id", "psp_id")[:limit], *early.values_list("listing_id", "psp_id")[:limit]]
    moved = 0
    for listing_id, psp_id in dict.fromkeys(found):
        with tenant(psp_id):
            listing = Listing.reread(listing_id)
            if listing.state == Listing.State.IGNORED:
                moved += set_lines_aside(listing, actor=HUB)
            else:
                moved += take_back_lines(listing, actor=HUB)
                fill_waiting_lines(listing, actor=HUB)
    return moved
