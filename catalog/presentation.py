"""How the catalog is said to people."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Design, ProductModel
from pod_hub.ui.look import Look, Tone

DESIGN_STATE = {
    Design.State.DRAFT: Look(gettext_lazy("Draft"), Tone.INFO, "writing"),
    Design.State.RENDERING: Look(gettext_lazy("Print files are being made"), Tone.ACTIVE, "loader-2"),
    Design.State.READY: Look(gettext_lazy("Ready"), Tone.OK, "circle-check"),
    Design.State.FAILED: Look(gettext_lazy("Print files failed"), Tone.BAD, "alert-circle"),
}


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
