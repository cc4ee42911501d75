"""Weight and size in the units that channels ask for (stores/measures.py)."""

from __future__ import annotations

import pytest

from catalog.models import CustomerProduct, ProductModel
from stores.channels.publishing_types import FieldKind, Measure, ProductField, Size
from stores.measures import proposals


def asked(measure: Measure | None) -> ProductField:
    return ProductField("packed", "Packed", FieldKind.NUMBER, measure=measure)


@pytest.mark.parametrize(
    ("measure", "proposed"),
    [
        (Measure(Size.WEIGHT, "g"), {"packed": "340"}),
        (Measure(Size.WEIGHT, "kg"), {"packed": "0.34"}),
        (Measure(Size.WEIGHT, "lb"), {"packed": "0.75"}),
        (Measure(Size.LENGTH, "in", places=0), {"packed": "5"}),
        (Measure(Size.LENGTH, "cm"), {"packed": "12"}),
        (Measure(Size.LENGTH, "cm", word="centimeters"), {"packed": "centimeters"}),
        (Measure(Size.HEIGHT, "cm"), {}),
        (None, {}),
    ],
)
def test_what_the_catalog_knows_is_proposed_rounded_up_and_nothing_else(measure: Measure | None, proposed: dict[str, str]) -> None:
    product = CustomerProduct(product_model=ProductModel(weight_g=340, length_mm=120))
    assert proposals([asked(measure)], product) == proposed
