"""What can be printed, and for whom (``products``), and the artwork for it (``designs``)."""

from __future__ import annotations

from catalog.models.designs import Artwork, Design, DesignSheet, PrintFile, RenderJob, SheetArtwork
from catalog.models.products import (
    Category,
    ColourMode,
    CustomerPrice,
    CustomerProduct,
    FileType,
    Mockup,
    PrintArea,
    PrintOutput,
    ProductFacility,
    ProductGrant,
    ProductModel,
    Variant,
    product_uid,
)

__all__ = [
    "Artwork",
    "Category",
    "ColourMode",
    "CustomerPrice",
    "CustomerProduct",
    "Design",
    "DesignSheet",
    "FileType",
    "Mockup",
    "PrintArea",
    "PrintFile",
    "PrintOutput",
    "ProductFacility",
    "ProductGrant",
    "ProductModel",
    "RenderJob",
    "SheetArtwork",
    "Variant",
    "product_uid",
]
