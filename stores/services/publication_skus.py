"""The SKUs of products that are added: suggested ones, and refusing those that something else in the store has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from django.utils.translation import gettext as _

from stores.models import Listing, Publication, PublicationVariant, Store
from stores.publishing_errors import CannotAdd
from stores.publishing_models import LONGEST_SKU

# What Unicode does not take apart into a plain letter and its mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "Æ": "AE",
        "æ": "ae",
        "Œ": "OE",
        "œ": "oe",
        "Ø": "O",
        "ø": "o",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Þ": "Th",
        "þ": "th",
        "ı": "i",
    }
)


def suggested_sku(store: Store, wish: str) -> str:
    """Return a SKU near a wish that nothing in the store has: of plain letters and digits, since not every channel takes others."""
    stem = _plain(wish)[: LONGEST_SKU - 4].strip("-") or "PRODUCT"
    taken = set(Listing.objects.filter(store=store, key__startswith=stem).values_list("key", flat=True))
    taken |= set(Publication.objects.filter(store=store, sku__startswith=stem, dropped_at=None).values_list("sku", flat=True))
    taken |= set(PublicationVariant.objects.filter(store=store, sku__startswith=stem).values_list("sku", flat=True))
    return next(sku for number in range(1, len(taken) + 2) if (sku := stem if number == 1 else f"{stem}-{number}") not in taken)


def _plain(text: str) -> str:
    """Return a text in the letters of ASCII, as near as they come, with single dashes for all that is none."""
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9._-]+", "-", bare)).strip("-")


def refuse_taken_skus(row: Publication, skus: Mapping[str, str]) -> None:
    """Refuse SKUs that something else in the store has, or two of these; they come by their fields. Raises ``CannotAdd``."""
    given = [sku for sku in skus.values() if sku]
    sold = Listing.objects.filter(store=row.store_id, key__in=given).exclude(publications=row.pk).exclude(publication_variants__publication=row.pk)
    begun = Publication.objects.filter(store=row.store_id, sku__in=given, dropped_at=None).exclude(pk=row.pk)
    beside = PublicationVariant.objects.filter(store=row.store_id, sku__in=given).exclude(publication=row.pk)
    listed, added = set(sold.values_list("key", flat=True)), set(begun.values_list("sku", flat=True)) | set(beside.values_list("sku", flat=True))
    for name, sku in skus.items():
        about = {"sku": sku}
        if sku in listed:
            raise CannotAdd(_("Another product of this store has the SKU %(sku)s. Choose another one.") % about, field=name)
        if sku in added:
            raise CannotAdd(_("A product that is being added has the SKU %(sku)s already. Choose another one.") % about, field=name)
        if given.count(sku) > 1:
            raise CannotAdd(_("Two of the variants have the SKU %(sku)s. Give each its own.") % about, field=name)
