"""The print files of a selection as one zip, sent while it is made: nothing but one chunk of one file is in memory.

``gather`` reads the selection inside the scope. ``inspected`` looks at every file, byte by byte, before the first byte leaves, so a damaged
or missing file is told on the page and in the manifest and is never half of a download. It and ``stream`` need no database, because no scope
may wait for a storage.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from catalog.models import PrintFile
from catalog.services.kept_files import check_bytes
from catalog.services.preflight import BadFile
from orders.line_files import LineFile, files_of
from orders.models import Hold, Order, OrderEvent, OrderLine
from orders.states import NOT_MADE
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import Psp
from pod_hub.core.csv_files import csv_bytes
from pod_hub.core.file_names import UniqueNames, file_name, safe_value

MOST_LINES = 500
MOST_BYTES = 4 * 1024**3  # looked at before sending: a few seconds from disk, and what FAT and old unzippers can hold
CHUNK = 256 * 1024
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}
MANIFEST = "manifest.csv"


class TooMuch(ValueError):
    """The selection does not go into one download; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a line of the selection, or a line without any. ``trouble`` says why nothing of it is in the zip, where something should be."""

    line: OrderLine
    number: int
    file: LineFile | None = None
    name: str = ""
    trouble: str = ""

    @property
    def pieces(self) -> int:
        """How many pieces to print."""
        return self.file.pieces if self.file else self.line.quantity * self.line.pieces_each


@dataclass(frozen=True, slots=True)
class Bundle:
    """Every file of a selection, most urgent order first."""

    entries: list[Entry]

    @property
    def ready(self) -> list[Entry]:
        """What goes into the zip."""
        return [entry for entry in self.entries if entry.name]

    @property
    def troubles(self) -> list[Entry]:
        """What should be in it and is not."""
        return [entry for entry in self.entries if entry.trouble]


def gather(*, order_ids: Iterable[str] = (), line_ids: Iterable[str] = ()) -> Bundle:
    """Read the lines of the given orders and the given lines themselves (public ids; unknown ones and lines of which nothing is made are passed over).

    Raises ``TooMuch``. Held lines are left out: what waits must not be printed.
    """
    wanted = Q(order__public_id__in=list(order_ids)) | Q(public_id__in=list(line_ids))
    rows = OrderLine.objects.filter(wanted).exclude(state__in=NOT_MADE)
    rows = rows.select_related("order__store__customer", "print_file", "customer_product__product_model").order_by("order__ship_by", "order_id", "pk")
    lines = list(rows[: MOST_LINES + 1])
    if len(lines) > MOST_LINES:
        raise TooMuch(_("These are more than %(n)s lines. Select fewer orders and download the rest after them.") % {"n": MOST_LINES})
    files = files_of(lines)
    size = sum(file.print_file.size_bytes for several in files.values() for file in several)
    if size > MOST_BYTES:
        raise TooMuch(_("These files are %(size).1f GB together; at most 4 GB go into one download. Select fewer orders.") % {"size": size / 1024**3})
    numbers = _numbers(lines)
    waiting = _waiting(lines)
    pattern, names = _pattern(lines), UniqueNames(MANIFEST)
    entries = []
    for line in lines:
        number, trouble = numbers[line.pk], waiting.get((line.order_id, None)) or waiting.get((line.order_id, line.pk)) or _lack(line)
        if trouble or not files[line.pk]:
            entries.append(Entry(line, number, trouble=trouble))
            continue
        entries += [Entry(line, number, file, names.take(_named(pattern, line, number, file))) for file in files[line.pk]]
    return Bundle(entries)


def inspected(bundle: Bundle) -> Bundle:
    """Return the bundle without the files that the storage lost or altered; each of those lines says so. Reads every file once."""
    files = {entry.file.print_file.pk: entry.file.print_file for entry in bundle.ready if entry.file}
    damaged = {pk: why for pk, file in files.items() if (why := _damage(file))}
    return Bundle(
        [
            replace(entry, name="", trouble=damaged[entry.file.print_file.pk]) if entry.file and entry.file.print_file.pk in damaged else entry
            for entry in bundle.entries
        ]
    )


def _damage(file: PrintFile) -> str:
    """Say what is wrong with a stored file, or nothing. Reads it whole, a chunk at a time."""
    try:
        check_bytes(file.storage_name, file.sha256, file_name=file.file_name)
    except BadFile as error:
        return str(error)
    except OSError:
        return str(BadFile.of("storage_silent", name=file))
    return ""


def _lack(line: OrderLine) -> str:
    needs_none = line.customer_product is not None and not line.customer_product.product_model.needs_design
    return "" if line.print_file or needs_none else _("The line has no print file yet. Connect its listing to a product with a design.")


def _numbers(lines: list[OrderLine]) -> dict[int, int]:
    """Return each line's place in its order, cancelled lines counted, as the order page shows it."""
    numbers: dict[int, int] = {}
    places: dict[int, int] = {}
    for pk, order_id in OrderLine.objects.filter(order__in={line.order_id for line in lines}).order_by("pk").values_list("pk", "order_id"):
        places[order_id] = numbers[pk] = places.get(order_id, 0) + 1
    return numbers


def _waiting(lines: list[OrderLine]) -> dict[tuple[int, int | None], str]:
    holds = Hold.objects.filter(order__in={line.order_id for line in lines}, released_at=None).order_by("-opened_at", "-pk")
    return {(hold.order_id, hold.line_id): _("Do not print: %(why)s.") % {"why": hold.said} for hold in holds}


def _pattern(lines: list[OrderLine]) -> str:
    return Psp.objects.values_list("print_file_pattern", flat=True).get(pk=lines[0].psp_id) if lines else ""


def _named(pattern: str, line: OrderLine, number: int, file: LineFile) -> str:
    """Return a file's name by the pattern; what tells it from the line's first file stands before the ending."""
    order: Order = line.order
    values = {
        "order_number": order.external_id,
        "line": str(number),
        "sku": line.sku,
        "product_uid": file.product.uid if file.product else "",
        "quantity": str(file.pieces),
        "customer": order.store.customer.name,
        "ship_by": localdate(order.ship_by).isoformat() if order.ship_by else "",
        "ext": ENDINGS.get(file.print_file.content_type, "bin"),
    }
    stem, dot, ending = file_name(pattern, values).rpartition(".")
    return f"{stem}_{safe_value(file.mark)}{dot}{ending}" if file.mark else f"{stem}{dot}{ending}"


def print_file_name(line: OrderLine, file: LineFile) -> str:
    """Return the name under which a machine gets one file of a line alone."""
    number = OrderLine.objects.filter(order_id=line.order_id, pk__lte=line.pk).count()
    return _named(_pattern([line]), line, number, file).rpartition("/")[2]


def remember_download(bundle: Bundle, *, actor: Actor) -> None:
    """Write on each order's timeline which of its files leave, under which name."""
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order_id=entry.line.order_id,
            line_id=entry.line.pk,
            kind="print_file_downloaded",
            actor_id=actor.user_id,
            actor_label=actor.label,
            summary=_("The print file of line %(n)s was downloaded as %(name)s.") % {"n": entry.number, "name": entry.name},
            facts={"sha256": entry.file.print_file.sha256 if entry.file else ""},
        )
        for entry in bundle.ready
    )


def remember_one_download(line: OrderLine, file: LineFile, *, name: str, actor: Actor) -> None:
    """Write on the order's timeline that one file of a line left by itself, under this name."""
    number = OrderLine.objects.filter(order_id=line.order_id, pk__lte=line.pk).count()
    remember_download(Bundle([Entry(line, number, file, name)]), actor=actor)


class _Outlet(io.RawIOBase):
    """What zipfile writes into: a stream that cannot go back, emptied after each piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(part))
        return len(part)

    def drain(self) -> bytes:
        held, self._parts = b"".join(self._parts), []
        return held


def stream(bundle: Bundle, *, made_at: datetime) -> Iterator[bytes]:
    """Yield the zip. Pictures are stored as they are: they are compressed already. The manifest comes last.

    A file that vanishes now, after it was looked at, raises: the download breaks off where a short one would look whole.
    """
    outlet = _Outlet()
    stamp = localtime(made_at).timetuple()[:6]
    with zipfile.ZipFile(outlet, "w") as archive:
        for entry in bundle.ready:
            if entry.file is None:
                continue
            file = entry.file.print_file
            about = _info(entry.name, stamp, size=file.size_bytes)
            with default_storage.open(file.storage_name) as stored, archive.open(about, "w") as target:
                for chunk in stored.chunks(CHUNK):
                    target.write(chunk)
                    yield outlet.drain()
        archive.writestr(_info(MANIFEST, stamp), _manifest(bundle))
    yield outlet.drain()


def _info(name: str, stamp: tuple[int, ...], *, size: int = 0) -> zipfile.ZipInfo:
    about = zipfile.ZipInfo(name, date_time=stamp)  # type: ignore[arg-type]
    about.file_size = size  # tells zipfile whether the entry needs zip64
    about.external_attr = 0o644 << 16
    return about


def _manifest(bundle: Bundle) -> bytes:
    header = ["file", "order_number", "line", "sku", "product_uid", "product", "print_area", "quantity", "ship_by", "sha256", "size_bytes", "problem"]
    return csv_bytes(header, (_row(entry) for entry in bundle.entries))


def _row(entry: Entry) -> list[object]:
    line, file = entry.line, entry.file
    product = file.product if file else line.customer_product
    ship_by = localtime(line.order.ship_by).isoformat(timespec="minutes") if line.order.ship_by else ""
    what = [line.sku, product.uid if product else "", str(product) if product else line.title, file.area.name if file and file.area else ""]
    return [
        entry.name, line.order.external_id, entry.number, *what, entry.pieces, ship_by,
        file.print_file.sha256 if file else "", file.print_file.size_bytes if file else "", entry.trouble,
    ]  # fmt: skip
