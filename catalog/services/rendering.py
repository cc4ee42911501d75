"""Making print files: each sheet with something to draw is a row of work, done by one worker at a time, and done again when that worker dies.

The file is drawn by the program beside the hub into a folder of its own, stored whole under its checksum, and only then named by a row: whoever finds
a print file finds all of it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.colour_profiles import ColourProfile, UnknownProfile, profile_of
from catalog.fonts import FONTS
from catalog.models import Artwork, Design, DesignSheet, PrintArea, PrintOutput, RenderJob
from catalog.rendering.confining import Limits
from catalog.rendering.refusals import Refused
from catalog.rendering.workshop import WORKSHOP, Unfinished
from catalog.scenes import ImageLayer, Scene, TextLayer, read_scene
from catalog.services.designs import KINDS, check_scene, finish
from catalog.services.fitting import as_made
from catalog.services.kept_files import bring, delete_stored, keep_bytes, unnamed
from catalog.services.preflight import CONTENT_TYPES, SUFFIXES, BadFile
from catalog.services.print_files import MM_PER_INCH, keep_row, printed_on
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

# The program ends before the task's time limit, and the lease outlives both: a live worker is never overtaken.
DRAWING = Limits(memory_mb=1024, cpu_s=80, wall_s=45.0, written_mb=1536)
LEASE_S = 75
MOST_TRIES = 3  # of a drawing that takes too much: what failed so often would fail for ever


@dataclass(frozen=True, slots=True)
class Work:
    """One sheet to draw, read in one scope. ``sheet`` is what the program is told; ``files`` names what to fetch for it first."""

    job: RenderJob
    psp_id: int
    sheet: dict[str, Any]
    files: dict[str, str]
    name: str
    colours: str
    findings: list[dict[str, Any]]
    made_for: dict[str, Any]
    printed_on: dict[str, Any]


def render_next() -> bool:
    """Make the print file that waits longest, over all tenants. False when none is due."""
    with across_tenants(reason="find a print file to make"):
        due = RenderJob.due().filter(delivery=Delivery.PENDING).values_list("pk", "psp_id").first()
    if due is None:
        return False
    with tenant(due[1]):
        leased = RenderJob.lease_next(limit=1, seconds=LEASE_S, only=Q(pk=due[0], delivery=Delivery.PENDING))
        if not leased:
            return True  # a colleague was faster
        work = _prepare(leased[0])
    crash_point("render.leased")
    if work is not None:
        with structlog.contextvars.bound_contextvars(job=work.job.pk, sheet=work.job.sheet_id):
            _work(work)
    return True


def _prepare(job: RenderJob) -> Work | None:
    sheet = DesignSheet.objects.select_related("design", "print_area").get(pk=job.sheet_id)
    if sheet.design.state != Design.State.RENDERING or sheet.print_file_id:
        job.settle(delivery=Delivery.WITHDRAWN, finished_at=now(), last_error="")
        return None
    try:
        scene, profile = read_scene(sheet.scene), profile_of(sheet.print_area.icc_profile)
        artwork = {row.public_id: row for row in Artwork.objects.filter(placed_on__sheet=sheet)}
        told = told_to_program(scene, sheet.print_area, artwork, profile)
    except (ValueError, KeyError) as error:  # a scene, a font or a profile that was there when the design was saved
        _give_up(job, error if isinstance(error, UnknownProfile) else None)
        return None
    files = {row.public_id: row.storage_name for row in artwork.values()}
    area = sheet.print_area
    found = check_scene(scene, area, artwork)
    return Work(job, job.psp_id, told, files, sheet.design.name, profile.colours, found, as_made(area), printed_on(area))


def told_to_program(scene: Scene, area: PrintArea, artwork: Mapping[str, Artwork], profile: ColourProfile) -> dict[str, Any]:
    """Return a scene in pixels of its print file. Pictures are named by their artwork's public id; their paths come later."""
    width, height = pixels_of(area)
    across = width / (area.width_mm + 2 * area.bleed_mm)
    down = height / (area.height_mm + 2 * area.bleed_mm)
    layers = []
    for layer in scene.layers:
        if not layer.visible or layer.opacity <= 0:
            continue
        place = {"x": (layer.x + area.bleed_mm) * across, "y": (layer.y + area.bleed_mm) * down}
        if isinstance(layer, ImageLayer):
            row = artwork[layer.artwork]
            size = {"width": layer.width * across, "height": layer.height * down, "pixels": [row.width_px, row.height_px]}
            layers.append(asdict(layer) | place | size | {"file": KINDS[row.content_type]})
        elif isinstance(layer, TextLayer):
            font = FONTS[layer.font]
            face = {"font": str(font.path), "ascent": font.ascent, "descent": font.descent, "size": layer.size * across}
            layers.append(asdict(layer) | place | face)
    return {
        "width": width,
        "height": height,
        "dpi": area.target_dpi,
        "width_mm": area.width_mm,
        "height_mm": area.height_mm,
        "bleed_mm": area.bleed_mm,
        "background": scene.background,
        "layers": layers,
        "output": area.output,
        "profile": profile.source,
        "profile_name": str(profile.name),
    }


def pixels_of(area: PrintArea) -> tuple[int, int]:
    """Return the size of an area's print file: with its bleed, at its target resolution."""
    per_mm = area.target_dpi / MM_PER_INCH
    return max(1, round((area.width_mm + 2 * area.bleed_mm) * per_mm)), max(1, round((area.height_mm + 2 * area.bleed_mm) * per_mm))


def _work(work: Work) -> None:
    """Fetch, draw, store, settle. Outside any scope: each step may take seconds."""
    try:
        with tempfile.TemporaryDirectory(prefix="hub-render-") as folder:
            made = WORKSHOP.do("draw", {"sheet": _with_files(work, folder), "folder": folder}, limits=DRAWING)
            crash_point("render.drawn")
            facts = _stored(work, made)
            crash_point("render.stored")
            with tenant(work.psp_id):
                _done(work, facts)
                crash_point("render.settling")
            crash_point("render.settled")
            _forget_if_withdrawn(work, facts)
    except Refused as error:
        with tenant(work.psp_id):
            _give_up(work.job, BadFile.of(error.code, **{"name": work.name} | error.values))
    except Unfinished as error:
        log.warning("print_file_not_made", why=error.why, attempts=work.job.attempts)
        with tenant(work.psp_id):
            _again(work.job, BadFile.of("too_demanding", name=work.name), most=MOST_TRIES)
    except OSError as error:
        log.warning("print_file_not_made", failure=type(error).__name__, attempts=work.job.attempts)
        lost = isinstance(error, FileNotFoundError)
        with tenant(work.psp_id):
            _again(work.job, BadFile.of("lost" if lost else "storage_silent", name=work.name), most=MOST_TRIES if lost else MOST_ATTEMPTS)


def _with_files(work: Work, folder: str) -> dict[str, Any]:
    """Bring every artwork to this machine's disc once, and name its path where it is placed."""
    paths = {}
    for number, (public_id, name) in enumerate(sorted(work.files.items())):
        paths[public_id] = Path(folder) / f"artwork-{number}"
        bring(name, paths[public_id])
    layers = [layer | {"path": str(paths[layer["artwork"]])} if layer["kind"] == "image" else layer for layer in work.sheet["layers"]]
    return work.sheet | {"layers": layers}


def _stored(work: Work, made: Mapping[str, Any]) -> dict[str, Any]:
    path, kind = Path(made["path"]), "pdf" if work.sheet["output"] == PrintOutput.PDF else "png"
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    base = f"psp-{work.psp_id}/print-files/{digest[:2]}/{digest}"
    log.info("print_file_made", peak_mb=made["peak_mb"], cpu_s=made["cpu_s"], width=made["width"], height=made["height"])
    return {
        "sha256": digest,
        "storage_name": keep_bytes(base + SUFFIXES[kind], path),
        "preview_name": keep_bytes(f"{base}.preview.png", Path(made["preview"])),
        "file_name": f"{work.name}{SUFFIXES[kind]}"[-200:],
        "content_type": CONTENT_TYPES[kind],
        "size_bytes": path.stat().st_size,
        "width_px": made["width"],
        "height_px": made["height"],
        "colour_mode": work.colours,
        "findings": work.findings,
    }


def _done(work: Work, facts: dict[str, Any]) -> None:
    if not work.job.settle(delivery=Delivery.CONFIRMED, finished_at=now(), last_error=""):
        log.warning("render_lease_lost")  # a colleague makes the same file, under the same name
        return
    design = Design.reread(DesignSheet.objects.values_list("design_id", flat=True).get(pk=work.job.sheet_id))
    others = {name: value for name, value in facts.items() if name != "sha256"}
    file = keep_row(sha256=facts["sha256"], dpi=work.sheet["dpi"], printed_on=work.printed_on, facts=others)
    DesignSheet.objects.filter(pk=work.job.sheet_id).update(print_file=file, made_for=work.made_for)
    finish(design)


def _forget_if_withdrawn(work: Work, facts: dict[str, Any]) -> None:
    """Delete what was drawn for a design that was removed meanwhile, such as a buyer's name when its order was purged."""
    with tenant(work.psp_id):
        left = [] if RenderJob.objects.filter(pk=work.job.pk).exists() else unnamed([facts["storage_name"], facts["preview_name"]])
    delete_stored(left)


def _again(job: RenderJob, why: BadFile, *, most: int) -> None:
    if job.attempts >= most:
        _give_up(job, why)
        return
    job.settle(not_before=job.next_try(longest_s=600), last_error=str(why))


def _give_up(job: RenderJob, why: Exception | None) -> None:
    words = str(why or _("The design cannot be drawn any more. Open it in the editor, look at it and save it again."))
    if not job.settle(delivery=Delivery.PARKED, finished_at=now(), last_error=words):
        return
    design = Design.reread(DesignSheet.objects.values_list("design_id", flat=True).get(pk=job.sheet_id))
    if design.state == Design.State.RENDERING:
        design.state = Design.State.FAILED
        design.save(update_fields=["state"])


# --- How far ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Progress:
    """How far the print files of one design or several are: how many of how many, and why one could not be made."""

    done: int
    total: int
    why: str


def progress_of(*designs: Design) -> Progress:
    """Return how far the print files of designs are. Two queries."""
    jobs: QuerySet[RenderJob] = RenderJob.objects.filter(sheet__design__in=designs)
    counted = jobs.aggregate(done=Count("pk", filter=Q(delivery=Delivery.CONFIRMED)), total=Count("pk", filter=~Q(delivery=Delivery.WITHDRAWN)))
    why = jobs.filter(delivery=Delivery.PARKED).order_by("-pk").values_list("last_error", flat=True).first()
    return Progress(counted["done"], counted["total"], why or "")
