"""Which variants a product that is added has. The first is the publication itself; the further ones are rows beside it, as long as there are any."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct
from stores.models import Publication, PublicationVariant
from stores.publishing_errors import CannotAdd
from stores.publishing_selectors import offered_variants
from stores.services.adding_products import changed, open_publication, proposed_title
from stores.services.publication_pictures import plan_pictures
from stores.services.publication_skus import suggested_sku
from stores.variant_options import told_apart, variant_name

MOST_VARIANTS = 50


@transaction.atomic
def choose_variants(*, publication_id: int, product_ids: Collection[int]) -> Publication:
    """Have an open publication made in exactly these products, in their order in the catalog. Those that it has already keep SKU, price and quantity.

    Raises ``CannotAdd``.
    """
    row = open_publication(publication_id)
    rows = {one.customer_product_id: one for one in row.variants.all()}
    chosen = [product for product in offered_variants(row) if product.pk in product_ids]
    if len(chosen) != len(set(product_ids)) or not chosen:
        raise CannotAdd(_("Nothing was changed, because a chosen variant is not offered to the store's customer. Choose at least one of the list."))
    if row.customer_product_id in product_ids:  # what was picked first stays the first
        chosen.sort(key=lambda product: product.pk != row.customer_product_id)
    _refuse(row, chosen)
    if [product.pk for product in chosen] == [row.customer_product_id, *rows]:
        return row
    proposed = row.title == proposed_title(row.customer_product, alone=not rows)
    _make_first(row, chosen[0], rows)
    if len(chosen) == 1 and not rows:
        row.submitted_at, row.product_id = None, ""  # another one alone is another product to the channel
    if proposed:  # nobody has named it
        row.title = proposed_title(row.customer_product, alone=len(chosen) == 1)
    changed(row, "customer_product", "title", "sku", "price", "quantity", "listing", "submitted_at", "product_id")
    row.variants.exclude(customer_product__in=chosen[1:]).delete()
    for position, product in enumerate(chosen[1:], start=1):
        if product.pk in rows:
            PublicationVariant.objects.filter(pk=rows[product.pk].pk).update(position=position)
        else:
            PublicationVariant.objects.create(
                publication=row,
                store_id=row.store_id,
                customer_product=product,
                position=position,
                sku=suggested_sku(row.store, product.uid),
                price=row.price,
                quantity=row.quantity,
            )
    if row.design_id or not row.customer_product.product_model.needs_design:
        plan_pictures(row)
    return row


def _refuse(row: Publication, chosen: Sequence[CustomerProduct]) -> None:
    if len(chosen) > MOST_VARIANTS:
        raise CannotAdd(
            _("A product has at most %(n)s variants here. Choose fewer, and add the rest as a product of their own.") % {"n": MOST_VARIANTS}
        )
    if len(chosen) > 1 and not told_apart(chosen):
        names = ", ".join(f"“{variant_name(product)}”" for product in chosen[:4])
        words = _("The catalog does not tell these variants apart by colour, size or name: %(names)s. Choose others, or correct them in the catalog.")
        raise CannotAdd(words % {"names": names})
    if len(chosen) == 1 and row.product_id and row.variants.exists():
        raise CannotAdd(_("The marketplace has this product with variants already, so at least two must stay. Give it up to begin anew with one."))


def _make_first(row: Publication, product: CustomerProduct, rows: Mapping[int, PublicationVariant]) -> None:
    """Let a publication be of this product: one of its further variants moves up into the place of the first."""
    if product.pk == row.customer_product_id:
        return
    risen = rows.get(product.pk)
    row.customer_product = product
    if risen is not None:
        row.sku, row.price, row.quantity, row.listing = risen.sku, risen.price, risen.quantity, risen.listing
        risen.delete()
    else:
        row.sku, row.listing = suggested_sku(row.store, product.uid), None
