"""Webhooks: who gets them, signed how, repeated when; and what scenarios make of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tiktok_shop_api import UnknownWebhookEvent, Webhooks, WebhookSignatureError

from stores.sandbox.tiktok import seed, webhooks
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import AUDIT_S, REFUND_S
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.official_contract import CONTRACT
from tests.sandbox.tiktok.products import PRODUCTS, mug
from tests.sandbox.tiktok.test_cancellations import CANCEL, requested
from tests.sandbox.tiktok.test_returns import wished, yes
from tests.sandbox.tiktok.test_shipping import ready

WEBHOOKS = "/event/202309/webhooks"
PUBLIC = "https://partner.tiktokshop.com"
ORDER = {"order_id": "576653688135258178", "order_status": "UNPAID", "is_on_hold_order": True, "update_time": 1718305585}


class Listener:
    """A hub's ear: keeps every webhook and answers with ``status``."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((self.headers["Authorization"], body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def hub(tiktok: ImitationTikTok) -> Iterator[Listener]:
    listener = Listener()
    tiktok.world.application.webhook_url = listener.url
    yield listener
    listener.server.shutdown()
    listener.server.server_close()
    if CONTRACT is not None:
        for body in listener.bodies():
            CONTRACT.check_webhook(body)


def announce(tiktok: ImitationTikTok, **changed: Any) -> None:
    webhooks.announce(tiktok.world, "ORDER_STATUS_CHANGE", {**ORDER, **changed}, shop_id=seed.ADA_SHOP.shop_id, at=tiktok.clock.epoch())


def verified(tiktok: ImitationTikTok, authorization: str, body: bytes) -> Any:
    app = tiktok.world.application
    return Webhooks.verify_and_parse(app_key=app.app_key, app_secret=app.app_secret, raw_body=body, signature=authorization)


# --- settings ---------------------------------------------------------------------------------------------------------------
def test_shop_sets_reads_and_forgets_an_address(ada: Caller, south: Caller) -> None:
    ada.ask("PUT", WEBHOOKS, body={"event_type": "ORDER_STATUS_CHANGE", "address": PUBLIC})
    kept = ada.ask("GET", WEBHOOKS)
    assert (kept["total_count"], kept["webhooks"][0]["address"]) == (1, PUBLIC)
    assert south.ask("GET", WEBHOOKS)["total_count"] == 0
    ada.ask("DELETE", WEBHOOKS, body={"event_type": "ORDER_STATUS_CHANGE"})
    assert ada.ask("GET", WEBHOOKS)["webhooks"] == []


@pytest.mark.parametrize(
    "address",
    ["http://partner.tiktokshop.com", "https://10.0.0.1/x", "https://partner.tiktokshop.com:8443/", "https://localhost", f"{PUBLIC}/{'x' * 240}"],
)
def test_address_must_be_https_with_a_domain_name_and_no_port(ada: Caller, address: str) -> None:
    assert ada.refused("PUT", WEBHOOKS, body={"event_type": "ORDER_STATUS_CHANGE", "address": address}) == 36009004


def test_hub_on_this_machine_may_listen_all_the_same(ada: Caller) -> None:
    ada.ask("PUT", WEBHOOKS, body={"event_type": "ORDER_STATUS_CHANGE", "address": "http://localhost:8000/webhooks/tiktok/"})


# --- delivery ---------------------------------------------------------------------------------------------------------------
def test_webhook_is_signed_so_that_the_independent_client_reads_it(tiktok: ImitationTikTok, hub: Listener) -> None:
    announce(tiktok)
    assert tiktok.deliver_webhooks() == 1
    event = verified(tiktok, *hub.heard[0])
    assert (event.shop_id, event.data.order_id, event.data.order_status) == (seed.ADA_SHOP.shop_id, ORDER["order_id"], "UNPAID")
    assert event.tts_notification_id.isdecimal()


def test_shops_own_address_takes_the_place_of_the_apps(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.books.keep_subscription(seed.ADA_SHOP.shop_id, "ORDER_STATUS_CHANGE", PUBLIC, at=0)
    announce(tiktok)
    assert tiktok.deliver_webhooks() == 0
    assert [(row.address, row.state) for row in tiktok.books.deliveries()] == [(PUBLIC, "elsewhere")]


def test_without_any_address_nothing_is_announced(tiktok: ImitationTikTok) -> None:
    announce(tiktok)
    assert tiktok.books.deliveries() == []


def test_unanswered_webhook_is_repeated_four_times_with_growing_pauses(tiktok: ImitationTikTok, hub: Listener) -> None:
    hub.status = 500
    announce(tiktok)
    sent = [tiktok.deliver_webhooks()]
    for pause_s in (120, 1800, 10_800, 43_200):
        tiktok.clock.advance(pause_s - 1)
        sent.append(tiktok.deliver_webhooks())
        tiktok.clock.advance(1)
        sent.append(tiktok.deliver_webhooks())
    tiktok.clock.advance(30 * 86_400)
    sent.append(tiktok.deliver_webhooks())
    assert sent == [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert len({body for _, body in hub.heard}) == 1
    assert [(row.attempts, row.state, row.status) for row in tiktok.books.deliveries()] == [(5, "given_up", 500)]


def test_repeated_webhook_that_is_answered_rests(tiktok: ImitationTikTok, hub: Listener) -> None:
    hub.status = 503
    announce(tiktok)
    tiktok.deliver_webhooks()
    hub.status = 200
    tiktok.clock.advance(120)
    assert [tiktok.deliver_webhooks() for _ in range(2)] == [1, 0]
    assert tiktok.books.deliveries()[0].state == "delivered"


def test_hub_that_is_away_counts_as_no_answer(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.world.application.webhook_url = "http://127.0.0.1:9/webhooks/"
    announce(tiktok)
    tiktok.deliver_webhooks()
    assert [(row.attempts, row.state, row.status) for row in tiktok.books.deliveries()] == [(1, "pending", 0)]


def test_address_update_has_no_notification_id_in_the_official_sample(tiktok: ImitationTikTok, hub: Listener) -> None:
    webhooks.announce(
        tiktok.world, "RECIPIENT_ADDRESS_UPDATE", {"order_id": "1", "update_time": 1}, shop_id=seed.ADA_SHOP.shop_id, at=tiktok.clock.epoch()
    )
    tiktok.deliver_webhooks()
    assert set(hub.bodies()[0]) == {"type", "shop_id", "timestamp", "data"}
    verified(tiktok, *hub.heard[0])


# --- authorisation ----------------------------------------------------------------------------------------------------------
def test_disconnecting_the_app_announces_it_for_each_shop(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.tokens(seed.ATLANTIC.open_id)
    tiktok.scenario("seller_deauthorised", seller_id=seed.ATLANTIC_UK.shop_id)
    tiktok.deliver_webhooks()
    assert [(body["type"], body["shop_id"]) for body in hub.bodies()] == [
        (6, shop.shop_id) for shop in (seed.ATLANTIC_HOME, seed.ATLANTIC_WEAR, seed.ATLANTIC_UK)
    ]
    verified(tiktok, *hub.heard[0])


def test_end_of_an_authorization_is_announced_daily_from_thirty_days_before(tiktok: ImitationTikTok, hub: Listener) -> None:
    granted = tiktok.tokens(duration="90-days")
    tiktok.clock.advance(timedelta(days=59).total_seconds())
    assert tiktok.deliver_webhooks() == 0
    tiktok.clock.advance(timedelta(days=1).total_seconds())
    assert [tiktok.deliver_webhooks(), tiktok.deliver_webhooks()] == [1, 0]
    tiktok.clock.advance(timedelta(days=1).total_seconds())
    assert tiktok.deliver_webhooks() == 1
    (first, _second) = hub.bodies()
    assert (first["type"], first["data"]["expiration_time"]) == (7, str(granted["refresh_token_expire_in"]))
    tiktok.tokens()  # renewed
    tiktok.clock.advance(timedelta(days=1).total_seconds())
    assert tiktok.deliver_webhooks() == 0


# --- products ---------------------------------------------------------------------------------------------------------------
def test_new_product_is_announced_and_its_audit_with_the_id_as_a_number(tiktok: ImitationTikTok, hub: Listener, ada: Caller) -> None:
    made = ada.ask("POST", PRODUCTS, body=mug(ada))
    tiktok.clock.advance(AUDIT_S)
    tiktok.deliver_webhooks()
    assert [(body["type"], body["data"]["product_id"]) for body in hub.bodies()] == [(number, int(made["product_id"])) for number in (16, 5, 37)]
    review, audit = (verified(tiktok, *heard) for heard in hub.heard[1:])
    assert (review.data.status, audit.data.audit.status) == ("PRODUCT_FIRST_PASS_REVIEW", "APPROVED")


def test_failed_audit_and_changed_product_are_announced(tiktok: ImitationTikTok, hub: Listener, ada: Caller) -> None:
    ada.ask("POST", PRODUCTS, body=mug(ada, title="A fake"))
    found = ada.ask("POST", "/product/202502/products/search", body={"seller_skus": ["TOTE-NATURAL"]}, page_size=1)["products"][0]
    ada.ask("POST", f"/product/202509/products/{found['id']}/partial_edit", body={"title": "Tote"})
    tiktok.clock.advance(AUDIT_S)
    tiktok.deliver_webhooks()
    told = {(body["type"], body["data"].get("status") or body["data"]["changed_fields"][0]) for body in hub.bodies() if body["type"] in (5, 15)}
    assert told == {(5, "PRODUCT_AUDIT_FAILURE"), (15, "title"), (5, "PRODUCT_STATUS_CHANGED")}


# --- orders -----------------------------------------------------------------------------------------------------------------
def test_each_change_of_an_orders_status_is_announced_when_it_happened(tiktok: ImitationTikTok, hub: Listener) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.act(placed.order_id, "pay")
    tiktok.act(placed.order_id, "note", note="no change of status")
    tiktok.clock.advance(3600)
    unpaid = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.clock.advance(86_400)
    tiktok.deliver_webhooks()
    told = [(body["timestamp"], body["data"]["order_id"], body["data"]["order_status"]) for body in hub.bodies()]
    began = int(placed.created)
    assert [row for row in told if row[1] == placed.order_id] == [
        (began, placed.order_id, "UNPAID"),
        (began, placed.order_id, "ON_HOLD"),
        (began + 3600, placed.order_id, "AWAITING_SHIPMENT"),
    ]
    assert [row[2] for row in told if row[1] == unpaid.order_id] == ["UNPAID", "CANCEL"]
    assert [body["type"] for body in hub.bodies()] == [1] * 5
    verified(tiktok, *hub.heard[0])


def test_changed_address_is_announced(tiktok: ImitationTikTok, hub: Listener) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False)
    tiktok.act(placed.order_id, "change-address", line1="5 New Street")
    tiktok.deliver_webhooks()
    assert [body["type"] for body in hub.bodies()] == [1, 3]


# --- packages and after-sales ------------------------------------------------------------------------------------------------
def test_split_order_is_announced(tiktok: ImitationTikTok, hub: Listener, ada: Caller) -> None:
    order = ready(tiktok, 2, shipping_type="TIKTOK")
    groups = [{"id": str(number), "order_line_item_ids": [line.line_id]} for number, line in enumerate(order.lines)]
    ada.ask("POST", f"/fulfillment/202309/orders/{order.order_id}/split", body={"splittable_groups": groups})
    tiktok.deliver_webhooks()
    (told,) = (body["data"] for body in hub.bodies() if body["type"] == 4)
    assert (told["sc_type"], told["role_type"]) == ("SPLIT", "ROLE_SELLER")
    assert len(told["package_list"]) == 2


def test_cancellation_is_announced_from_wish_to_refund(tiktok: ImitationTikTok, hub: Listener, ada: Caller) -> None:
    _order, cancel_id = requested(tiktok)
    ada.ask("POST", f"{CANCEL}/{cancel_id}/approve")
    tiktok.clock.advance(REFUND_S)
    tiktok.deliver_webhooks()
    told = [body["data"] for body in hub.bodies() if body["type"] == 11]
    assert {(row["cancel_id"], row["cancellations_role"]) for row in told} == {(cancel_id, "BUYER")}
    assert [row["cancel_status"].removeprefix("CANCELLATION_REQUEST_") for row in told] == ["PENDING", "SUCCESS", "COMPLETE"]


def test_return_is_announced_at_each_step(tiktok: ImitationTikTok, hub: Listener, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    yes(ada, return_id, "APPROVE_RETURN")
    tiktok.act(order.order_id, "send-back")
    tiktok.deliver_webhooks()
    told = [body for body in hub.bodies() if body["type"] == 12]
    assert [row["data"]["return_status"] for row in told] == ["RETURN_OR_REFUND_REQUEST_PENDING", "AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM"]
    assert verified(tiktok, *hub.heard[-1]).data.return_id == return_id


# --- scenarios --------------------------------------------------------------------------------------------------------------
def test_lost_webhook_never_comes(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.scenario("webhook_lost")
    announce(tiktok)
    announce(tiktok, order_id="2")
    tiktok.deliver_webhooks()
    assert [body["data"]["order_id"] for body in hub.bodies()] == ["2"]


def test_late_webhook_comes_after_a_younger_one(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.scenario("webhook_late", seconds=600)
    announce(tiktok, order_id="1")
    announce(tiktok, order_id="2")
    tiktok.deliver_webhooks()
    tiktok.clock.advance(600)
    tiktok.deliver_webhooks()
    assert [body["data"]["order_id"] for body in hub.bodies()] == ["2", "1"]


def test_doubled_webhook_comes_twice_with_one_id(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.scenario("webhook_doubled")
    announce(tiktok)
    tiktok.deliver_webhooks()
    assert len(hub.heard) == 2
    assert len({body["tts_notification_id"] for body in hub.bodies()}) == 1


@pytest.mark.parametrize("name", ["webhook_forged", "webhook_mutated"])
def test_forged_or_changed_webhook_fails_the_signature(tiktok: ImitationTikTok, hub: Listener, name: str) -> None:
    tiktok.scenario(name)
    announce(tiktok)
    tiktok.deliver_webhooks()
    verified(tiktok, *hub.heard[0])
    with pytest.raises(WebhookSignatureError):
        verified(tiktok, *hub.heard[1])
    assert hub.bodies()[0] == hub.bodies()[1]


def test_unknown_type_is_signed_right(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.scenario("webhook_unknown_type")
    announce(tiktok)
    tiktok.deliver_webhooks()
    assert isinstance(verified(tiktok, *hub.heard[1]), UnknownWebhookEvent)


def test_scenario_can_be_meant_for_one_type_of_event(tiktok: ImitationTikTok, hub: Listener) -> None:
    tiktok.scenario("webhook_lost", operation="SELLER_DEAUTHORIZATION")
    announce(tiktok)
    assert tiktok.deliver_webhooks() == 1
