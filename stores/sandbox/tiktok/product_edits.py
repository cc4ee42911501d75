"""Product API: create and edit. ``code 0`` means: accepted for audit.

A full edit replaces everything, a partial one each property it names as a whole: SKUs that are left out are deleted (tiktok.md §9).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from stores.sandbox.door import Dropped
from stores.sandbox.tiktok import audits, product_bodies, product_rules, webhooks
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.categories import CATEGORIES, brands_of
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.products import PATH
from stores.sandbox.tiktok.records import Audit, Product, ProductStatus, Sku

WRITE = ("seller.product.write",)
OF_SKU = ("list_price", "external_list_prices", "pre_sale", "fees", "identifier_code", "external_sku_id", "external_urls", "extra_identifier_codes",
          "sku_unit_count", "combined_skus")  # fmt: skip
OF_PRODUCT = ("external_product_id", "is_cod_allowed", "certifications", "size_chart", "video", "shipping_template_id", "scheduled_sale")
# Codes that a rule has and the reference of an operation has not.
NOT_DOCUMENTED = {"editProduct": (12052269,), "partialEditProduct": (12052217, 12052490, 12052701)}


def create_product(call: Call) -> dict[str, Any]:
    """Answer ``createProduct``. The same idempotency key answers the same again and creates nothing."""
    key = call.body.get("idempotency_key", "")
    if len(key) > 128:
        raise call.invalid("idempotency_key is longer than 128 characters")
    if call.strike("create_lost_before_effect") is not None:
        raise Dropped
    fact = f"idempotency:{call.shop.shop_id}:{key}"
    with call.world.books.transaction():
        told = call.world.books.fact(fact) if key else ""
        if told:
            note(call, "create_product", "repeated", json.loads(told)["product_id"])
        else:
            told = json.dumps(_created(call))
            if key:
                call.world.books.set_fact(fact, told)
    if call.strike("create_lost_after_success") is not None:
        raise Dropped
    answer: dict[str, Any] = json.loads(told)
    return answer


def _created(call: Call) -> dict[str, Any]:
    draft = call.body.get("save_mode", "LISTING") == "AS_DRAFT"
    _refuse(call, {**call.body, "category_version": call.body.get("category_version", "v1")}, draft=draft)
    now, number = call.now, call.world.books.next_number("product")
    version, warnings = _version(call, call.body, known={})
    product = Product(
        product_id=str(1_729_592_969_712_000_000 + number * 1009),
        shop_id=call.shop.shop_id,
        created=now,
        updated=int(now),
        status=ProductStatus.DRAFT,
        audit=Audit.NONE,
        **{"package_weight": {}, **version},
    )
    if not draft:
        audits.submit(call.world, product)
    call.world.books.keep_product(product)
    note(call, "create_product", "created", product.product_id)
    tell = {"product_id": int(product.product_id), "product_types": [], "update_time": product.updated}
    webhooks.announce(call.world, "PRODUCT_CREATION", tell, shop_id=product.shop_id, at=now)
    return {**_told(product.product_id, product.skus), "warnings": warnings}


def note(call: Call, kind: str, effect: str, product_id: str, **doc: Any) -> None:
    """Write what was done to a product into the ledger."""
    call.world.note(call.shop.shop_id, kind, {"product_id": product_id, **doc}, at=call.now, effect=effect)


def _refuse(call: Call, given: Mapping[str, Any], *, draft: bool = False) -> None:
    for code in product_rules.problems(call.world.books, call.shop, given, base_url=call.base_url, draft=draft):
        if code in NOT_DOCUMENTED.get(call.operation, ()):
            continue
        raise Refusal(code)


def _told(product_id: str, skus: list[Sku]) -> dict[str, Any]:
    """Return what creating and editing answer."""
    return {
        "product_id": product_id,
        "skus": [
            {
                "id": sku.sku_id,
                "seller_sku": sku.seller_sku,
                "sales_attributes": [{"id": row["id"], "value_id": row["value_id"]} for row in sku.attributes],
                **{name: sku.further[name] for name in ("external_sku_id", "fees") if name in sku.further},
            }
            for sku in skus
        ],
    }


def _version(call: Call, given: Mapping[str, Any], *, known: Mapping[str, Sku]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the fields of a product that a body describes, with warnings about what was cleared."""
    version: dict[str, Any] = {name: given[name] for name in ("title", "description", "package_weight", "package_dimensions") if name in given}
    warnings: list[dict[str, str]] = []
    if "category_id" in given:
        version["category_id"] = given["category_id"]
    if "main_images" in given:
        version["images"] = [row["uri"] for row in given["main_images"]]
    if "product_attributes" in given:
        version["attributes"] = _attributes(given.get("category_id", ""), given["product_attributes"])
    if given.get("brand_id"):
        if any(row[0] == given["brand_id"] for row in brands_of(call)):
            version["brand_id"] = given["brand_id"]
        else:
            text = f"The [brand_id]:{given['brand_id']} field is incorrect and has been automatically cleared by the system. Reason: [Brand does not exist]. You can edit it later."
            warnings.append({"message": text})
    if "skus" in given:
        version["skus"] = [_sku(call, row, known) for row in given["skus"]]
    further = {name: given[name] for name in OF_PRODUCT if name in given}
    if further:
        version["further"] = further
    return version, warnings


def _attributes(category_id: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    category = CATEGORIES.get(category_id)
    known = {row.id: row for row in category.attributes} if category else {}
    found = []
    for row in given:
        attribute = known.get(row["id"])
        names = dict(attribute.values) if attribute else {}
        values = [{"id": value.get("id", "0"), "name": names.get(value.get("id", ""), value.get("name", ""))} for value in row["values"]]
        found.append({"id": row["id"], "name": attribute.name if attribute else "", "values": values})
    return found


def _sku(call: Call, row: Mapping[str, Any], known: Mapping[str, Sku]) -> Sku:
    """Return a variant as sent; what an edit leaves out of a known one stays."""
    old = known.get(row.get("id", ""))
    price = row.get("price")
    return Sku(
        sku_id=old.sku_id if old else str(1_729_592_969_713_000_000 + call.world.books.next_number("sku") * 1013),
        seller_sku=row.get("seller_sku", old.seller_sku if old else ""),
        amount=price["amount"] if price else old.amount if old else "0",
        currency=price["currency"] if price else old.currency if old else "USD",
        inventory=row.get("inventory", old.inventory if old else []),
        attributes=[_sales_attribute(call, part) for part in row["sales_attributes"]] if "sales_attributes" in row else old.attributes if old else [],
        further={**(old.further if old else {}), **{name: row[name] for name in OF_SKU if name in row}},
    )


def _sales_attribute(call: Call, row: Mapping[str, Any]) -> dict[str, str]:
    """Return an attribute with id and name on both sides; a name of the seller's own gets an id of its own, always the same."""
    built_in = {attribute.id: attribute for category in CATEGORIES.values() for attribute in category.attributes}
    attribute = built_in.get(row.get("id", ""))
    values = dict(attribute.values) if attribute else {}
    name = attribute.name if attribute else row.get("name", "")
    value = values.get(row.get("value_id", ""), row.get("value_name", ""))
    made = {
        "id": row.get("id") or _own_id(call, f"attribute {name}"),
        "name": name,
        "value_id": row.get("value_id") or _own_id(call, f"value {name} {value}"),
        "value_name": value,
    }
    if "sku_img" in row:
        made["uri"] = row["sku_img"]["uri"]
    return made


def _own_id(call: Call, what: str) -> str:
    fact = f"own:{call.shop.shop_id}:{what}"
    known = call.world.books.fact(fact)
    if not known:
        known = str(1_729_592_969_712_900_000 + call.world.books.next_number("attribute"))
        call.world.books.set_fact(fact, known)
    return known


# --- editing ----------------------------------------------------------------------------------------------------------------
def own_product(call: Call, product_id: str) -> Product:
    """Return a product of the shop that may be changed, or refuse."""
    product = call.world.books.product(product_id)
    if product is None:
        raise Refusal(12052032)
    if product.shop_id != call.shop.shop_id:
        raise Refusal(12052048)
    if product.status in (ProductStatus.FREEZE, ProductStatus.DELETED, ProductStatus.PLATFORM_DEACTIVATED):
        raise Refusal(12052901)
    return product


def edit_product(call: Call) -> dict[str, Any]:
    """Answer ``editProduct``: what is left out is gone."""
    with call.world.books.transaction():
        product = own_product(call, call.path["product_id"])
        given = {"package_dimensions": None, "product_attributes": [], "brand_id": "", **call.body}
        given["category_version"] = call.body.get("category_version", "v1")
        return _edited(call, product, given, checked=given)


def partial_edit(call: Call) -> dict[str, Any]:
    """Answer ``partialEditProduct``: what is left out stays."""
    with call.world.books.transaction():
        product = own_product(call, call.path["product_id"])
        whole = {
            "title": product.title,
            "description": product.description,
            "category_id": product.category_id,
            "main_images": [{"uri": uri} for uri in product.images],
            "package_weight": product.package_weight,
            "package_dimensions": product.package_dimensions,
            "product_attributes": product.attributes,
            "skus": [],
            **call.body,
        }
        checked = whole if "skus" in call.body else {**whole, "skus": [_as_sent(sku) for sku in product.skus]}
        return _edited(call, product, {"category_id": product.category_id, **call.body}, checked=checked)


def _as_sent(sku: Sku) -> dict[str, Any]:
    return {
        "seller_sku": sku.seller_sku,
        "price": {"amount": sku.amount, "currency": sku.currency},
        "inventory": [{**row, "quantity": max(1, row.get("quantity", 0))} for row in sku.inventory],
        "sales_attributes": [{"id": row["id"], "value_id": row["value_id"]} for row in sku.attributes],
    }


def _edited(call: Call, product: Product, given: Mapping[str, Any], *, checked: Mapping[str, Any]) -> dict[str, Any]:
    draft = call.body.get("save_mode") == "AS_DRAFT"
    if draft and product.status != ProductStatus.DRAFT:
        raise Refusal(12052901)
    known = {sku.sku_id: sku for sku in product.skus}
    if "skus" in call.body:
        if not call.body["skus"]:
            raise Refusal(12052902)
        if any(row.get("id") and row["id"] not in known for row in call.body["skus"]):
            raise Refusal(12052557)
    _refuse(call, {name: value for name, value in checked.items() if value is not None}, draft=draft)
    version, warnings = _version(call, given, known=known)
    if call.operation == "partialEditProduct":
        version.pop("category_id", None)
    product.edited = {name: [asdict(sku) for sku in value] if name == "skus" else value for name, value in version.items()}
    skus: list[Sku] = version.get("skus", product.skus)
    if not product.was_live:
        audits.apply_edit(product)
    if not draft:
        audits.submit(call.world, product)
    touch(call, product)
    note(call, "edit_product", "submitted" if not draft else "kept", product.product_id)
    return {
        **_told(product.product_id, skus),
        **({"warnings": warnings} if call.operation == "editProduct" else {}),
        "audit": {"status": product.audit},
    }


def touch(call: Call, product: Product) -> None:
    """Keep a changed product with a younger time."""
    product.updated = max(int(call.now), product.updated + 1)
    call.world.books.keep_product(product)


EDITED = "/product/202509/products/{product_id}"
OPERATIONS = (
    Operation("createProduct", "POST", PATH, create_product, scopes=WRITE, body=product_bodies.CREATE),
    Operation("editProduct", "PUT", EDITED, edit_product, scopes=WRITE, body=product_bodies.EDIT),
    Operation("partialEditProduct", "POST", f"{EDITED}/partial_edit", partial_edit, scopes=WRITE, body=product_bodies.PARTIAL_EDIT),
)
