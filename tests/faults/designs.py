"""Designs whose print files have to be drawn, for deaths in the middle of drawing them; and what must be true of them afterwards."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage

from catalog.models import Category, Design, DesignSheet, PrintArea, PrintFile, ProductModel, RenderJob
from catalog.scenes import Scene as Drawing
from catalog.scenes import TextLayer
from catalog.services.designs import save_design
from catalog.services.sheets import keep_scene
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer
from pod_hub.core.outbox import Delivery

if TYPE_CHECKING:
    from tests.faults.oracle import Verdict


def save_a_design(number: int) -> Design:
    """Save a design of two sheets, each of which has to be drawn; no two are alike. In the open scope."""
    model, _made = ProductModel.objects.get_or_create(sku="CARD", defaults={"name": "Card", "category": Category.objects.get()})
    for position, key in enumerate(("front", "back")):
        sides = {"name": key.capitalize(), "position": position, "width_mm": 30, "height_mm": 20, "bleed_mm": 2}
        PrintArea.objects.get_or_create(product_model=model, key=key, defaults=sides)
    design: Design = Design.objects.create(customer=Customer.objects.get(), product_model=model, name=f"Card {number}", state=Design.State.DRAFT)
    for area in model.print_areas.all():
        text = TextLayer("t", f"{area.key} {number}", "inter", 4.0, "#1f6f54", 15.0, 10.0)
        keep_scene(design, area, Drawing((text,), background="#f4f1ea"))
    return save_design(design=design, actor=HUB)


def judge_designs(verdict: Verdict, psp_id: int) -> None:
    """Every sheet has one print file, every stored file is whole, and no work is left or in anybody's hands. In the open scope."""
    for design in Design.objects.exclude(state=Design.State.READY):
        verdict.blame("manual", f"{design} is {design.state}")
    for sheet in DesignSheet.objects.filter(print_file=None):
        verdict.blame("lost", f"sheet {sheet} has no print file")
    for job in RenderJob.objects.exclude(delivery=Delivery.CONFIRMED):
        verdict.blame("forgotten", f"{job} is {job.delivery}: {job.last_error}")
    for sheet_id in DesignSheet.objects.values_list("pk", flat=True):
        if RenderJob.objects.filter(sheet=sheet_id, delivery=Delivery.CONFIRMED).count() != 1:
            verdict.blame("doubled", f"sheet {sheet_id} was drawn by more than one worker, or by none")
    named = {name for row in PrintFile.objects.all() for name in (row.storage_name, row.preview_name)}
    kept = set(_stored(f"psp-{psp_id}/print-files"))
    for name in named - kept:
        verdict.blame("lost", f"{name} is named by a row and is not in the storage")
    for name in kept - named:
        verdict.blame("wrong", f"{name} is in the storage and no row names it")
    for name in kept:
        path = PurePosixPath(name)
        with default_storage.open(name) as content:
            digest = hashlib.sha256(content.read()).hexdigest()
        if ".preview" not in path.name and digest != path.stem:
            verdict.blame("wrong", f"{name} is not whole")


def _stored(folder: str) -> list[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in files] + [name for each in folders for name in _stored(f"{folder}/{each}")]
