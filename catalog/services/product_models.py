"""Adding and changing the blanks: product models with their print areas, variants and mockups."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Mockup, PrintArea, ProductModel, Variant
from pod_hub.core.pictures import Limits, clean_picture, store_picture
from pod_hub.core.tenancy import current_psp_id
from pod_hub.core.twins import refuse_twins

MOCKUPS = Limits(most_bytes=20_000_000, most_pixels=60_000_000, fits=(1600, 1600))
MOST_MOCKUPS = 60


class InUse(ValueError):
    """The row is needed by something else; the message says by what and what to do."""


class Unfit(ValueError):
    """The row does not fit what it belongs to; the message says why and what to do."""


def save_product_model(*, model: ProductModel) -> ProductModel:
    """Store a product model; raises ``AlreadyThere`` when another one has this blank SKU."""
    with refuse_twins(_("Another product model has this blank SKU. Open that one, or choose another SKU.")):
        model.save()
    return model


@transaction.atomic
def save_print_area(*, area: PrintArea) -> PrintArea:
    """Store a print area; raises ``AlreadyThere`` when the model has one with this key. The model's revision grows: designs have to fit anew."""
    model = ProductModel.reread(area.product_model_id)
    with refuse_twins(_("This product model has an area with this key. Open that one, or choose another key.")):
        area.save()
    _grow(model)
    return area


@transaction.atomic
def delete_print_area(*, area: PrintArea) -> None:
    """Print no longer there. Raises ``InUse`` while designs put something on it, or when a model that needs a design would have none left."""
    model = ProductModel.reread(area.product_model_id)
    if area.sheets.exists():
        raise InUse(_("Designs put something on “%(area)s”, so it stays. Add another area beside it, or make a new product model.") % {"area": area})
    if model.needs_design and model.print_areas.count() == 1:
        raise InUse(_("“%(area)s” is the only print area, and this product model needs a design. Change it in place.") % {"area": area})
    area.delete()
    _grow(model)


def _grow(model: ProductModel) -> None:
    model.revision += 1
    model.save(update_fields=["revision"])


def save_variant(*, variant: Variant) -> Variant:
    """Store a variant; raises ``AlreadyThere`` for a second one of this blank SKU, or of this size and colour."""
    with refuse_twins(_("Another variant has this blank SKU, or this model has one of the same size and colour. Open that one, or change yours.")):
        variant.save()
    return variant


@transaction.atomic
def save_mockup(*, mockup: Mockup, picture: bytes | None = None) -> Mockup:
    """Store a mockup, with a new picture where one was uploaded. Raises ``BadPicture``, and ``Unfit`` for a place that leaves the picture."""
    if mockup.left + mockup.width > 10_000 or mockup.top + mockup.height > 10_000:
        raise Unfit(_("The print area would reach beyond the picture. Make it smaller, or move it to the left and up."))
    if picture is not None:
        cleaned = clean_picture(picture, MOCKUPS)
        mockup.picture_name = store_picture(cleaned, folder=f"psp-{current_psp_id()}/mockups")
        mockup.width_px, mockup.height_px = cleaned.width, cleaned.height
    if mockup.pk is None:
        ProductModel.reread(mockup.product_model_id)
        if Mockup.objects.filter(product_model=mockup.product_model_id).count() >= MOST_MOCKUPS:
            raise Unfit(_("A product model has at most %(n)s mockups. Delete one that is not needed.") % {"n": MOST_MOCKUPS})
    mockup.save()
    return mockup


def delete_mockup(*, mockup: Mockup) -> None:
    """Show this picture no more. The file stays: others may use the same."""
    mockup.delete()
