"""Customer products with who may use them, and what single customers pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import CustomerPrice, CustomerProduct, ProductModel, Variant
from catalog.services.products import save_customer_product, set_customer_prices
from catalog.tables import cells
from catalog.tables.cells import BadCell
from catalog.tables.changes import Change, Outcome, checked, planned, put
from pod_hub.accounts.models import Customer, Facility
from pod_hub.core.spreadsheets import Row


def _no_customer(name: str) -> str:
    return _("There is no customer named “%(name)s”. Write the name as it stands on the customer's page.") % {"name": name}


def _no_facility(name: str) -> str:
    return _("There is no facility named “%(name)s”. Write the name as it stands under Settings.") % {"name": name}


class CustomerProducts:
    """A row for each customer product, found by its UID."""

    columns = (
        "Product UID", "Name", "Variant", "Blank SKU", "Price", "Currency", "Every customer", "Customers", "Facilities",
        "Offered from", "Offered until", "Active",
    )  # fmt: skip
    needed = ("Product UID",)

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._customers = {one.name.casefold(): one for one in Customer.objects.all()}
        self._facilities = {one.name.casefold(): one for one in Facility.objects.all()}

    def written(self) -> Iterator[list[object]]:
        """Return every customer product by UID."""
        rows = CustomerProduct.objects.select_related("product_model", "model_variant")
        for one in rows.prefetch_related("grants__customer", "made_at__facility").order_by("uid", "pk"):
            yield [
                one.uid,
                one.name,
                one.variant,
                one.model_variant.sku if one.model_variant else one.product_model.sku,
                f"{one.price:f}",
                one.currency,
                cells.yes_no(one.for_all_customers),
                cells.joined(sorted(grant.customer.name for grant in one.grants.all())),
                cells.joined(sorted(made.facility.name for made in one.made_at.all())),
                one.active_from or "",
                one.active_until or "",
                cells.yes_no(one.is_active),
            ]

    def plan(self, rows: Sequence[Row]) -> Iterator[Change]:
        """Read products by UID."""
        uids = [row["Product UID"] for row in rows]
        products = CustomerProduct.objects.filter(uid__in=uids).select_related("model_variant", "product_model").prefetch_related("grants", "made_at")
        known, skus = {one.uid: one for one in products}, {row["Blank SKU"] for row in rows}
        blanks: dict[str, ProductModel | Variant] = {one.sku.casefold(): one for one in ProductModel.objects.filter(sku__in=skus)}
        blanks |= {one.sku.casefold(): one for one in Variant.objects.filter(sku__in=skus).select_related("product_model")}
        for row in rows:
            yield planned(row, row["Product UID"], lambda one: self._row(one, known, blanks))

    def _row(self, row: Row, known: dict[str, CustomerProduct], blanks: dict[str, ProductModel | Variant]) -> Change:
        uid = cells.text(row, "Product UID", most=60, needed=True)
        if uid in self._seen:
            raise BadCell(_("The product UID %(uid)s stands in the file twice.") % {"uid": uid})
        self._seen.add(uid)
        product = known.get(uid) or CustomerProduct(uid=uid)
        made = product.pk is None
        changed = self._blank(row, product, blanks)
        values: dict[str, Any] = {
            "for_all_customers": cells.truth(row, "Every customer", default=product.for_all_customers),
            "is_active": cells.truth(row, "Active", default=product.is_active),
        }
        if row["Name"] or made:
            values["name"] = cells.text(row, "Name", most=120, needed=True)
        if "Variant" in row.cells:
            values["variant"] = cells.text(row, "Variant", most=80)
        if (price := cells.amount(row, "Price")) is not None or made:
            if price is None:
                raise BadCell(_("“%(column)s” is empty; it is needed.") % {"column": "Price"})
            values["price"] = price
        if row["Currency"] or made:
            values["currency"] = cells.text(row, "Currency", most=3, needed=True).upper()
            if not (len(values["currency"]) == 3 and values["currency"].isalpha()):
                raise BadCell(_("“Currency” is “%(value)s”; it takes a code such as EUR.") % {"value": row["Currency"]})
        for name, column in (("active_from", "Offered from"), ("active_until", "Offered until")):
            if column in row.cells:
                values[name] = cells.day(row, column)
        changed += put(product, values)
        checked(product, [*values, "uid"])
        if product.active_from and product.active_until and product.active_from > product.active_until:
            raise BadCell(_("The product would end before it begins. Exchange the two dates."))
        return self._with_people(row, product, changed, made=made)

    def _blank(self, row: Row, product: CustomerProduct, blanks: dict[str, ProductModel | Variant]) -> list[str]:
        if not row["Blank SKU"] and product.pk is not None:
            return []
        blank = blanks.get(cells.text(row, "Blank SKU", most=60, needed=True).casefold())
        if blank is None:
            raise BadCell(_("There is no product model or variant with the blank SKU “%(sku)s”. Add it first.") % {"sku": row["Blank SKU"]})
        model, variant = (blank.product_model, blank) if isinstance(blank, Variant) else (blank, None)
        if product.pk is not None and product.product_model_id != model.pk:
            raise BadCell(_("%(uid)s is made of another product model and cannot change to this one. Add a new product.") % {"uid": product.uid})
        same = product.pk is not None and product.model_variant_id == (variant.pk if variant else None)
        product.product_model, product.model_variant = model, variant
        return [] if same else [str(_("blank"))]

    def _with_people(self, row: Row, product: CustomerProduct, changed: list[str], *, made: bool) -> Change:
        grants = set() if made else {grant.customer_id for grant in product.grants.all()}
        plants = set() if made else {one.facility_id for one in product.made_at.all()}
        customers = [one for one in self._customers.values() if one.pk in grants]
        facilities = [one for one in self._facilities.values() if one.pk in plants]
        if "Customers" in row.cells:
            customers = cells.named(row, "Customers", self._customers, missing=_no_customer)
        if "Facilities" in row.cells:
            facilities = cells.named(row, "Facilities", self._facilities, missing=_no_facility)
        if {one.pk for one in customers} != grants:
            changed.append(str(_("customers")))
        if {one.pk for one in facilities} != plants:
            changed.append(str(_("facilities")))
        if not (made or changed):
            return Change(row.number, Outcome.SAME, product.uid)
        outcome = Outcome.NEW if made else Outcome.CHANGED
        return Change(
            row.number,
            outcome,
            product.uid,
            ", ".join(changed),
            lambda: save_customer_product(product=product, customers=customers, facilities=facilities),
        )


class CustomerPrices:
    """A row for each product and customer with a price of its own; an empty price means the list price again."""

    columns = ("Product UID", "Customer", "Price")
    needed = columns

    def __init__(self) -> None:
        self._seen: set[tuple[str, int]] = set()
        self._customers = {one.name.casefold(): one for one in Customer.objects.all()}

    def written(self) -> Iterator[list[object]]:
        """Return every price of a single customer."""
        for one in CustomerPrice.objects.select_related("customer_product", "customer").order_by("customer_product__uid", "customer__name", "pk"):
            yield [one.customer_product.uid, one.customer.name, f"{one.price:f}"]

    def plan(self, rows: Sequence[Row]) -> Iterator[Change]:
        """Read prices by product and customer."""
        products = {one.uid: one for one in CustomerProduct.objects.filter(uid__in=[row["Product UID"] for row in rows])}
        told = CustomerPrice.objects.filter(customer_product__in=products.values())
        known = {(one.customer_product_id, one.customer_id): one.price for one in told}
        for row in rows:
            yield planned(row, f"{row['Product UID']} · {row['Customer']}", lambda one: self._row(one, products, known))

    def _row(self, row: Row, products: dict[str, CustomerProduct], known: dict[tuple[int, int], Decimal]) -> Change:
        product = products.get(cells.text(row, "Product UID", most=60, needed=True))
        if product is None:
            raise BadCell(_("There is no product with the UID “%(uid)s”.") % {"uid": row["Product UID"]})
        name = cells.text(row, "Customer", most=120, needed=True)
        customer = self._customers.get(name.casefold())
        if customer is None:
            raise BadCell(_no_customer(name))
        if (product.uid, customer.pk) in self._seen:
            raise BadCell(_("This product and customer stand in the file twice."))
        self._seen.add((product.uid, customer.pk))
        price, before = cells.amount(row, "Price"), known.get((product.pk, customer.pk))
        what = f"{product.uid} · {customer.name}"
        if price == before:
            return Change(row.number, Outcome.SAME, what)
        why = f"{before if before is not None else product.price:f} → {price if price is not None else product.price:f} {product.currency}"
        outcome = Outcome.NEW if before is None else Outcome.CHANGED
        return Change(row.number, outcome, what, why, lambda: set_customer_prices(product=product, prices={customer.pk: price}))
