"""Everything that buyers, sellers and carriers do to an order without the API, by name: the pages and the control door offer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stores.sandbox.tiktok import buying, cancellations, parcels, returns
from stores.sandbox.tiktok.delivery import option_with_id
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.world import World
from stores.sandbox.world import NotPossible

Action = Callable[[World, str, Mapping[str, Any]], PlacedOrder]


def act(world: World, order_id: str, action: str, asked: Mapping[str, Any]) -> PlacedOrder:
    """Let something happen to an order, or say why it cannot."""
    if action not in ACTIONS:
        raise NotPossible(f"There is no action {action}. There are: {', '.join(ACTIONS)}.")
    try:
        return ACTIONS[action](world, order_id, asked)
    except TypeError as error:
        raise NotPossible(f"That is not what {action} takes: {error}") from None


def _text(asked: Mapping[str, Any], name: str, usual: str = "") -> str:
    return str(asked.get(name) or usual)


# --- the buyer ---------------------------------------------------------------------------------------------------------------
def _change_address(world: World, order_id: str, asked: Mapping[str, Any]) -> PlacedOrder:
    return buying.change_address(world, order_id, **{name: str(value).strip() for name, value in asked.items()})


def _request_return(world: World, order_id: str, asked: Mapping[str, Any]) -> PlacedOrder:
    kind, units = _text(asked, "kind", "RETURN_AND_REFUND"), list(asked.get("line_ids", ()))
    return returns.request_by_buyer(world, order_id, kind=kind, line_ids=units, reason=_text(asked, "reason"), note=_text(asked, "note"))


BUYER: dict[str, Action] = {
    "pay": lambda world, order_id, _asked: buying.pay(world, order_id),
    "change-address": _change_address,
    "request-cancellation": lambda world, order_id, asked: cancellations.request_by_buyer(world, order_id, _text(asked, "reason")),
    "withdraw-cancellation": lambda world, order_id, _asked: cancellations.withdraw_by_buyer(world, order_id),
    "request-return": _request_return,
    "withdraw-return": lambda world, order_id, _asked: returns.withdraw_by_buyer(world, order_id),
    "send-back": lambda world, order_id, asked: returns.send_back(world, order_id, _text(asked, "tracking_number")),
    "accept-offer": lambda world, order_id, _asked: returns.answer_offer(world, order_id, accept=True),
    "reject-offer": lambda world, order_id, _asked: returns.answer_offer(world, order_id, accept=False),
}


# --- the seller, in the seller centre -----------------------------------------------------------------------------------------
def _cancel(world: World, order_id: str, asked: Mapping[str, Any]) -> PlacedOrder:
    return cancellations.cancel_by_seller(world, order_id, _text(asked, "reason"), list(asked.get("line_ids", ())))


def _ship(world: World, order_id: str, asked: Mapping[str, Any]) -> PlacedOrder:
    order = buying.changeable(world, order_id)
    option = option_with_id(order.delivery_option_id)
    providers = {provider.provider_id: provider for provider in option.providers} if option else {}
    provider = providers.get(_text(asked, "provider_id", next(iter(providers), "")))
    if provider is None or order.shipping_type != "SELLER":
        raise NotPossible(f"Order {order_id} does not go with a carrier of the seller's. Nothing was changed.")
    if order.cancel_asked and order.region != "US":
        raise NotPossible("The buyer's request to cancel waits for an answer. Answer it first.")
    with world.books.transaction():
        cancellations.reject_by_shipping(world, order, at=world.clock.epoch())
        return parcels.ship_by_hand(world, order, provider, _text(asked, "tracking_number").strip())


SELLER: dict[str, Action] = {
    "ship": _ship,
    "cancel": _cancel,
    "approve-cancellation": lambda world, order_id, _asked: cancellations.answer_by_seller(world, order_id, approve=True),
    "reject-cancellation": lambda world, order_id, _asked: cancellations.answer_by_seller(world, order_id, approve=False),
    "approve-return": lambda world, order_id, _asked: returns.answer_by_seller(world, order_id, approve=True),
    "reject-return": lambda world, order_id, asked: returns.answer_by_seller(world, order_id, approve=False, comment=_text(asked, "comment")),
    "note": lambda world, order_id, asked: buying.write_note(world, order_id, _text(asked, "note")),
}
CARRIER: dict[str, Action] = {
    "collect": lambda world, order_id, _asked: parcels.hurry(world, order_id, "collect"),
    "deliver": lambda world, order_id, _asked: parcels.hurry(world, order_id, "deliver"),
    "complete": lambda world, order_id, _asked: parcels.hurry(world, order_id, "complete"),
}
ACTIONS = {**BUYER, **SELLER, **CARRIER}
