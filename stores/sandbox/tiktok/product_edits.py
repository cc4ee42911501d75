"""Product API, writing side: create, edit, price and stock, list and delist, delete and recover.

``code 0`` for a new or changed product means: accepted for audit. Price and stock take effect at once. A full edit replaces everything, a partial
one each property it names as a whole: SKUs that are left out are deleted (tiktok.md §9).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from stores.sandbox.door import Dropped
from stores.sandbox.tiktok import audits, product_bodies, product_rules, webhooks
from stores.sandbox.tiktok.answers import Refusal, item_error
from stores.sandbox.tiktok.categories import CATEGORIES, brands_of
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.products import PATH
from stores.sandbox.tiktok.records import Audit, Product, ProductStatus, Sku

WRITE, LISTING, DELETE = ("seller.product.write",), ("seller.product.basic",), ("seller.product.delete",)
IDS_LIMIT = 20
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
            _note(call, "create_product", "repeated", json.loads(told)["product_id"])
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
    _note(call, "create_product", "created", product.product_id)
    tell = {"product_id": int(product.product_id), "product_types": [], "update_time": product.updated}
    webhooks.announce(call.world, "PRODUCT_CREATION", tell, shop_id=product.shop_id, at=now)
    return {**_told(product.product_id, product.skus), "warnings": warnings}


def _note(call: Call, kind: str, effect: str, product_id: str, **doc: Any) -> None:
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
def _own(call: Call, product_id: str) -> Product:
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
        product = _own(call, call.path["product_id"])
        given = {"package_dimensions": None, "product_attributes": [], "brand_id": "", **call.body}
        given["category_version"] = call.body.get("category_version", "v1")
        return _edited(call, product, given, checked=given)


def partial_edit(call: Call) -> dict[str, Any]:
    """Answer ``partialEditProduct``: what is left out stays."""
    with call.world.books.transaction():
        product = _own(call, call.path["product_id"])
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
    _touch(call, product)
    _note(call, "edit_product", "submitted" if not draft else "kept", product.product_id)
    return {
        **_told(product.product_id, skus),
        **({"warnings": warnings} if call.operation == "editProduct" else {}),
        "audit": {"status": product.audit},
    }


def _touch(call: Call, product: Product) -> None:
    product.updated = max(int(call.now), product.updated + 1)
    call.world.books.keep_product(product)


def update_prices(call: Call) -> dict[str, Any]:
    """Answer ``updatePrice``: all or nothing, without an audit."""
    with call.world.books.transaction():
        product = _own(call, call.path["product_id"])
        rows = _by_sku(call)
        for sku_id, row in rows.items():
            sku = product.sku(sku_id)
            if sku is None:
                raise Refusal(12052557)
            for code in product_rules.price_problems(call.shop, row["price"]):
                raise Refusal(code)
            sku.amount, sku.currency = row["price"]["amount"], row["price"]["currency"]
            sku.further |= {name: row[name] for name in ("list_price", "external_list_prices") if name in row}
        _touch(call, product)
        prices = {sku_id: row["price"]["amount"] for sku_id, row in rows.items()}
        _note(call, "update_price", "done", product.product_id, prices=prices)
    return {}


def update_inventory(call: Call) -> dict[str, Any]:
    """Answer ``updateInventory``: each SKU for itself; what fails is told in ``errors``."""
    errors: list[dict[str, Any]] = []
    with call.world.books.transaction():
        product = _own(call, call.path["product_id"])
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
        _touch(call, product)
        _note(call, "update_inventory", "done", product.product_id, quantities=done)
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
                _touch(call, product)
                _note(call, kind, "done", product_id)
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


OF_PRODUCT_PATH = f"{PATH}/{{product_id}}"
IDS = "product_ids![]"
OPERATIONS = (
    Operation("createProduct", "POST", PATH, create_product, scopes=WRITE, body=product_bodies.CREATE),
    Operation("editProduct", "PUT", "/product/202509/products/{product_id}", edit_product, scopes=WRITE, body=product_bodies.EDIT),
    Operation(
        "partialEditProduct",
        "POST",
        "/product/202509/products/{product_id}/partial_edit",
        partial_edit,
        scopes=WRITE,
        body=product_bodies.PARTIAL_EDIT,
    ),
    Operation("updatePrice", "POST", f"{OF_PRODUCT_PATH}/prices/update", update_prices, scopes=WRITE, body=product_bodies.PRICES),
    Operation(
        "updateInventory",
        "POST",
        f"{OF_PRODUCT_PATH}/inventory/update",
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
