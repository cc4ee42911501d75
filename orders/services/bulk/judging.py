"""The dry run: one verdict for each row, before anything is fetched or connected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct
from catalog.selectors import usable_products
from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.columns import Told
from pod_hub.core.http import UnsafeAddress
from pod_hub.core.share_links import direct_link
from pod_hub.core.typed_addresses import plain_address
from stores.models import Listing, MappingPart

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict."""

    told: Told
    verdict: Verdict
    message: str = ""
    listing: Listing | None = None
    product: CustomerProduct | None = None


class Judge:
    """Judges portions of one file. It reads the customer's products once; what earlier rows named is asked of the stored rows."""

    def __init__(self, row: BulkImport) -> None:
        self._import = row
        products = usable_products(row.store.customer).select_related("product_model")
        self._products = {product.uid.casefold(): product for product in products}

    def judge(self, rows: Sequence[Told]) -> list[Judged]:
        """Return one verdict for each row; four queries, however many rows."""
        listings = _listings(self._import.store_id, rows)
        found = {listing.pk for listing in listings.values()}
        seen = dict(
            BulkImportRow.objects.filter(bulk_import=self._import, listing__in=found)
            .exclude(verdict__in=[Verdict.BLANK, Verdict.TWICE])
            .values_list("listing_id", "number")
        )
        made_of: dict[int, list[CustomerProduct]] = {}
        parts = MappingPart.objects.filter(mapping__listing__in=found, mapping__retired_at=None).select_related("mapping", "customer_product")
        for part in parts.order_by("mapping", "position"):
            made_of.setdefault(part.mapping.listing_id, []).append(part.customer_product)
        judged = []
        for told in rows:
            one = self._one(told, listings, seen, made_of)
            if one.listing is not None and one.verdict not in {Verdict.BLANK, Verdict.TWICE}:
                seen.setdefault(one.listing.pk, told.number)
            judged.append(one)
        return judged

    def _one(self, told: Told, listings: dict[str, Listing], seen: dict[int, int], made_of: dict[int, list[CustomerProduct]]) -> Judged:
        if not told.uid and not told.link:
            return Judged(told, Verdict.BLANK)
        listing = next((listings[key] for key in _keys(told) if key in listings), None)
        if listing is None:
            return Judged(told, Verdict.NO_LISTING, _no_listing(told))
        if listing.pk in seen:
            message = _("Row %(n)s names the same product of the store, and only the first one counts. Delete one of them.")
            return Judged(told, Verdict.TWICE, message % {"n": seen[listing.pk]}, listing)
        if listing.is_parent:
            return Judged(told, Verdict.REFUSED, _("This row is the heading of several variants, which nobody buys. Connect its variants."), listing)
        if not told.uid:
            return Judged(told, Verdict.NO_PRODUCT, _("There is a design file but no Product UID. Fill in which product it is printed on."), listing)
        product = self._products.get(told.uid.casefold())
        if product is None:
            message = _("No product with the UID “%(uid)s” is offered to this customer. The catalog shows the UIDs; check the spelling.")
            return Judged(told, Verdict.NO_PRODUCT, message % {"uid": told.uid[:80]}, listing)
        now_made_of = made_of.get(listing.pk, [])
        verdict, message = _about_file(told, product, already=now_made_of == [product])
        if verdict == Verdict.READY and now_made_of not in ([], [product]):
            former = _("It takes the place of “%(product)s”, also in orders that are not printed yet.")
            message = " ".join(filter(None, [former % {"product": " + ".join(map(str, now_made_of))}, message]))
        return Judged(told, verdict, message, listing, product)


def _about_file(told: Told, product: CustomerProduct, *, already: bool) -> tuple[Verdict, str]:
    if not product.product_model.needs_design:
        ignored = _("This product needs no design file, so the link is not used.") if told.link else ""
        return (Verdict.UNCHANGED, ignored) if already else (Verdict.READY, ignored)
    if not told.link:
        if already:
            return Verdict.UNCHANGED, ""
        return Verdict.NO_DESIGN, _("“%(product)s” needs a design file. Fill in its direct link.") % {"product": product}
    try:
        direct_link(plain_address(told.link))
    except UnsafeAddress as error:
        return Verdict.BAD_LINK, str(error)
    return Verdict.READY, ""


def _no_listing(told: Told) -> str:
    name = told.sku or told.product_id or told.listing
    if not name:
        return _("The row names no product of the store: SKU, marketplace product ID and Listing ID are all empty.")
    return _("This store has no product “%(name)s”. Sync its products, or export the file again.") % {"name": name[:80]}


def _keys(told: Told) -> Iterable[str]:
    """By what a row's listing is found: our id first, then the SKU, then the marketplace's own id where it has no SKU."""
    if told.listing:
        yield f"id:{told.listing}"
    if told.sku:
        yield f"sku:{told.sku}"
    elif told.product_id:
        yield f"product:{told.product_id.upper()}"


def _listings(store_id: int, rows: Sequence[Told]) -> dict[str, Listing]:
    ids = {told.listing for told in rows if told.listing}
    skus = {told.sku for told in rows if told.sku and len(told.sku) <= LONGEST}
    products = {told.product_id.upper() for told in rows if told.product_id and not told.sku}
    wanted = Q(public_id__in=ids) | Q(key__in=skus) | Q(product_id__in=products)
    found: dict[str, Listing] = {}
    for listing in Listing.objects.filter(wanted, store=store_id).order_by("-gone_at", "pk"):
        found.setdefault(f"id:{listing.public_id}", listing)
        if listing.sku:
            found.setdefault(f"sku:{listing.sku}", listing)
        if listing.product_id:
            found.setdefault(f"product:{listing.product_id.upper()}", listing)
    return found
