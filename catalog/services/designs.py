"""From a draft to print files, and from a saved design to a draft that replaces it."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Design, DesignSheet, RenderJob, SheetArtwork
from pod_hub.accounts.actors import Actor


@transaction.atomic
def save_design(*, design: Design, actor: Actor) -> Design:
    """Ask for a draft's print files: one job for each sheet with something on it."""
    design = Design.reread(design.pk)
    for sheet in design.sheets.exclude(scene={}):
        RenderJob.objects.create(sheet=sheet)
    design.state = Design.State.RENDERING
    design.save(update_fields=["state"])
    return design


@transaction.atomic
def revise(design: Design) -> Design:
    """Return a draft with the same scenes that replaces a saved design."""
    draft = Design.objects.create(
        customer_id=design.customer_id,
        product_model_id=design.product_model_id,
        name=design.name,
        state=Design.State.DRAFT,
        replaces=design,
        fits_revision=design.product_model.revision,
    )
    for sheet in design.sheets.all():
        copy = DesignSheet.objects.create(design=draft, print_area_id=sheet.print_area_id, scene=sheet.scene)
        SheetArtwork.objects.bulk_create(SheetArtwork(sheet=copy, artwork_id=one.artwork_id) for one in sheet.placed.all())
    return draft
