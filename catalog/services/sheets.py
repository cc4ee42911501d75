"""Putting a scene on a print area of a design, and beside it what it places."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog.fonts import FONTS
from catalog.models import Artwork, Design, DesignSheet, PrintArea, SheetArtwork
from catalog.scenes import BadScene, Scene, TextLayer, write_scene


def keep_scene(design: Design, area: PrintArea, scene: Scene) -> DesignSheet:
    """Store a scene, and beside it which artwork it places. The print file that an earlier scene gave is let go.

    Raises ``BadScene`` for what cannot be printed: a font that is not offered, artwork of another customer.
    """
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
    return sheet
