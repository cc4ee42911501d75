"""A browser's trip to the imitation Amazon's consent page and back, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as hub_settings
from django.db import connection
from django.urls import reverse
from pytest_django.fixtures import Settings
from redis import Redis

from pod_hub.accounts.models import User
from pod_hub.core.http import allowed_atomic_depth
from pod_hub.core.tenancy import tenant
from stores.models import ConsentAttempt, Store
from stores.sandbox.amazon import consent
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services.who_authorises import allow_staff
from tests.factories.browsers import browser_of
from tests.factories.cast import House

RETURN = "/stores/connect/amazon/return/"


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    """Each test begins with the whole quota, whatever the ones before it have asked for."""
    Redis.from_url(hub_settings.REDIS_URL).flushdb()


@pytest.fixture
def amazon(settings: Settings, db: None) -> Iterator[ImitationAmazon]:
    """The imitation, in place of the real hosts. Its answers may be asked for inside the test's own transaction, and no deeper."""
    with ImitationAmazon(hub_url="http://localhost:8000") as imitation:
        settings.AMAZON_SANDBOX_URL = imitation.url
        settings.AMAZON_REDIRECT_URI = f"http://localhost:8000{RETURN}"
        token = allowed_atomic_depth.set(len(connection.atomic_blocks))
        try:
            yield imitation
        finally:
            allowed_atomic_depth.reset(token)


class Trip:
    """One person's browser and one store that is to be connected."""

    def __init__(self, amazon: ImitationAmazon, house: House, store: Store, user: User | None = None) -> None:
        self.amazon, self.house, self.store = amazon, house, store
        self.browser = browser_of(user or house.owner)
        with tenant(house.psp.pk):
            allow_staff(customer_id=store.customer_id, user=house.owner, allowed=True)

    def leave(self) -> str:
        """Press "Authorize"; return where the browser is sent."""
        answer = self.browser.post(reverse("stores:authorize", args=[self.store.public_id]))
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def confirm(self, address: str, *, seller_id: str) -> str:
        """The seller presses "Confirm" at Seller Central; return the address the browser comes back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        asked = consent.checked(
            self.amazon.world,
            application_id=query["application_id"],
            state=query["state"],
            redirect_uri=query["redirect_uri"],
            version=query.get("version", ""),
        )
        return self._path(consent.confirmed(self.amazon.world, asked, seller_id=seller_id))

    def decline(self, address: str) -> str:
        """The seller presses "Decline"."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return self._path(consent.declined(consent.ConsentRequest(query["state"], query["redirect_uri"])))

    @staticmethod
    def _path(address: str) -> str:
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}"

    def state(self) -> str:
        """The connection's state as it is stored now."""
        with tenant(self.house.psp.pk):
            return str(Store.objects.select_related("connection").get(pk=self.store.pk).connection.state)

    def outcomes(self) -> list[str]:
        """How each attempt for this store ended."""
        with tenant(self.house.psp.pk):
            return list(ConsentAttempt.objects.filter(store=self.store).order_by("pk").values_list("outcome", flat=True))
