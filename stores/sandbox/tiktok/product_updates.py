"""Product API: what needs no audit. Price and stock take effect at once; list and delist, delete and recover, each product for itself (tiktok.md §9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stores.sandbox.tiktok import audits, product_bodies, product_rules
from stores.sandbox.tiktok.answers import Refusal, item_error
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.product_edits import WRITE, note, own_product, touch
from stores.sandbox.tiktok.products import PATH
from stores.sandbox.tiktok.records import Audit, Product, ProductStatus, Sku

LISTING, DELETE = ("seller.product.basic",), ("seller.product.delete",)
IDS_LIMIT = 20


def update_prices(call: Call) -> dict[str, Any]:
    """Answer ``updatePrice``: all or nothing, without an audit."""
    with call.world.books.transaction():
        product = own_product(call, call.path["product_id"])
        rows = _by_sku(call)
        for sku_id, row in rows.items():
            sku = product.sku(sku_id)
            if sku is None:
                raise Refusal(12052557)
            for code in product_rules.price_problems(call.shop, row["price"]):
                raise Refusal(code)
            sku.amount, sku.currency = row["price"]["amount"], row["price"]["currency"]
            sku.further |= {name: row[name] for name in ("list_price", "external_list_prices") if name in row}
        touch(call, product)
        prices = {sku_id: row["price"]["amount"] for sku_id, row in rows.items()}
        note(call, "update_price", "done", product.product_id, prices=prices)
    return {}


def update_inventory(call: Call) -> dict[str, Any]:
    """Answer ``updateInventory``: each SKU for itself; what fails is told in ``errors``."""
    errors: list[dict[str, Any]] = []
    with call.world.books.transaction():
        product = own_product(call, call.path["product_id"])
        done: dict[str, int] = {}
        default = next((place.warehouse_id for place in call.shop.warehouses if place.default), "")
        for sku_id, row in _by_sku(call).items():
            sku = product.sku(sku_id)
            if sku is None:
                raise Refusal(12052556)
            sent = [{"warehouse_id": default, **place} for place in row["inventory"]]
            wrong = [(place["warehouse_id"], code) for place in sent for code in product_rules.stock_problems(call.shop, place, lowest=0)]
            if wrong:
                extra = [{"warehouse_id": place, **_code(12052097 if code == 12052530 else code)} for place, code in wrong]
                errors.append(item_error(12052990, {"sku_id": sku_id, "extra_errors": extra}))
                continue
            sku.inventory = [{**_place(sku, place["warehouse_id"]), **place} for place in sent]
            done[sku_id] = sum(place["quantity"] for place in sent)
        touch(call, product)
        note(call, "update_inventory", "done", product.product_id, quantities=done)
    return {"errors": errors}


def _code(code: int) -> dict[str, Any]:
    return {name: value for name, value in item_error(code, {}).items() if name != "detail"}


def _place(sku: Sku, warehouse_id: str) -> dict[str, Any]:
    return next((row for row in sku.inventory if row["warehouse_id"] == warehouse_id), {})


def _by_sku(call: Call) -> dict[str, Any]:
    rows = {row["id"]: row for row in call.body["skus"]}
    if not rows:
        raise Refusal(12052902)
    if len(rows) != len(call.body["skus"]):
        raise Refusal(12052553)
    return rows


# --- status -----------------------------------------------------------------------------------------------------------------
def _each(call: Call, change: Callable[[Product], bool], kind: str, *, check_failed: bool = False) -> dict[str, Any]:
    """Do something to every named product; what fails is told in ``errors``. ``change`` returns False where the status does not allow it."""
    if len(call.body["product_ids"]) > IDS_LIMIT:
        raise Refusal(12019120)
    errors: list[dict[str, Any]] = []
    for product_id in call.body["product_ids"]:
        with call.world.books.transaction():
            product = call.world.books.product(product_id)
            code = 12052048 if product is None or product.shop_id != call.shop.shop_id else 0
            if product is not None and not code:
                code = 0 if change(product) else 12052901
            if product is not None and not code:
                touch(call, product)
                note(call, kind, "done", product_id)
            elif check_failed:
                errors.append(item_error(12052990, {"product_id": product_id, "extra_errors": [_code(code)]}))
            else:
                errors.append(item_error(code, {"product_id": product_id}))
    return {"errors": errors}


def activate(call: Call) -> dict[str, Any]:
    """Answer ``activateProduct``: a draft goes to the audit, what was live before is live again at once [L]."""

    def change(product: Product) -> bool:
        if product.status == ProductStatus.SELLER_DEACTIVATED:
            product.status = ProductStatus.ACTIVATE
        elif product.status in (ProductStatus.DRAFT, ProductStatus.FAILED):
            audits.submit(call.world, product)
        else:
            return False
        return True

    return _each(call, change, "activate_product", check_failed=True)


def deactivate(call: Call) -> dict[str, Any]:
    """Answer ``deactivateProducts``."""
    return _each(call, lambda product: _move(product, (ProductStatus.ACTIVATE,), ProductStatus.SELLER_DEACTIVATED), "deactivate_product")


def delete(call: Call) -> dict[str, Any]:
    """Answer ``deleteProducts``."""
    allowed = (ProductStatus.DRAFT, ProductStatus.FAILED, ProductStatus.ACTIVATE, ProductStatus.SELLER_DEACTIVATED, ProductStatus.PENDING)
    return _each(call, lambda product: _move(product, allowed, ProductStatus.DELETED), "delete_product")


def recover(call: Call) -> dict[str, Any]:
    """Answer ``recoverProducts``: what was live comes back delisted, the rest as drafts [L]."""

    def change(product: Product) -> bool:
        return _move(product, (ProductStatus.DELETED,), ProductStatus.SELLER_DEACTIVATED if product.was_live else ProductStatus.DRAFT)

    return _each(call, change, "recover_product")


def _move(product: Product, allowed: tuple[ProductStatus, ...], to: ProductStatus) -> bool:
    if product.status not in allowed:
        return False
    product.status, product.audit_due = to, 0
    if product.audit == Audit.AUDITING:
        product.audit = Audit.NONE
    return True


OF_PRODUCT = f"{PATH}/{{product_id}}"
IDS = "product_ids![]"
OPERATIONS = (
    Operation("updatePrice", "POST", f"{OF_PRODUCT}/prices/update", update_prices, scopes=WRITE, body=product_bodies.PRICES),
    Operation(
        "updateInventory",
        "POST",
        f"{OF_PRODUCT}/inventory/update",
        update_inventory,
        scopes=WRITE,
        body=product_bodies.INVENTORY,
        invalid_code=36009004,
    ),
    Operation("activateProduct", "POST", f"{PATH}/activate", activate, scopes=LISTING, body=f"{IDS} listing_platforms[]"),
    Operation("deactivateProducts", "POST", f"{PATH}/deactivate", deactivate, scopes=LISTING, body=f"{IDS} listing_platforms[]"),
    Operation("deleteProducts", "DELETE", PATH, delete, scopes=DELETE, body=IDS, invalid_code=36009004),
    Operation("recoverProducts", "POST", f"{PATH}/recover", recover, scopes=DELETE, body=IDS, invalid_code=36009004),
)
