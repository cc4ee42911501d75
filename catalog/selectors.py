"""Reads of the catalog's pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Category, CustomerPrice, CustomerProduct, Design, Mockup, ProductGrant, ProductModel, Variant, offered_today
from pod_hub.accounts.models import Customer

DESIGNS_SHOWN = 60
DRAFTS_SHOWN = 12
PRODUCTS_OFFERED = 300  # on one page; the search finds the others
MISFITS_SHOWN = 500
PRICES_SHOWN = 500
GRANTS_SHOWN = 500


def usable_products(customer: Customer) -> QuerySet[CustomerProduct]:
    """Return the products that a customer may use today (GA-12), each with ``customer_price``: its own price, or the list price."""
    granted = Exists(ProductGrant.objects.filter(customer_product=OuterRef("pk"), customer=customer))
    own = CustomerPrice.objects.filter(customer_product=OuterRef("pk"), customer=customer).values("price")
    rows: QuerySet[CustomerProduct] = CustomerProduct.objects.filter(Q(for_all_customers=True) | granted, offered_today())
    return rows.annotate(customer_price=Coalesce(Subquery(own), F("price")))


def count_usable_products(customer: Customer) -> int:
    """Return how many products a customer may use."""
    return usable_products(customer).count()


@dataclass(slots=True)
class Shelf:
    """One category with its product models and the categories below it."""

    category: Category
    path: list[str]  # the names of the categories above it
    models: list[ProductModel] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """How many categories stand above it."""
        return len(self.path)


def shelves() -> list[Shelf]:
    """Return the catalog as merchants see it (GA-24): categories as a tree by position and name, each with its product models.

    Each model carries its ``customer_products`` and ``print_areas``. Four queries, whatever the size.
    """
    products = CustomerProduct.objects.annotate(granted=Count("grants")).order_by("name", "variant", "pk")
    models = ProductModel.objects.prefetch_related("print_areas", Prefetch("customer_products", queryset=products)).order_by("name", "pk")
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.order_by("position", "name", "pk"):
        below.setdefault(category.parent_id, []).append(category)
    on_shelf: dict[int, list[ProductModel]] = {}
    for model in models:
        on_shelf.setdefault(model.category_id, []).append(model)
    found: list[Shelf] = []

    def walk(parent: int | None, path: list[str]) -> None:
        for category in below.get(parent, ()):
            found.append(Shelf(category, path, on_shelf.get(category.pk, [])))
            walk(category.pk, [*path, category.name])

    walk(None, [])
    return found


@dataclass(slots=True)
class OfferShelf:
    """One category with the products that a customer may use; ``path`` are the categories above it."""

    category: Category
    path: list[Category]
    products: list[CustomerProduct] = field(default_factory=list)


def shelves_of(customer: Customer) -> list[OfferShelf]:
    """Return the catalog as one customer sees it: its products in the same tree and order, without the shelves that hold none of them.

    Each product has ``picture``, the customer's newest artwork for its model, if there is one. Four queries, whatever the size.
    """
    rows = usable_products(customer).select_related("product_model").prefetch_related("product_model__print_areas")
    rows = rows.order_by("name", "variant", "pk")
    designs = Design.objects.filter(customer=customer, print_file__isnull=False).select_related("print_file")
    pictures = {one.product_model_id: one for one in designs.order_by("product_model_id", "-created_at", "-pk").distinct("product_model_id")}
    on_shelf: dict[int, list[CustomerProduct]] = {}
    for product in rows:
        product.picture = pictures.get(product.product_model_id)  # type: ignore[attr-defined]
        on_shelf.setdefault(product.product_model.category_id, []).append(product)
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.order_by("position", "name", "pk"):
        below.setdefault(category.parent_id, []).append(category)
    found: list[OfferShelf] = []

    def walk(parent: int | None, path: list[Category]) -> None:
        for category in below.get(parent, ()):
            if category.pk in on_shelf:
                found.append(OfferShelf(category, path, on_shelf[category.pk]))
            walk(category.pk, [*path, category])

    walk(None, [])
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page shows to pick a product from; ``total`` counts all products, found or not, and ``has_more`` says that not all found are shown."""

    shelves: list[OfferShelf]
    total: int
    has_more: bool


def offer_to(customer: Customer, *, words: str = "") -> Offer:
    """Return the catalog as a customer sees it, or what of it some words find. Queries as ``shelves_of``."""
    shelves = shelves_of(customer)
    total, found = sum(len(shelf.products) for shelf in shelves), 0
    for shelf in shelves:
        above = " ".join(one.name for one in [*shelf.path, shelf.category])
        named = [one for one in shelf.products if _is_named(words, one, above)]
        shelf.products, found = named[: max(PRODUCTS_OFFERED - found, 0)], found + len(named)
    return Offer([shelf for shelf in shelves if shelf.products], total, found > PRODUCTS_OFFERED)


def _is_named(words: str, product: CustomerProduct, shelf: str) -> bool:
    text = f"{product.name} {product.variant} {product.uid} {product.product_model.name} {shelf}".casefold()
    return all(word in text for word in words.casefold().split())


def printable_designs(*, customer_id: int, product_model_id: int) -> QuerySet[Design]:
    """Return a customer's designs that a product may be printed with, newest first: ready ones, and those whose print file is being made."""
    usable = [Design.State.READY, Design.State.RENDERING]
    made = Design.objects.filter(customer=customer_id, product_model=product_model_id, state__in=usable, replaced_by=None)
    return made.select_related("print_file").order_by("-created_at", "-pk")


def drafts_of(*, customer_id: int, product_model_id: int) -> QuerySet[Design]:
    """Return a customer's designs for a product model that somebody has worked on and nobody has saved for print yet, the latest first."""
    rows = Design.objects.filter(customer=customer_id, product_model=product_model_id, state=Design.State.DRAFT, edits__gt=0)
    return rows.order_by("-saved_at", "-pk")


def variants_of(model: ProductModel) -> list[Variant]:
    """Return a model's variants in their order, each with ``offered``: how many customer products are made of it."""
    return list(Variant.objects.filter(product_model=model).annotate(offered=Count("customer_products")).order_by("position", "pk"))


def mockups_of(model: ProductModel) -> list[Mockup]:
    """Return a model's mockups in their order with area and variant."""
    return list(Mockup.objects.filter(product_model=model).select_related("print_area", "variant").order_by("position", "pk"))


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What one customer pays for a product; ``price`` is None where it is the list price."""

    customer: Customer
    price: Decimal | None


def price_rows(product: CustomerProduct) -> list[PriceRow]:
    """Return every customer that may use a product, and those that have a price of their own, by name. Two queries."""
    prices = dict(CustomerPrice.objects.filter(customer_product=product).values_list("customer_id", "price"))
    granted = Q(pk__in=list(prices)) | Q(product_grants__customer_product=product)
    rows = Customer.objects.all() if product.for_all_customers else Customer.objects.filter(granted).distinct()
    return [PriceRow(customer, prices.get(customer.pk)) for customer in rows.order_by("name", "pk")[:PRICES_SHOWN]]


def products_to_grant(*, query: str = "") -> list[CustomerProduct]:
    """Return customer products by UID with model and ``granted`` (customers), those whose name or UID holds a text where one is given."""
    rows = CustomerProduct.objects.filter(for_all_customers=False).select_related("product_model").annotate(granted=Count("grants"))
    if query:
        rows = rows.filter(Q(uid__icontains=query) | Q(name__icontains=query) | Q(product_model__name__icontains=query))
    return list(rows.order_by("uid", "pk")[:GRANTS_SHOWN])


def products_of_model(model: ProductModel) -> list[CustomerProduct]:
    """Return a model's customer products with ``granted`` (customers) and ``mapped`` (listings that use it now)."""
    mapped = Count("mapping_parts__mapping__listing", filter=Q(mapping_parts__mapping__retired_at=None), distinct=True)
    rows = (
        CustomerProduct.objects.filter(product_model=model)
        .select_related("model_variant")
        .annotate(granted=Count("grants", distinct=True), mapped=mapped)
    )
    return list(rows.order_by("name", "variant", "pk"))


def mapped_listings(product: CustomerProduct, *, customer: Customer | None = None) -> int:
    """Return how many listings are mapped to a product now, of one customer only where it is named."""
    rows = product.mapping_parts.filter(mapping__retired_at=None)
    rows = rows.filter(mapping__listing__store__customer=customer) if customer else rows
    return rows.values("mapping__listing").distinct().count()


def designs_of(model: ProductModel, *, customer: Customer | None = None) -> list[Design]:
    """Return a model's newest designs with customer and print file, of one customer only where it is named."""
    rows = Design.objects.filter(product_model=model).select_related("customer", "print_file")
    if customer is not None:
        rows = rows.filter(customer=customer)
    return list(rows.order_by("-created_at", "-pk")[:DESIGNS_SHOWN])


def misfits_of(model: ProductModel) -> list[Design]:
    """Return the designs that no longer fit a model, with customer, print file and ``listings`` (that print them now), the most printed first.

    A version that has been replaced and is not printed from any more is left out.
    """
    listings = Count("mapping_parts__mapping__listing", filter=Q(mapping_parts__mapping__retired_at=None), distinct=True)
    later = Exists(Design.objects.filter(replaces=OuterRef("pk")).exclude(state=Design.State.DRAFT))
    rows = Design.objects.filter(product_model=model).exclude(misfits=[]).annotate(listings=listings)
    rows = rows.filter(Q(listings__gt=0) | ~later).select_related("customer", "print_file")
    return list(rows.order_by("-listings", "-pk")[:MISFITS_SHOWN])


def earlier_versions(design: Design) -> list[int]:
    """Return the row ids of the designs that a design replaces, the last one first. One query for each."""
    found: list[int] = []
    before = design.replaces_id
    while before is not None and before not in found:
        found.append(before)
        before = Design.objects.values_list("replaces_id", flat=True).get(pk=before)
    return found


def listings_printing(designs: Iterable[int]) -> int:
    """Return how many listings are made with one of these designs now."""
    rows = Design.objects.filter(pk__in=designs, mapping_parts__mapping__retired_at=None)
    return rows.aggregate(n=Count("mapping_parts__mapping__listing", distinct=True))["n"] or 0
