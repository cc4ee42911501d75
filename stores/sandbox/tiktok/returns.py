"""Returns, refunds and replacements: what the buyer wishes, what the seller answers, and what happens when one of them says nothing (tiktok.md §8).

A wish is granted after 48 hours without an answer. A return is sent back within some days or given up; once it has arrived the seller has another
48 hours to look at it. The refund follows a little later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stores.sandbox.tiktok import buying, parcels, webhooks
from stores.sandbox.tiktok.buying import Basket, Purchase
from stores.sandbox.tiktok.cancellations import checked_reason
from stores.sandbox.tiktok.reasons import RETURN_REASONS, return_label
from stores.sandbox.tiktok.records import Line, PlacedOrder, Return, Status
from stores.sandbox.tiktok.world import ANSWER_S, DELIVER_AFTER_S, REFUND_S, RETURN_WITHIN_S, World
from stores.sandbox.world import NotPossible

PENDING, REJECTED = "RETURN_OR_REFUND_REQUEST_PENDING", "REFUND_OR_RETURN_REQUEST_REJECT"
AWAITING_BUYER, SENT_BACK, PARCEL_REJECTED = "AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM", "REJECT_RECEIVE_PACKAGE"
SUCCESS, CANCELLED, COMPLETE = "RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_CANCEL", "RETURN_OR_REFUND_REQUEST_COMPLETE"
REPLACEMENT_PENDING, REPLACEMENT_REJECTED = "REPLACEMENT_REQUEST_PENDING", "REPLACEMENT_REQUEST_REJECT"
REPLACEMENT_REFUNDED, REPLACEMENT_CANCELLED = "REPLACEMENT_REQUEST_REFUND_SUCCESS", "REPLACEMENT_REQUEST_CANCEL"
REPLACEMENT_COMPLETE = "REPLACEMENT_REQUEST_COMPLETE"
ASKED = (PENDING, REPLACEMENT_PENDING)
WITHDRAWABLE = (*ASKED, AWAITING_BUYER)
IN_VAIN = (REJECTED, PARCEL_REJECTED, CANCELLED, REPLACEMENT_REJECTED, REPLACEMENT_CANCELLED)


def free_lines(world: World, order: PlacedOrder) -> list[Line]:
    """Return the units that arrived and for which nothing is asked or settled yet."""
    taken = {line_id for row in world.books.returns(order_id=order.order_id) if row.status not in IN_VAIN for line_id in row.line_ids}
    return [line for line in order.lines_left if line.status == Status.DELIVERED and line.line_id not in taken]


def new(world: World, order: PlacedOrder, line_ids: Sequence[str], *, kind: str, role: str, reason: str, at: float, note: str = "") -> Return:
    """Keep a new wish, which the seller has to answer."""
    made = Return(
        return_id=str(4_035_319_218_000_000_000 + world.books.next_number("return") * 8_009),
        order_id=order.order_id,
        shop_id=order.shop_id,
        kind=kind,
        status=REPLACEMENT_PENDING if kind == "REPLACEMENT" else PENDING,
        role=role,
        reason=reason,
        line_ids=list(line_ids),
        created=at,
        updated=0,
        deadline=at + world.clock.shortened(ANSWER_S),
    )
    wished = {"REFUND": "a refund", "RETURN_AND_REFUND": "a return", "REPLACEMENT": "a replacement"}[kind]
    keep(world, made, said=f"{role.capitalize()} asked for {wished}", role=role, note=note, at=at)
    return made


def keep(world: World, returned: Return, *, said: str, role: str, at: float, note: str = "") -> None:
    """Keep a changed wish with a younger time, write its history and announce it."""
    returned.updated = max(int(at), returned.updated + 1)
    returned.history.append({"role": role, "description": said, "note": note, "at": at})
    world.books.keep_return(returned, due=_due(returned))
    tell = {
        "order_id": returned.order_id,
        "return_id": returned.return_id,
        "return_role": returned.role,
        "return_type": returned.kind,
        "return_status": returned.status,
        "create_time": int(returned.created),
        "update_time": returned.updated,
    }
    webhooks.announce(world, "RETURN_STATUS_CHANGE", tell, shop_id=returned.shop_id, at=at)
    doc = {"return_id": returned.return_id, "status": returned.status, "by": role}
    world.note(returned.shop_id, "return_changed", doc, at=at, order_id=returned.order_id)


def _due(returned: Return) -> float | None:
    if returned.status in (*ASKED, AWAITING_BUYER, SENT_BACK):
        return returned.deadline
    return returned.refund_at if returned.status == SUCCESS else None


# --- what the seller, or time, decides ---------------------------------------------------------------------------------------
def grant(world: World, returned: Return, *, role: str, at: float, buyer_keeps: bool = False) -> None:
    """Grant a wish: refund, wait for the goods, or send others."""
    if returned.kind == "REPLACEMENT":
        returned.status, returned.replacement_id = REPLACEMENT_COMPLETE, _replace(world, returned)
        keep(world, returned, said="A replacement was ordered", role=role, at=at)
    elif returned.kind == "RETURN_AND_REFUND" and not buyer_keeps:
        returned.status, returned.deadline = AWAITING_BUYER, at + world.clock.shortened(RETURN_WITHIN_S)
        keep(world, returned, said="The return was approved", role=role, at=at)
    else:
        returned.buyer_keeps = buyer_keeps
        pay_back(world, returned, said="The refund was approved", role=role, at=at)


def pay_back(world: World, returned: Return, *, said: str, role: str, at: float) -> None:
    """Decide for the refund, which follows."""
    returned.status, returned.refund_at = SUCCESS, at + world.clock.shortened(REFUND_S)
    keep(world, returned, said=said, role=role, at=at)


def refund_instead(world: World, returned: Return, *, at: float) -> None:
    """The seller has no replacement and gives the money back."""
    returned.status = REPLACEMENT_REFUNDED
    keep(world, returned, said="The seller refunded instead of replacing", role="SELLER", at=at)


def offer_part(world: World, returned: Return, amount: str, *, at: float) -> None:
    """The seller offers a part of the money; the buyer keeps the goods."""
    returned.refund_total, returned.offer = amount, "OPEN"
    keep(world, returned, said=f"The seller offered a partial refund of {amount}", role="SELLER", at=at)


def decline(world: World, returned: Return, *, comment: str, at: float) -> None:
    """The seller rejects a wish, or the parcel that came back."""
    returned.status = {REPLACEMENT_PENDING: REPLACEMENT_REJECTED, SENT_BACK: PARCEL_REJECTED}.get(returned.status, REJECTED)
    keep(world, returned, said="The seller rejected the request", role="SELLER", note=comment, at=at)


def answer_by_seller(world: World, order_id: str, *, approve: bool, comment: str = "") -> PlacedOrder:
    """The seller answers in the seller centre: to a wish, or to a parcel that came back."""
    now = world.clock.epoch()
    with world.books.transaction():
        order = buying.changeable(world, order_id)
        returned = next((row for row in world.books.returns(order_id=order_id) if row.status in (*ASKED, SENT_BACK)), None)
        if returned is None or returned.offer == "OPEN":
            raise NotPossible(f"No return of order {order_id} waits for the seller. Nothing was changed.")
        if not approve:
            decline(world, returned, comment=comment, at=now)
        elif returned.status == SENT_BACK:
            pay_back(world, returned, said="The seller accepted the return", role="SELLER", at=now)
        else:
            grant(world, returned, role="SELLER", at=now)
    return order


def _replace(world: World, returned: Return) -> str:
    order = world.books.order(returned.order_id)
    shop = world.books.shop(returned.shop_id)
    assert order is not None and shop is not None, "a return without its order"
    wish = Purchase(
        shop=shop,
        address=order.address,
        baskets=list(_again(world, order, returned)),
        holds=False,
        shipping_type=order.shipping_type,
        replaces=order.order_id,
        buyer_user_id=order.buyer_user_id,
        shipping_fee="0.00",
    )
    return buying.place_order(world, wish).order_id


def _again(world: World, order: PlacedOrder, returned: Return) -> Iterator[Basket]:
    for line in order.lines:
        product = world.books.product(line.product_id) if line.line_id in returned.line_ids else None
        sku = product.sku(line.sku_id) if product else None
        if product is not None and sku is not None:
            yield Basket(product, sku, texts=[line.personalisation], price="0.00")


# --- what the buyer does -----------------------------------------------------------------------------------------------------
def request_by_buyer(world: World, order_id: str, *, kind: str, line_ids: Sequence[str] = (), reason: str = "", note: str = "") -> PlacedOrder:
    """The buyer asks for a refund, a return or a replacement of units that arrived."""
    now = world.clock.epoch()
    with world.books.transaction():
        order = buying.changeable(world, order_id)
        known = RETURN_REASONS.get(kind)
        if known is None:
            raise NotPossible(f"{kind!r} is nothing a buyer can ask for. Choose among {', '.join(RETURN_REASONS)}.")
        free = [line.line_id for line in free_lines(world, order)]
        if not free or not set(line_ids) <= set(free):
            raise NotPossible(f"Order {order_id} is {order.status}; only what arrived and was not asked back before can be.")
        reason = checked_reason(known, reason)
        new(world, order, line_ids or free, kind=kind, role="BUYER", reason=reason, note=note or return_label(reason), at=now)
    return order


def _by_buyer(world: World, order_id: str, statuses: Sequence[str], sentence: str, change: Callable[[Return, float], None]) -> PlacedOrder:
    now = world.clock.epoch()
    with world.books.transaction():
        order = buying.changeable(world, order_id)
        found = next((row for row in world.books.returns(order_id=order_id) if row.status in statuses), None)
        if found is None:
            raise NotPossible(f"{sentence} Nothing was changed.")
        change(found, now)
    return order


def withdraw_by_buyer(world: World, order_id: str) -> PlacedOrder:
    """The buyer keeps the goods after all."""

    def change(returned: Return, now: float) -> None:
        returned.status = REPLACEMENT_CANCELLED if returned.kind == "REPLACEMENT" else CANCELLED
        keep(world, returned, said="Buyer withdrew the request", role="BUYER", at=now)

    return _by_buyer(world, order_id, WITHDRAWABLE, f"No request about order {order_id} can be withdrawn.", change)


def send_back(world: World, order_id: str, tracking_number: str = "") -> PlacedOrder:
    """The buyer hands the goods to a carrier."""

    def change(returned: Return, now: float) -> None:
        returned.status, returned.tracking_number = SENT_BACK, tracking_number or f"9202{world.books.next_number('return parcel'):018d}"
        returned.arrives = now + world.clock.shortened(DELIVER_AFTER_S)
        returned.deadline = returned.arrives + world.clock.shortened(ANSWER_S)
        keep(world, returned, said="Buyer shipped the return", role="BUYER", at=now)

    return _by_buyer(world, order_id, (AWAITING_BUYER,), f"No approved return of order {order_id} waits to be sent back.", change)


def answer_offer(world: World, order_id: str, *, accept: bool) -> PlacedOrder:
    """The buyer takes a partial refund, or insists."""

    def change(returned: Return, now: float) -> None:
        if returned.offer != "OPEN":
            raise NotPossible(f"The seller has offered no partial refund for order {order_id}. Nothing was changed.")
        if accept:
            returned.offer, returned.buyer_keeps = "ACCEPTED", True
            pay_back(world, returned, said="Buyer accepted the partial refund", role="BUYER", at=now)
        else:
            returned.offer, returned.refund_total = "REJECTED", ""
            keep(world, returned, said="Buyer rejected the partial refund", role="BUYER", at=now)

    return _by_buyer(world, order_id, ASKED, f"No request about order {order_id} is open.", change)


# --- time --------------------------------------------------------------------------------------------------------------------
def settle_due(world: World) -> None:
    """Let everything happen to returns that is due, each at its own time."""
    for return_id in world.books.due_returns(now=world.clock.epoch()):
        with world.books.transaction():
            returned = world.books.returned(return_id)
            while returned is not None and (due := _due(returned)) is not None and due <= world.clock.epoch():
                _advance(world, returned, at=due)


def _advance(world: World, returned: Return, *, at: float) -> None:
    if returned.status in ASKED:
        grant(world, returned, role="SYSTEM", at=at)
    elif returned.status == AWAITING_BUYER:
        returned.status = CANCELLED
        keep(world, returned, said="Closed: the buyer sent nothing back", role="SYSTEM", at=at)
    elif returned.status == SENT_BACK:
        pay_back(world, returned, said="The return was accepted, as the seller said nothing", role="SYSTEM", at=at)
    else:
        returned.status = COMPLETE
        keep(world, returned, said="The buyer was refunded", role="SYSTEM", at=at)
        _close_order(world, returned.order_id, at=at)


def _close_order(world: World, order_id: str, *, at: float) -> None:
    """An order of which every unit was refunded is complete."""
    order = world.books.order(order_id)
    refunded = {line_id for row in world.books.returns(order_id=order_id) if row.status == COMPLETE for line_id in row.line_ids}
    if order is not None and order.status == Status.DELIVERED and all(line.line_id in refunded for line in order.lines_left):
        parcels.complete(world, order, at=at)
