"""Programs that call the API with keys of the cast's print providers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client

from pod_hub.accounts.models import ApiKey, Scope
from pod_hub.accounts.services.api_keys import make_key
from pod_hub.core.tenancy import tenant
from stores.channels.registry import ChannelKind
from stores.models import Publication, Store
from tests.factories.cast import House

EVERYTHING = tuple(Scope)


class Program:
    """A program with one key. Answers are Django's, so 500s are answers too and not exceptions unless ``raises``."""

    def __init__(self, text: str, key: ApiKey | None = None, *, raises: bool = True) -> None:
        self.text, self.key = text, key
        self.client = Client(raise_request_exception=raises)

    def get(self, path: str, **query: str) -> Any:
        """GET an address below /api/v1/."""
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, once: str = "") -> Any:
        """POST JSON (or bytes as they are); ``once`` is the idempotency key."""
        content = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        headers = self._headers() | ({"Idempotency-Key": once} if once else {})
        return self.client.post(f"/api/v1/{path}", content, content_type="application/json", headers=headers)

    def ask(self, method: str, path: str) -> Any:
        """Ask with any method, with an empty JSON body."""
        return self.client.generic(method, f"/api/v1/{path}", b"{}", content_type="application/json", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"} if self.text else {}


def program(house: House, *, scopes: Iterable[Scope] = EVERYTHING, raises: bool = True) -> Program:
    """Return a program with a fresh key of the house."""
    with tenant(house.psp.pk):
        key, text = make_key(name="Plant software", scopes=scopes, expires_at=None, by=house.owner)
    return Program(text, key, raises=raises)


def manual_store(house: House) -> Store:
    """Return a store of the house's customer into which orders are entered."""
    with tenant(house.psp.pk):
        return Store.objects.create(customer=house.customer, facility=house.facility, kind=ChannelKind.MANUAL, name=f"{house.customer.name} by hand")


def publication(house: House, **changes: Any) -> Publication:
    """Return a product that is added to the house's store."""
    with tenant(house.psp.pk):
        row: Publication = Publication.objects.create(
            **{"store": house.store, "customer_product": house.mug, "design": house.design, "currency": "EUR", "delivery": "confirmed"} | changes
        )
        return row


def manual_order(into: Store, house: House, **changes: Any) -> dict[str, Any]:
    """Return the body of a manual order of two mugs."""
    body: dict[str, Any] = {
        "store": into.public_id,
        "order_number": "WEB-1001",
        "email": "bea@example.com",
        "ship_to": {"name": "Bea Buyer", "lines": ["Lindenstraße 12"], "city": "Köln", "postcode": "50674", "country": "DE"},
        "lines": [{"product_uid": house.mug.uid, "quantity": 2, "design": house.design.public_id}],
    }
    return body | changes
