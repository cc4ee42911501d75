"""Backup and restore between two real databases (pod_hub/backup.py and its commands)."""

from __future__ import annotations

import gzip
import io
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from pytest_django import Settings

from catalog.models import PrintFile
from catalog.services.print_files import content_of
from orders.buyer_data import buyer_of
from orders.models import Order
from pod_hub.accounts.models import Psp
from pod_hub.backup import _content, _tables
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.core.walls import missing_walls
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.cast import House, northprint, southprint

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]
Elsewhere = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def houses() -> tuple[House, House]:
    """Two tenants with orders, sealed buyers and files, really committed."""
    made = northprint(), southprint()
    for house in made:
        bought(house, amazon_order(), amazon_order(buyer={"buyerName": "Tab\tNewline\nBackslash\\ Ünïcödé", "buyerEmail": "x@y.example"}))
    return made


@pytest.fixture(scope="module")
def other_database(django_db_setup: None, django_db_blocker: object) -> Iterator[str]:
    """A second database on the same server, migrated and never used."""
    name = f"{connections['owner'].settings_dict['NAME']}_restored"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
            cursor.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            cursor.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO hub_app")
        with pointed_to(name):
            call_command("migrate", database="owner", interactive=False, verbosity=0)
    yield name
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def pointed_to(database: str) -> Iterator[None]:
    """Let both aliases look at another database."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}

    def point(names: dict[str, str]) -> None:
        for alias, name in names.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name

    point(dict.fromkeys(before, database))
    try:
        yield
    finally:
        point(before)


@pytest.fixture
def elsewhere(other_database: str, settings: Settings, tmp_path: Path) -> Elsewhere:
    """Step over to the empty database with an empty storage; it is emptied again when stepping back."""

    @contextmanager
    def over() -> Iterator[None]:
        here = settings.MEDIA_ROOT
        settings.MEDIA_ROOT = tmp_path / "media-elsewhere"
        with pointed_to(other_database):
            try:
                yield
            finally:
                with connections["owner"].cursor() as cursor:
                    kept = {"django_migrations", "django_content_type", "auth_permission"}
                    emptied = ", ".join(f'"{table}"' for table in _tables(cursor) if table not in kept)
                    cursor.execute(f"TRUNCATE {emptied}")
        settings.MEDIA_ROOT = here

    return over


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def contents() -> dict[str, tuple[int, str]]:
    """Every table's number of rows and hash, as the application role sees them over all tenants."""
    with across_tenants(reason="test"), connection.cursor() as cursor:
        return {table: _content(cursor, table, columns, lambda _piece: None) for table, columns in _tables(cursor).items()}


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('orders_order', 'id'))")
        return int(cursor.fetchone()[0])


def test_everything_comes_back_in_another_database(houses: tuple[House, House], elsewhere: Elsewhere, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    said = run("backup", str(folder))
    before, last = contents(), next_number()
    with across_tenants(reason="test"):
        counts = {house.psp.pk: Order.objects.filter(psp=house.psp).count() for house in houses}
    assert counts[houses[0].psp.pk] == 2
    assert sum(rows for rows, _hash in before.values()) > 100 and f"{len(before)} tables" in said and "FIELD_KEYS" in said
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with elsewhere():
        assert not Psp.objects.exists()
        assert "are back and checked" in run("restore", str(folder))
        after = contents()
        assert after == before
        assert next_number() == last  # the one that was taken after the backup
        with connection.cursor() as cursor:
            assert missing_walls(cursor) == []
            cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM orders_order")
            assert cursor.fetchone() == (0,)  # nobody's scope is open
        for house in houses:
            with tenant(house.psp.pk):
                buyers = {buyer.name for order in Order.objects.all() if (buyer := buyer_of(order))}
                assert len(buyers) == counts[house.psp.pk]
                assert house is not houses[0] or buyers == {"Bea Buyer", "Tab\tNewline\nBackslash\\ Ünïcödé"}
                for file in PrintFile.objects.all():
                    assert content_of(file) and default_storage.exists(file.preview_name)


def references() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2")
        return list(cursor.fetchall())


def test_constraints_and_policies_are_the_same_afterwards(houses: tuple[House, House], elsewhere: Elsewhere, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "backup"))
    with elsewhere():
        before = references()
        run("restore", str(tmp_path / "backup"))
        assert references() == before and len(before) > 100


def test_sealed_values_and_people_are_not_readable_in_the_backup(houses: tuple[House, House], tmp_path: Path) -> None:
    run("backup", str(tmp_path / "backup"))
    for path in (tmp_path / "backup" / "tables").iterdir():
        content = gzip.decompress(path.read_bytes())
        for secret in (b"Bea", b"Lindenstra", b"Atzr|", b"bea@"):
            assert secret not in content and secret.hex().encode() not in content, (path.name, secret)


def test_any_machine_can_check_a_backup(houses: tuple[House, House], tmp_path: Path) -> None:
    run("backup", str(tmp_path / "backup"))
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path / "backup", check=False)  # noqa: S607
    assert done.returncode == 0


def test_a_database_that_holds_rows_is_refused_and_left_alone(houses: tuple[House, House], tmp_path: Path, settings: Settings) -> None:
    run("backup", str(tmp_path / "backup"))
    before = contents()
    with pytest.raises(CommandError, match="stored files already"):
        run("restore", str(tmp_path / "backup"))
    settings.MEDIA_ROOT = tmp_path / "empty"
    with pytest.raises(CommandError, match="not empty: .* holds rows"):
        run("restore", str(tmp_path / "backup"))
    assert contents() == before
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda folder: next((folder / "media").rglob("*.png")).write_bytes(b"x"), "differs from its checksum"),
        (lambda folder: (folder / "tables/orders_order.copy.gz").unlink(), "is missing from the backup"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "is no backup"),
        (lambda folder: (folder / "SHA256SUMS").write_text("0" * 64 + "  ../../etc/passwd\n"), "no name that a stored file may have"),
    ],
)
def test_a_damaged_backup_restores_nothing(
    houses: tuple[House, House], elsewhere: Elsewhere, tmp_path: Path, harm: Callable[[Path], object], why: str
) -> None:
    run("backup", str(tmp_path / "backup"))
    harm(tmp_path / "backup")
    with elsewhere():
        before = contents()
        with pytest.raises(CommandError, match=why):
            run("restore", str(tmp_path / "backup"))
        assert contents() == before


def test_a_restore_that_fails_half_way_leaves_nothing_behind(
    houses: tuple[House, House], elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(tmp_path / "backup"))
    with elsewhere():
        before, constraints = contents(), references()
        saved: list[str] = []
        keep = default_storage.save

        def fails_at_the_third(name: str, content: Any) -> str:
            if len(saved) == 2:
                raise OSError("no space left on device")
            saved.append(keep(name, content))
            return str(saved[-1])

        monkeypatch.setattr(default_storage, "save", fails_at_the_third)
        with pytest.raises(OSError, match="no space left"):
            run("restore", str(tmp_path / "backup"))
        monkeypatch.undo()
        assert len(saved) == 2 and not any(default_storage.exists(name) for name in saved)
        assert (contents(), references()) == (before, constraints)
        with connection.cursor() as cursor:
            assert missing_walls(cursor) == []
        run("restore", str(tmp_path / "backup"))


def test_a_backup_of_another_version_is_refused_by_name(houses: tuple[House, House], elsewhere: Elsewhere, tmp_path: Path) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_future', now())")
    try:
        run("backup", str(tmp_path / "backup"))
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_future'")
    with elsewhere(), pytest.raises(CommandError, match=r"only in the backup: orders\.9999_future"):
        run("restore", str(tmp_path / "backup"))


def test_nothing_is_written_over_and_an_interrupted_backup_is_named(houses: tuple[House, House], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("keep me")
    with pytest.raises(CommandError, match="not an empty folder"):
        run("backup", str(tmp_path / "mine"))
    assert (tmp_path / "mine/letter.txt").read_text() == "keep me"
    (tmp_path / "next.partial").mkdir()
    with pytest.raises(CommandError, match="was interrupted"):
        run("backup", str(tmp_path / "next"))
