"""What a parcel weighs and measures as far as the catalog knows (fulfillment/packing.py)."""

from __future__ import annotations

import pytest

from catalog.models import CustomerProduct, Variant
from fulfillment.label_forms import LabelForm
from fulfillment.packing import packed_together
from orders.models import Order
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


def weigh(house: House, **figures: int) -> None:
    model = house.mug.product_model
    for name, value in figures.items():
        setattr(model, name, value)
    model.save()


@pytest.fixture
def order(north: House) -> Order:
    """An order of two, of a listing that is made of three mugs."""
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, quantity=3, actor=HUB)
    (made,) = bought(north, amazon_order(orderItems=[item(quantity=2)]))
    return made


def test_the_pieces_of_all_units_are_laid_on_each_other(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        weigh(north, weight_g=380, length_mm=125, width_mm=100, height_mm=105)
        assert packed_together([(order.lines.get(), 2)]) == (6 * 380, 125, 100, 6 * 105)


def test_what_one_piece_lacks_is_not_guessed(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        weigh(north, weight_g=380, length_mm=125)
        assert packed_together([(order.lines.get(), 1)]) == (3 * 380, 125, 0, 0)


def test_a_variant_weighs_what_it_says_and_measures_what_its_model_does(north: House) -> None:
    with tenant(north.psp.pk):
        weigh(north, weight_g=380, length_mm=125)
        large = Variant.objects.create(product_model=north.mug.product_model, size="15 oz", sku="BLANK-15", weight_g=500)
        CustomerProduct.objects.filter(pk=north.mug.pk).update(model_variant=large)
        assert CustomerProduct.objects.get(pk=north.mug.pk).packed == (500, 125, 0, 0)


def test_the_form_of_a_label_begins_with_what_the_catalog_knows(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        weigh(north, weight_g=380, length_mm=125, width_mm=100)
        release_order(order_id=order.pk, actor=HUB)
        form = LabelForm(lines=list(order.lines.all()))
        assert form.is_estimated
        assert (form["weight_g"].value(), float(form["length_cm"].value()), form["height_cm"].value()) == (6 * 380, 12.5, None)
