"""Drawing mockups: a design's print file on a picture of its blank, by the program beside the hub, kept under the checksum of what came out."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.models import Design, Mockup
from catalog.rendering.confining import Limits
from catalog.rendering.workshop import WORKSHOP
from catalog.services.kept_files import bring, keep_bytes

LIMITS = Limits(memory_mb=1024, cpu_s=60, wall_s=40.0, written_mb=256)
CONTENT_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class MockupPlan:
    """All that drawing needs, read in a scope; drawing itself is done outside one. Storage names; an empty ``blank`` shows the design alone."""

    psp_id: int
    blank: str
    place: dict[str, int]
    print_file: str = ""
    kind: str = "png"
    bleed: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class DrawnMockup:
    """A picture that was drawn and stored."""

    storage_name: str
    width_px: int
    height_px: int


def plan_mockup(design: Design | None, mockup: Mockup | None, *, psp_id: int) -> MockupPlan:
    """Return what to draw: the design's sheet for the mockup's print area, or its first one where there is no mockup; two queries."""
    sheets = (
        design.sheets.filter(print_file__isnull=False).select_related("print_file", "print_area").order_by("print_area__position", "pk")
        if design
        else []
    )
    sheet = next((one for one in sheets if mockup is None or one.print_area_id == mockup.print_area_id), None)
    blank, place = (mockup.picture_name, mockup.place._asdict()) if mockup else ("", {})
    if sheet is None or sheet.print_file is None:
        return MockupPlan(psp_id, blank, place)
    area, file = sheet.print_area, sheet.print_file
    bleed = (area.bleed_mm / area.full_width_mm, area.bleed_mm / area.full_height_mm)
    return MockupPlan(psp_id, blank, place, file.storage_name, "pdf" if file.content_type == "application/pdf" else "png", bleed)


def draw_mockup(plan: MockupPlan) -> DrawnMockup:
    """Draw and store; call it outside any scope. Raises ``Refused``, ``Unfinished`` and ``OSError``."""
    with _brought(plan) as (arguments, folder):
        made = WORKSHOP.do("mock_up", arguments | {"folder": folder}, limits=LIMITS)
        path = Path(made["path"])
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        name = keep_bytes(f"psp-{plan.psp_id}/product-pictures/{digest[:2]}/{digest}.jpg", path)
        return DrawnMockup(name, made["width"], made["height"])


@contextmanager
def _brought(plan: MockupPlan) -> Iterator[tuple[dict[str, Any], str]]:
    """Bring the files to this machine's disc for as long as they are drawn from."""
    with tempfile.TemporaryDirectory(prefix="hub-mockup-") as folder:
        blank = ""
        if plan.blank:
            blank = f"{folder}/blank"
            bring(plan.blank, Path(blank))
        print_file = None
        if plan.print_file:
            bring(plan.print_file, Path(folder) / "print")
            print_file = {"path": f"{folder}/print", "kind": plan.kind, "bleed": list(plan.bleed)}
        yield {"blank": blank, "print_file": print_file, "place": plan.place}, folder
