"""What buyers and sellers do on Amazon's own pages: buy, pay, ask for a cancellation, cancel. Not part of any API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.records import Listing, OrderedItem, PlacedOrder, Status
from stores.sandbox.amazon.world import World
from stores.sandbox.ledger import WriteEntry
from stores.sandbox.world import NotPossible

DAY_S = 86_400
ADDRESS_KEYS = (
    "name", "companyName", "addressLine1", "addressLine2", "addressLine3", "city", "districtOrCounty", "stateOrRegion", "municipality",
    "postalCode", "countryCode", "phone", "addressType",
)  # fmt: skip
PERSONALISATION_LIMIT = 200
QUANTITY_LIMIT = 999


@dataclass(frozen=True, slots=True)
class Basket:
    """One line that a buyer wants. ``unit_price`` empty: the listing's price."""

    listing: Listing
    quantity: int = 1
    personalisation: str = ""
    gift_message: str = ""
    gift_wrap: str = ""
    unit_price: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything a buyer gives. ``address`` uses the API's own keys (``deliveryAddress``)."""

    buyer_name: str
    address: Mapping[str, str]
    baskets: Sequence[Basket]
    paid: bool = True
    buyer_email: str = ""
    fulfilled_by: str = "MERCHANT"
    service_level: str = "STANDARD"
    programs: Sequence[str] = field(default_factory=tuple)
    replaces: str = ""
    ship_within_days: int = 2


def place_order(world: World, purchase: Purchase) -> PlacedOrder:
    """Keep a new order and return it. All lines must be of one seller and marketplace, as on Amazon."""
    _check(purchase)
    first = purchase.baskets[0].listing
    now = world.clock.epoch()
    late = world.scenarios.strike("order_appears_late", operation="placeOrder", seller_id=first.seller_id)
    with world.books.transaction():
        number = world.books.next_number("order")
        order = PlacedOrder(
            order_id=_order_id(number),
            seller_id=first.seller_id,
            marketplace_id=first.marketplace_id,
            created=now,
            stamp=int(now),
            status=Status.UNSHIPPED if purchase.paid else Status.PENDING,
            currency=MARKETPLACES[first.marketplace_id].currency,
            buyer_name=purchase.buyer_name.strip(),
            buyer_email=purchase.buyer_email or f"buyer{number:06d}@{_relay(first.marketplace_id)}",
            address={key: purchase.address[key].strip() for key in ADDRESS_KEYS if purchase.address.get(key, "").strip()},
            items=[_item(world, basket) for basket in purchase.baskets],
            fulfilled_by=purchase.fulfilled_by,
            service_level=purchase.service_level,
            programs=list(purchase.programs),
            ship_from=now,
            ship_by=now + purchase.ship_within_days * DAY_S,
            deliver_from=now + (purchase.ship_within_days + 2) * DAY_S,
            deliver_by=now + (purchase.ship_within_days + 5) * DAY_S,
            replaces=purchase.replaces,
        )
        listed_from = now + (world.clock.shortened(late["seconds"]) if late else 0)
        world.books.add_order(order, listed_from=listed_from)
        _note(world, order, "order_placed", {"total": f"{order.total:.2f}", "currency": order.currency, "items": [_summary(i) for i in order.items]})
    return order


def _check(purchase: Purchase) -> None:
    if not purchase.baskets:
        raise NotPossible("The basket is empty. Choose at least one product.")
    if not purchase.buyer_name.strip():
        raise NotPossible("The buyer's name is missing. Type a name.")
    country = purchase.address.get("countryCode", "")
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise NotPossible(f"The country {country!r} is not a two-letter code. Use one such as DE, GB or US.")
    first = purchase.baskets[0].listing
    for basket in purchase.baskets:
        if (basket.listing.seller_id, basket.listing.marketplace_id) != (first.seller_id, first.marketplace_id):
            raise NotPossible("The products belong to different sellers or marketplaces. Buy them in separate orders.")
        if not 1 <= basket.quantity <= QUANTITY_LIMIT:
            raise NotPossible(f"The quantity is {basket.quantity}. Choose between 1 and {QUANTITY_LIMIT}.")
        if basket.personalisation and not basket.listing.personalisable:
            raise NotPossible(f"“{basket.listing.title}” cannot be personalised. Leave the text empty or choose another product.")
        if len(basket.personalisation) > PERSONALISATION_LIMIT:
            raise NotPossible(f"The personalisation has {len(basket.personalisation)} characters; {PERSONALISATION_LIMIT} fit. Shorten it.")


def _order_id(number: int) -> str:
    """Return the nth order number in 3-7-7 form: unique, scattered like real ones, and the same in every fresh imitation."""
    spread = number * 7_919_393 % 10**7
    return f"30{4 + number % 3}-{spread:07d}-{number:07d}"


def _relay(marketplace_id: str) -> str:
    return "marketplace." + MARKETPLACES[marketplace_id].domain.removeprefix("www.")


def _item(world: World, basket: Basket) -> OrderedItem:
    listing = basket.listing
    return OrderedItem(
        order_item_id=f"{40_000_000_000_000 + world.books.next_number('item') * 1_013:014d}",
        sku=listing.sku,
        asin=listing.asin,
        title=listing.title,
        quantity=basket.quantity,
        unit_price=basket.unit_price or listing.price,
        personalisation=basket.personalisation.strip(),
        gift_message=basket.gift_message.strip(),
        gift_wrap=basket.gift_wrap.strip() or ("STANDARD" if basket.gift_message.strip() else ""),
    )


def _summary(item: OrderedItem) -> dict[str, Any]:
    return {"order_item_id": item.order_item_id, "sku": item.sku, "asin": item.asin, "quantity": item.quantity, "unit_price": item.unit_price}


def _note(world: World, order: PlacedOrder, kind: str, doc: Mapping[str, Any]) -> None:
    world.books.note_write(WriteEntry(world.clock.epoch(), kind, "done", order.seller_id, order.order_id, doc))


def _changeable(world: World, order_id: str) -> PlacedOrder:
    order = world.books.order(order_id)
    if order is None:
        raise NotPossible(f"There is no order {order_id}. Look it up in Seller Central.")
    return order


def clear_payment(world: World, order_id: str) -> PlacedOrder:
    """The buyer's payment arrives: PENDING turns UNSHIPPED and the address becomes visible."""
    with world.books.transaction():
        order = _changeable(world, order_id)
        if order.status not in (Status.PENDING, Status.PENDING_AVAILABILITY):
            raise NotPossible(f"Order {order_id} is {order.status}, so no payment is open. Nothing was changed.")
        order.status = Status.UNSHIPPED
        world.books.change_order(order, at=world.clock.epoch())
        _note(world, order, "payment_cleared", {})
    return order


def request_cancellation(world: World, order_id: str, *, reason: str, order_item_id: str = "") -> PlacedOrder:
    """The buyer asks to cancel an item, or all. The status stays; the seller decides by cancelling or shipping (amazon.md §5)."""
    with world.books.transaction():
        order = _changeable(world, order_id)
        if order.status not in (Status.UNSHIPPED, Status.PARTIALLY_SHIPPED):
            raise NotPossible(f"Order {order_id} is {order.status}; a buyer can only ask while something is still to be shipped.")
        items = [item for item in order.items if order_item_id in ("", item.order_item_id)]
        if not items:
            raise NotPossible(f"Order {order_id} has no item {order_item_id}.")
        for item in items:
            item.cancel_requested, item.cancel_reason = True, reason.strip() or "BUYER_REQUESTED"
        world.books.change_order(order, at=world.clock.epoch())
        _note(world, order, "cancel_requested", {"items": [item.order_item_id for item in items], "reason": reason})
    return order


def cancel_order(world: World, order_id: str, *, by: str = "MERCHANT", reason: str = "NoInventory") -> PlacedOrder:
    """Cancel an order of which nothing has been shipped. ``by`` is BUYER, MERCHANT or AMAZON."""
    with world.books.transaction():
        order = _changeable(world, order_id)
        if order.status in (Status.SHIPPED, Status.PARTIALLY_SHIPPED, Status.CANCELLED):
            raise NotPossible(f"Order {order_id} is {order.status} and can no longer be cancelled.")
        order.status = Status.CANCELLED
        for item in order.items:
            item.cancelled_by, item.cancelled_reason = by, reason
        world.books.change_order(order, at=world.clock.epoch())
        _note(world, order, "order_cancelled", {"by": by, "reason": reason})
    return order
