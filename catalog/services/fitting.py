"""Whether designs still fit their product model after its print areas were changed, and a person's decision to print one all the same.

A print file never changes and an area does, so each sheet remembers what the area was when its file was made. A change only makes the model's
revision grow; its designs are compared with it afterwards, a portion at a time, and found by what they lag behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog.colour_profiles import profiles
from catalog.models import Design, DesignSheet, PrintArea, PrintFile, ProductModel
from catalog.services.preflight import CONTENT_TYPES, Finding, Stored, finding, told
from pod_hub.core.tenancy import across_tenants

PORTION = 200
KINDS = {content_type: kind for kind, content_type in CONTENT_TYPES.items()}
SAME_MM = 0.5
NOT_DRAFTS = [Design.State.RENDERING, Design.State.READY]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why print files that are there are not printed from, in a sentence; ``is_misfit`` when the design no longer fits its product."""

    text: str
    is_misfit: bool


class CannotKeep(ValueError):
    """The design needs no decision; the message says why."""


def as_made(area: PrintArea) -> dict[str, Any]:
    """Return what a print file is made for, as its sheet remembers it."""
    return {"width_mm": area.full_width_mm, "height_mm": area.full_height_mm, "output": area.output, "profile": area.icc_profile}


def misfits_of(sheets: Sequence[DesignSheet]) -> list[Stored]:
    """Return why the print files of a design's sheets do not fit their areas as they are now. Give sheets with area and print file."""
    return [one for sheet in sheets if sheet.print_file is not None for one in _misfits(sheet, sheet.made_for or {})]


def _misfits(sheet: DesignSheet, made_for: dict[str, Any]) -> list[Stored]:
    area, file, found = sheet.print_area, sheet.print_file, []
    now = as_made(area)
    made = now | made_for
    if any(abs(made[side] - now[side]) > SAME_MM for side in ("width_mm", "height_mm")):
        size = "{width_mm} × {height_mm}".format
        found.append(finding("area_resized", area=area.name, before=size(**made), now=size(**now)))
    if made["output"] != now["output"] and KINDS.get(file.content_type) != now["output"]:
        found.append(finding("area_takes_other_type", area=area.name, before=made["output"].upper(), now=now["output"].upper()))
    if made["profile"] != now["profile"]:
        found.append(finding("area_in_other_colours", area=area.name, before=_profile(made["profile"]), now=_profile(now["profile"])))
    if file.content_type != CONTENT_TYPES["pdf"] and file.dpi < area.min_dpi:
        found.append(finding("area_is_finer", area=area.name, dpi=file.dpi, least=area.min_dpi))
    return found


def _profile(key: str) -> str:
    known = profiles().get(key)
    return str(known.name) if known else key


def told_misfits(design: Design) -> list[Finding]:
    """Return in words why a design does not fit its product model any more."""
    return told(design.misfits, name=design.name)


def flaw_of(design: Design | None, files: Iterable[PrintFile | None]) -> Flaw | None:
    """Return why print files that are there are not printed from, if so: the storage lost or altered one, or the design no longer fits its product."""
    trouble = next((file.trouble for file in files if file is not None and file.trouble), "")
    if trouble:
        return Flaw(trouble, is_misfit=False)
    if design is None or not design.misfits:
        return None
    said = _("“%(design)s” no longer fits its product. %(why)s") % {"design": design, "why": told_misfits(design)[0]}
    return Flaw(said, is_misfit=True)


# --- Judging ----------------------------------------------------------------------------------------------------------
def model_to_judge() -> tuple[int, int] | None:
    """Return a product model whose designs lag behind its revision, as (model, PSP), over all tenants."""
    with across_tenants(reason="find a product model that was changed"):
        return ProductModel.objects.filter(judged_revision__lt=F("revision")).order_by("pk").values_list("pk", "psp_id").first()


@transaction.atomic
def judge_portion(*, model_id: int) -> list[Design] | None:
    """Compare the next designs with their changed model; return those whose verdict has changed, None when all of the model's are judged.

    A design whose print files are being made is waited for: they may have been begun for the area as it was.
    """
    model = ProductModel.reread(model_id)
    behind = Design.objects.filter(product_model=model, judged_revision__lt=model.revision)
    ready = list(behind.filter(state=Design.State.READY).select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:PORTION])
    if not ready:
        if not behind.filter(state__in=NOT_DRAFTS).exists():
            model.judged_revision = model.revision
            model.save(update_fields=["judged_revision"])
        return None
    changed = []
    sheets: dict[int, list[DesignSheet]] = {}
    for sheet in DesignSheet.objects.filter(design__in=ready).select_related("print_area", "print_file").order_by("print_area__position", "pk"):
        sheets.setdefault(sheet.design_id, []).append(sheet)
    for design in ready:
        found = [one for one in misfits_of(sheets.get(design.pk, ())) if one not in design.kept_misfits]
        if found != design.misfits:
            changed.append(design)
        design.misfits, design.judged_revision = found, model.revision
    Design.objects.bulk_update(ready, ["misfits", "judged_revision"])
    return changed


@transaction.atomic
def keep_as_it_is(*, design: Design, because: str) -> Design:
    """Print a design as it is on the model as it is now: a person's decision, which the audit trail keeps. Raises ``CannotKeep``.

    What was decided holds until the areas change in another way.
    """
    design = Design.reread(design.pk)
    if not design.misfits:
        raise CannotKeep(_("“%(design)s” fits its product already, so there is nothing to decide.") % {"design": design})
    design.kept_misfits, design.misfits, design.kept_because = [*design.kept_misfits, *design.misfits], [], because.strip()
    design.save(update_fields=["kept_misfits", "misfits", "kept_because"])
    return design
