"""Free-text search keeps to its tenant and to its index (stores/listing_search.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import NoTenant, across_tenants, tenant
from stores.listing_search import find_listings
from stores.models import Listing, Store
from stores.publishing_selectors import copyable_listings
from tests.factories.browsers import browser_of
from tests.factories.cast import House, northprint, southprint

EACH = 10_000


def fill(house: House) -> None:
    """Give a house ten thousand listings, of which a few carry a rare word."""
    with tenant(house.psp.pk), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO stores_listing (psp_id, public_id, store_id, key, sku, product_id, title, channel_state, image_url, currency, seen_at, family, family_title, is_parent, problem, state)
            SELECT %(psp)s, 'lst_' || %(psp)s || '_' || n, %(store)s, 'KEY-' || n, 'SKU-' || md5(n::text), '',
                   CASE WHEN n %% 1000 = 0 THEN 'Zebrafinch mug ' ELSE 'Mug number ' END || n, '', '', '', now(), '', '', false, '', 'unmapped'
            FROM generate_series(1, %(each)s) AS n
            """,
            {"psp": house.psp.pk, "store": house.store.pk, "each": EACH},
        )


@pytest.fixture
def houses(db: None) -> tuple[House, House]:
    return northprint(), southprint()


def titles(house: House, text: str, limit: int = 50) -> list[str]:
    with tenant(house.psp.pk):
        found = find_listings(store_ids=[house.store.pk], text=text, limit=limit)
        rows = Listing.objects.in_bulk(found)
        assert len(rows) == len(found), "the search gave an id that the tenant cannot see"
        return [rows[pk].title for pk in found]


def add(house: House, *wanted: tuple[str, str]) -> None:
    with tenant(house.psp.pk):
        Listing.objects.bulk_create(Listing(store=house.store, key=f"k-{sku}-{title}", sku=sku, title=title) for sku, title in wanted)


def test_a_part_of_title_or_sku_is_found_in_any_case(houses: tuple[House, House]) -> None:
    add(houses[0], ("TSH-RED", "Shirt, crimson"), ("MUG-7", "Becher für Änna"))
    assert titles(houses[0], "CRIMS") == ["Shirt, crimson"]
    assert titles(houses[0], " sh-re ") == ["Shirt, crimson"]
    assert titles(houses[0], "änna") == ["Becher für Änna"]
    assert titles(houses[0], "  ") == []
    assert titles(houses[0], "nothing like it") == []


@pytest.mark.parametrize("needle", ["100%", "a_b", "back\\slash", "'; DROP TABLE stores_listing; --", "%"])
def test_wildcards_and_quotes_mean_themselves(houses: tuple[House, House], needle: str) -> None:
    add(houses[0], ("x", f"with {needle} in it"), ("y", "1000 axb backXslash and more"))
    assert titles(houses[0], needle) == [f"with {needle} in it"]


def test_another_tenants_listings_are_not_found_even_by_their_stores_id(houses: tuple[House, House]) -> None:
    north, south = houses
    for house in houses:
        add(house, ("SECRET-1", "Secret plan"))
    assert titles(north, "secret") == titles(south, "secret") == ["Secret plan"]
    with tenant(south.psp.pk):
        assert find_listings(store_ids=[north.store.pk], text="secret", limit=50) == []


def test_without_a_single_tenant_there_is_nothing_to_search(houses: tuple[House, House]) -> None:
    add(houses[0], ("SECRET-1", "Secret plan"))
    with pytest.raises(NoTenant):
        find_listings(store_ids=[houses[0].store.pk], text="secret", limit=5)
    with across_tenants(reason="test"), pytest.raises(NoTenant):
        find_listings(store_ids=[houses[0].store.pk], text="secret", limit=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_listings('secret', %s, 50)", [houses[0].store.pk])
        assert cursor.fetchall() == []


def test_the_function_is_the_owners_pinned_and_not_for_everybody(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proowner::regrole::text, prosecdef, proconfig, proacl::text FROM pg_proc WHERE proname = 'search_listings' AND provolatile = 's'"
        )
        ((owner, definer, config, grants),) = cursor.fetchall()
    assert (owner, definer, config) == ("hub_owner", True, ["search_path=pg_catalog, public, pg_temp", "plan_cache_mode=force_custom_plan"])
    # "=X/..." would be everybody.
    assert sorted(grant.split("=")[0] for grant in grants.strip("{}").split(",")) == ["hub_app", "hub_everyone", "hub_narrowed", "hub_owner"]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION search_listings(text, bigint, int) SECURITY INVOKER")


@pytest.fixture
def full(transactional_db: None) -> Iterator[tuple[House, House]]:
    both = northprint(), southprint()
    for house in both:
        fill(house)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE stores_listing")
    yield both
    connections["owner"].close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_with_twenty_thousand_listings_the_search_uses_its_index_and_stays_in_its_tenant(full: tuple[House, House]) -> None:
    north, _south = full
    for house in full:
        found = titles(house, "zebrafinch")
        assert found == sorted(f"Zebrafinch mug {n}" for n in range(1000, EACH + 1, 1000))
    assert titles(north, "zebrafinch", limit=3) == ["Zebrafinch mug 1000", "Zebrafinch mug 10000", "Zebrafinch mug 2000"]
    plan = inner_plan(north, "zebrafinch")
    used = {node.get("Index Name") for node in nodes(plan) if node["Node Type"] == "Bitmap Index Scan"}
    assert used == {"listing_by_title", "listing_by_sku", "listing_by_product_id"}
    # The one store is read too, to see whether a narrowed scope may look into it; that table is small.
    assert {node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"} <= {"stores_store"}


def inner_plan(house: House, needle: str) -> dict[str, Any]:
    """Return the plan of the function's own statement, as its owner and under its own settings."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'search_listings'")
        body = cursor.fetchone()[0].replace("needle", "$1").replace("= store", "= $2").replace("greatest(most", "greatest($3")
        cursor.execute("SELECT set_config('app.psp_id', %s, true)", [str(house.psp.pk)])
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        cursor.execute(f"PREPARE search (text, bigint, int) AS {body}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE search ('{needle}', {house.store.pk}, 50)")
        told = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE search")
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan


def test_products_of_other_stores_are_found_by_the_search_s_index_and_only_connected_ones(houses: tuple[House, House]) -> None:
    north, _south = houses
    for house in houses:
        with tenant(house.psp.pk):
            map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)
    add(north, ("MUG-11OZ-FREE", "Connected to nothing"))
    with tenant(north.psp.pk):
        other = Store.objects.create(customer=north.customer, facility=north.facility, kind="tiktok", name="Ada TikTok", marketplace="7495")
        with CaptureQueriesContext(connection) as asked:
            assert copyable_listings(other, words="11oz") == [north.listing]
        assert not [query["sql"] for query in asked.captured_queries if "LIKE" in query["sql"].upper()]
        assert copyable_listings(other, words="nothing like it") == []
        assert copyable_listings(north.store, words="11oz") == [], "a store's own products are not copied into it"


@pytest.mark.parametrize(("kind", "hint"), [("amazon", "SKU, ASIN or part of the title"), ("tiktok", "SKU, product ID or part of the title")])
def test_the_search_names_the_number_of_a_product_as_the_store_s_channel_does(houses: tuple[House, House], kind: str, hint: str) -> None:
    north, _south = houses
    with tenant(north.psp.pk):
        store = Store.objects.create(customer=north.customer, facility=north.facility, kind=kind, name="Another", marketplace="7495")
    page = browser_of(north.owner).get(reverse("stores:store", args=[store.public_id]), {"q": "nothing like it"}).content.decode()
    assert f'placeholder="{hint}"' in page
    assert ("ASIN" in page) == (kind == "amazon")


def test_variants_of_one_title_are_told_apart_in_the_list(houses: tuple[House, House]) -> None:
    north, _south = houses
    with tenant(north.psp.pk):
        for variant in ("Black, M", "Black, L"):
            Listing.objects.create(store=north.store, key=variant, sku=f"TEE-{variant[-1]}", title="Classic tee", variant=variant)
    page = browser_of(north.owner).get(reverse("stores:store", args=[north.store.public_id])).content.decode()
    assert "Classic tee, Black, M" in page and "Classic tee, Black, L" in page
