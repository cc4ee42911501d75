"""What buyers do in TikTok's app: buy, pay, change the address. Not part of any API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from stores.sandbox.tiktok import lifecycle, parcels, webhooks
from stores.sandbox.tiktok.delivery import option_for
from stores.sandbox.tiktok.records import Address, Line, PlacedOrder, Product, ProductStatus, Sku, Status
from stores.sandbox.tiktok.seller_records import Shop
from stores.sandbox.tiktok.world import HOLD_S, PAY_WITHIN_S, World
from stores.sandbox.world import NotPossible

PERSONALISATION_LIMIT = 200
QUANTITY_LIMIT = 50
ADDRESS_OPEN = (Status.UNPAID, Status.ON_HOLD, Status.AWAITING_SHIPMENT)
NEEDED = {"first_name": "first name", "line1": "street", "city": "city", "postcode": "ZIP code"}
STREET_ZONE_TAX = {"US": "0.07", "GB": "0.00"}


@dataclass(frozen=True, slots=True)
class Basket:
    """What a buyer wants of one variant. ``texts`` personalise the units one by one; one text is for all."""

    product: Product
    sku: Sku
    quantity: int = 1
    texts: Sequence[str] = ()
    price: str = ""  # empty: the variant's
    seller_discount: str = "0.00"


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything a buyer gives."""

    shop: Shop
    address: Address
    baskets: Sequence[Basket]
    paid: bool = True
    holds: bool = True
    shipping_type: str = "SELLER"
    buyer_message: str = ""
    order_type: str = ""
    replaces: str = ""
    buyer_user_id: str = ""
    shipping_fee: str = "4.99"


def place_order(world: World, purchase: Purchase) -> PlacedOrder:
    """Keep a new order and return it."""
    _check(purchase)
    now, shop = world.clock.epoch(), purchase.shop
    late = world.scenarios.strike("order_appears_late", operation="placeOrder", seller_id=shop.shop_id)
    with world.books.transaction():
        number = world.books.next_number("order")
        by_tiktok = purchase.baskets[0].product.fulfilled_by == "TIKTOK"
        shipping_type = "TIKTOK" if by_tiktok else purchase.shipping_type
        handling = _handling_days(purchase)
        order = PlacedOrder(
            order_id=_order_id(number),
            shop_id=shop.shop_id,
            region=shop.region,
            created=now,
            updated=0,
            status=Status.UNPAID,
            currency=purchase.baskets[0].sku.currency,
            buyer_user_id=purchase.buyer_user_id or str(7_021_436_810_468_000_000 + number * 31),
            address=purchase.address,
            lines=[line for basket in purchase.baskets for line in _lines(world, basket)],
            shipping_fee=purchase.shipping_fee,
            tax_rate=STREET_ZONE_TAX.get(shop.region, "0.00"),
            shipping_type=shipping_type,
            fulfilled_by="TIKTOK" if by_tiktok else "SELLER",
            delivery_option_id=option_for(shop.region, shipping_type).option_id,
            warehouse_id=next((place.warehouse_id for place in shop.warehouses if place.default), ""),
            order_type=purchase.order_type or ("MADE_TO_ORDER" if handling else "NORMAL"),
            handling_days=handling,
            buyer_message=purchase.buyer_message.strip(),
            holds=purchase.holds,
            pay_until=now + world.clock.shortened(PAY_WITHIN_S),
            replaces=purchase.replaces,
        )
        if purchase.paid:
            _pay(world, order, at=now)
        lifecycle.save(world, order, at=now, listed_from=now + (world.clock.shortened(late["seconds"]) if late else 0))
        _take_stock(world, purchase)
        items = [{"line_id": line.line_id, "seller_sku": line.seller_sku, "price": line.price} for line in order.lines]
        world.note(shop.shop_id, "order_placed", {"items": items, "currency": order.currency}, at=now, order_id=order.order_id)
    return order


def _order_id(number: int) -> str:
    """Return the nth order number: unique, scattered like real ones, and the same in every fresh imitation."""
    return str(576_461_413_000_000_000 + number * 7_919_393 % 10**9 * 100 + number % 100)


def _check(purchase: Purchase) -> None:
    if not purchase.baskets:
        raise NotPossible("The basket is empty. Choose at least one product.")
    _check_address(purchase.address)
    for basket in purchase.baskets:
        if basket.product.status != ProductStatus.ACTIVATE:
            raise NotPossible(f"“{basket.product.title}” is not for sale now. Choose another product.")
        if not 1 <= basket.quantity <= QUANTITY_LIMIT:
            raise NotPossible(f"The quantity is {basket.quantity}. Choose between 1 and {QUANTITY_LIMIT}.")
        if any(basket.texts) and not basket.product.personalisable:
            raise NotPossible(f"“{basket.product.title}” cannot be personalised. Leave the text empty or choose another product.")
        if any(len(text) > PERSONALISATION_LIMIT for text in basket.texts):
            raise NotPossible(f"A text for personalisation has more than {PERSONALISATION_LIMIT} characters. Shorten it.")


def _check_address(address: Address) -> None:
    for name, words in NEEDED.items():
        if not getattr(address, name).strip():
            raise NotPossible(f"The {words} is missing. The parcel cannot be sent without it.")


def _handling_days(purchase: Purchase) -> int:
    """Return the longest handling time of what was bought, in business days; 0 where none is set."""
    spans = [basket.sku.further.get("pre_sale", {}).get("fulfillment_type", {}).get("handling_duration_days", 0) for basket in purchase.baskets]
    return max(int(span) for span in spans)


def _lines(world: World, basket: Basket) -> list[Line]:
    """Return one line for each unit."""
    product, sku = basket.product, basket.sku
    image = next((row["uri"] for row in sku.attributes if row.get("uri")), product.images[0] if product.images else "")
    made = []
    for unit in range(basket.quantity):
        number = world.books.next_number("line")
        text = basket.texts[min(unit, len(basket.texts) - 1)].strip() if basket.texts else ""
        made.append(
            Line(
                line_id=str(577_086_512_000_000_000 + number * 1_000_003),
                sku_id=sku.sku_id,
                product_id=product.product_id,
                product_name=product.title,
                sku_name=sku.name,
                seller_sku=sku.seller_sku,
                image=image,
                price=basket.price or sku.amount,
                status=Status.UNPAID,
                seller_discount=basket.seller_discount,
                personalisation=text,
                pod_info_id=str(7_300_000_000_000_000_000 + number * 7) if text else "",
            )
        )
    return made


def _take_stock(world: World, purchase: Purchase) -> None:
    for basket in purchase.baskets:
        product = world.books.product(basket.product.product_id)
        sku = product.sku(basket.sku.sku_id) if product else None
        if product is None or sku is None:
            continue
        for row in sku.inventory[:1]:
            row["quantity"] = max(0, row.get("quantity", 0) - basket.quantity)
        sku.committed += basket.quantity
        world.books.keep_product(product)


def _pay(world: World, order: PlacedOrder, *, at: float) -> None:
    order.paid = at
    order.hold_until = at + world.clock.shortened(HOLD_S) if order.holds else 0
    for line in order.lines:
        line.status = Status.AWAITING_SHIPMENT
    lifecycle.set_deadlines(order, start=order.hold_until or at)
    if order.shipping_type == "TIKTOK" and order.region != "US":
        # Outside the US the package exists since payment (tiktok.md §7).
        package = parcels.new_package(world, order, [line.line_id for line in order.lines], at=at)
        for line in order.lines:
            line.package_id = package.package_id
        parcels.keep(world, package, at=at)


def changeable(world: World, order_id: str) -> PlacedOrder:
    """Return an order that is about to be changed, or decline."""
    order = world.books.order(order_id)
    if order is None:
        raise NotPossible(f"There is no order {order_id}. Look it up in the seller centre.")
    return order


def pay(world: World, order_id: str) -> PlacedOrder:
    """The buyer pays: the order is held for an hour, or may be shipped."""

    def change(order: PlacedOrder, now: float) -> str:
        if order.status != Status.UNPAID:
            raise NotPossible(f"Order {order_id} is {order.status}, so no payment is open. Nothing was changed.")
        _pay(world, order, at=now)
        return "order_paid"

    return _changed(world, order_id, change)


def change_address(world: World, order_id: str, **changed: str) -> PlacedOrder:
    """The buyer corrects the address: allowed until the order is shipped, and told by webhook 3."""

    def change(order: PlacedOrder, _now: float) -> str:
        if order.status not in ADDRESS_OPEN:
            raise NotPossible(f"Order {order_id} is {order.status}; the address can no longer be changed.")
        order.address, order.address_changed = replace(order.address, **changed), True
        _check_address(order.address)
        return "address_changed"

    order = _changed(world, order_id, change)
    tell = {"order_id": order.order_id, "update_time": order.updated}
    webhooks.announce(world, "RECIPIENT_ADDRESS_UPDATE", tell, shop_id=order.shop_id, at=world.clock.epoch())
    return order


def write_note(world: World, order_id: str, note: str) -> PlacedOrder:
    """The seller writes a note on an order."""

    def change(order: PlacedOrder, _now: float) -> str:
        order.seller_note = note.strip()
        return "note_written"

    return _changed(world, order_id, change)


def _changed(world: World, order_id: str, change: Callable[[PlacedOrder, float], str]) -> PlacedOrder:
    now = world.clock.epoch()
    with world.books.transaction():
        order = changeable(world, order_id)
        kind = change(order, now)
        lifecycle.save(world, order, at=now)
        world.note(order.shop_id, kind, {}, at=now, order_id=order_id)
    return order
