"""A shirt in several colours and sizes, as the catalog has it."""

from __future__ import annotations

import io
from decimal import Decimal

from catalog.models import Category, CustomerProduct, Design, PrintArea, ProductModel, Variant
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork
from tests.factories.cast import House, artwork

BLACK_M, BLACK_L, WHITE_M = ("Black", "M"), ("Black", "L"), ("White", "M")


def shirts(house: House, *kinds: tuple[str, str]) -> dict[tuple[str, str], CustomerProduct]:
    """Return one customer product for each colour and size, which every customer may use, under the UIDs ``TEE-1`` and so on. Call in the scope."""
    model = ProductModel.objects.create(category=Category.objects.get(name="Home"), name="Shirt", sku="BLANK-TEE", description="Soft.", weight_g=180)
    PrintArea.objects.create(product_model=model, key="front", name="Front", width_mm=210, height_mm=90, min_dpi=150)
    made = {}
    for number, (colour, size) in enumerate(kinds or (BLACK_M, BLACK_L, WHITE_M), start=1):
        blank = Variant.objects.create(product_model=model, colour=colour, size=size, sku=f"BLANK-TEE-{number}", position=number)
        made[colour, size] = CustomerProduct.objects.create(
            product_model=model,
            model_variant=blank,
            uid=f"TEE-{number}",
            name="Shirt",
            variant=f"{colour} / {size}",
            price=Decimal("8.00"),
            currency="USD",
            for_all_customers=True,
        )
    return made


def shirt_design(house: House) -> Design:
    """Return a design of the house's customer that fits every shirt. Call in the scope."""
    uploaded = keep_artwork(customer=house.customer, content=io.BytesIO(artwork(colour="navy")), file_name="shirt.png")
    return design_from_artwork(customer=house.customer, product_model=ProductModel.objects.get(sku="BLANK-TEE"), artwork=uploaded, name="Anchor")
