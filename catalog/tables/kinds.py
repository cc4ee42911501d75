"""Which kinds of tables there are."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.models import CatalogImport
from catalog.tables.product_models import ProductModels, Variants
from catalog.tables.products import CustomerPrices, CustomerProducts

# Each has its columns on the class; an object of it reads one file inside a tenant's scope.
TABLES: Mapping[str, type[ProductModels | Variants | CustomerProducts | CustomerPrices]] = {
    CatalogImport.Kind.MODELS: ProductModels,
    CatalogImport.Kind.VARIANTS: Variants,
    CatalogImport.Kind.PRODUCTS: CustomerProducts,
    CatalogImport.Kind.PRICES: CustomerPrices,
}
