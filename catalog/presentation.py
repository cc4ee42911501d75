"""How the catalog is said to people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogImport, Design, ProductModel
from catalog.tables.changes import Outcome
from pod_hub.ui.look import Look, Tone

IMPORT_STAGE: Mapping[str, Look] = MappingProxyType(
    {
        CatalogImport.Stage.CHECKING.value: Look(gettext_lazy("Being checked"), Tone.ACTIVE, "loader-2"),
        CatalogImport.Stage.CHECKED.value: Look(gettext_lazy("Checked"), Tone.INFO, "list-check"),
        CatalogImport.Stage.APPLYING.value: Look(gettext_lazy("Being taken in"), Tone.ACTIVE, "loader-2"),
        CatalogImport.Stage.APPLIED.value: Look(gettext_lazy("Taken in"), Tone.OK, "circle-check"),
        CatalogImport.Stage.REFUSED.value: Look(gettext_lazy("Refused"), Tone.BAD, "circle-x"),
    }
)
DESIGN_STATE = {
    Design.State.DRAFT: Look(gettext_lazy("Draft"), Tone.INFO, "writing"),
    Design.State.RENDERING: Look(gettext_lazy("Print files are being made"), Tone.ACTIVE, "loader-2"),
    Design.State.READY: Look(gettext_lazy("Ready"), Tone.OK, "circle-check"),
    Design.State.FAILED: Look(gettext_lazy("Print files failed"), Tone.BAD, "alert-circle"),
}
NO_LONGER_FITS = Look(gettext_lazy("No longer fits"), Tone.WARN, "alert-triangle")
ROWS_ARE_WRONG = Look(gettext_lazy("Rows are wrong"), Tone.BAD, "alert-triangle")
ROW_OUTCOME: Mapping[str, Look] = MappingProxyType(
    {
        Outcome.NEW.value: Look(gettext_lazy("New"), Tone.OK, "plus"),
        Outcome.CHANGED.value: Look(gettext_lazy("Changed"), Tone.INFO, "edit"),
        Outcome.WRONG.value: Look(gettext_lazy("Wrong"), Tone.BAD, "alert-triangle"),
    }
)


def stage_look(row: CatalogImport) -> Look:
    """Return how a catalog import stands; one with wrong rows is not merely checked."""
    return ROWS_ARE_WRONG if row.stage == CatalogImport.Stage.CHECKED and row.count_wrong else IMPORT_STAGE[row.stage]


def design_look(design: Design) -> Look:
    """Return where a design stands; one that is ready and does not fit its changed product says so."""
    state = Design.State(design.state)
    return NO_LONGER_FITS if state == Design.State.READY and design.misfits else DESIGN_STATE[state]


def what_fits(model: ProductModel) -> str:
    """Return the sentence that says which file fits a model's first print area; empty where nothing is printed."""
    area = model.main_area
    if area is None:
        return ""
    return _("For %(model)s: %(width)s × %(height)s mm, %(bleed)s mm bleed, at least %(dpi)s dpi.") % {
        "model": model,
        "width": area.width_mm,
        "height": area.height_mm,
        "bleed": area.bleed_mm,
        "dpi": area.min_dpi,
    }


def design_was_added(design: Design) -> str:
    """Return the sentence that says what came of an upload."""
    if design.print_file is not None:
        return _("The design “%(name)s” was added: %(dpi)s dpi.") % {"name": design, "dpi": design.print_file.dpi}
    return _("The design “%(name)s” was added. Its print file is being made; you may use the design already.") % {"name": design}
