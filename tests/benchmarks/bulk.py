"""(h) One file of 50,000 rows: checked, connected and taken back, in how long and in how much memory, beside one of a tenth."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.utils.timezone import now

from orders.models import BulkImport
from orders.services.bulk.starting import apply_import, start_import, undo_import
from orders.tasks import bulk_imports, fetch_linked_files
from pod_hub.core.csv_files import csv_bytes
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Listing, Store
from tests.benchmarks.measure import Result, quantile, seconds
from tests.channels.tiny_server import Reply, TinyServer
from tests.factories.cast import GERMANY, House, artwork, make_house

TITLE = "A bulk import of 50,000 rows"
HEADER = ("SKU", "Product UID", "Design File URL")
LINKS = 20
MOST_MB = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step of one import took: by the clock, of this process's processor, and by how much memory it grew at most."""

    spent_s: float
    cpu_s: float
    grew_mb: float


def run(result: Result, *, quick: bool) -> None:
    """Take a small file and a large one through all steps. Every other row links to one of a few design files."""
    large = 200 if quick else 50_000
    mark = secrets.token_hex(3)
    server = TinyServer()
    for number in range(LINKS):
        server.routes[f"/{number}.png"] = Reply(200, artwork(colour=f"#{number * 9:02x}6f54"), {"Content-Type": "image/png"})
    house = make_house(f"Bulk{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=f"A9B{mark}")
    allowed = [*settings.TYPED_ADDRESSES_ALSO, server.url.removeprefix("http://")]
    try:
        with override_settings(TYPED_ADDRESSES_ALSO=allowed):
            found = {count: _taken(house, server, count) for count in (large // 10, large)}
    finally:
        server.close()
    small, big = found[large // 10], found[large]
    for step, one in big.items():
        result.figure(
            f"{step}: rows a second; whole time, processor of the worker, memory it took more",
            f"{large / one.spent_s:,.0f}/s; {one.spent_s:.1f} s, {one.cpu_s:.1f} s, {one.grew_mb:.0f} MB"
            f" (at {large // 10:,} rows {small[step].spent_s:.1f} s, {small[step].grew_mb:.0f} MB)",
        )
    most = max(one.grew_mb for one in big.values())
    result.goal(f"no step takes more than {MOST_MB} MB, whatever the size", f"{most:.0f} MB", met=most <= MOST_MB)
    page = _page_ms(house)
    result.figure("the page of the import with its verdicts: ms", f"{page:.0f}")
    result.remarks.append(
        "The database's own work is in the whole time and not in the worker's processor time; memory is the worker's, PostgreSQL's is not."
    )


def _taken(house: House, server: TinyServer, count: int) -> dict[str, Taken]:
    with tenant(house.psp.pk):
        store: Store = Store.objects.create(customer=house.customer, facility=house.facility, kind="amazon", name=f"Of {count}", marketplace=GERMANY)
        Listing.objects.bulk_create(
            (Listing(store=store, key=f"SKU-{number:06}", sku=f"SKU-{number:06}", title=f"Card no. {number}") for number in range(count)),
            batch_size=5_000,
        )
    content = csv_bytes(HEADER, _rows(house, server, count))
    taken: dict[str, Taken] = {}

    def upload() -> None:
        with tenant(house.psp.pk):
            start_import(store=store, file=ContentFile(content), file_name="products.csv", email="olga@bulk.test", by=house.owner)
        _until(store, BulkImport.Stage.CHECKED)

    taken["uploaded, read and checked"] = _timed(upload)
    with tenant(house.psp.pk):
        import_id = BulkImport.objects.get(store=store).pk
        apply_import(import_id=import_id)
    taken["connected, with its design files"] = _timed(lambda: _until(store, BulkImport.Stage.DONE))
    with tenant(house.psp.pk):
        counts = BulkImport.objects.get(pk=import_id).counts
        if counts != {"connected": count}:
            raise RuntimeError(f"Not every row was connected: {counts}. The benchmark measures something else than it says.")
        undo_import(import_id=import_id)
    taken["taken back"] = _timed(lambda: _until(store, BulkImport.Stage.UNDONE))
    return taken


def _rows(house: House, server: TinyServer, count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        designed = number % 2 == 0
        yield f"SKU-{number:06}", (house.mug if designed else house.sticker).uid, f"{server.url}/{number // 2 % LINKS}.png" if designed else ""


def _until(store: Store, stage: str) -> None:
    """Work as the workers do, until the import has come to a stage."""
    while True:
        bulk_imports()
        fetch_linked_files()
        with tenant(store.psp_id):
            row = BulkImport.objects.get(store=store)
            if row.stage == stage:
                return
            if row.delivery == Delivery.PARKED:
                raise RuntimeError(f"The import stopped: {row.last_error}")
            BulkImport.objects.filter(pk=row.pk).update(not_before=now())


def _timed(step: Callable[[], object]) -> Taken:
    with _watched() as grew:
        began, cpu = time.perf_counter(), time.process_time()
        step()
        spent = time.perf_counter() - began, time.process_time() - cpu
    print(f"  ... a step of {spent[0]:.0f} s", flush=True)
    return Taken(*spent, grew[0])


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Yield a list that holds, afterwards, by how many MB this process grew at most. Linux forgets its high-water mark on request."""
    Path("/proc/self/clear_refs").write_text("5")
    before, grew = _memory_mb("VmRSS"), [0.0]
    yield grew
    grew[0] = max(0.0, _memory_mb("VmHWM") - before)


def _memory_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _page_ms(house: House) -> float:
    client = Client(SERVER_NAME="localhost")
    client.force_login(house.owner, backend="django.contrib.auth.backends.ModelBackend")
    with tenant(house.psp.pk):
        row = BulkImport.objects.order_by("-pk")[0]
        address = f"/orders/imports/{row.public_id}/"
    if client.get(address).status_code != 200:
        raise RuntimeError(f"{address} is not the import's page.")
    return quantile([seconds(lambda: client.get(address)) * 1000 for _visit in range(7)], 0.5)
