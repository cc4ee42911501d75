"""Reads of the catalog's pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Prefetch, Q, QuerySet

from catalog.models import Category, CustomerProduct, Design, ProductModel
from pod_hub.accounts.models import Customer

DESIGNS_SHOWN = 60
SHELF_LIMIT = 200


def usable_products(customer: Customer) -> QuerySet[CustomerProduct]:
    """Return the active products that a customer may use (GA-12)."""
    allowed = Q(for_all_customers=True) | Q(grants__customer=customer)
    rows: QuerySet[CustomerProduct] = CustomerProduct.objects.filter(allowed, is_active=True).distinct()
    return rows


def count_usable_products(customer: Customer) -> int:
    """Return how many products a customer may use."""
    return usable_products(customer).count()


@dataclass(slots=True)
class Shelf:
    """One category with its product models and the categories below it."""

    category: Category
    depth: int
    models: list[ProductModel] = field(default_factory=list)


def shelves() -> list[Shelf]:
    """Return the catalog as merchants see it (GA-24): categories as a tree by position and name, each with its product models.

    Each model carries its ``customer_products``. Three queries, whatever the size.
    """
    products = CustomerProduct.objects.annotate(granted=Count("grants")).order_by("name", "variant", "pk")
    models = ProductModel.objects.prefetch_related(Prefetch("customer_products", queryset=products)).order_by("name", "pk")
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.order_by("position", "name", "pk"):
        below.setdefault(category.parent_id, []).append(category)
    on_shelf: dict[int, list[ProductModel]] = {}
    for model in models:
        on_shelf.setdefault(model.category_id, []).append(model)
    found: list[Shelf] = []

    def walk(parent: int | None, depth: int) -> None:
        for category in below.get(parent, ()):
            found.append(Shelf(category, depth, on_shelf.get(category.pk, [])))
            walk(category.pk, depth + 1)

    walk(None, 0)
    return found


def products_of_model(model: ProductModel) -> list[CustomerProduct]:
    """Return a model's customer products with ``granted`` (customers) and ``mapped`` (listings that use it now)."""
    mapped = Count("mappings", filter=Q(mappings__retired_at=None), distinct=True)
    rows = CustomerProduct.objects.filter(product_model=model).annotate(granted=Count("grants", distinct=True), mapped=mapped)
    return list(rows.order_by("name", "variant", "pk"))


def mapped_listings(product: CustomerProduct) -> int:
    """Return how many listings are mapped to a product now."""
    return product.mappings.filter(retired_at=None).count()


def designs_of(model: ProductModel) -> list[Design]:
    """Return a model's newest designs with customer and print file."""
    rows = Design.objects.filter(product_model=model).select_related("customer", "print_file")
    return list(rows.order_by("-created_at", "-pk")[:DESIGNS_SHOWN])
