"""A backup of everything that is truth: every row and every stored file, in one folder that any machine can check and this version can restore.

Rows are copied by PostgreSQL's own COPY, in one transaction that sees one moment, as the role that sees all tenants; no client program of a
matching version is needed, and neither superuser nor the tables' owner. The tables themselves come from the migrations: a backup names those
it was made with, and is restored into an empty database that has exactly them. Sealed values stay sealed, so a backup is of no use without
``FIELD_KEYS``, which is not in it. Redis is not truth and not in it: quotas start full, hints come again.

    manifest.json       what it is: migrations, tables with columns, rows and SHA-256 of their content, sequences
    tables/NAME.copy.gz rows in COPY's text format, by primary key
    media/…             print files, previews, logos, as the storage names them
    SHA256SUMS          of all of these; ``sha256sum --check SHA256SUMS``
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import now

from pod_hub.core.tenancy import across_tenants
from pod_hub.core.walls import missing_walls

FORMAT = 1
CHUNK = 1024 * 1024
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
# What `migrate` fills on an empty database; the backup's rows take their place.
FILLED_BY_MIGRATIONS = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
Say = Callable[[str], object]


class BackupProblem(Exception):
    """It cannot be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """How much was copied."""

    tables: int
    rows: int
    files: int
    bytes: int


# --- Back up ----------------------------------------------------------------------------------------------------------
def back_up(folder: Path, *, say: Say = lambda _text: None) -> Told:
    """Write a backup into a new folder, readable by this user alone. It appears under its name only when it is whole."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupProblem(f"{folder} is not an empty folder. A backup is never written over something else: name a new one.")
    draft = folder.with_name(f"{folder.name}.partial")
    if draft.exists():
        raise BackupProblem(f"{draft} exists: another backup runs, or one was interrupted. If none runs, delete it and start again.")
    draft.mkdir(mode=0o700, parents=True)
    try:
        sums: dict[str, str] = {}
        say("Copying rows ...")
        manifest = _copy_rows(draft, sums)
        # Files after rows: what a row of that moment names was stored before it.
        say("Copying files ...")
        manifest["files"] = _copy_files(draft, sums)
        _write(draft / MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        sums[MANIFEST] = _digest(draft / MANIFEST)
        _write(draft / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode())
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    return _told(manifest)


def _told(manifest: dict[str, Any]) -> Told:
    tables, files = manifest["tables"], manifest["files"]
    return Told(len(tables), sum(table["rows"] for table in tables.values()), files["count"], files["bytes"])


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _copy_rows(folder: Path, sums: dict[str, str]) -> dict[str, Any]:
    (folder / "tables").mkdir(mode=0o700)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with across_tenants(reason="backup: every row of every tenant"):
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "made_at": now().isoformat(),
                "migrations": _migrations(cursor),
                "sequences": _sequences(cursor),
                "tables": {},
            }
            for table, columns in _tables(cursor).items():
                name = f"tables/{table}.copy.gz"
                with (folder / name).open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as packed:
                    rows, digest = _content(cursor, table, columns, packed.write)
                manifest["tables"][table] = {"columns": columns, "rows": rows, "sha256": digest}
                sums[name] = _digest(folder / name)
    return manifest


def _content(cursor: CursorWrapper, table: str, columns: list[str], write: Callable[[bytes], object]) -> tuple[int, str]:
    """Pass a table's rows on in COPY's text format, by primary key; return how many there are and the SHA-256 of it all."""
    digest, rows = hashlib.sha256(), 0
    listed = _listed(columns)
    with cursor.copy(f'COPY (SELECT {listed} FROM "{table}" ORDER BY {_listed(_key(cursor, table) or columns)}) TO STDOUT') as copy:  # noqa: S608 - names from the catalog
        for part in copy:
            piece = bytes(part)
            digest.update(piece)
            rows += piece.count(b"\n")  # a line break inside a value is written as backslash and n
            write(piece)
    return rows, digest.hexdigest()


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _tables(cursor: CursorWrapper) -> dict[str, list[str]]:
    """Return every table with its columns, those left out that the database computes."""
    cursor.execute(
        """
        SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY 1 ORDER BY 1
        """
    )
    return dict(cursor.fetchall())


def _key(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute(
        """
        SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.place
        """,
        [f'"{table}"'],
    )
    return [row[0] for row in cursor.fetchall()]


def _migrations(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return [row[0] for row in cursor.fetchall()]


def _sequences(cursor: CursorWrapper) -> dict[str, int]:
    """Return the last number of each sequence that gave one."""
    cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1")
    return dict(cursor.fetchall())


def _copy_files(folder: Path, sums: dict[str, str]) -> dict[str, int]:
    count = size = 0
    for name in _stored_names():
        target = folder / "media" / _safe(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with default_storage.open(name) as stored, target.open("wb") as out:
                for chunk in stored.chunks(CHUNK):
                    digest.update(chunk)
                    size += out.write(chunk)
        except FileNotFoundError:
            target.unlink(missing_ok=True)  # purged in this moment
            continue
        sums[f"media/{name}"] = digest.hexdigest()
        count += 1
    return {"count": count, "bytes": size}


def _stored_names(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from _stored_names(f"{prefix}{name}")


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\n" in name or "\\" in name:
        raise BackupProblem(f"{name!r} is no name that a stored file may have. Nothing was done.")
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()


# --- Restore ----------------------------------------------------------------------------------------------------------
def restore(folder: Path, *, say: Say = lambda _text: None) -> Told:
    """Bring a backup into an empty, migrated database and an empty storage; all of it, or nothing when anything does not fit.

    Works as the owner role. The tenant walls stand again, and are checked, before anybody else can see a row: all of it is one transaction.
    """
    if "owner" not in connections.settings:
        raise BackupProblem("Restoring needs the role that owns the tables. Set DATABASE_OWNER_URL, as for migrations.")
    say("Checking the backup ...")
    manifest, files = _checked(folder)
    if next(_stored_names(), None) is not None:
        raise BackupProblem("There are stored files already. A backup is restored into an empty MEDIA_ROOT only: name another, or empty it.")
    brought: list[str] = []
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            _refuse_what_does_not_fit(cursor, manifest)
            with _walls_and_references_aside(cursor):
                for name, table in manifest["tables"].items():
                    say(f"  {name}: {table['rows']} rows")
                    _bring_rows(cursor, folder, name, table)
            for name, last in manifest["sequences"].items():
                cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', last])
            if complaints := missing_walls(cursor):
                raise BackupProblem(f"The tenant walls would not stand: {'; '.join(complaints)}. Nothing was restored.")
            say("Copying files ...")
            for name in files:
                _bring_file(folder, name, brought)
    except BaseException:
        for name in brought:
            default_storage.delete(name)
        raise
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    return _told(manifest)


def _checked(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Compare every file of a backup with its checksum; return the manifest and the names of stored files."""
    try:
        pairs = (line.split("  ", 1) for line in (folder / SUMS).read_text().splitlines())
        listed = {name: digest for digest, name in pairs}
    except (OSError, ValueError):
        raise BackupProblem(f"{folder} is no backup: there is no readable {SUMS} in it.") from None
    for name, digest in listed.items():
        _safe(name)
        try:
            found = _digest(folder / name)
        except OSError:
            raise BackupProblem(f"{name} is missing from the backup. Take another backup; this one is not whole.") from None
        if found != digest:
            raise BackupProblem(f"{name} differs from its checksum: it was damaged or changed. Take another backup.")
    manifest: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes()) if MANIFEST in listed else {}
    if manifest.get("format") != FORMAT:
        raise BackupProblem(f"The backup has format {manifest.get('format')}; this version of the hub reads format {FORMAT}.")
    if missing := [name for name in manifest["tables"] if f"tables/{name}.copy.gz" not in listed]:
        raise BackupProblem(f"The backup lacks {', '.join(missing)}. Take another backup; this one is not whole.")
    return manifest, [name.removeprefix("media/") for name in listed if name.startswith("media/")]


def _refuse_what_does_not_fit(cursor: CursorWrapper, manifest: dict[str, Any]) -> None:
    tables = _tables(cursor)
    if "django_migrations" not in tables:
        raise BackupProblem("The database has no tables. Run `manage.py migrate --database owner` first.")
    here, there = set(_migrations(cursor)), set(manifest["migrations"])
    if here != there:
        newer, older = sorted(there - here), sorted(here - there)
        told = [f"{what}: {', '.join(names[:4])}" for what, names in (("only in the backup", newer), ("only here", older)) if names]
        raise BackupProblem(f"The backup was made by another version of the hub ({'; '.join(told)}). Restore it with that version, then migrate.")
    for name, table in manifest["tables"].items():
        if not _PLAIN_NAME.fullmatch(name) or set(tables.get(name, [])) != set(table["columns"]):
            raise BackupProblem(f"Table {name} has other columns here than in the backup. Restore it with the version that made it.")
    for name in tables:
        if name in FILLED_BY_MIGRATIONS:
            continue
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{name}")')  # noqa: S608 - a name from the catalog
        if cursor.fetchone() == (True,):
            raise BackupProblem(f"The database is not empty: {name} holds rows. A backup is restored into a new database only.")


@contextmanager
def _walls_and_references_aside(cursor: CursorWrapper) -> Iterator[None]:
    """Let the owner copy rows in any order: COPY refuses forced policies, and checking each reference by itself takes hours.

    The audit trail comes back from the backup like every table, so its triggers rest meanwhile: coming back is no change. All are put back before the transaction ends, the references by checking all rows at once; nobody else sees the time between.
    """
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relforcerowsecurity ORDER BY 1")
    forced = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    references = cursor.fetchall()
    cursor.execute(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    watched = [row[0] for row in cursor.fetchall()]
    for table in watched:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for table, name, _definition in references:
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    for table in forced:
        cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    for table in sorted(FILLED_BY_MIGRATIONS):
        cursor.execute(f'TRUNCATE "{table}"')
    yield
    for table, name, definition in references:
        cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
    for table in forced:
        cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    for table in watched:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _bring_rows(cursor: CursorWrapper, folder: Path, name: str, table: dict[str, Any]) -> None:
    with gzip.open(folder / "tables" / f"{name}.copy.gz") as packed, cursor.copy(f'COPY "{name}" ({_listed(table["columns"])}) FROM STDIN') as copy:
        while piece := packed.read(CHUNK):
            copy.write(piece)
    # Read back, not taken on trust: the same rows must come out again.
    if _content(cursor, name, table["columns"], lambda _piece: None) != (table["rows"], table["sha256"]):
        raise BackupProblem(f"Table {name} does not hold the backup's rows after copying. Nothing was restored.")


def _bring_file(folder: Path, name: str, brought: list[str]) -> None:
    with (folder / "media" / _safe(name)).open("rb") as content:
        stored = default_storage.save(name, File(content))
    brought.append(stored)
    if stored != name:
        raise BackupProblem(f"{name} would be stored under another name ({stored}). Nothing was restored.")
