"""(a) Orders a second through the whole intake path, beside COPY of the same rows and beside one ``save()`` per object."""

from __future__ import annotations

import io
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, connections, models, transaction

from orders.models import BuyerData, Hold, IntakeRecord, Order, OrderEvent, OrderLine
from orders.services.ledger import record_orders
from orders.services.mapping import map_listing
from orders.services.take_in import take_in
from pod_hub.accounts.actors import HUB
from pod_hub.core.public_ids import new_public_id
from pod_hub.core.tenancy import TenantModel, tenant
from stores.models import Listing
from tests.benchmarks.measure import REPEATS, Result, Series, side_by_side
from tests.benchmarks.processes import cpu_s
from tests.factories.amazon_orders import amazon_order, authorization_of, item, raw
from tests.factories.cast import House, make_house

TITLE = "Orders a second through the whole intake path"
PAGE = 100
CEILING = "bench_ceiling"
TABLES: tuple[type[TenantModel], ...] = (Order, OrderLine, BuyerData, Hold, OrderEvent, IntakeRecord)
SKUS, UNMAPPED = 20, 2


def run(result: Result, *, quick: bool) -> None:
    """Measure the four ways in turns, with fresh orders of the same kind every time."""
    count, repeats = (300, 2) if quick else (2000, REPEATS)
    mark = secrets.token_hex(4)
    house = make_house(f"Bench{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=f"A2{mark.upper()}")
    numbers = itertools.count(1)
    _sell(house)
    _take_in(house, _orders(numbers, PAGE))  # warm: imports, caches, plans
    ceiling = Ceiling(house)
    meter, few = Meter(), count // 10
    rates = side_by_side(
        {
            "intake": lambda: meter.rate("intake", count, partial(_take_in, house, _orders(numbers, count))),
            "copy": lambda: meter.rate("copy", count, ceiling.ready(count, foreign_keys=False)),
            "copy with references": lambda: meter.rate("copy with references", count, ceiling.ready(count, foreign_keys=True)),
            "save": lambda: few / _save_each(house, few),
        },
        repeats=repeats,
    )
    spent = {name: Series(tuple(values)) for name, values in meter.spent.items()}
    ceiling.drop()
    result.figure("rows of one order", ceiling.rows_of_one_order(count))
    result.figure("intake: record a page of 100, read, decide, seal, map, write, history, holds, verdict; orders/s", rates["intake"].text())
    result.figure("COPY of the same final rows, same indexes and checks, no policies, no foreign keys; orders/s", rates["copy"].text())
    result.figure("the same with foreign keys; orders/s", rates["copy with references"].text())
    result.figure("one save() per object, a transaction per order; orders/s", rates["save"].text())
    bare, held = rates["intake"].per(rates["copy"]), rates["intake"].per(rates["copy with references"])
    orm = rates["intake"].per(rates["save"])
    _judge(result, "share of COPY without foreign keys", bare, now=0.10, goal=0.20, form="{:.1%}")
    _judge(result, "share of COPY with foreign keys", held, now=0.10, goal=0.20, form="{:.1%}")
    _judge(result, "times one save() per object", orm, now=10, goal=20, form="{:.1f}x")
    for name, series in spent.items():
        result.figure(f"{name}: processor time of hub and database for one order", series.text("{:.3f}") + " ms")
    result.figure(
        "by processor time, intake's share of COPY without and with foreign keys",
        " and ".join(spent[name].per(spent["intake"]).text("{:.1%}") for name in ("copy", "copy with references")),
    )
    result.remarks.append(
        "Intake goes to and fro between two processes, COPY stays in one, so a machine that others use too shows intake slower than it is: each turn "
        "waits for a processor. The processor times leave that waiting out, and the waiting for the disk with it."
    )


def _judge(result: Result, what: str, found: Series, *, now: float, goal: float, form: str) -> None:
    result.goal(f"{what}: at least {form.format(now)} now", found.text(form), met=found.median >= now)
    result.goal(f"{what}: {form.format(goal)} is the goal", found.text(form), met=found.median >= goal)


def _sell(house: House) -> None:
    """Give the store twenty listings, of which eighteen are mapped."""
    with tenant(house.psp.pk):
        for number in range(SKUS):
            listing = Listing.objects.create(store=house.store, key=f"MUG-{number}", sku=f"MUG-{number}", title=f"Ceramic mug {number}")
            if number >= UNMAPPED:
                map_listing(listing_id=listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


def _orders(numbers: Any, count: int) -> list[dict[str, Any]]:
    """Return orders as Amazon tells them: three of four with one line, the fourth with two; every tenth line's listing is not mapped."""
    placed = datetime.now(UTC) - timedelta(hours=1)
    made = []
    for _index in range(count):
        number = next(numbers)
        lines = [item(f"MUG-{(number + extra) % SKUS}", number=f"{number:010d}{extra}") for extra in range(2 if number % 4 == 0 else 1)]
        made.append(amazon_order(orderId=f"028-{number // 10**7:07d}-{number % 10**7:07d}", placed=placed, orderItems=lines))
    return made


def _take_in(house: House, payloads: Sequence[dict[str, Any]]) -> float:
    """Record the orders page by page and take them in as the workers do; return the seconds it took."""
    authorization_id, psp_id = authorization_of(house), house.psp.pk
    began, done = time.perf_counter(), 0
    for start in range(0, len(payloads), PAGE):
        with tenant(psp_id):
            record_orders(authorization_id=authorization_id, orders=[raw(one) for one in payloads[start : start + PAGE]], road=IntakeRecord.Road.POLL)
    while (taken := take_in(authorization_id=authorization_id, psp_id=psp_id)) is not None and taken.records:
        done += taken.imported
    spent = time.perf_counter() - began
    if done != len(payloads):
        raise RuntimeError(f"{done} of {len(payloads)} orders were imported: the benchmark measures something else than it says.")
    return spent


class Meter:
    """The processor time that work takes in this process and in the database's two that serve it, in milliseconds an order."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self.backends = []
        for alias in ("default", "owner"):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backends.append(int(cursor.fetchone()[0]))

    def rate(self, name: str, count: int, work: Callable[[], float]) -> float:
        """Do the work, note its processor time, and return orders a second by the seconds that it says it took."""
        before = time.process_time() + cpu_s(self.backends)
        took = work()
        self.spent.setdefault(name, []).append((time.process_time() + cpu_s(self.backends) - before) / count * 1000)
        return count / took


class Ceiling:
    """The rows that intake last wrote, and tables like the hub's to copy them into: indexes, checks and defaults, but no policies."""

    def __init__(self, house: House) -> None:
        self.psp_id = house.psp.pk
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {CEILING} CASCADE; CREATE SCHEMA {CEILING}")

    def ready(self, count: int, *, foreign_keys: bool) -> Callable[[], float]:
        """Make fresh tables and read the rows of the newest ``count`` orders; return what copies them, a COPY a table in one transaction."""
        self._fresh_tables(foreign_keys=foreign_keys)
        return partial(self._copy, {model: self._rows(model, count) for model in TABLES})

    @staticmethod
    def _copy(rows: dict[type[TenantModel], bytes]) -> float:
        owner = connections["owner"]
        began = time.perf_counter()
        with transaction.atomic(using="owner"), owner.cursor() as cursor:
            for model in TABLES:
                with cursor.copy(f"COPY {CEILING}.{model._meta.db_table} FROM STDIN") as copy:
                    copy.write(rows[model])
        return time.perf_counter() - began

    def rows_of_one_order(self, count: int) -> str:
        """Say how many rows an order makes."""
        return f"{sum(self._rows(model, count).count(bytes([10])) for model in TABLES) / count:.1f} in {len(TABLES)} tables"

    def drop(self) -> None:
        """Leave nothing behind."""
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {CEILING} CASCADE")

    def _fresh_tables(self, *, foreign_keys: bool) -> None:
        with connections["owner"].cursor() as cursor:
            for model in TABLES:
                table = model._meta.db_table
                cursor.execute(f"DROP TABLE IF EXISTS {CEILING}.{table} CASCADE")
                cursor.execute(f"CREATE TABLE {CEILING}.{table} (LIKE public.{table} INCLUDING ALL)")
            if not foreign_keys:
                return
            for model in TABLES:
                table = model._meta.db_table
                cursor.execute(
                    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                    [f"public.{table}"],
                )
                for name, definition in cursor.fetchall():
                    told = definition
                    for target in TABLES:
                        told = told.replace(f"REFERENCES {target._meta.db_table}(", f"REFERENCES {CEILING}.{target._meta.db_table}(")
                    cursor.execute(f'ALTER TABLE {CEILING}.{table} ADD CONSTRAINT "{name}" {told}')

    def _rows(self, model: type[TenantModel], count: int) -> bytes:
        """Return the newest orders' rows of one table as COPY's text."""
        newest = f"SELECT id FROM orders_order ORDER BY id DESC LIMIT {count}"
        which = "id" if model is Order else "order_id"
        content = io.BytesIO()
        with tenant(self.psp_id), connection.cursor() as cursor:
            with cursor.copy(f"COPY (SELECT * FROM {model._meta.db_table} WHERE {which} IN ({newest})) TO STDOUT") as copy:
                for part in copy:
                    content.write(part)
        return content.getvalue()


def _save_each(house: House, count: int) -> float:
    """Store copies of the newest orders with one ``save()`` per object and a transaction per order; return the seconds.

    Reading, deciding and sealing are not in it: the values are ready.
    """
    with tenant(house.psp.pk):
        wanted = list(Order.objects.order_by("-pk")[:count])
        sheets = []
        for order in wanted:
            record = order.intake_records.get()
            buyer = order.buyer_data
            sheets.append((order, list(order.lines.all()), buyer, record, list(order.holds.all()), list(order.events.all())))
    began = time.perf_counter()
    for order, lines, buyer, record, holds, events in sheets:
        with tenant(house.psp.pk):
            _as_new(order, external_id=f"{order.external_id}+", public_id=None)
            copies: dict[int | None, OrderLine] = {}
            for line in lines:
                copies[line.pk] = line
                _as_new(line, order=order, public_id=None)
            _as_new(buyer, order=order)
            _as_new(record, order=order, external_id=order.external_id)
            for hold in holds:
                _as_new(hold, order=order, line=copies.get(hold.line_id or 0), public_id=None)
            for event in events:
                _as_new(event, order=order, line=copies.get(event.line_id or 0))
    spent = time.perf_counter() - began
    made = [order.pk for order, *_others in sheets]
    with tenant(house.psp.pk):
        for model in (OrderEvent, Hold, OrderLine, BuyerData, IntakeRecord):
            model.objects.filter(order__in=made).delete()
        Order.objects.filter(pk__in=made).delete()
    return spent


def _as_new(row: models.Model, **changes: Any) -> None:
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, new_public_id("bench") if name == "public_id" else value)
    row.save(force_insert=True)
