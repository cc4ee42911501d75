"""An imitation Amazon on a set clock, and a caller that speaks plain HTTP to it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.clock import iso
from tests.sandbox.amazon.official_models import FOLDER, OfficialModels

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SSL = ssl.create_default_context()  # building one per client costs more than most tests
ALL_DATA = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
MODELS = OfficialModels(FOLDER) if FOLDER.is_dir() else None


class Caller:
    """A seller's application: right headers, no library. Every answer is held against the official models where they are at hand."""

    def __init__(self, amazon: ImitationAmazon, seller_id: str = seed.NORTH.seller_id) -> None:
        self.amazon = amazon
        self.seller_id = seller_id
        self.http = httpx.Client(base_url=amazon.url, timeout=10, verify=SSL)
        self.token = amazon.access_token(seller_id)

    def headers(self, **changed: str | None) -> dict[str, str]:
        base: dict[str, str | None] = {
            "x-amz-access-token": self.token,
            "user-agent": "HubTests/1.0 (Language=Python/3.11)",
            "x-amz-date": "20261120T100000Z",
        }
        return {name: value for name, value in {**base, **changed}.items() if value is not None}

    def get(self, path: str, *, headers: dict[str, str | None] | None = None, **params: Any) -> httpx.Response:
        return self.checked(self.http.get(path, params=params or None, headers=self.headers(**(headers or {}))))

    def post(self, path: str, body: Any, *, headers: dict[str, str | None] | None = None) -> httpx.Response:
        return self.checked(self.http.post(path, json=body, headers=self.headers(**(headers or {}))))

    def send(self, method: str, path: str, body: Any, **params: Any) -> httpx.Response:
        """Send a body with parameters, as the writing side of Listings Items wants it."""
        return self.checked(self.http.request(method, path, params=params, json=body, headers=self.headers()))

    def checked(self, response: httpx.Response) -> httpx.Response:
        """Hold an answer of a known operation against its model; gateways' own answers (HTML, bare messages) are in no model."""
        if MODELS is None or "x-amzn-requestid" not in response.headers or response.headers.get("x-amzn-errortype") == "ForbiddenException":
            return response
        path = response.request.url.raw_path.decode().partition("?")[0]
        operation = next((o for o in MODELS.operations if o.method == response.request.method and o.path.fullmatch(path)), None)
        if operation is not None and b'{"message"' not in response.content[:11]:
            MODELS.check_answer(operation, response.status_code, response.content)
        return response

    # --- the calls used most -------------------------------------------------------------------------------------------
    def search(self, **params: Any) -> httpx.Response:
        return self.get("/orders/2026-01-01/orders", **params)

    def changed_since(self, after: str = "2026-11-20T00:00:00Z", **params: Any) -> list[dict[str, Any]]:
        answer = self.search(**{"lastUpdatedAfter": after, "includedData": ALL_DATA, **params})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["orders"])

    def order(self, order_id: str, **params: Any) -> dict[str, Any]:
        answer = self.get(f"/orders/2026-01-01/orders/{order_id}", **{"includedData": ALL_DATA, **params})
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["order"])

    def notice(self, order: PlacedOrder, *, reference: Any = "1", quantity: int = 1, **changed: Any) -> dict[str, Any]:
        """Return a good confirmation of ``quantity`` pieces of the first item; ``changed`` replaces keys of the package."""
        detail = {
            "packageReferenceId": reference,
            "carrierCode": "DHL",
            "shippingMethod": "Standard",
            "trackingNumber": "00340434161094000000",
            "shipDate": iso(self.amazon.clock.epoch()),
            "orderItems": [{"orderItemId": order.items[0].order_item_id, "quantity": quantity}],
            **changed,
        }
        detail = {key: value for key, value in detail.items() if value is not ...}
        return {"marketplaceId": order.marketplace_id, "packageDetail": detail}

    def confirm(self, order: PlacedOrder, **changed: Any) -> httpx.Response:
        return self.post(f"/orders/v0/orders/{order.order_id}/shipmentConfirmation", self.notice(order, **changed))


@pytest.fixture
def amazon() -> Iterator[ImitationAmazon]:
    """An imitation whose clock stands at 2026-11-20 10:00 UTC, factor 1."""
    with ImitationAmazon(at=START) as running:
        yield running


@pytest.fixture
def ada(amazon: ImitationAmazon) -> Iterator[Caller]:
    """The first seller's application."""
    caller = Caller(amazon)
    yield caller
    caller.http.close()


@pytest.fixture
def mallory(amazon: ImitationAmazon) -> Iterator[Caller]:
    """The second seller's application."""
    caller = Caller(amazon, seed.SOUTH.seller_id)
    yield caller
    caller.http.close()
