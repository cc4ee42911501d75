"""Designs while people work on them: begun, saved by the editor every few moments, reopened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Artwork, Design, DesignSheet, PrintArea, ProductModel
from catalog.placing import Fit, placed
from catalog.scenes import BadScene, Scene, read_scene
from catalog.services.sheets import keep_scene
from pod_hub.accounts.models import Customer


class NotADraft(Exception):
    """The design is not being worked on, so it may not be changed; the message says what to do."""


class ChangedElsewhere(Exception):
    """Another window or person has saved the design since; ``design`` is how it stands now."""

    def __init__(self, design: Design) -> None:
        super().__init__(_("This design was changed in another window. Load it again to see that, or keep what you have here."))
        self.design = design


@transaction.atomic
def start_design(*, customer: Customer, model: ProductModel, name: str, begun_for: str = "") -> Design:
    """Return a draft for a product model: an empty one, which is new or the customer's last one that nobody has put anything on.

    ``begun_for`` names what the design is wanted for. The draft that was begun for it before is gone on with, as it is.
    """
    drafts = Design.objects.filter(customer=customer, product_model=model, state=Design.State.DRAFT).select_for_update().order_by("-pk")
    begun: Design | None = drafts.filter(begun_for=begun_for).first() if begun_for else None
    if begun is not None:
        return begun
    empty = ~Exists(DesignSheet.objects.filter(design=OuterRef("pk")))
    design = drafts.filter(empty, edits=0, replaces=None, begun_for="").first()
    if design is None:
        design = Design(customer=customer, product_model=model, state=Design.State.DRAFT)
    design.name, design.begun_for, design.judged_revision = name, begun_for, model.revision
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
        keep_scene(design, areas[key], read_scene(told))
    design.name = name.strip()[:120] or design.name
    design.edits, design.saved_at = design.edits + 1, now()
    design.save(update_fields=["name", "edits", "saved_at"])
    return design


@transaction.atomic
def put_on_area(*, design_id: int, area: PrintArea, artwork: Artwork, fit: Fit) -> Design:
    """Make an artwork the only thing on a print area. Raises ``NotADraft``."""
    design = Design.reread(design_id)
    _refuse_unless_draft(design)
    keep_scene(design, area, Scene((placed(artwork, area, fit=fit),)))
    design.edits, design.saved_at = design.edits + 1, now()
    design.save(update_fields=["edits", "saved_at"])
    return design


def _is_kept(design: Design, scenes: Mapping[str, Any], name: str) -> bool:
    """Whether a design holds what was sent already."""
    there = {sheet.print_area.key: sheet.scene for sheet in design.sheets.select_related("print_area")}
    same = all(read_scene(there.get(key, {})) == read_scene(told) for key, told in scenes.items())
    return same and name.strip()[:120] in {"", design.name}


def _refuse_unless_draft(design: Design) -> None:
    if design.state != Design.State.DRAFT:
        raise NotADraft(_("“%(design)s” is saved already, so it stays as it is. Choose “Change this design” to go on from it.") % {"design": design})
