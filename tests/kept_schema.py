"""The migrated test database as a file of SQL, so that only the first run after a change of models or migrations migrates.

Migrating takes about a quarter of a minute, nearly all of it Django drawing models anew for every step. The file lies in ``.local/schema`` under
a hash of all that can change what migrations make. ``migrate`` still runs after it was read and finds nothing left to do, or does what is left.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from django.conf import settings

from pod_hub.devstack.binaries import postgres_client
from pod_hub.devstack.problems import StackProblem

# Migrations, what they import, and models: permissions and content types are made from these.
SOURCES = ("requirements.lock", "**/migrations/*.py", "**/*models*.py", "**/models/*.py", "**/apps.py", "pod_hub/core/*.py", "pod_hub/accounts/*.py")
PACKAGES = ("pod_hub", "stores", "catalog", "orders", "fulfillment")
KEPT = 3


def schema_file() -> Path:
    """Return where the schema of just this code is kept."""
    root, digest = settings.BASE_DIR, hashlib.sha256()
    found = {path for pattern in SOURCES for path in root.glob(pattern) if path.relative_to(root).parts[0] in (*PACKAGES, "requirements.lock")}
    for path in sorted(found):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    folder: Path = settings.LOCAL_DIR / "schema"
    return folder / f"{digest.hexdigest()[:24]}.sql"


def load(database: str) -> bool:
    """Fill an empty database from the file; False when there is none, or no program that reads it."""
    source = schema_file()
    if not source.exists() or (client := _client("psql", database)) is None:
        return False
    options = ["--quiet", "--no-psqlrc", "--output", os.devnull, "--set", "ON_ERROR_STOP=1", "--single-transaction", "--file", str(source)]
    subprocess.run([*client, *options], check=True)
    return True


def keep(database: str) -> None:
    """Write the migrated database to the file, whole or not at all, and delete the oldest ones; does nothing where there is no program for it."""
    if (client := _client("pg_dump", database)) is None:
        return
    target = schema_file()
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}")
    subprocess.run([*client, "--file", str(unfinished)], check=True)
    unfinished.replace(target)
    for old in sorted(target.parent.glob("*.sql"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)


def _client(program: str, database: str) -> list[str] | None:
    try:
        return postgres_client(program, os.environ, database=database)
    except StackProblem:
        return None  # a server of somebody's own: it is migrated every time
