"""(g) A catalogue of 20,000 listings: how fast it is synced by report, shown and mapped, beside one of 200."""

from __future__ import annotations

import gc
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection, connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from catalog.models import CustomerProduct, Design
from orders.services.suggesting import run_next, start_run, undo_run
from pod_hub.accounts.models import Role, User
from pod_hub.core.keyset import token_of
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.listing_selectors import ORDER, ListingFilter, listing_page
from stores.models import Listing, ListingSync, Store
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.records import Listing as Offered
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import syncing
from stores.suggestions import Suggester
from tests.benchmarks.measure import REPEATS, Result, Series, quantile, seconds, side_by_side
from tests.benchmarks.processes import work_s
from tests.factories.cast import House, make_house, person

TITLE = "A catalogue of 20,000 listings: synced by report, shown and mapped"
DOOR = ("django_session", "accounts_user", "accounts_membership", "set_config", "BEGIN", "COMMIT", "SAVEPOINT")
SMALL, PRODUCTS, NAMED = 200, 400, 10  # every tenth SKU is a product UID
MOST_QUERIES = 16
THINGS = ("Mug", "T-shirt", "Poster", "Tote bag", "Cushion", "Hoodie", "Phone case", "Notebook", "Card", "Sticker")
COLOURS = ("black", "white", "navy", "red", "forest green", "sand", "rose", "grey")
SIZES = ("S", "M", "L", "XL", "11 oz", "15 oz", "A3", "A4", "40 × 40 cm", "one size")
MOTIFS = ("Sunset", "Forest", "Canyon", "Market day", "Good morning", "Woodland", "Tree rings", "Harbour", "Alps", "Meadow")


def run(result: Result, *, quick: bool) -> None:
    """Sync a large store by report three times, then visit pages of a small and the large one in turns, then judge and accept."""
    count = 2_000 if quick else 20_000
    mark = secrets.token_hex(3)
    with ImitationAmazon(at=datetime.now(UTC) - timedelta(hours=3)) as amazon, override_settings(AMAZON_SANDBOX_URL=amazon.url):
        seller, token = seed.NORTH.seller_id, amazon.refresh_token()
        house = make_house(f"Cat{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=seller, refresh_token=token)
        _products(house)
        small = _small_store(house)
        _syncs(result, house, amazon, count)
    merchant = person(house.psp, "Mia", Role.MERCHANT, house.customer)
    with connections["owner"].cursor() as cursor:  # as autovacuum has by the time people look
        cursor.execute("VACUUM ANALYZE")
    _tell_pages(result, _visit(_pages(house, merchant, small), visits=3 if quick else 8, rounds=2 if quick else REPEATS))
    _suggestions(result, house, count, quick=quick)


# --- filling ----------------------------------------------------------------------------------------------------------
def _name(number: int) -> tuple[str, str]:
    """Return a SKU and a title such as people write."""
    thing, colour = THINGS[number % 10], COLOURS[number // 10 % 8]
    size, motif = SIZES[number // 80 % 10], MOTIFS[number // 800 % 10]
    sku = f"{thing[:3]}-{colour[:3]}-{size}-{motif[:4]}-{number}".upper().replace(" ", "")
    return (f"UID-{number // NAMED % PRODUCTS:04d}" + f"-{number}" if number % NAMED == 0 else sku), f"{motif} {thing}, {colour}, {size} no. {number}"


def _products(house: House) -> None:
    with tenant(house.psp.pk):
        CustomerProduct.objects.bulk_create(
            CustomerProduct(
                product_model=house.sticker.product_model if number % 2 else house.mug.product_model,
                uid=f"UID-{number:04d}",
                name=THINGS[number % 10],
                variant=f"{COLOURS[number % 8]}, {SIZES[number // 8 % 10]}",
                price=Decimal(5),
                currency="EUR",
                for_all_customers=True,
            )
            for number in range(PRODUCTS)
        )
        Design.objects.bulk_create(
            Design(customer=house.customer, product_model=house.mug.product_model, name=motif, print_file=house.print_file) for motif in MOTIFS
        )


def _small_store(house: House) -> Store:
    with tenant(house.psp.pk):
        store: Store = Store.objects.create(customer=house.customer, facility=house.facility, kind="amazon", name="Small", marketplace=seed.UK)
        Listing.objects.bulk_create(
            Listing(store=store, key=sku, sku=sku, title=title) for sku, title in (_name(number) for number in range(1, SMALL + 1))
        )
    return store


# --- syncing ----------------------------------------------------------------------------------------------------------
def _syncs(result: Result, house: House, amazon: ImitationAmazon, count: int) -> None:
    _offer(amazon, range(count))
    first = _sync(house, amazon)
    again = _sync(house, amazon)
    _offer(amazon, range(0, count, 10), title="new title ")
    changed = _sync(house, amazon)
    for name, one in (("first sync, all new", first), ("the same again, nothing new", again), ("every tenth title changed", changed)):
        result.figure(
            f"{name}: listings a second written, whole time without waiting for Amazon",
            f"{one.listings / one.stored_s:,.0f}/s; {one.spent_s:.1f} s for {one.listings:,} listings in {one.turns} turns; {one.found}",
        )
    result.goal(f"a first sync of {count:,} listings keeps a worker at most 60 s", f"{first.spent_s:.1f} s", met=first.spent_s <= 60)
    result.remarks.append(
        "The imitation makes and serves the report in the same process, so the whole time holds its work too, and each of the report's pages of 5,000 "
        "is a download of its own; Amazon's waiting (a report takes minutes) is left out."
    )


def _offer(amazon: ImitationAmazon, numbers: range, *, title: str = "") -> None:
    at = seed.OPENED.timestamp()
    with amazon.books.transaction():
        for number in numbers:
            sku, name = _name(number)
            amazon.books.keep_listing(
                Offered(
                    seed.NORTH.seller_id,
                    seed.DE,
                    sku,
                    f"B1{number:08d}",
                    title + name,
                    "5.00",
                    "POSTER",
                    "poster",
                    "#777777",
                    1,
                    created=at,
                    updated=at,
                )
            )


@dataclass(frozen=True, slots=True)
class Synced:
    """What one sync took."""

    listings: int
    spent_s: float
    stored_s: float
    turns: int
    found: str


def _sync(house: House, amazon: ImitationAmazon) -> Synced:
    stored = 0.0
    keep = syncing._store_page

    def timed(*arguments: object) -> bool:
        nonlocal stored
        began = time.perf_counter()
        kept = keep(*arguments)  # type: ignore[arg-type]
        stored += time.perf_counter() - began
        return kept

    with tenant(house.psp.pk):
        syncing.start_sync(store_id=house.store.pk)
    spent, turns = 0.0, 0
    syncing._store_page = timed  # type: ignore[assignment]  # timed for the while
    try:
        while True:
            with tenant(house.psp.pk):
                row = ListingSync.objects.filter(store=house.store).order_by("-pk")[0]
                if row.delivery != Delivery.PENDING:
                    break
                ListingSync.objects.filter(pk=row.pk).update(not_before=now())
            began = time.perf_counter()
            syncing.sync_next()
            spent, turns = spent + time.perf_counter() - began, turns + 1
            amazon.clock.advance(60)
    finally:
        syncing._store_page = keep
    if row.delivery != Delivery.CONFIRMED:
        raise RuntimeError(f"The sync did not go through: {row.last_error}")
    return Synced(row.seen, spent, stored, turns, f"{row.added:,} new, {row.changed:,} changed, {row.gone:,} gone")


# --- pages ------------------------------------------------------------------------------------------------------------
Key = tuple[str, str, str]  # who, which page, of which store


def _pages(house: House, merchant: User, small: Store) -> dict[Key, Callable[[], object]]:
    """Return what people open, of the small and the large store."""
    with tenant(house.psp.pk):
        large = Store.objects.get(pk=house.store.pk)
        deep = _deep(large)
        some = Listing.objects.filter(store=large).order_by(*ORDER)[150]
    pages = {"all products": "", "not connected": "?show=unmapped", "search for a word": "?q=canyon", "search for a SKU": f"?q={some.sku}"}
    ways: dict[Key, Callable[[], object]] = {}
    for who, user in (("staff", house.owner), ("merchant", merchant)):
        for size, store in (("small", small), ("large", large)):
            for name, query in pages.items():
                ways[who, name, size] = _visitor(user, f"/stores/{store.public_id}/{query}")
        ways[who, "nine tenths down", "large"] = _visitor(user, f"/stores/{large.public_id}/?page={deep}")
    return ways


@dataclass(frozen=True, slots=True)
class Visits:
    """Medians of each round: milliseconds by the clock, and those that processors worked; and how many queries a page makes."""

    times: Series
    work: Series
    queries: int


def _visit(ways: dict[Key, Callable[[], object]], *, visits: int, rounds: int) -> dict[Key, Visits]:
    """Visit every page once, then once more backwards, and so on: what is compared is never more than a turn apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    queries = {}
    for key, way in ways.items():
        with CaptureQueriesContext(connection) as captured:
            way()
        queries[key] = sum(not any(word in one["sql"] for word in DOOR) for one in captured.captured_queries)
    gc.collect()
    times: dict[Key, list[float]] = {key: [] for key in ways}
    work: dict[Key, list[float]] = {key: [] for key in ways}
    for _round in range(rounds):
        taken: dict[Key, list[tuple[float, float]]] = {key: [] for key in ways}
        for turn in range(visits):
            for key in list(ways) if turn % 2 == 0 else reversed(list(ways)):
                before = time.process_time() + work_s(backend)
                clock = seconds(ways[key])
                taken[key].append((clock * 1000, (time.process_time() + work_s(backend) - before) * 1000))
        for key, both in taken.items():
            times[key].append(quantile([clock for clock, _worked in both], 0.5))
            work[key].append(quantile([worked for _clock, worked in both], 0.5))
    return {key: Visits(Series(tuple(times[key])), Series(tuple(work[key])), queries[key]) for key in ways}


def _tell_pages(result: Result, found: dict[Key, Visits]) -> None:
    for (who, name, size), large in found.items():
        if size == "small":
            continue
        small = found.get((who, name, "small"))
        beside = f"; at {SMALL} listings {small.times.text('{:.1f}')} ms / {small.work.median:.1f}" if small else ""
        result.figure(f"{who}, {name}: ms / processor", f"{large.times.text('{:.1f}')} ms / {large.work.median:.1f}; {large.queries} queries{beside}")
    most = max(one.queries for one in found.values())
    result.goal(f"at most {MOST_QUERIES} queries beside the door's", str(most), met=most <= MOST_QUERIES)
    for who, name, size in found:
        if size == "small" and not name.startswith("search"):  # a word finds more where there is more
            growth = found[who, name, "large"].work.per(found[who, name, "small"].work)
            clock = found[who, name, "large"].times.per(found[who, name, "small"].times)
            what = f"{who}, {name}: at most 1.3x its processor time at {SMALL} listings"
            result.goal(what, f"{growth.text('{:.2f}x')}; by the clock {clock.text('{:.2f}x')}", met=growth.median <= 1.3)


def _deep(store: Store) -> str:
    """Return the token of a page nine tenths down."""
    rows = Listing.objects.filter(store=store).order_by(*ORDER)
    last = rows[rows.count() * 9 // 10]
    return token_of([getattr(last, name) for name in ORDER], backwards=False)


def _visitor(user: User, address: str) -> Callable[[], object]:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def visit() -> object:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        return answer

    return visit


# --- suggestions ------------------------------------------------------------------------------------------------------
def _suggestions(result: Result, house: House, count: int, *, quick: bool) -> None:
    with tenant(house.psp.pk):
        store = Store.objects.select_related("customer").get(pk=house.store.pk)
        rows = [one.listing for one in listing_page(store, ListingFilter(show="unmapped"), suggest=False).rows]

    def judge() -> float:
        with tenant(house.psp.pk):
            return seconds(lambda: Suggester(store.customer).judge(rows)) * 1000

    series = side_by_side({"judge": judge}, repeats=2 if quick else REPEATS)["judge"]
    result.figure(f"judging a page of {len(rows)} listings against {PRODUCTS} products, ms", series.text("{:.1f}"))
    with tenant(house.psp.pk):
        run_row = start_run(store_id=store.pk, level=80, by=house.owner)
    accepting = seconds(_run_all)
    with tenant(house.psp.pk):
        run_row.refresh_from_db()
        accepted = run_row.accepted
        undo_run(run_id=run_row.pk)
    undoing = seconds(_run_all)
    result.figure(
        "accepting all from 80 % on, listings judged a second, connected, whole time",
        f"{run_row.seen / accepting:,.0f}/s, {accepted:,}, {accepting:.1f} s",
    )
    result.figure("taking all of it back, connections a second", f"{accepted / undoing:,.0f}/s in {undoing:.1f} s")
    if run_row.seen < count * 0.9:
        raise RuntimeError(f"Only {run_row.seen} listings were judged: the benchmark measures something else than it says.")


def _run_all() -> None:
    while run_next():
        pass
