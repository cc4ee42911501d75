"""Designs while people work on them: begun, saved by the editor every few moments, reopened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.fonts import FONTS
from catalog.models import Artwork, Design, DesignSheet, PrintArea, ProductModel, SheetArtwork
from catalog.placing import Fit, placed, resolution_of
from catalog.scenes import BadScene, ImageLayer, Scene, TextLayer, read_scene, write_scene
from pod_hub.accounts.models import Customer


class NotADraft(Exception):
    """The design is not being worked on, so it may not be changed; the message says what to do."""


class Unprintable(Exception):
    """The design cannot be printed as it is; the message says why and what to do."""


class ChangedElsewhere(Exception):
    """Another window or person has saved the design since; ``design`` is how it stands now."""

    def __init__(self, design: Design) -> None:
        super().__init__(_("This design was changed in another window. Load it again to see that, or keep what you have here."))
        self.design = design


@transaction.atomic
def start_design(*, customer: Customer, model: ProductModel, name: str) -> Design:
    """Return an empty draft for a product model: a new one, or the customer's last one that nobody has put anything on."""
    drafts = Design.objects.filter(customer=customer, product_model=model, state=Design.State.DRAFT, edits=0, replaces=None)
    design = drafts.select_for_update().order_by("-pk").first()
    if design is None:
        design = Design(customer=customer, product_model=model, state=Design.State.DRAFT)
    design.name, design.fits_revision = name, model.revision
    design.save()
    return design


@transaction.atomic
def save_draft(*, design_id: int, edits: int, scenes: Mapping[str, Any], name: str = "") -> Design:
    """Keep the scenes of some print areas (by key) as an editor sent them; ``edits`` is the count it has seen.

    Raises ``ChangedElsewhere`` when there were later ones, ``NotADraft``, and ``BadScene`` for what cannot be printed: a scene that cannot be
    read, an area or font that does not exist, artwork of another customer. Nothing is kept then. An empty name changes none.
    """
    design = Design.reread(design_id)
    _refuse_unless_draft(design)
    if design.edits != edits:
        if _is_kept(design, scenes, name):  # the answer to the first time was lost
            return design
        raise ChangedElsewhere(design)
    areas = {area.key: area for area in PrintArea.objects.filter(product_model=design.product_model_id)}
    for key, told in scenes.items():
        if key not in areas:
            raise BadScene(_("The product has no print area “%(key)s” any more. Reload the editor.") % {"key": key})
        _keep(design, areas[key], read_scene(told))
    design.name = name.strip()[:120] or design.name
    design.edits, design.saved_at = design.edits + 1, now()
    design.save(update_fields=["name", "edits", "saved_at"])
    return design


@transaction.atomic
def put_on_area(*, design_id: int, area: PrintArea, artwork: Artwork, fit: Fit) -> Design:
    """Make an artwork the only thing on a print area. Raises ``NotADraft``."""
    design = Design.reread(design_id)
    _refuse_unless_draft(design)
    _keep(design, area, Scene((placed(artwork, area, fit=fit),)))
    design.edits, design.saved_at = design.edits + 1, now()
    design.save(update_fields=["edits", "saved_at"])
    return design


def refuse_unless_printable(design: Design) -> None:
    """Raise ``NotADraft`` or ``Unprintable`` when a design cannot be saved for printing: nothing on it, or a picture too coarse for its area."""
    _refuse_unless_draft(design)
    sheets = [(sheet, read_scene(sheet.scene)) for sheet in design.sheets.select_related("print_area")]
    if not any(scene.background or any(layer.visible for layer in scene.layers) for _sheet, scene in sheets):
        raise Unprintable(_("There is nothing on “%(design)s” yet. Place a picture or a text first.") % {"design": design})
    known = {one.public_id: one for one in Artwork.objects.filter(placed_on__sheet__design=design).distinct()}
    for sheet, scene in sheets:
        for layer in scene.layers:
            if not isinstance(layer, ImageLayer) or not layer.visible:
                continue
            dpi = resolution_of(layer, known[layer.artwork])
            if dpi < sheet.print_area.min_dpi:
                raise Unprintable(
                    _(
                        "%(area)s: “%(picture)s” would be printed at %(dpi)s dpi; at least %(min)s are needed. Make it smaller, or upload a larger picture."
                    )
                    % {"area": sheet.print_area, "picture": layer.name or known[layer.artwork], "dpi": dpi, "min": sheet.print_area.min_dpi}
                )


def _is_kept(design: Design, scenes: Mapping[str, Any], name: str) -> bool:
    """Whether a design holds what was sent already."""
    there = {sheet.print_area.key: sheet.scene for sheet in design.sheets.select_related("print_area")}
    same = all(read_scene(there.get(key, {})) == read_scene(told) for key, told in scenes.items())
    return same and name.strip()[:120] in {"", design.name}


def _refuse_unless_draft(design: Design) -> None:
    if design.state != Design.State.DRAFT:
        raise NotADraft(_("“%(design)s” is saved already, so it stays as it is. Choose “Change this design” to go on from it.") % {"design": design})


def _keep(design: Design, area: PrintArea, scene: Scene) -> None:
    """Store a scene, and beside it which artwork it places. The print file that an earlier scene gave is let go."""
    unknown = {layer.font for layer in scene.layers if isinstance(layer, TextLayer)} - FONTS.keys()
    if unknown:
        raise BadScene(_("The font “%(font)s” is not offered. Choose one of the list.") % {"font": min(unknown)})
    artwork = {row.public_id: row.pk for row in Artwork.objects.filter(customer=design.customer_id, public_id__in=scene.artwork_ids)}
    if scene.artwork_ids - artwork.keys():
        raise BadScene(_("A picture of this design does not belong to this customer, or was deleted. Remove it, or upload it again."))
    sheet, _made = DesignSheet.objects.update_or_create(
        design=design, print_area=area, defaults={"scene": write_scene(scene) if scene != Scene() else {}, "print_file": None}
    )
    there = dict(SheetArtwork.objects.filter(sheet=sheet).values_list("artwork_id", "pk"))
    SheetArtwork.objects.filter(pk__in=[pk for artwork_id, pk in there.items() if artwork_id not in artwork.values()]).delete()
    SheetArtwork.objects.bulk_create(SheetArtwork(sheet=sheet, artwork_id=pk) for pk in sorted(set(artwork.values()) - there.keys()))
