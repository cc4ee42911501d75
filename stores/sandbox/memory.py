"""What every imitation remembers: small facts, running numbers, quota buckets, and the ledger that a judge reads afterwards.

One SQLite file, or none for tests. Everything is written at once and survives a restart. The ledger holds every request (never a token), every
write that was accepted with its effect, and counters of every quota bucket. An imitation's own ``Books`` adds its tables.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stores.sandbox.ledger import BucketEntry, RequestEntry, WriteEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS buckets (
    seller_id TEXT NOT NULL, operation TEXT NOT NULL, tokens REAL NOT NULL, at REAL NOT NULL,
    granted INTEGER NOT NULL DEFAULT 0, throttled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (seller_id, operation)
);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, request_id TEXT NOT NULL, operation TEXT NOT NULL, seller_id TEXT NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL, status INTEGER NOT NULL, error TEXT NOT NULL, scenario TEXT NOT NULL,
    user_agent TEXT NOT NULL, seconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS writes (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, effect TEXT NOT NULL, seller_id TEXT NOT NULL, order_id TEXT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS writes_by_order ON writes (order_id);
"""
FORGOTTEN_BY_RESET = ("buckets", "requests", "writes")


class Memory:
    """The common part of all books. Safe to share between threads; each method is one transaction."""

    def __init__(self, folder: Path | None, *, name: str, schema: str, forgotten: Sequence[str]) -> None:
        """Open ``folder/name.sqlite3`` (None: memory only) with the tables of ``schema``; a reset empties the ``forgotten`` ones."""
        self._lock = threading.RLock()
        self._depth = 0
        self._forgotten = (*forgotten, *FORGOTTEN_BY_RESET)
        if folder is None:
            where = ":memory:"
        else:
            folder.mkdir(parents=True, exist_ok=True)
            where = str(folder / f"{name}.sqlite3")
        self._db = sqlite3.connect(where, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        # A process kill loses nothing under NORMAL; only a power cut could, and this is a toy shop.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA + schema)
        with self.transaction():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('signing_key', ?)", (secrets.token_hex(32),))

    def close(self) -> None:
        """Close the file; nothing works afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group several calls into one all-or-nothing change, and keep every other thread out meanwhile."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def _write(self, sql: str, values: Sequence[Any] = ()) -> int:
        with self.transaction():
            return self._db.execute(sql, values).rowcount

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        rows = self._rows(sql, values)
        return rows[0] if rows else None

    # --- small facts ---------------------------------------------------------------------------------------------------
    def fact(self, key: str, default: str = "") -> str:
        """Return a small remembered text, or the default."""
        row = self._row("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row["value"]) if row else default

    def set_fact(self, key: str, value: str) -> None:
        """Remember a small text under a key."""
        self._write("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))

    def next_number(self, key: str) -> int:
        """Return 1, 2, 3, … for each key; never the same twice, also after a restart."""
        with self.transaction():
            number = int(self.fact(f"number:{key}", "0")) + 1
            self.set_fact(f"number:{key}", str(number))
            return number

    def reset(self) -> None:
        """Forget everything but the signing key and the application's settings."""
        with self.transaction():
            for table in self._forgotten:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the schemas' constants
            self._db.execute("DELETE FROM meta WHERE key LIKE 'number:%' OR key = 'seeded'")

    # --- quota buckets -------------------------------------------------------------------------------------------------
    def bucket(self, seller_id: str, operation: str) -> tuple[float, float] | None:
        """Return the tokens a bucket held and when that was counted."""
        row = self._row("SELECT tokens, at FROM buckets WHERE seller_id = ? AND operation = ?", (seller_id, operation))
        return (float(row["tokens"]), float(row["at"])) if row else None

    def keep_bucket(self, seller_id: str, operation: str, *, tokens: float, at: float, granted: bool) -> None:
        """Write down what a bucket holds after a request, and whether that request passed."""
        self._write(
            "INSERT INTO buckets VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (seller_id, operation) DO UPDATE SET tokens = excluded.tokens,"
            " at = excluded.at, granted = granted + excluded.granted, throttled = throttled + excluded.throttled",
            (seller_id, operation, tokens, at, int(granted), int(not granted)),
        )

    def buckets(self) -> list[BucketEntry]:
        """Return the counters of all buckets."""
        rows = self._rows("SELECT seller_id, operation, tokens, granted, throttled FROM buckets ORDER BY seller_id, operation")
        return [BucketEntry(**dict(row)) for row in rows]

    # --- ledger --------------------------------------------------------------------------------------------------------
    def note_request(self, entry: RequestEntry) -> None:
        """Add a request to the ledger."""
        columns = asdict(entry)
        self._write(f"INSERT INTO requests ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(columns.values()))  # noqa: S608

    def requests(self, *, operation: str | None = None, limit: int = 100_000) -> list[RequestEntry]:
        """Return the newest ``limit`` requests, oldest first."""
        sql = """
            SELECT at, request_id, operation, seller_id, method, path, query, status, error, scenario, user_agent, seconds
            FROM requests WHERE ? IS NULL OR operation = ? ORDER BY id DESC LIMIT ?
        """
        return [RequestEntry(**dict(row)) for row in reversed(self._rows(sql, (operation, operation, limit)))]

    def note_write(self, entry: WriteEntry) -> None:
        """Add an accepted write to the ledger."""
        self._write(
            "INSERT INTO writes (at, kind, effect, seller_id, order_id, doc) VALUES (?, ?, ?, ?, ?, ?)",
            (entry.at, entry.kind, entry.effect, entry.seller_id, entry.order_id, json.dumps(entry.doc)),
        )

    def writes(self, *, kind: str | None = None, order_id: str | None = None) -> list[WriteEntry]:
        """Return accepted writes, oldest first."""
        rows = self._rows(
            "SELECT * FROM writes WHERE (? IS NULL OR kind = ?) AND (? IS NULL OR order_id = ?) ORDER BY id", (kind, kind, order_id, order_id)
        )
        return [WriteEntry(row["at"], row["kind"], row["effect"], row["seller_id"], row["order_id"], json.loads(row["doc"])) for row in rows]
