"""Authorization and Seller API: which shops a consent holds."""

from __future__ import annotations

from typing import Any

from stores.sandbox.tiktok.operations import Call, Operation


def authorized_shops(call: Call) -> dict[str, Any]:
    """Answer ``getAuthorizedShops``: every shop of the account, whatever its market."""
    shops = call.world.books.shops(call.grant.open_id)
    return {
        "shops": [
            {
                "id": shop.shop_id,
                "name": shop.name,
                "region": shop.region,
                "seller_type": shop.seller_type,
                "cipher": shop.cipher,
                "code": shop.code,
            }
            for shop in shops
        ]
    }


def active_shops(call: Call) -> dict[str, Any]:
    """Answer ``getActiveShops``."""
    return {"shops": [{"id": shop.shop_id, "region": shop.region} for shop in call.world.books.shops(call.grant.open_id) if shop.active]}


def seller_permissions(call: Call) -> dict[str, Any]:
    """Answer ``getSellerPermissions``: [L] only who sells across borders manages global products."""
    crosses = any(shop.seller_type == "CROSS_BORDER" for shop in call.world.books.shops(call.grant.open_id))
    return {"permissions": ["MANAGE_GLOBAL_PRODUCT"] if crosses else []}


OPERATIONS = (
    Operation(
        "getAuthorizedShops",
        "GET",
        "/authorization/202309/shops",
        authorized_shops,
        scopes=("seller.authorization.info",),
        cipher=False,
    ),
    Operation("getActiveShops", "GET", "/seller/202309/shops", active_shops, scopes=("seller.shop.info",), cipher=False),
    Operation("getSellerPermissions", "GET", "/seller/202309/permissions", seller_permissions, scopes=("seller.shop.info",), cipher=False),
)
