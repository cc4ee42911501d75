"""Giving order lines what their listing's mapping makes of them: at once when it is mapped, and later what missed it or waited for a print file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Design
from orders.models import ArtworkCause, Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.services.holds import hold_for_artwork, open_hold, release_holds
from orders.services.recipes import Recipe, recipe_of
from orders.services.watching_files import watch_files
from orders.states import BEFORE_PRINT
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Listing, ListingMapping, MappingPart

# Longer than any batch of intake may run (its task is ended after a minute).
RETIRED_WITHIN = timedelta(hours=1)
UNPRINTED = [state.value for state in BEFORE_PRINT]


def fill_waiting_lines(listing: Listing, *, actor: Actor) -> tuple[int, int]:
    """Give a listing's mapping to its lines that are not printed yet; open or release their holds. Returns (lines, holds released).

    Call it under the listing's lock, or a newer mapping could be overtaken by this one. A listing without a mapping fills nothing.
    """
    recipe = recipe_of(listing)
    if recipe is None:
        return 0, 0
    lines = locked_lines(OrderLine.objects.filter(listing=listing, state__in=UNPRINTED).exclude(mapping=recipe.mapping_id))
    for line in lines:
        line.mapping_id, line.customer_product_id = recipe.mapping_id, recipe.customer_product_id
        line.print_file_id, line.design_id, line.pieces_each = recipe.print_file_id, None, recipe.pieces_each
    OrderLine.objects.bulk_update(lines, ["mapping", "customer_product", "print_file", "design", "pieces_each"], batch_size=500)
    summary = _("it is printed as %(product)s from now on, by version %(version)s of its mapping.") % {
        "product": recipe.what,
        "version": recipe.version,
    }
    _note(lines, summary, {"version": recipe.version}, actor=actor)
    watch_files(recipe.file_ids if lines else ())
    for line in (one for one in lines if one.is_personalised):  # what was approved was the text with another artwork
        again = _("Its artwork was chosen anew. Compare the buyer's own text with it, then approve.")
        open_hold(line.order, HoldKind.PERSONALISATION, again, line=line, actor=actor)
    return len(lines), _settle_holds(lines, recipe, actor=actor)


def empty_waiting_lines(listing: Listing, *, actor: Actor) -> int:
    """Take the mapping away from lines that are not printed yet, and hold them for a new one. Returns how many. Under the listing's lock."""
    lines = locked_lines(OrderLine.objects.filter(listing=listing, state__in=UNPRINTED).exclude(mapping=None))
    for line in lines:
        line.mapping = line.customer_product = line.print_file = line.design = None
        line.pieces_each = 1
    OrderLine.objects.bulk_update(lines, ["mapping", "customer_product", "print_file", "design", "pieces_each"], batch_size=500)
    _note(lines, _("its listing is not connected to a product any more."), {}, actor=actor)
    for line in lines:
        open_hold(line.order, HoldKind.UNMAPPED, not_connected(listing), line=line, actor=actor)
    missing = Hold.objects.filter(line__in=lines, kind=HoldKind.ARTWORK, released_at=None)
    release_holds(list(missing), actor=actor, reason=_("the listing is not connected any more"))
    return len(lines)


def not_connected(listing: Listing) -> str:
    """Return the sentence of a hold for a listing without a mapping."""
    what = listing.sku or listing.product_id or listing.title
    return _("Listing “%(sku)s” is not connected to a product yet. Connect it; every waiting order goes on.") % {"sku": what}


def having_lines(listings: Iterable[Listing], states: Sequence[str]) -> list[Listing]:
    """Return those of the listings that have order lines in one of the states, in the order of ids. One query."""
    known = {listing.pk: listing for listing in listings}
    found = OrderLine.objects.filter(listing__in=list(known), state__in=states).order_by("listing").values_list("listing", flat=True).distinct()
    return [known[pk] for pk in found]


def locked_lines(wanted: QuerySet[OrderLine]) -> list[OrderLine]:
    """Return lines locked, with their orders: orders before their lines, as everywhere; production locks an order and then wants its lines."""
    orders = Order.objects.select_for_update().filter(pk__in=list(wanted.values_list("order_id", flat=True))).order_by("pk")
    known = {order.pk: order for order in orders}
    lines = list(wanted.filter(order__in=list(known)).select_for_update(of=("self",)).order_by("order_id", "pk"))
    for line in lines:
        line.order = known[line.order_id]
    return lines


def _note(lines: list[OrderLine], summary: str, facts: dict[str, object], *, actor: Actor) -> None:
    OrderEvent.objects.bulk_create(
        (
            OrderEvent(
                order_id=line.order_id,
                line_id=line.pk,
                kind="mapped",
                summary=f"{line.sku or line.title}: {summary}",
                actor_id=actor.user_id,
                actor_label=actor.label,
                facts=facts,
            )
            for line in lines
        ),
        batch_size=500,
    )


def _settle_holds(lines: list[OrderLine], recipe: Recipe, *, actor: Actor) -> int:
    """Release what the mapping solves, and hold for what it lacks. Returns how many holds were released."""
    if recipe.lack:
        for line in lines:
            hold_for_artwork(line, recipe.lack, actor=actor)
    solved = [HoldKind.UNMAPPED] if recipe.lack else [HoldKind.UNMAPPED, HoldKind.ARTWORK]
    holds = Hold.objects.filter(line__in=lines, kind__in=solved, released_at=None)
    return release_holds(list(holds), actor=actor, reason=_("the listing was mapped to %(product)s") % {"product": recipe.what})


# --- what was missed --------------------------------------------------------------------------------------------------
def sweep_mapped(*, limit: int = 100) -> int:
    """Fill lines that missed their listing's mapping, over all tenants. Returns how many lines were filled.

    A batch of intake looks a mapping up and commits its lines later; a listing that is mapped in between fills only lines it can see. Those
    lines are due here, found by what they lack, so that nothing has to be remembered and an order is never held for ever.
    """
    recently = now() - RETIRED_WITHIN
    with across_tenants(reason="find lines that missed their listing's mapping"):
        open_lines = OrderLine.objects.filter(state__in=UNPRINTED)
        # Mapped while the order came in; and mapped anew while it came in, so that it holds a version that is retired.
        active = ListingMapping.objects.filter(retired_at=None)
        unmapped = open_lines.filter(Exists(active.filter(listing=OuterRef("listing"))), mapping=None)
        outdated = open_lines.filter(mapping__retired_at__gte=recently)
        found = [*unmapped.values_list("listing_id", "psp_id")[:limit], *outdated.values_list("listing_id", "psp_id")[:limit]]
    filled = 0
    for listing_id, psp_id in dict.fromkeys(found):
        with tenant(psp_id):
            filled += fill_waiting_lines(Listing.reread(listing_id), actor=HUB)[0]
    return filled


# --- print files that were being made ---------------------------------------------------------------------------------
def designs_ready(*, limit: int = 100) -> int:
    """Give mappings the print files of designs that have become ready, and let their lines go on, over all tenants. Returns how many lines.

    Lines of a design whose file could not be made are told so, once. What is due is found by what the mapping lacks.
    """
    with across_tenants(reason="find mappings whose print file has been made"):
        waiting = MappingPart.objects.filter(print_file=None, design__isnull=False, mapping__retired_at=None)
        ready = waiting.filter(design__state=Design.State.READY, design__print_file__isnull=False)
        held = Hold.objects.filter(kind=HoldKind.ARTWORK, released_at=None, line__mapping=OuterRef("mapping")).exclude(cause=ArtworkCause.FAILED)
        failed = waiting.filter(Exists(held), design__state=Design.State.FAILED)
        found = [*ready.values_list("mapping__listing_id", "psp_id")[:limit], *failed.values_list("mapping__listing_id", "psp_id")[:limit]]
    return sum(_take_files(listing_id, psp_id) for listing_id, psp_id in dict.fromkeys(found))


def _take_files(listing_id: int, psp_id: int) -> int:
    with tenant(psp_id):
        listing = Listing.reread(listing_id)
        parts = MappingPart.objects.filter(mapping__listing=listing, mapping__retired_at=None, print_file=None).select_related("design")
        for part in parts.filter(design__state=Design.State.READY, design__print_file__isnull=False):
            part.print_file_id = part.design.print_file_id
            part.save(update_fields=["print_file"])
        recipe = recipe_of(listing)
        if recipe is None:
            return 0
        held = Hold.objects.filter(line=OuterRef("pk"), kind=HoldKind.ARTWORK, released_at=None)
        wanted = OrderLine.objects.filter(Exists(held), listing=listing, mapping=recipe.mapping_id, state__in=UNPRINTED)
        lines = locked_lines(wanted)
        for line in lines:
            line.print_file_id = line.print_file_id or recipe.print_file_id  # one that was chosen for this order alone stays
        OrderLine.objects.bulk_update(lines, ["print_file"], batch_size=500)
        watch_files(recipe.file_ids if lines else ())
        _settle_holds(lines, recipe, actor=HUB)
        return len(lines)
