"""A large hub in a minute or two: 50 print providers and as many orders as asked for, written by SQL as the owner of the tables.

The biggest provider has a fifth of everything. Nine of ten orders were shipped, as in a hub that has run for a year; the rest is open, held or
cancelled. Orders carry lines, buyers (of random bytes), shipments and packages; intake records and timelines, which no list reads, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.timezone import now

from orders.models import Order
from pod_hub.accounts.models import Customer, Facility, Psp, User
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind
from stores.models import Listing, Store
from stores.services.authorizations import attach_grant
from tests.factories.cast import GERMANY, House, make_house

PSPS = 50
TABLES = ("orders_order", "orders_orderline", "orders_buyerdata", "orders_hold", "fulfillment_shipment", "fulfillment_package")
SLOTS = 100
# A slot's first letter of the state machine, by order number modulo 100: 90 shipped, 3 ready, 2 held, 3 in production, 2 cancelled.
STATE = """CASE WHEN g % 100 < 90 THEN 'shipped' WHEN g % 100 < 95 THEN 'received' WHEN g % 100 = 95 THEN 'released' WHEN g % 100 = 96 THEN 'printing'
           WHEN g % 100 = 97 THEN 'packing' ELSE 'cancelled' END"""
CHANNEL_STATE = "CASE WHEN g % 100 < 90 THEN 'shipped' WHEN g % 100 < 98 THEN 'unshipped' ELSE 'cancelled' END"

FILL = f"""
INSERT INTO orders_order (id, psp_id, public_id, store_id, customer_id, facility_id, external_id, revision, state, channel_state, channel_status, marketplace,
    placed_at, ship_by, service_level, programs, total, currency, replaces, ship_to_country, open_holds, imported_at)
SELECT %(base)s + g, h.psp_id, 'ord_' || left(md5('o' || %(base)s + g), 16), h.store_id, s.customer_id, h.facility_id,
    lpad((g %% 1000)::text, 3, '0') || '-' || lpad((g / 10)::text, 7, '0') || '-' || lpad((g %% 10)::text, 7, '0'),
    at, {STATE.replace("%", "%%")}, {CHANNEL_STATE.replace("%", "%%")}, 'Shipped', '{GERMANY}', at, at + interval '2 days', 'STANDARD', '{{}}',
    14.90, 'EUR', '', 'DE', (g %% 100 IN (93, 94))::int, at + interval '5 minutes'
FROM (SELECT g, %(moment)s::timestamptz - g * interval '30 seconds' AS at FROM generate_series(1, %(count)s) g) numbers
JOIN bench_house h ON h.slot = (g / 100 * 7 + g) %% {SLOTS} JOIN stores_store s ON s.id = h.store_id;

INSERT INTO orders_orderline (id, psp_id, public_id, order_id, external_line_id, listing_id, sku, product_id, title, quantity, quantity_shipped,
    pieces_each, unit_price, currency, state, is_personalised)
SELECT %(line_base)s + 2 * g + extra, o.psp_id, 'lin_' || left(md5('l' || %(line_base)s || '-' || g || '-' || extra), 16), o.id, (g * 10 + extra)::text, h.listing_id,
    'SKU-' || g %% %(skus)s || '-' || extra, 'B0' || g %% 5000, 'Ceramic mug 11oz, white', 1, (o.state = 'shipped')::int, 1, 14.90, 'EUR',
    o.state, false
FROM orders_order o JOIN bench_house h ON h.store_id = o.store_id AND h.first, LATERAL (SELECT o.id - %(base)s AS g) numbers,
    generate_series(0, ((o.id %% 4) = 0)::int) extra
WHERE o.id > %(base)s;

INSERT INTO orders_buyerdata (psp_id, order_id, sealed, postcode_hash, email_hash, surname_hash)
SELECT psp_id, id, decode(repeat(md5(id::text), 16), 'hex'), md5('p' || id %% 20000), md5('e' || id), md5('s' || id %% 20000)
FROM orders_order WHERE id > %(base)s;

INSERT INTO orders_hold (psp_id, public_id, order_id, kind, reason, opened_at, release_reason)
SELECT psp_id, 'hld_' || left(md5('h' || id), 16), id, 'address', 'The marketplace has not given a delivery address yet.', placed_at, ''
FROM orders_order WHERE id > %(base)s AND open_holds > 0;

INSERT INTO fulfillment_shipment (id, psp_id, public_id, order_id, facility_id, shipped_at)
SELECT %(shipment_base)s + id - %(base)s, psp_id, 'shp_' || left(md5('s' || id), 16), id, facility_id, placed_at + interval '1 day'
FROM orders_order WHERE id > %(base)s AND state = 'shipped';

INSERT INTO fulfillment_package (psp_id, public_id, shipment_id, order_id, number, carrier_code, carrier_name, shipping_method, tracking_number, shipped_at)
SELECT s.psp_id, 'pkg_' || left(md5('p' || s.id), 16), s.id, s.order_id, 1, 'DHL', '', '', 'JD' || lpad((s.order_id - %(base)s)::text, 12, '0'), s.shipped_at
FROM fulfillment_shipment s WHERE s.order_id > %(base)s;
"""


@dataclass(frozen=True, slots=True)
class Hub:
    """A filled database and how to reach it."""

    owner: User  # of the biggest provider
    psp_id: int
    operator: User
    count: int
    wrapper: BaseDatabaseWrapper

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let ``default`` be this database."""
        usual = connections["default"]
        connections["default"] = self.wrapper
        try:
            yield
        finally:
            connections["default"] = usual

    def backend(self) -> int:
        """Return the process of the database that serves this connection."""
        with self.wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])


def two_hubs(*, small: int, large: int, say: Callable[[str], None]) -> tuple[Hub, Hub]:
    """Fill the hub's database with ``large`` orders, and a copy of the empty one with ``small``; return (small, large)."""
    held = _held(small, large)
    if held is not None:
        return held
    house = _providers()
    operator = User.objects.create_superuser(f"operator@{house.psp.slug}.test", "correct horse battery staple")
    name = str(connections["default"].settings_dict["NAME"])
    copy = f"{name}_small"
    connections["default"].close()
    _owner("postgres", f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    _owner(copy, f'REVOKE ALL ON DATABASE "{copy}" FROM PUBLIC', f'GRANT CONNECT, TEMPORARY ON DATABASE "{copy}" TO hub_app, hub_narrowed')
    hubs: list[Hub] = []
    for database, count in ((copy, small), (name, large)):
        say(f"writing {count:,} orders")
        _fill(database, count)
        hubs.append(_hub(database, house.owner, house.psp.pk, operator, count))
    return hubs[0], hubs[1]


def _hub(database: str, owner: User, psp_id: int, operator: User, count: int) -> Hub:
    wrapper = connections.create_connection("default")
    wrapper.settings_dict = {**wrapper.settings_dict, "NAME": database}
    return Hub(owner, psp_id, operator, count, wrapper)


def _held(small: int, large: int) -> tuple[Hub, Hub] | None:
    """Return the hubs of an earlier run on the same servers, for whoever works on a page and does not want to fill them again."""
    psp = Psp.objects.filter(slug__startswith="large").order_by("-pk").first()
    if psp is None:
        return None
    with tenant(psp.pk):
        enough = Order.objects.count() > large // 10
    operator = User.objects.filter(email=f"operator@{psp.slug}.test").first()
    owner = User.objects.filter(email=f"olga@{psp.slug}.test").first()
    if not enough or operator is None or owner is None:
        return None
    name = str(connections["default"].settings_dict["NAME"])
    return _hub(f"{name}_small", owner, psp.pk, operator, small), _hub(name, owner, psp.pk, operator, large)


def _providers() -> House:
    """Make 50 providers: one with all that pages show, the others with a connected store."""
    mark = str(Psp.objects.count())
    first = make_house(f"Large{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=f"A2LARGE{mark}")
    houses = [(first.psp.pk, first.store.pk, first.facility.pk, first.listing.pk)]
    for number in range(1, PSPS):
        psp = Psp.objects.create(name=f"Provider {mark} {number}", slug=f"provider-{mark}-{number}")
        with tenant(psp.pk):
            facility = Facility.objects.create(name="Plant", address_lines="Dock 1", city="Hamburg", postcode="20457", country="DE")
            customer = Customer.objects.create(name="Shop", storefronts_enabled=True)
            store = Store.objects.create(customer=customer, facility=facility, kind=ChannelKind.AMAZON, name="Shop", marketplace=GERMANY)
            attach_grant(store_id=store.pk, grant=Grant(f"A3LARGE{mark}X{number}", "Atzr|t", "", 0), region="EU")
            listing = Listing.objects.create(store=store, key="MUG", sku="MUG", title="Mug")
        houses.append((psp.pk, store.pk, facility.pk, listing.pk))
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_house")
        cursor.execute("CREATE TABLE bench_house (slot int, psp_id bigint, store_id bigint, facility_id bigint, listing_id bigint, first bool)")
        seen: set[int] = set()
        for slot in range(SLOTS):
            house = houses[0 if slot < SLOTS // 5 else 1 + slot % (PSPS - 1)]
            cursor.execute("INSERT INTO bench_house VALUES (%s, %s, %s, %s, %s, %s)", [slot, *house, house[0] not in seen])
            seen.add(house[0])
    connections["owner"].close()
    return first


def _owner(database: str, *statements: str) -> None:
    """Run statements as the owner, outside a transaction."""
    wrapper = connections.create_connection("owner")
    wrapper.settings_dict = {**wrapper.settings_dict, "NAME": database}
    try:
        with wrapper.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        wrapper.close()


def _fill(database: str, count: int) -> None:
    wrapper = connections.create_connection("owner")
    wrapper.settings_dict = {**wrapper.settings_dict, "NAME": database}
    try:
        with wrapper.cursor() as cursor:
            # References are checked together at the end, which takes seconds where one by one takes minutes.
            cursor.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)",
                [list(TABLES)],
            )
            references = cursor.fetchall()
            for table, name, _definition in references:
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            bases = {}
            for key, table in (("base", "orders_order"), ("line_base", "orders_orderline"), ("shipment_base", "fulfillment_shipment")):
                cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
                bases[key] = cursor.fetchone()[0]
            cursor.execute("SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")
            for statement in FILL.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, {**bases, "count": count, "moment": now(), "skus": max(1, count // 200)})
            for table in ("orders_order", "orders_orderline", "fulfillment_shipment"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            for table, name, definition in references:
                cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")
    finally:
        wrapper.close()


def orders_of(hub: Hub) -> int:
    """Return how many orders the biggest provider has."""
    with hub.open(), tenant(hub.psp_id):
        return Order.objects.count()
