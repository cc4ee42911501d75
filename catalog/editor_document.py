"""What the design editor is given: the design, its print areas with their scenes and mockups, the artwork it may place, fonts, addresses, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime

from catalog.editor_words import words
from catalog.fonts import FONTS
from catalog.models import Artwork, ColourMode, Design, DesignSheet, FileType, Mockup, PrintArea
from catalog.scenes import MOST_CHARACTERS, MOST_LAYERS, read_scene, write_scene
from catalog.services.designs import KINDS
from catalog.services.preflight import MOST_BYTES, Verdict, told

PAGE = 40


def editor_document(design: Design, sheets: Iterable[DesignSheet]) -> dict[str, Any]:
    """Return everything the editor begins with, as JSON."""
    areas = list(PrintArea.objects.filter(product_model=design.product_model_id).prefetch_related("mockups"))
    scenes = {sheet.print_area_id: read_scene(sheet.scene) for sheet in sheets}
    recent, more = artwork_page(design.customer_id)
    known = {one.public_id for one in recent}
    placed = {one for scene in scenes.values() for one in scene.artwork_ids} - known
    used = list(Artwork.objects.filter(customer=design.customer_id, public_id__in=placed)) if placed else []
    return {
        "design": told_design(design),
        "areas": [_area(area, write_scene(scenes[area.pk]) if area.pk in scenes else {}) for area in areas],
        "variants": [
            {"id": one.pk, "name": str(one), "colour": one.colour_code}
            for one in design.product_model.variants.filter(is_active=True).exclude(colour_code="").order_by("position", "pk").distinct()
        ],
        "artwork": [told_artwork(one) for one in recent],
        "used": [told_artwork(one) for one in used],
        "more": more,
        "fonts": [
            {"key": font.key, "name": font.name, "address": font.address, "ascent": font.ascent, "descent": font.descent} for font in FONTS.values()
        ],
        "addresses": {name: reverse(f"designs:{name}", args=[design.public_id]) for name in ("draft", "artwork", "upload")},
        "limits": {"layers": MOST_LAYERS, "characters": MOST_CHARACTERS, "bytes": MOST_BYTES},
        "words": words(),
    }


def told_design(design: Design) -> dict[str, Any]:
    """Return what the editor must know of a design to save it again, and to say when it was saved."""
    return {
        "id": design.public_id,
        "name": design.name,
        "edits": design.edits,
        "saved": localtime(design.saved_at).strftime("%H:%M") if design.saved_at else "",
    }


def told_artwork(artwork: Artwork) -> dict[str, Any]:
    """Return an artwork as the editor places it: its size in pixels, what it is, and what preflight would have people look at."""
    found = told(artwork.findings, name=artwork.file_name)
    return {
        "id": artwork.public_id,
        "name": artwork.file_name,
        "width": artwork.width_px,
        "height": artwork.height_px,
        "picture": reverse("designs:picture", args=[artwork.public_id]),
        "vector": artwork.is_vector,
        "type": KINDS[artwork.content_type],
        "colours": artwork.colour_mode,
        "notes": [str(one) for one in found if one.verdict == Verdict.WARNING],
    }


def artwork_page(customer_id: int, *, before: str = "", search: str = "") -> tuple[list[Artwork], str]:
    """Return a page of a customer's artwork, newest first, and the id to ask with for the next page; empty when there is none."""
    rows = Artwork.objects.filter(customer=customer_id).order_by("-pk")
    if search:
        rows = rows.filter(file_name__icontains=search)
    last = Artwork.objects.filter(customer=customer_id, public_id=before).values_list("pk", flat=True).first() if before else None
    if last is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].public_id if len(found) > PAGE else ""


def _area(area: PrintArea, scene: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": area.key,
        "name": area.name,
        "width": area.width_mm,
        "height": area.height_mm,
        "bleed": area.bleed_mm,
        "safe": area.safe_mm,
        "least_dpi": area.min_dpi,
        "target_dpi": area.target_dpi,
        "takes": {
            "types": {one: FileType(one).label for one in area.file_types},
            "colours": {one: str(ColourMode(one).label) for one in area.colour_modes},
        },
        "scene": scene,
        "mockups": [_mockup(one) for one in area.mockups.all()],
    }


def _mockup(mockup: Mockup) -> dict[str, Any]:
    """A picture of the blank; the place of the area on it in hundredths of a percent."""
    return {
        "picture": reverse("catalog:mockup_picture", args=[mockup.public_id]),
        "variant": mockup.variant_id,
        "width": mockup.width_px,
        "height": mockup.height_px,
        "place": [mockup.left, mockup.top, mockup.left + mockup.width, mockup.top + mockup.height],
    }
