"""Product API, reading side: search, detail, stock, and the checks before listing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from stores.sandbox.tiktok import images, paging, product_bodies, product_rules
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.categories import brands_of, chain
from stores.sandbox.tiktok.codes import MESSAGES
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Audit, Product, ProductFilter, ProductStatus, Sku

SEARCH_LIMIT = 10_000
SCOPES = ("seller.product.basic",)
HIDDEN = (ProductStatus.FREEZE, ProductStatus.DELETED)


def search_products(call: Call) -> dict[str, Any]:
    """Answer ``searchProducts``: newest change first [L]; beyond 10,000 results the window must be made smaller."""
    step = paging.size(call, at_most=100, wrong=12019109)
    start = paging.start(call, step=step)
    if start + step > SEARCH_LIMIT:
        raise Refusal(12052180)
    found, total = call.world.books.products(_wanted(call), limit=step, offset=start)
    more = start + step < total
    return {
        "total_count": total,
        "products": [_row(product) for product in found],
        "next_page_token": paging.token(call, start=start + step) if more else "",
    }


def _wanted(call: Call) -> ProductFilter:
    body = call.body
    if len(body.get("seller_skus", ())) > 10:
        raise Refusal(12019027)
    if len(body.get("sku_ids", ())) > 10:
        raise Refusal(12019087)
    status = body.get("status", "ALL")
    if status != "ALL" and status not in ProductStatus.__members__:
        raise call.invalid(f"there is no status {status}")
    return ProductFilter(
        shop_id=call.shop.shop_id,
        status="" if status == "ALL" else status,
        audits=tuple(body.get("audit_status", ())),
        seller_skus=tuple(body.get("seller_skus", ())),
        sku_ids=tuple(body.get("sku_ids", ())),
        created=_window(call, "create_time"),
        updated=_window(call, "update_time"),
    )


def _window(call: Call, name: str) -> tuple[int, int] | None:
    """Return a window of whole seconds; an open end reaches to now, or back to the beginning."""
    lower, upper = call.body.get(f"{name}_ge"), call.body.get(f"{name}_le")
    if lower is None and upper is None:
        return None
    window = (lower or 0, int(call.now) if upper is None else upper)
    if window[0] > window[1]:
        raise Refusal(12019118 if name == "create_time" else 12019119)
    return window


def _sku(sku: Sku) -> dict[str, Any]:
    shown = {name: value for name, value in sku.further.items() if name in ("list_price", "external_list_prices", "pre_sale", "fees")}
    return {
        "id": sku.sku_id,
        "seller_sku": sku.seller_sku,
        "price": {"currency": sku.currency, "sale_price": sku.amount},
        "inventory": sku.inventory,
        "status_info": {"status": "NORMAL"},
        **shown,
    }


def _row(product: Product) -> dict[str, Any]:
    return {
        "id": product.product_id,
        "title": product.title,
        "status": product.status,
        "skus": [_sku(sku) for sku in product.skus],
        "sales_regions": ["US"] if product.skus and product.skus[0].currency == "USD" else ["GB"],
        "create_time": int(product.created),
        "update_time": product.updated,
        "is_not_for_sale": False,
        "audit": {"status": product.audit, "pre_approved_reasons": []},
        "has_draft": False,
    }


def get_product(call: Call) -> dict[str, Any]:
    """Answer ``getProduct``; another shop's product is not told apart from none."""
    product = call.world.books.product(call.path["product_id"])
    if product is None or product.shop_id != call.shop.shop_id:
        raise Refusal(12052032)
    if product.status in HIDDEN:
        raise Refusal(12052901)
    if call.query.get("return_under_review_version"):
        if product.audit != Audit.AUDITING:
            raise Refusal(12052547)
        return shape(call, product, product.edited or {})
    return shape(call, product, {})


def shape(call: Call, product: Product, edited: dict[str, Any]) -> dict[str, Any]:
    """Return a product in TikTok's shape, with the fields of an edited version in their place."""
    view = {**asdict(product), **edited}
    body: dict[str, Any] = {
        "id": product.product_id,
        "status": product.status,
        "product_status": ProductStatus.ACTIVATE if product.was_live and product.status == ProductStatus.PENDING else _own_status(product),
        "title": view["title"],
        "description": view["description"],
        "category_chains": [
            {"id": row.id, "parent_id": row.parent_id, "local_name": row.name, "is_leaf": row.is_leaf} for row in chain(view["category_id"])
        ],
        "main_images": [images.shape(call.world.books, call.base_url, uri) for uri in view["images"]],
        "package_weight": view["package_weight"],
        "skus": [_detailed(call, Sku(**row)) for row in view["skus"]],
        "product_attributes": view["attributes"],
        "create_time": int(product.created),
        "update_time": product.updated,
        "is_not_for_sale": False,
        "has_draft": False,
        "audit": {"status": product.audit, "pre_approved_reasons": []},
        "audit_failed_reasons": [
            {
                "position": "Product",
                "reasons": [reason],
                "suggestions": ["Change the product and submit it again."],
                "listing_platform": "TIKTOK_SHOP",
            }
            for reason in product.failures
        ],
    }
    if view["package_dimensions"]:
        body["package_dimensions"] = view["package_dimensions"]
    brand = next((row for row in brands_of(call) if row[0] == view["brand_id"]), None)
    if brand is not None:
        body["brand"] = {"id": brand[0], "name": brand[1]}
    for name in ("external_product_id", "is_cod_allowed"):
        if name in view["further"]:
            body[name] = view["further"][name]
    if product.personalisable:
        body["pod_info"] = {"pod_templates": [_template(product)]}
    return body


def _own_status(product: Product) -> str:
    return "INITIAL" if product.status in (ProductStatus.PENDING, ProductStatus.FAILED) else product.status


def _detailed(call: Call, sku: Sku) -> dict[str, Any]:
    body = _sku(sku)
    body["sales_attributes"] = [
        {
            **{name: value for name, value in row.items() if name != "uri"},
            **({"sku_img": images.shape(call.world.books, call.base_url, row["uri"])} if row.get("uri") else {}),
        }
        for row in sku.attributes
    ]
    for name in ("identifier_code", "external_sku_id", "external_urls", "extra_identifier_codes", "sku_unit_count"):
        if name in sku.further:
            body[name] = sku.further[name]
    return body


def _template(product: Product) -> dict[str, Any]:
    """Return the template of a personalisable product: one text on one surface (supplement, newer than the reference)."""
    area = {
        "external_area_id": "text-1",
        "area_name": "Your text",
        "area_type": "TEXT",
        "is_required": False,
        "text_area": {"default_text": "", "max_text_length": 200, "align_type": "CENTER", "fonts": ["Arial"], "colors": ["#000000"]},
    }
    surface = {"external_surface_id": "front", "surface_name": "Front", "custom_areas": [area]}
    return {
        "pod_template_id": f"{product.product_id[:-3]}900",
        "template_name": product.title,
        "sku_ids": [sku.sku_id for sku in product.skus],
        "surfaces": [surface],
    }


def search_inventory(call: Call) -> dict[str, Any]:
    """Answer ``inventorySearch``."""
    if len(call.body.get("product_ids", ())) > 100:
        raise Refusal(12019120)
    wanted, sku_ids = list(call.body.get("product_ids", ())), set(call.body.get("sku_ids", ()))
    for sku_id in sku_ids:
        owner = call.world.books.product_of_sku(sku_id)
        if owner is not None and owner.product_id not in wanted:
            wanted.append(owner.product_id)
    found = [product for product_id in wanted if (product := call.world.books.product(product_id)) is not None]
    return {
        "inventory": [
            {
                "product_id": product.product_id,
                "skus": [_stock(sku) for sku in product.skus if not sku_ids or sku.sku_id in sku_ids],
            }
            for product in found
            if product.shop_id == call.shop.shop_id
        ]
    }


def _stock(sku: Sku) -> dict[str, Any]:
    rows = [
        {"warehouse_id": row["warehouse_id"], "available_quantity": row.get("quantity", 0), "committed_quantity": 0 if number else sku.committed}
        for number, row in enumerate(sku.inventory)
    ]
    total = sum(row["available_quantity"] for row in rows)
    return {
        "id": sku.sku_id,
        "seller_sku": sku.seller_sku,
        "total_available_quantity": total,
        "total_committed_quantity": sku.committed,
        "warehouse_inventory": rows,
        "total_available_inventory_distribution": {"in_shop_inventory": {"quantity": total}},
    }


def prerequisites(call: Call) -> dict[str, Any]:
    """Answer ``checkListingPrerequisites``."""
    kinds = {place.kind for place in call.shop.warehouses}
    failures = {
        "SHOP_STATUS": "" if call.shop.active else "The shop is not active.",
        "PICKUP_WAREHOUSE": "" if "SALES_WAREHOUSE" in kinds else "Add a pick-up warehouse on TikTok Shop Seller Center first and try again.",
        "RETURN_WAREHOUSE": "" if "RETURN_WAREHOUSE" in kinds else "Add the return warehouse on TikTok Shop Seller Center first and try again.",
    }
    return {
        "check_results": [
            {"check_item": item, "is_failed": bool(reason), "fail_reasons": [reason] if reason else []} for item, reason in failures.items()
        ]
    }


def check_listing(call: Call) -> dict[str, Any]:
    """Answer ``checkProductListing``: everything that creating would refuse, at once."""
    codes = dict.fromkeys(product_rules.problems(call.world.books, call.shop, call.body, base_url=call.base_url))
    return {
        "check_result": "FAILED" if codes else "PASS",
        "fail_reasons": [{"code": code, "message": MESSAGES[code]} for code in codes],
    }


PATH = "/product/202309/products"
OPERATIONS = (
    Operation(
        "searchProducts",
        "POST",
        "/product/202502/products/search",
        search_products,
        scopes=SCOPES,
        query="page_size!:int page_token",
        body=product_bodies.SEARCH,
    ),
    Operation(
        "getProduct",
        "GET",
        f"{PATH}/{{product_id}}",
        get_product,
        scopes=SCOPES,
        query="return_under_review_version:bool return_draft_version:bool locale",
        invalid_code=36009004,
    ),
    Operation(
        "inventorySearch",
        "POST",
        "/product/202309/inventory/search",
        search_inventory,
        scopes=SCOPES,
        body="product_ids[] sku_ids[]",
        invalid_code=36009004,
    ),
    Operation("checkListingPrerequisites", "GET", "/product/202312/prerequisites", prerequisites, scopes=SCOPES, invalid_code=36009004),
    Operation(
        "checkProductListing",
        "POST",
        f"{PATH}/listing_check",
        check_listing,
        scopes=("seller.product.basic", "serller.product.optimize"),  # the misspelling is the reference's
        query="is_diagnosis_required:bool",
        body=product_bodies.LISTING_CHECK,
    ),
)
