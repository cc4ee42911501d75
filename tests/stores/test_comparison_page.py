"""The comparison with the marketplace on a store's page ("0 missing of N, checked at …")."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from orders.models import Reconciliation
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.pages import at_most_queries, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def compared(house: House, **figures: int) -> None:
    with tenant(house.psp.pk):
        Reconciliation.objects.create(
            authorization=Authorization.objects.get(), window_from=now(), finished_at=now(), asked_by="hub", delivery=Delivery.CONFIRMED, **figures
        )


def test_a_comparison_is_started_once_shown_running_and_then_with_its_figures(north: House, nora: Client) -> None:
    page = reverse("stores:connection", args=[north.store.public_id])
    assert "Not compared yet" in text(nora, page)
    with tenant(north.psp.pk):
        authorization = Authorization.objects.get()
    start, panel = (reverse(f"orders:{name}", args=[authorization.public_id]) for name in ("check_now", "reconciliation"))
    for _press in range(2):
        assert nora.post(start, {"next": page})["Location"] == page
    with tenant(north.psp.pk):
        assert Reconciliation.objects.count() == 1
    for address in (page, panel):
        shown = text(nora, address)
        assert "Comparing now" in shown and f'hx-get="{panel}"' in shown and "Check now" not in shown
    with tenant(north.psp.pk):
        Reconciliation.objects.update(delivery=Delivery.CONFIRMED, checked=412, finished_at=now())
    shown = text(nora, panel)
    assert "0 missing of 412" in shown and "hx-get" not in shown and "Check now" in shown
    assert "412" not in text(nora, reverse("stores:store", args=[north.store.public_id]))


def test_a_difference_is_said_on_every_tab_and_names_the_orders(north: House, nora: Client) -> None:
    compared(north, checked=90, missing=2, different=1, repaired=3)
    with tenant(north.psp.pk):
        Reconciliation.objects.update(numbers=["302-0000001-0000001"])
    for tab in ("store", "settings"):
        with at_most_queries(13):  # the last sync among them
            page = text(nora, reverse(f"stores:{tab}", args=[north.store.public_id]))
        assert "2 missing of 90 orders at the last comparison; 3 repaired." in page
    assert "302-0000001-0000001" in text(nora, reverse("stores:connection", args=[north.store.public_id]))


def test_without_permission_nothing_is_compared_and_the_reason_is_told(north: House, nora: Client) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(state=Authorization.State.RECONNECT)
        authorization = Authorization.objects.get()
    answer = nora.post(reverse("orders:check_now", args=[authorization.public_id]), {}, follow=True)
    assert "Reconnect the store first" in answer.content.decode()


def test_rights_and_tenants_are_kept(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        authorization = Authorization.objects.get()
    start, panel = (reverse(f"orders:{name}", args=[authorization.public_id]) for name in ("check_now", "reconciliation"))
    assert browser_of(south.owner).get(panel).status_code == browser_of(south.owner).post(start).status_code == 404
    assert browser_of(north.reader).get(panel).status_code == 200
    assert browser_of(north.reader).post(start).status_code == 403
