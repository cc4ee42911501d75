"""What can be printed, and for whom (``products``), the artwork for it (``designs``), and tables of it that people send (``imports``)."""

from __future__ import annotations

from catalog.models.designs import Artwork, Design, DesignSheet, PrintFile, RenderJob, SheetArtwork
from catalog.models.imports import CatalogImport
from catalog.models.products import (
    Category,
    ColourMode,
    CustomerPrice,
    CustomerProduct,
    FileType,
    Mockup,
    Packed,
    PrintArea,
    PrintOutput,
    ProductFacility,
    ProductGrant,
    ProductModel,
    Variant,
    offered_today,
    product_uid,
)

__all__ = [
    "Artwork",
    "CatalogImport",
    "Category",
    "ColourMode",
    "CustomerPrice",
    "CustomerProduct",
    "Design",
    "DesignSheet",
    "FileType",
    "Mockup",
    "Packed",
    "PrintArea",
    "PrintFile",
    "PrintOutput",
    "ProductFacility",
    "ProductGrant",
    "ProductModel",
    "RenderJob",
    "SheetArtwork",
    "Variant",
    "offered_today",
    "product_uid",
]
