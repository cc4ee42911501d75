"""200 hostile imports and 1,000 exported formula cells (quality.md §3.3): nothing is calculated, opened, connected or left hanging."""

from __future__ import annotations

import csv
import io
import itertools
import resource
import sys
import time
from collections import Counter
from typing import Any

import pytest

from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.columns import exported
from orders.services.bulk.reporting import result_lines
from orders.services.bulk.starting import CannotImport, cancel_import
from orders.tasks import bulk_imports
from pod_hub.core.narrowing import Narrowing
from pod_hub.core.tenancy import tenant
from stores.models import Listing, ListingMapping
from tests.orders.bulk.conftest import Shop
from tests.orders.bulk.hostile_tables import all_tables

pytestmark = pytest.mark.django_db
FORMULA_SIGNS = "=+-@\t\r"
MOST_SECONDS = 20  # of one file, on a machine that is busy with others; a hanging one would take for ever
MOST_MEMORY = 700 * 1024 * 1024  # more than a worker that did nothing yet
# What a program opens by itself while it works.
OWN = ("/proc/", "/dev/", "/sys/")
_opened: list[str] = []
_listening = [False]


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening[0] and event in {"open", "os.system", "subprocess.Popen", "socket.connect"}:
        _opened.append(f"{event} {arguments[0] if event != 'socket.connect' else arguments[1]}")


sys.addaudithook(_watch)


def _breaches(allowed: tuple[str, ...]) -> list[str]:
    """What was opened that no import needs: files outside the test's own storage, the interpreter's and its temporary ones; programs; connections."""
    found = []
    for line in _opened:
        event, _space, what = line.partition(" ")
        if event == "open" and (what.startswith((*allowed, *OWN)) or what.isdecimal()):
            continue
        if event == "socket.connect" and ("/run" in what or "sock" in what or "s.PGSQL" in what):
            continue  # the test's own database and broker
        found.append(line)
    return found


def test_no_hostile_file_does_harm(shop: Shop, settings: Any) -> None:
    tables = all_tables()
    assert len(tables) >= 200
    shop.listing("CARD-1")
    allowed = (str(settings.MEDIA_ROOT), sys.prefix, sys.base_prefix, str(settings.BASE_DIR), "/tmp/", "/usr/", "/etc/mime.types", "/etc/localtime")
    with tenant(shop.house.psp.pk):
        mappings = ListingMapping.objects.count()
    before, outcomes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Counter[str]()
    for name, content in tables:
        started = time.monotonic()
        _opened.clear()
        _listening[0] = True
        try:
            row = shop.upload(content, "hostile.csv")
        except CannotImport:
            outcomes["refused at once"] += 1
            continue
        finally:
            _listening[0] = False
        _listening[0] = True
        try:
            while bulk_imports():
                pass
        finally:
            _listening[0] = False
        row = shop.fresh(row)
        outcomes[row.stage] += 1
        assert _breaches(allowed) == [], name
        assert row.stage in {BulkImport.Stage.CHECKED, BulkImport.Stage.FAILED}, (name, row.stage)
        assert time.monotonic() - started < MOST_SECONDS, name
        if row.stage == BulkImport.Stage.FAILED:
            assert row.last_error.endswith((".", "?")) and "Traceback" not in row.last_error, (name, row.last_error)
        with tenant(shop.house.psp.pk):
            rows = BulkImportRow.objects.filter(bulk_import=row)
            assert set(rows.values_list("verdict", flat=True)) <= set(Verdict.values)
            # Only a row that names a listing, a product that may be used and an address that may be asked is ready.
            assert not rows.filter(verdict=Verdict.READY).exclude(listing__sku="CARD-1").exists(), name
            list(result_lines(import_id=row.pk, psp_id=shop.house.psp.pk))
            cancel_import(import_id=row.pk)
            BulkImportRow.objects.filter(bulk_import=row).delete()
    with tenant(shop.house.psp.pk):
        assert ListingMapping.objects.count() == mappings
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_MEMORY
    assert outcomes["checked"] and outcomes["failed"], outcomes
    assert shop.server.seen == []


def _cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_no_exported_cell_becomes_a_formula(shop: Shop) -> None:
    starts = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "  +", "=\t", "\n=")
    bodies = (
        "1+1",
        "cmd|' /C calc'!A0",
        'HYPERLINK("http://evil.example","x")',
        "SUM(1)*cmd",
        "x",
        'DDE("a";"b")',
        "49",
        "me",
        "'",
        '""',
        ",;",
        "IMPORTXML(A1)",
        "1e3",
    )
    texts = [start + body for start, body in itertools.product(starts, bodies)]
    with tenant(shop.house.psp.pk):
        made = [
            Listing(store=shop.house.store, key=f"{number}-{text}"[:200], sku=text, product_id=text[:40], title=text, channel_state=text[:60])
            for number, text in enumerate(itertools.islice(itertools.cycle(texts), 260))
        ]
        Listing.objects.bulk_create(made)
    content = b"".join(exported(store_id=shop.house.store.pk, psp_id=shop.house.psp.pk, narrowed=Narrowing()))
    assert content.startswith(b"\xef\xbb\xbf")
    hostile = [
        cell
        for row in _cells(content)[1:]
        for cell in row
        if cell.lstrip("' ") and any(sign in cell for sign in (*FORMULA_SIGNS, "＝", "＋", "－", "＠"))
    ]
    assert len(hostile) >= 1000
    for cell in hostile:
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), cell


def test_no_cell_of_a_result_becomes_a_formula(shop: Shop) -> None:
    row = shop.upload(shop.sheet(*((f"={number}+1", "@SUM(1)", "+cmd|'x'!A0") for number in range(100))))
    while bulk_imports():
        pass
    cells = [cell for line in _cells(b"".join(result_lines(import_id=row.pk, psp_id=shop.house.psp.pk)))[1:] for cell in line]
    assert sum(cell.startswith("'") for cell in cells) == 300
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
