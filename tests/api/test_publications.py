"""Products that are added to stores, by API; and what the audit trail keeps of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now

from pod_hub.accounts.actors import Actor
from pod_hub.accounts.audit_log import AuditEntry
from pod_hub.accounts.models import Scope
from pod_hub.core.acting import Acting, acting
from pod_hub.core.tenancy import tenant
from stores.models import Publication
from stores.services import adding_products as adding
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import Program, manual_store, program, publication

pytestmark = pytest.mark.django_db
TROUBLES = [
    {"severity": "error", "words": "The main image is too small.", "field": "pictures", "code": "18027"},
    {"severity": "warning", "words": "Say the colour.", "field": "color", "code": ""},
]


def test_a_product_that_is_added_says_where_it_stands_and_what_is_wrong_with_which_field(north: House, plant: Program) -> None:
    fields = [{"name": "color", "label": "Colour", "unit": ""}]
    row = publication(north, state="rejected", title="Teal mug", sku="TEAL", price="16.90", troubles=TROUBLES, fields=fields, product_id="B0NEW")
    shown = plant.get(f"publications/{row.public_id}").json()
    assert (shown["id"], shown["store"], shown["state"], shown["sku"], shown["price"]) == (
        row.public_id,
        north.store.public_id,
        "rejected",
        "TEAL",
        "16.90",
    )
    assert (shown["product_uid"], shown["design"], shown["product_id"], shown["listing"]) == ("MUG-11", north.design.public_id, "B0NEW", None)
    assert [(one["severity"], one["message"], one["field"], one["field_label"], one["code"]) for one in shown["troubles"]] == [
        ("error", "The main image is too small.", "pictures", "Pictures", "18027"),
        ("warning", "Say the colour.", "color", "Colour", ""),
    ]
    assert shown["started_at"].endswith("Z") and shown["live_at"] is None


def test_the_list_is_filtered_by_store_and_state_and_walked_by_cursor(north: House, plant: Program) -> None:
    rows = [publication(north, state=state, sku=f"S-{number}") for number, state in enumerate(["draft", "live", "draft"])]
    other = publication(north, store=manual_store(north))
    gone = publication(north, dropped_at=now())

    def ids(**query: str) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page: dict[str, Any] = plant.get("publications", **query, **cursor).json()
            found += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    mine = [row.public_id for row in reversed(rows)]
    assert ids(store=north.store.public_id, limit="1") == mine
    assert ids(store=north.store.public_id, state="draft") == [mine[0], mine[2]]
    assert set(ids()) == {*mine, other.public_id}
    assert plant.get(f"publications/{gone.public_id}").json()["dropped_at"] is not None


def test_what_cannot_be_asked_is_a_problem_with_the_parameter(north: House, plant: Program) -> None:
    for query, name in (({"state": "sold"}, "state"), ({"shop": "x"}, "shop")):
        answer = plant.get("publications", **query)
        assert answer.status_code == 422 or answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert name in str(answer.json()["errors"])
    missing = plant.get("publications/pub_0000000000000000")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_a_key_without_the_scope_reads_none(north: House) -> None:
    row = publication(north)
    ships = program(north, scopes=[Scope.PACKAGES_WRITE])
    assert ships.get("publications").status_code == ships.get(f"publications/{row.public_id}").status_code == 403


def test_the_audit_trail_says_who_started_changed_published_and_gave_up_a_product(north: House) -> None:
    nora = Actor.person(north.owner)
    with acting(Acting(user_id=north.owner.pk)), tenant(north.psp.pk):
        row = adding.start_publication(store_id=north.store.pk, customer_product_id=north.mug.pk, actor=nora)
    with acting(Acting(user_id=north.worker.pk)), tenant(north.psp.pk):
        adding.choose_design(publication_id=row.pk, design_id=north.design.pk)
        Publication.objects.filter(pk=row.pk).update(title="Teal mug", price="16.90", published_by=north.worker)
        before = AuditEntry.objects.count()
        Publication.objects.filter(pk=row.pk).update(
            asks="check", delivery="pending", attempts=2, troubles=TROUBLES, fields=[], last_error="x", sent_at=now()
        )
        assert AuditEntry.objects.count() == before, "the hub's own bookkeeping writes no entry"
        adding.drop_publication(publication_id=row.pk)
        entries = list(AuditEntry.objects.filter(kind="stores.publication", public_id=row.public_id).order_by("pk"))
    assert [(entry.action, entry.actor_user_id) for entry in entries] == [
        ("added", north.owner.pk), ("changed", north.worker.pk), ("changed", north.worker.pk), ("changed", north.worker.pk),
    ]  # fmt: skip
    assert set(entries[2].after) == {"title", "price", "published_by_id"}
    assert set(entries[3].after) == {"dropped_at"}
    page = browser_of(north.owner).get(reverse("accounts:audit_trail"), {"kind": "stores.publication"}).content.decode()
    assert "Product that is added" in page and "<ins>Teal mug</ins>" in page
    assert "Published by" in page and "Given up" in page
