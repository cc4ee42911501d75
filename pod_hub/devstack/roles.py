"""The hub's database and roles on an embedded server, made as its superuser. Real servers run the same ``roles.sql`` through psql."""

from __future__ import annotations

from pathlib import Path

import psycopg

from pod_hub.devstack.layout import CHECKOUT
from pod_hub.devstack.postgres import SUPERUSER

DATABASE = "hub"
ROLES_SQL = CHECKOUT / "pod_hub" / "core" / "sql" / "roles.sql"


def make_database_and_roles(sockets: Path) -> None:
    """Make the database and the roles, or bring them up to date; harmless when repeated."""
    with psycopg.connect(host=str(sockets), user=SUPERUSER, dbname="postgres", autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            server.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(host=str(sockets), user=SUPERUSER, dbname=DATABASE) as database:
        database.execute(ROLES_SQL.read_bytes())
