"""The test database: made and migrated as the owner role, used as the application role.

A suite that connects as owner or superuser would pass with every row-level policy missing; this one feels each of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from django.db.backends.utils import CursorWrapper
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from tests.factories.cast import House

APPLICATION_ROLE = "hub_app"
NO_SERVER = (
    "The tests need a PostgreSQL of their own and {missing} not set. Run `make test` (arguments: make test ARGS='-k intake'), "
    "or keep `make servers` running in another terminal and paste the lines that it prints here."
)


class BrowserTogether(LoadFileScheduling):  # type: ignore[misc]  # published without types
    """A file stays in one process, for its fixtures' sake, and all that look through a browser in one: they share a whole hub, and two cost both."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserTogether:
    """Spread tests over processes so."""
    return BrowserTogether(config, log)


def worker_of(request: pytest.FixtureRequest) -> str:
    """Return the name of the pytest-xdist worker, or an empty text when the tests run in one process."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", ""))


def tables_without_rows(cursor: CursorWrapper) -> list[str]:
    """Return the tables that are empty right after the migrations."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    empty = []
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
        if cursor.fetchone() == (False,):
            empty.append(str(table))
    return empty


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the test database and point both aliases to it: ``default`` stays the application role, ``owner`` the role that migrates."""
    from django.core.management import call_command
    from django.db import connections

    from tests import kept_schema

    missing = [name for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if not os.environ.get(name)]
    if missing:
        pytest.exit(
            NO_SERVER.format(missing=" and ".join(missing) + (" is" if len(missing) == 1 else " are")), returncode=pytest.ExitCode.USAGE_ERROR
        )
    name = "_".join(filter(None, ["test_hub", worker_of(request)]))
    original = str(connections["owner"].settings_dict["NAME"])

    def point_to(database: str) -> None:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database

    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
        point_to(name)
        with connections["owner"].cursor() as cursor:  # as roles.sql does for the real one
            cursor.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            cursor.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APPLICATION_ROLE}, hub_narrowed")
        known = kept_schema.load(name)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        if not known:
            connections["owner"].close()
            kept_schema.keep(name)
        with connections["owner"].cursor() as cursor:
            # Transactional tests empty the tables after themselves. The application never may.
            cursor.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {APPLICATION_ROLE}")
            emptied = tables_without_rows(cursor)
        connections["owner"].close()
    # The router lets no table be made through "default", so Django takes it for a database without tables and would empty none.
    # Rows that migrations have put there stay: nothing would put them there again.
    with mock.patch.object(connections["default"].introspection, "django_table_names", return_value=emptied):
        yield
    with django_db_blocker.unblock():
        point_to(original)
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        connections["owner"].close()


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    """Each test stores its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _tokens_that_spell_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the random token of each form with four rare letters: "this page names nobody of another tenant" must not fail on a token with "Sam" in it."""
    monkeypatch.setattr("django.middleware.csrf.CSRF_ALLOWED_CHARS", "QXqx")


@pytest.fixture
def north(db: None) -> House:
    """Northprint with Ada's connected store."""
    from tests.factories.cast import northprint

    return northprint()


@pytest.fixture
def south(db: None) -> House:
    """Southprint, the other tenant."""
    from tests.factories.cast import southprint

    return southprint()


@pytest.fixture(autouse=True)
def transaction_of_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the guard against network calls in transactions count from the transaction that wraps a database test."""
    if not (request.node.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(request.fixturenames)):
        yield
        return
    from django.db import connections

    from pod_hub.core.http import allowed_atomic_depth

    request.getfixturevalue("_django_db_helper")
    mark = allowed_atomic_depth.set(max((len(one.atomic_blocks) for one in connections.all(initialized_only=True)), default=0))
    yield
    allowed_atomic_depth.reset(mark)
