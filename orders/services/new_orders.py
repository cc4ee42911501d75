"""Writing a batch of new orders with lines, holds, buyer data and timeline by COPY.

Keys are taken from the sequences first, so that all rows can point at each other and go in with five statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.utils.timezone import now
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from orders.buyer_data import BuyerDetails
from orders.models import ArtworkCause, BuyerData, Hold, HoldKind, IntakeRecord, Order, OrderEvent, OrderLine, Personalisation
from orders.services.approving import approval_hold
from orders.services.filling import not_connected
from orders.services.holds import it_waits
from orders.services.recipes import Lack, Recipe, recipes_of
from orders.services.rules import Decision
from orders.services.watching_files import watch_files
from orders.states import LineState, derive_order_state
from pod_hub.accounts.actors import HUB
from pod_hub.core.bulk import copy_rows, next_ids
from pod_hub.core.outbox import Delivery
from pod_hub.core.public_ids import new_public_id
from pod_hub.core.sealing import column_context, seal
from pod_hub.core.tenancy import current_psp_id
from stores.channels.types import CancelRequest, ChannelState, IncomingLine, IncomingOrder
from stores.models import Connection, Listing
from stores.services.listings import listings_for


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to create: where it came from and what was decided."""

    record: IntakeRecord
    connection: Connection
    incoming: IncomingOrder
    decision: Decision


@dataclass(frozen=True, slots=True)
class Materials:
    """What every order of a batch is drafted with: looked up and translated once, not once an order."""

    psp_id: int
    moment: datetime
    line_ids: Iterator[int]
    listings: Mapping[tuple[int, str], Listing]
    recipes: Mapping[int, Recipe]
    imported: Mapping[str, str]  # the timeline's sentence for each road, with places for store and why


@dataclass(slots=True)
class Sheets:
    """The rows of a batch, one list a table."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)
    buyers: list[tuple[Any, ...]] = field(default_factory=list)
    holds: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    personalisations: list[tuple[Any, ...]] = field(default_factory=list)


ORDER_COLUMNS = [
    "id", "public_id", "store_id", "customer_id", "facility_id", "external_id", "revision", "state", "channel_state", "channel_status", "marketplace",
    "placed_at", "ship_by", "ship_from", "deliver_by", "collect_by", "lapses_at", "service_level", "delivery_option", "label_by_channel", "programs",
    "total", "currency", "replaces", "ship_to_country", "open_holds", "imported_at",
]  # fmt: skip
LINE_COLUMNS = [
    "id", "public_id", "order_id", "external_line_id", "listing_id", "mapping_id", "customer_product_id", "print_file_id", "sku", "product_id",
    "title", "quantity", "quantity_shipped", "pieces_each", "unit_price", "currency", "state", "is_personalised", "units",
    "quantity_labelled",
]  # fmt: skip
HOLD_COLUMNS = [
    "public_id", "order_id", "line_id", "kind", "reason", "opened_at", "release_reason", "release_at", "ends_about", "reference", "answer_by",
    "quantity", "cause", "design_id",
]  # fmt: skip
EVENT_COLUMNS = ["order_id", "line_id", "kind", "at", "actor_label", "summary", "facts"]
BUYER_COLUMNS = ["order_id", "sealed", "postcode_hash", "email_hash", "surname_hash"]
PERSONALISATION_COLUMNS = ["line_id", "authorization_id", "address_sealed", "delivery", "not_before", "attempts", "last_error"]


def create_orders(fresh: Sequence[NewOrder]) -> dict[tuple[int, str], int]:
    """Create the orders in the open transaction; return {(store, order number): order id} of those that were not there yet."""
    if not fresh:
        return {}
    listings = listings_for([(one.connection.store_id, line) for one in fresh for line in one.incoming.lines])
    recipes = recipes_of(listings.values())
    order_ids = next_ids(Order, len(fresh))
    materials = Materials(
        psp_id=current_psp_id(),
        moment=now(),
        line_ids=iter(next_ids(OrderLine, sum(len(one.incoming.lines) for one in fresh))),
        listings=listings,
        recipes=recipes,
        imported={
            IntakeRecord.Road.POLL.value: _("Imported from %(store)s by poll. %(why)s"),
            IntakeRecord.Road.ASKED.value: _("Imported from %(store)s, because somebody asked for its number. %(why)s"),
            IntakeRecord.Road.RECONCILIATION.value: _("Imported from %(store)s by reconciliation, because it was missing here. %(why)s"),
            IntakeRecord.Road.NOTICE.value: _("Imported from %(store)s, which told of it by itself. %(why)s"),
            IntakeRecord.Road.FILE.value: _("Imported from a file for %(store)s. %(why)s"),
            IntakeRecord.Road.MANUAL.value: _("Entered by hand for %(store)s. %(why)s"),
        },
    )
    drafts = []
    for order_id, one in zip(order_ids, fresh, strict=True):
        sheets = Sheets()
        head = _draft(order_id, one, sheets, materials)
        drafts.append((order_id, one, head, sheets))
    made = set(copy_rows(Order, ORDER_COLUMNS, [head for _id, _one, head, _sheets in drafts], conflict=["store_id", "external_id"]))
    kept = [sheets for order_id, _one, _head, sheets in drafts if order_id in made]
    for model, columns, name in (
        (OrderLine, LINE_COLUMNS, "lines"),
        (BuyerData, BUYER_COLUMNS, "buyers"),
        (Hold, HOLD_COLUMNS, "holds"),
        (OrderEvent, EVENT_COLUMNS, "events"),
        (Personalisation, PERSONALISATION_COLUMNS, "personalisations"),
    ):
        rows = [row for sheets in kept for row in getattr(sheets, name)]
        if rows:
            copy_rows(model, columns, rows)
    watch_files(file_id for recipe in recipes.values() for file_id in recipe.file_ids)
    return {(one.connection.store_id, one.incoming.external_id): order_id for order_id, one, _head, _sheets in drafts if order_id in made}


def _draft(order_id: int, one: NewOrder, sheets: Sheets, materials: Materials) -> tuple[Any, ...]:
    told, store, moment = one.incoming, one.connection.store, materials.moment
    details = BuyerDetails.of_incoming(told)
    states = [_draft_line(order_id, one, line, sheets, materials) for line in told.lines]
    for kind, why in order_holds(told) if {state for state, _shipped in states} != {LineState.NOT_OURS.value} else ():
        sheets.holds.append(_hold_row(order_id, None, kind, why, moment, ends_about=told.held_until if kind == HoldKind.CHANNEL_HOLD else None))
    approval = approval_hold(one.connection.approval, moment=moment, ship_by=told.ship_by)
    if approval is not None and LineState.RECEIVED.value in {state for state, _shipped in states}:
        why, ends = approval
        sheets.holds.append(_hold_row(order_id, None, HoldKind.APPROVAL, why, moment, release_at=ends))
    context = column_context(BuyerData._meta.db_table, "sealed", materials.psp_id, str(order_id))
    sheets.buyers.append((order_id, seal(orjson.dumps(details), context=context), *details.hashes(materials.psp_id)))
    summary = materials.imported[one.record.road] % {"store": store.name, "why": one.decision.reason}
    facts = {"record": one.record.pk, "rule": one.decision.rule, "status": told.channel_status, "seen_at": one.record.seen_at.isoformat()}
    sheets.events.insert(0, (order_id, None, "imported", moment, HUB.label, summary, Jsonb(facts)))
    for hold in sheets.holds:
        what = ArtworkCause(hold[-2]).label if hold[-2] else HoldKind(hold[3]).label
        sheets.events.append((order_id, hold[2], "hold_opened", moment, HUB.label, it_waits(what, hold[4]), Jsonb({"hold": hold[3]})))
    return (
        order_id,
        new_public_id("ord"),
        store.pk,
        store.customer_id,
        store.facility_id,
        told.external_id,
        told.revision,
        derive_order_state(states).value,
        told.state.value,
        told.channel_status[:40],
        store.marketplace,
        told.placed_at,
        told.ship_by,
        told.ship_from,
        told.deliver_by,
        told.collect_by,
        told.lapses_at,
        told.service_level[:40],
        told.delivery_option[:40],
        told.label_by_channel,
        [program[:40] for program in told.programs],
        told.total.value if told.total else None,
        told.total.currency if told.total else "",
        told.replaces[:80],
        told.ship_to.country if told.ship_to else "",
        len(sheets.holds),
        moment,
    )


def _draft_line(order_id: int, one: NewOrder, line: IncomingLine, sheets: Sheets, materials: Materials) -> tuple[str, int]:
    line_id, moment = next(materials.line_ids), materials.moment
    listing = materials.listings[one.connection.store_id, line.listing_key]
    shipped = min(line.quantity_shipped, line.quantity)
    state = first_state(one.incoming.state, line, shipped, listing)
    recipe = materials.recipes.get(listing.pk) if state != LineState.NOT_OURS else None
    sheets.lines.append(
        (
            line_id,
            new_public_id("lin"),
            order_id,
            line.external_line_id,
            listing.pk,
            recipe.mapping_id if recipe else None,
            recipe.customer_product_id if recipe else None,
            recipe.print_file_id if recipe else None,
            line.sku[:200],
            line.product_id[:40],
            line.title,
            line.quantity,
            shipped,
            recipe.pieces_each if recipe else 1,
            line.unit_price.value if line.unit_price else None,
            line.unit_price.currency if line.unit_price else "",
            state.value,
            bool(line.personalisation_url),
            list(line.units),
            0,
        )
    )
    for kind, reason in line_holds(line, listing, recipe) if state == LineState.RECEIVED else ():
        wish = line.cancel_request if kind == HoldKind.CANCEL_REQUEST else None
        lack = recipe.lack if recipe is not None and kind == HoldKind.ARTWORK else None
        sheets.holds.append(_hold_row(order_id, line_id, kind, reason, moment, wish=wish, lack=lack))
    if line.personalisation_url:
        context = column_context(Personalisation._meta.db_table, "address_sealed", materials.psp_id, str(line_id))
        sealed = seal(orjson.dumps(line.personalisation_url), context=context)
        sheets.personalisations.append((line_id, one.record.authorization_id, sealed, Delivery.PENDING.value, moment, 0, ""))
    return state.value, shipped


def _hold_row(
    order_id: int,
    line_id: int | None,
    kind: HoldKind,
    reason: str,
    moment: datetime,
    *,
    release_at: datetime | None = None,
    ends_about: datetime | None = None,
    wish: CancelRequest | None = None,
    lack: Lack | None = None,
) -> tuple[Any, ...]:
    known = (wish.reference[:80], wish.answer_by, wish.quantity) if wish else ("", None, None)
    artwork = (lack.cause.value, lack.design_id) if lack else ("", None)
    return new_public_id("hld"), order_id, line_id, kind.value, reason, moment, "", release_at, ends_about, *known, *artwork


def first_state(channel_state: ChannelState, line: IncomingLine, shipped: int, listing: Listing) -> LineState:
    """Return the state of a line when we first see it: what the channel says is shipped or cancelled, or an ignored listing, is not ours to print."""
    if channel_state == ChannelState.CANCELLED or line.cancelled_by or line.quantity == 0:
        return LineState.CANCELLED
    if shipped == line.quantity:
        return LineState.SHIPPED
    return LineState.NOT_OURS if listing.state == Listing.State.IGNORED else LineState.RECEIVED


def line_holds(line: IncomingLine, listing: Listing, recipe: Recipe | None) -> list[tuple[HoldKind, str]]:
    """Return why a fresh line may not go on, each with the sentence that says what to do."""
    found = []
    if recipe is None:
        found.append((HoldKind.UNMAPPED, not_connected(listing)))
    elif recipe.lack:
        found.append((HoldKind.ARTWORK, recipe.lack.text))
    if line.personalisation_url:
        found.append((HoldKind.PERSONALISATION, _("The buyer's own text is being fetched. Review it, then approve.")))
    if line.cancel_request is not None:
        found.append((HoldKind.CANCEL_REQUEST, cancel_wish(line.cancel_request)))
    return found


def cancel_wish(wish: CancelRequest) -> str:
    """Return the sentence of a cancel request, with the channel's own words."""
    told = {"who": wish.requester.capitalize() or _("The buyer"), "why": wish.reason or _("no reason given"), "n": wish.quantity}
    if wish.quantity is not None:
        return _("%(who)s asks to cancel %(n)s of them: %(why)s. Agree, or ship it to decline.") % told
    return _("%(who)s asks to cancel: %(why)s. Cancel the line, or ship it to decline.") % told


def late_wish(wish: CancelRequest) -> str:
    """Return the sentence of a cancel request for what has left already and the channel has not heard of."""
    told = {"who": wish.requester.capitalize() or _("The buyer"), "why": wish.reason or _("no reason given")}
    words = _(
        "%(who)s asks to cancel: %(why)s. The parcel has left already, of which the marketplace is not told before this is answered. Decline, and it is "
        "told at once; to agree, stop the parcel and cancel at the marketplace."
    )
    return words % told


def order_holds(told: IncomingOrder) -> list[tuple[HoldKind, str]]:
    """Return why the order as a whole may not go on, by what the channel tells, each with the sentence that says what to do.

    While the channel itself holds an order it gives no address either, which needs no second hold.
    """
    if told.held_until is not None:
        return [(HoldKind.CHANNEL_HOLD, held_by_channel())]
    if told.ship_to is None and not told.label_by_channel:
        return [(HoldKind.ADDRESS, hidden_address() if told.address_hidden else no_address())]
    return []


def held_by_channel() -> str:
    """Return the sentence of a marketplace's own hold."""
    return _("The buyer may still cancel without asking, or the sale has not begun. Nothing is printed before the marketplace lets the order go on.")


def no_address() -> str:
    """Return the sentence of an address hold."""
    return _("The marketplace has not given a delivery address yet. It is filled in when it does.")


def hidden_address() -> str:
    """Return the sentence of an address hold whose address came blacked out."""
    return _(
        "The marketplace hides parts of the delivery address behind asterisks, so nobody can deliver to it. It is filled in when it is shown whole."
    )
