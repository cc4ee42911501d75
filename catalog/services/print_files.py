"""Print files: what a machine is given. Each is kept once for each content and print area within a PSP, and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.storage import default_storage

from catalog.models import Artwork, ColourMode, FileType, PrintArea, PrintFile, ProductModel
from catalog.services.kept_files import keep_bytes
from catalog.services.preflight import MOST_BYTES as MOST_BYTES
from catalog.services.preflight import (
    SUFFIXES,
    BadFile,
    Stored,
    arrived,
    finding,
    looked_at,
    refusals,
    told,
)
from pod_hub.core.tenancy import tenant, whole_psp

MM_PER_INCH = 25.4
VECTOR_DPI = 300  # what a file that is drawn anew at any size is said to give
SAME_SHAPE = 0.01  # of the side; less is the rounding of programs that draw in whole pixels


class BadPrintFile(BadFile):
    """The file cannot be printed; the message says why and what to do."""


def keep_print_file(*, content: BinaryIO | Path | bytes, file_name: str, product_model: ProductModel, area: PrintArea | None = None) -> PrintFile:
    """Check and store a file that is printed exactly as it was uploaded. Raises ``BadPrintFile``.

    Without an area it is the model's first. The resolution is what the picture gives on it, bleed included; below its minimum it is refused. For
    files of any shape that are placed on an area, see ``catalog.services.designs.design_from_artwork``. It looks at the file and stores it outside any
    scope, and opens short ones of its own.
    """
    with tenant(product_model.psp_id):
        area = area or product_model.main_area
    if area is None:
        raise BadPrintFile.of("no_area", model=product_model)
    try:
        with arrived(content, file_name=file_name) as upload:
            file = looked_at(upload)
            is_vector = file.kind == FileType.PDF
            dpi = VECTOR_DPI if is_vector else resolution(file.width_px, file.height_px, area)
            found = [*file.findings, *on_area(area, name=file.file_name, kind=file.kind, colours=file.colours, dpi=None if is_vector else dpi)]
            if not has_shape_of(area, file.width_px, file.height_px):
                sides = {"width": area.width_mm + 2 * area.bleed_mm, "height": area.height_mm + 2 * area.bleed_mm}
                found.append(finding("shape", name=file.file_name, area=area.name, **sides))
            if forbidden := refusals(found):
                raise BadPrintFile(told(forbidden, name=file.file_name)[0])
            base = f"psp-{product_model.psp_id}/print-files/{file.sha256[:2]}/{file.sha256}"
            names = {
                "storage_name": keep_bytes(f"{base}{SUFFIXES[file.kind]}", file.path),
                "preview_name": keep_bytes(f"{base}.preview.png", file.preview),
            }
            facts = {"file_name": file.file_name, "content_type": file.content_type, "size_bytes": file.size_bytes}
            facts |= {"width_px": file.width_px, "height_px": file.height_px, "colour_mode": file.colours, "findings": found}
            with tenant(product_model.psp_id):
                return keep_row(sha256=file.sha256, dpi=dpi, printed_on=printed_on(area), facts=names | facts)
    except BadPrintFile:
        raise
    except BadFile as error:
        raise BadPrintFile(error.finding) from None


def print_file_of(artwork: Artwork, area: PrintArea) -> PrintFile:
    """Return the print file that is an artwork itself: the machine gets what was uploaded. Nothing is copied."""
    facts = {
        name: getattr(artwork, name)
        for name in ("storage_name", "preview_name", "file_name", "content_type", "size_bytes", "width_px", "height_px", "colour_mode", "findings")
    }
    dpi = VECTOR_DPI if artwork.is_vector else resolution(artwork.width_px, artwork.height_px, area)
    return keep_row(sha256=artwork.sha256, dpi=dpi, printed_on=printed_on(area), facts=facts)


def printed_on(area: PrintArea) -> dict[str, Any]:
    """Return what a print file remembers of its print area, so that a later change of the area does not change what was printed."""
    return {"area_name": area.name, "width_mm": area.width_mm, "height_mm": area.height_mm, "bleed_mm": area.bleed_mm}


def keep_row(*, sha256: str, dpi: int, printed_on: Mapping[str, Any], facts: Mapping[str, Any]) -> PrintFile:
    """Return the PSP's row for this content on such an area (``printed_on``), made with ``facts`` if there is none yet."""
    with whole_psp(reason="the same content is stored once, whoever uploaded it first"):
        row, _made = PrintFile.objects.get_or_create(sha256=sha256, dpi=dpi, **printed_on, defaults=dict(facts))
    return row


def resolution(width_px: int, height_px: int, area: PrintArea) -> int:
    """Return the dpi a picture gives on the print area with bleed: the worse of both directions."""
    across = (area.width_mm + 2 * area.bleed_mm) / MM_PER_INCH
    down = (area.height_mm + 2 * area.bleed_mm) / MM_PER_INCH
    return int(min(width_px / across, height_px / down))


def has_shape_of(area: PrintArea, width_px: int, height_px: int) -> bool:
    """Return whether a picture has the proportions of the area with its bleed, so that it is neither cut nor stretched."""
    wanted = (area.width_mm + 2 * area.bleed_mm) / (area.height_mm + 2 * area.bleed_mm)
    return abs(width_px / height_px / wanted - 1) <= SAME_SHAPE


def on_area(area: PrintArea, *, name: str, kind: str, colours: str, dpi: int | None) -> list[Stored]:
    """Return what is to be said of a file on a print area; ``dpi`` is None for one that is drawn anew at any size."""
    found = []
    if kind not in area.file_types:
        types = ", ".join(FileType(one).label for one in area.file_types)
        found.append(finding("type_not_taken", name=name, type=str(FileType(kind).label), types=types, area=area.name))
    if colours not in area.colour_modes:
        wanted = ", ".join(str(ColourMode(one).label) for one in area.colour_modes)
        found.append(finding("colours_not_taken", name=name, colours=str(ColourMode(colours).label), wanted=wanted, area=area.name))
    if dpi is not None and dpi < area.min_dpi:
        found.append(finding("coarse", name=name, dpi=dpi, area=area.name, least=area.min_dpi))
    elif dpi is not None and dpi < area.target_dpi:
        found.append(finding("below_target", name=name, dpi=dpi, area=area.name, target=area.target_dpi))
    return found


def content_of(print_file: PrintFile) -> bytes:
    """Return the stored bytes, checked against the checksum; raises ``BadPrintFile`` when the storage lost or altered them."""
    try:
        with default_storage.open(print_file.storage_name) as stored:
            content: bytes = stored.read()
    except OSError:
        raise BadPrintFile.of("lost", name=print_file) from None
    if hashlib.sha256(content).hexdigest() != print_file.sha256:
        raise BadPrintFile.of("altered", name=print_file)
    return content
