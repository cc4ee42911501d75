"""Where a picture goes that nobody has moved yet: the whole of it on the area, or as much of it as covers area and bleed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Artwork, PrintArea
from catalog.scenes import ImageLayer

MM_PER_INCH = 25.4


class Fit(models.TextChoices):
    """How a picture is brought to a print area of another shape."""

    FIT = "fit", _("Show the whole picture")
    FILL = "fill", _("Fill the area, cut what is over")


def placed(artwork: Artwork, area: PrintArea, *, fit: Fit, layer_id: str = "layer-1") -> ImageLayer:
    """Return the layer that puts an artwork in the middle of a print area: within its cut edge, or covering the bleed as well."""
    beyond = 2 * area.bleed_mm if fit == Fit.FILL else 0
    across, down = (area.width_mm + beyond) / artwork.width_px, (area.height_mm + beyond) / artwork.height_px
    mm_per_px = max(across, down) if fit == Fit.FILL else min(across, down)
    return ImageLayer(
        id=layer_id,
        artwork=artwork.public_id,
        x=area.width_mm / 2,
        y=area.height_mm / 2,
        width=artwork.width_px * mm_per_px,
        height=artwork.height_px * mm_per_px,
        name=artwork.file_name[:120],
    )


def resolution_of(layer: ImageLayer, artwork: Artwork) -> int:
    """Return the dpi that a placed picture gives: the worse of both directions."""
    return int(min(artwork.width_px / layer.width, artwork.height_px / layer.height) * MM_PER_INCH)
