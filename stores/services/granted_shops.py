"""The shops that one consent covers, where shops have numbers: kept as the channel tells them, and chosen for a store."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.sealing import sealed_field
from stores.channels.consent_types import Participation
from stores.models import Authorization, Connection, GrantedShop, Store


def seal_key(shop: GrantedShop, key: str) -> None:
    """Put a shop's key on its row (not saved)."""
    shop.check_tenant()
    sealed_field(GrantedShop, "key_sealed").seal_into(shop, key)
    shop.told_at = now()


class NoSuchShop(Exception):
    """The consent covers no shop that this store could be; the message says why and what to do."""


def keep_shops(row: Authorization, told: Sequence[Participation]) -> None:
    """Write down which shops a consent covers, in place of what an earlier one covered. Connections of shops that are no longer covered end.

    Channels without shop numbers tell none, and nothing is kept.
    """
    shops = [one for one in told if one.site]
    if not shops:
        return
    known = {shop.number: shop for shop in GrantedShop.objects.select_for_update().filter(authorization=row).order_by("pk")}
    for one in shops:
        shop = known.get(one.marketplace) or GrantedShop(authorization=row, number=one.marketplace)
        shop.name, shop.marketplace, shop.seller_type, shop.why_not = one.store_name[:120], one.site, one.seller_type[:20], one.why_not
        seal_key(shop, one.key)
        shop.save()
    gone = GrantedShop.objects.filter(authorization=row).exclude(number__in=[one.marketplace for one in shops])
    lost = list(gone.values_list("number", flat=True))
    gone.delete()
    if lost:
        words = _("The seller's newer permission no longer covers this shop. Ask the seller to include it, then authorise again.")
        Connection.objects.filter(authorization=row, store__shop_number__in=lost).exclude(state=Connection.State.DISABLED).update(
            state=Connection.State.REVOKED, state_reason=words
        )


def shops_for(store: Store, authorization_id: int) -> list[GrantedShop]:
    """Return the covered shops that this store is or could become: on its marketplace, usable, and no other store's that is connected."""
    covered = GrantedShop.objects.filter(authorization=authorization_id, marketplace=store.marketplace, why_not="")
    if store.shop_number:
        return list(covered.filter(number=store.shop_number))
    taken = Connection.objects.filter(store__kind=store.kind, authorization__isnull=False).exclude(store=store).exclude(store__shop_number="")
    return list(covered.exclude(number__in=taken.values("store__shop_number")).order_by("name", "number"))


def shop_of(store: Store, authorization_id: int, *, chosen: str = "") -> str:
    """Return the number of the shop that the store is to be; empty for channels whose shops have none. Raises ``NoSuchShop``.

    Of several, somebody must have chosen one.
    """
    if not GrantedShop.objects.filter(authorization=authorization_id).exists():
        return ""
    possible = {shop.number: shop for shop in shops_for(store, authorization_id)}
    if chosen and chosen in possible:
        return chosen
    if not possible:
        raise NoSuchShop(_why_none(store, authorization_id))
    if chosen or len(possible) > 1:
        raise NoSuchShop(_("The permission covers several shops. Choose which of them this store is."))
    return next(iter(possible))


def _why_none(store: Store, authorization_id: int) -> str:
    if store.shop_number:
        return _("The permission does not cover this store's shop (number %(n)s). Sign in as its seller and authorise again.") % {
            "n": store.shop_number
        }
    unusable = GrantedShop.objects.filter(authorization=authorization_id).exclude(why_not="")
    words = " ".join(dict.fromkeys(unusable.values_list("why_not", flat=True)))
    return words or _("Every shop that the permission covers is another store of yours already. Open that store instead.")
