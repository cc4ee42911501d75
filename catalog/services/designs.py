"""From a draft to print files, and from a saved design to a draft that replaces it.

A design is a scene for each print area it uses. Saving it checks every picture where it is placed, and then each sheet takes one of two paths: a
scene that is nothing but one picture of exactly the area's shape, of a file that a machine may get as it is, has that very file as its print file at
once; every other scene is drawn by a worker (``catalog.services.rendering``).
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.covering import open_strip_mm, stops_in_bleed
from catalog.models import Artwork, Design, DesignSheet, PrintArea, PrintFile, ProductModel, RenderJob, SheetArtwork
from catalog.placing import Fit, placed
from catalog.scenes import ImageLayer, Scene, TextLayer, read_scene
from catalog.services.artwork import BadArtwork
from catalog.services.fitting import as_made
from catalog.services.preflight import CONTENT_TYPES, COVERING, BadFile, Finding, Stored, finding, refusals, told
from catalog.services.print_files import MM_PER_INCH, has_shape_of, on_area, print_file_of, resolution
from catalog.services.sheets import keep_scene
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.accounts.models import Customer
from pod_hub.core.hints import hint

log = structlog.get_logger(__name__)

KINDS = {content_type: kind for kind, content_type in CONTENT_TYPES.items()}
# A file much finer than the machine prints is drawn anew, or a plant's disc fills with what nobody sees.
MOST_TIMES_TARGET = 2


class BadDesign(ValueError):
    """The design cannot be printed; the message says why and what to do."""


@transaction.atomic
def save_design(*, design: Design, actor: Actor) -> Design:
    """Finish a draft: check it, and have the print file of each of its sheets made. A design that is saved already is left as it is.

    Also starts one anew whose print files could not be made. Raises ``BadDesign``.
    """
    design = Design.reread(design.pk)
    if design.state not in {Design.State.DRAFT, Design.State.FAILED}:
        return design
    model = ProductModel.objects.get(pk=design.product_model_id)
    artwork = {row.public_id: row for row in Artwork.objects.filter(placed_on__sheet__design=design).distinct()}
    sheets = list(design.sheets.select_related("print_area").order_by("print_area__position", "print_area_id"))
    used = [(sheet, scene) for sheet in sheets if has_something(scene := read_scene(sheet.scene))]
    if not used:
        raise BadDesign(_("Nothing is on the design yet. Place a picture or a text, then save it."))
    for sheet, scene in used:
        if forbidden := refusals(check_scene(scene, sheet.print_area, artwork)):
            raise BadDesign(str(told(forbidden)[0]))
    design.state, design.judged_revision = Design.State.RENDERING, model.revision
    design.save(update_fields=["state", "judged_revision"])
    for sheet, scene in used:
        file = _as_uploaded(scene, sheet.print_area, artwork)
        if file is not None:
            DesignSheet.objects.filter(pk=sheet.pk).update(print_file=file, made_for=as_made(sheet.print_area))
        else:
            RenderJob.objects.create(sheet=sheet)
            hint("catalog.render")
    log.info("design_saved", design=design.public_id, by=actor.label)
    return finish(design)


@transaction.atomic
def finish(design: Design) -> Design:
    """Call a design ready when no sheet of it waits for its print file any more. The design must be locked."""
    sheets = list(design.sheets.select_related("print_area").order_by("print_area__position", "print_area_id"))
    used = [sheet for sheet in sheets if sheet.print_file_id or has_something(read_scene(sheet.scene))]
    if design.state == Design.State.RENDERING and used and all(sheet.print_file_id for sheet in used):
        design.state, design.print_file_id, design.areas_used = Design.State.READY, used[0].print_file_id, len(used)
        design.save(update_fields=["state", "print_file", "areas_used"])
    return design


def has_something(scene: Scene) -> bool:
    """Return whether a scene puts anything on the material."""
    return bool(scene.background) or any(layer.visible and not (isinstance(layer, TextLayer) and not layer.text.strip()) for layer in scene.layers)


# --- One picture ------------------------------------------------------------------------------------------------------
@transaction.atomic
def design_from_artwork(*, customer: Customer, product_model: ProductModel, artwork: Artwork, name: str, fit: str = Fit.FILL) -> Design:
    """Make a design of one picture on the model's first print area and have it printed: ``fill`` covers area and bleed, ``fit`` shows it whole.

    It is ``READY`` at once where the file has exactly the area's shape, else ``RENDERING``. Raises ``BadDesign``.
    """
    area = product_model.main_area
    if area is None:
        raise BadDesign(str(BadFile.of("no_area", model=product_model)))
    design: Design = Design.objects.create(
        customer=customer, product_model=product_model, name=name.strip()[:120] or artwork.file_name[:120], state=Design.State.DRAFT
    )
    keep_scene(design, area, Scene((placed(artwork, area, fit=Fit(fit)),)))
    return save_design(design=design, actor=HUB)


def design_from_upload(*, customer: Customer, product_model: ProductModel, kept: Artwork | BadArtwork, name: str = "") -> Design:
    """Make a design of an upload that was kept as artwork (``catalog.services.artwork.kept_upload``); without a name the file's.

    Raises ``BadDesign``, and ``BadArtwork`` where it could not be kept.
    """
    if isinstance(kept, BadArtwork):
        raise kept
    return design_from_artwork(customer=customer, product_model=product_model, artwork=kept, name=name or kept.file_name.rpartition(".")[0])


@transaction.atomic
def design_from_print_file(*, customer: Customer, product_model: ProductModel, print_file: PrintFile, name: str) -> Design:
    """Make a design of a file that is printed exactly as it was uploaded, on the model's first print area. It cannot be changed in the editor."""
    area = product_model.main_area
    if area is None:
        raise BadDesign(str(BadFile.of("no_area", model=product_model)))
    design: Design = Design.objects.create(
        customer=customer, product_model=product_model, name=name[:120], print_file=print_file, judged_revision=product_model.revision
    )
    DesignSheet.objects.create(design=design, print_area=area, print_file=print_file, made_for=as_made(area))
    return design


@transaction.atomic
def revise(design: Design) -> Design:
    """Return a draft with the same scenes that replaces a saved design."""
    draft: Design = Design.objects.create(
        customer_id=design.customer_id,
        product_model_id=design.product_model_id,
        name=design.name,
        state=Design.State.DRAFT,
        replaces=design,
        judged_revision=design.product_model.revision,
    )
    for sheet in design.sheets.prefetch_related("placed"):
        copy = DesignSheet.objects.create(design=draft, print_area_id=sheet.print_area_id, scene=sheet.scene)
        SheetArtwork.objects.bulk_create(SheetArtwork(sheet=copy, artwork_id=one.artwork_id) for one in sheet.placed.all())
    return draft


# --- What is said of it -----------------------------------------------------------------------------------------------
def check_scene(scene: Scene, area: PrintArea, artwork: Mapping[str, Artwork]) -> list[Stored]:
    """Return what preflight says of a scene on a print area, each finding with the picture it is about."""
    found: list[Stored] = []
    for layer in scene.layers:
        if not isinstance(layer, ImageLayer) or not layer.visible:
            continue
        row = artwork[layer.artwork]
        dpi = None if row.is_vector else placed_dpi(row, layer)
        found += on_area(area, name=row.file_name, kind=KINDS[row.content_type], colours=row.colour_mode, dpi=dpi)
        if area.bleed_mm and stops_in_bleed(layer, area) and not scene.background:
            found.append(finding("bleed_open", area=area.name, bleed=area.bleed_mm))
        if strip := open_strip_mm(layer, scene, area):
            found.append(finding("strip_open", name=layer.name or row.file_name, area=area.name, mm=f"{round(strip, 1):g}"))
    return found


def left_open(design: Design) -> list[Finding]:
    """Return what of a saved design may stay blank although it was meant to be covered, in words. Two queries."""
    artwork = {row.public_id: row for row in Artwork.objects.filter(placed_on__sheet__design=design).distinct()}
    sheets = design.sheets.select_related("print_area").order_by("print_area__position", "print_area_id")
    found = [one for sheet in sheets for one in check_scene(read_scene(sheet.scene), sheet.print_area, artwork) if one["code"] in COVERING]
    return told(found, name=design.name)


def placed_dpi(artwork: Artwork, layer: ImageLayer) -> int:
    """Return the resolution of a picture in the size in which it is placed: the worse of both directions."""
    return int(min(artwork.width_px / layer.width, artwork.height_px / layer.height) * MM_PER_INCH)


def _as_uploaded(scene: Scene, area: PrintArea, artwork: Mapping[str, Artwork]) -> PrintFile | None:
    """Return the artwork itself as print file where drawing the scene would only make a copy of it; else None."""
    shown = [layer for layer in scene.layers if layer.visible]
    if scene.background or len(shown) != 1 or not isinstance(shown[0], ImageLayer):
        return None
    layer = shown[0]
    row = artwork[layer.artwork]
    if layer.rotation or layer.flip_x or layer.flip_y or layer.opacity < 1 or not row.prints_as_is or KINDS[row.content_type] != area.output:
        return None
    if area.icc_profile or not has_shape_of(area, row.width_px, row.height_px) or not _covers(layer, area):
        return None
    if not row.is_vector and resolution(row.width_px, row.height_px, area) > MOST_TIMES_TARGET * area.target_dpi:
        return None
    return print_file_of(row, area)


def _covers(layer: ImageLayer, area: PrintArea) -> bool:
    """Return whether a layer lies on the area with its bleed, no more and no less than rounding allows."""
    width, height = area.width_mm + 2 * area.bleed_mm, area.height_mm + 2 * area.bleed_mm
    near = max(width, height) * 0.01
    centred = abs(layer.x - area.width_mm / 2) < near and abs(layer.y - area.height_mm / 2) < near
    return centred and abs(layer.width - width) <= near and abs(layer.height - height) <= near
