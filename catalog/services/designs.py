"""Designs made without the editor."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from catalog.models import Artwork, Design, ProductModel
from catalog.services.artwork import BadArtwork
from catalog.services.print_files import BadPrintFile, keep_print_file
from pod_hub.accounts.models import Customer


def design_from_artwork(*, customer: Customer, product_model: ProductModel, artwork: Artwork, name: str) -> Design:
    """Make a design of one file for the first print area. Raises ``BadArtwork`` when the file does not fit it."""
    area = product_model.main_area
    if area is None:
        raise BadArtwork(_("%(model)s has no print area yet, so no file fits it. Add one to the product model first.") % {"model": product_model})
    with default_storage.open(artwork.storage_name) as stored:
        content = stored.read()
    try:
        print_file = keep_print_file(content=content, file_name=artwork.file_name, product_model=product_model, area=area)
    except BadPrintFile as error:
        raise BadArtwork(str(error)) from None
    design = Design.objects.create(
        customer=customer, product_model=product_model, name=name[:120], print_file=print_file, fits_revision=product_model.revision
    )
    sheet = design.sheets.create(print_area=area, print_file=print_file)
    sheet.placed.create(artwork=artwork)
    return design
