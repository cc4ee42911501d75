"""A seller who moves from one print provider to another: refused neutrally, released by an operator for a recorded reason, connected anew."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from pod_hub.accounts.models import AuditEntry
from pod_hub.core.tenancy import tenant
from pod_hub.mail.tasks import deliver
from stores.channels.consent_types import Grant
from stores.models import Authorization, ConnectedPeriod, Connection, ListingMapping, Store
from stores.services.authorizations import ConnectedElsewhere, attach_grant
from stores.services.releasing import NotReleased, release_seller
from tests.factories.cast import House
from tests.factories.operators import operators_browser

pytestmark = pytest.mark.django_db


def held(house: House) -> Authorization:
    with tenant(house.psp.pk):
        return Authorization.objects.get()


def connect_there(south: House, authorization: Authorization) -> Store:
    """Let Southprint connect the seller that Northprint holds."""
    with tenant(south.psp.pk):
        store = Store.objects.create(
            customer=south.customer, facility=south.facility, kind="amazon", name="Moved", marketplace=south.store.marketplace
        )
        grant = Grant(account_id=authorization.account_id, refresh_token="Atzr|new", access_token="", access_expires_in_s=0)
        attach_grant(store_id=store.pk, grant=grant, region=authorization.region)
    return store


def test_an_operator_moves_a_seller_and_both_sides_know(north: House, south: House) -> None:
    held_there = held(north)
    with pytest.raises(ConnectedElsewhere, match="ask support to move"):
        connect_there(south, held_there)
    browser = operators_browser(north.psp)
    address = reverse("admin:stores_authorization_release", args=[held_there.pk])
    assert address in browser.get(reverse("admin:stores_authorization_change", args=[held_there.pk])).content.decode()
    asked = browser.get(address).content.decode()
    assert north.store.name in asked and north.psp.name in asked
    refused = browser.post(address, {"reason": "  "})
    assert refused.status_code == 422 and held(north).state == "active"
    said = browser.post(address, {"reason": "ticket 7, seller signed"}, follow=True).content.decode()
    assert "1 store was disconnected" in said and reverse("admin:stores_authorization_release", args=[held_there.pk]) not in said

    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        assert row.state == Authorization.State.REVOKED and row.refresh_token_sealed is None
        assert Connection.objects.get().state == Connection.State.DISABLED
        assert ListingMapping.objects.filter(retired_at=None).exists() == ListingMapping.objects.exists(), "mappings stay"
        assert not ConnectedPeriod.objects.filter(ended_at=None).exists(), "nothing is billed any more"
        entry = AuditEntry.objects.filter(kind="stores.authorization", action="removed").get()
        assert entry.after["released by an operator"] == "ticket 7, seller signed" and entry.actor_user is not None
    deliver()
    assert {message.to[0] for message in mail.outbox} == {north.owner.email}
    assert "was moved away" in mail.outbox[0].subject and north.store.name in mail.outbox[0].body
    trail = Client()
    trail.force_login(north.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "ticket 7, seller signed" in trail.get(reverse("accounts:audit_trail")).content.decode()

    moved = connect_there(south, row)
    with tenant(south.psp.pk):
        assert Connection.objects.get(store=moved).state == Connection.State.CONNECTED


def test_a_release_works_from_the_view_of_all_and_happens_once(north: House) -> None:
    row = held(north)
    address = reverse("admin:stores_authorization_release", args=[row.pk])
    browser = operators_browser(None)
    assert browser.post(address, {"reason": "ticket 8"}).status_code == 302
    assert browser.post(address, {"reason": "ticket 8"}).status_code == 404
    with pytest.raises(NotReleased):
        release_seller(authorization=row, reason="again")
    with tenant(north.psp.pk):
        assert AuditEntry.objects.filter(kind="stores.authorization", action="removed").count() == 1
