"""Making products at TikTok Shop: picture upload, listing check, create or edit, and what the audit says.

``code 0`` means accepted for an audit that takes from minutes to days, never live: webhooks 5 and 37 say when to look, ``progress`` reads how it ended.
"""

from __future__ import annotations

import html
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from stores.channels.errors import Refused, TryLater
from stores.channels.publishing_types import (
    PictureSource,
    ProductAnswer,
    ProductDraft,
    ProductProgress,
    ProductState,
    ProductTrouble,
    Severity,
)
from stores.channels.tiktok import client, codes, operations, product_types, products, variants
from stores.channels.tiktok.mapper import listing_key
from stores.channels.tiktok.stock import warehouse
from stores.channels.types import Account

_NAMES = uuid.UUID("6f0d3c57-6a0e-4f0e-9a53-6a1f0a5f7f11")  # of idempotency keys
_WITHOUT_BRAND = frozenset({"", "generic", "no brand", "unbranded"})
_REJECTED = frozenset({"FAILED", "PLATFORM_DEACTIVATED", "FREEZE"})
_LIVE = "ACTIVATE"


class _Troubled(Exception):
    """The draft cannot be sent; the hub knows why before it asks."""

    def __init__(self, *troubles: ProductTrouble) -> None:
        super().__init__()
        self.troubles = troubles


def keep_picture(account: Account, picture: PictureSource) -> str:
    """Upload a picture and return its URI. The same content gets an equal picture, so repeating it is harmless."""
    upload = client.Upload(picture.read(), picture.media_type, {"use_case": "MAIN_IMAGE"})
    answer = client.call(account, operations.UPLOAD_IMAGE, upload=upload)
    uri = answer.data.get("uri")
    if not isinstance(uri, str) or not uri:
        raise TryLater("TikTok Shop took a picture and did not name it. The hub tries again by itself.", request_id=answer.request_id)
    return uri


def check(account: Account, draft: ProductDraft) -> ProductAnswer:
    """See ``Publishes.check_product``: everything that creating would refuse, at once."""
    try:
        body = _body(account, draft)
    except _Troubled as error:
        return ProductAnswer(accepted=False, troubles=error.troubles)
    answer = client.call(account, operations.CHECK_LISTING, shop=draft.marketplace, body=body)
    reasons = answer.data.get("fail_reasons")
    troubles: list[ProductTrouble] = []
    for reason in reasons if isinstance(reasons, list) else ():
        if isinstance(reason, dict):
            troubles += _troubles(account, draft, str(reason.get("code") or ""), str(reason.get("message") or ""))
    accepted = answer.data.get("check_result") == "PASS"
    if not accepted and not troubles:
        troubles.append(ProductTrouble(Severity.ERROR, _("TikTok Shop's check failed and gave no reason.")))
    return ProductAnswer(accepted=accepted, troubles=tuple(troubles), request_id=answer.request_id)


def publish(account: Account, draft: ProductDraft) -> ProductAnswer:
    """See ``Publishes.publish_product``. An idempotency key made of SKU and attempt keeps a repetition from making a second product."""
    shop = draft.marketplace
    try:
        if draft.product_id:
            there = products.find(account, shop, draft.key, draft.product_id)
            keys = [one.key for one in draft.variants] or [draft.key]
            body = _body(account, draft, known={key: str(sku["id"]) for key in keys if (sku := products.sku_of(there, key)) is not None})
            answer = client.call(account, operations.EDIT_PRODUCT, shop=shop, path={"product_id": draft.product_id}, body=_listed(shop, body))
        else:
            once = {"idempotency_key": str(uuid.uuid5(_NAMES, f"{shop}/{draft.key}/{draft.attempt}"))}
            answer = client.call(account, operations.CREATE_PRODUCT, shop=shop, body=_listed(shop, _body(account, draft)) | once)
    except _Troubled as error:
        return ProductAnswer(accepted=False, troubles=error.troubles)
    except Refused as error:
        return ProductAnswer(accepted=False, troubles=_troubles(account, draft, error.code, str(error)), request_id=error.request_id)
    warnings = answer.data.get("warnings")
    words = [str(one.get("message") or "") for one in warnings if isinstance(one, dict)] if isinstance(warnings, list) else []
    return ProductAnswer(
        accepted=True,
        troubles=tuple(ProductTrouble(Severity.WARNING, word) for word in words if word),
        product_id=str(answer.data.get("product_id") or draft.product_id),
        listing_key=_key_told(answer.data, draft),
        request_id=answer.request_id,
    )


def _key_told(data: Mapping[str, Any], draft: ProductDraft) -> str:
    skus = data.get("skus")
    first = skus[0] if isinstance(skus, list) and skus and isinstance(skus[0], dict) else {}
    return listing_key(draft.key, str(first.get("id") or ""))


def progress(account: Account, shop: str, key: str, product_id: str) -> ProductProgress:
    """See ``Publishes.product_progress``. A product that is live stays so while a change of it is looked at or refused."""
    product = products.find(account, shop, key, product_id)
    status, audit = str(product.get("status") or ""), product.get("audit")
    verdict = str(audit.get("status") or "") if isinstance(audit, dict) else ""
    if status in _REJECTED:
        state = ProductState.REJECTED
    elif status == _LIVE and verdict != "AUDITING":
        state = ProductState.LIVE
    else:
        state = ProductState.SUBMITTED
    return ProductProgress(
        state=state,
        product_id=str(product.get("id") or product_id),
        listing_key=key,
        channel_state=status,
        troubles=_audit_troubles(product),
        image_url=_picture(product),
    )


def _audit_troubles(product: Mapping[str, Any]) -> tuple[ProductTrouble, ...]:
    failed = product.get("audit_failed_reasons")
    troubles = []
    for one in failed if isinstance(failed, list) else ():
        if isinstance(one, dict):
            said = [str(text) for name in ("reasons", "suggestions") for text in (one.get(name) or ())]
            troubles.append(ProductTrouble(Severity.ERROR, " ".join(said) or _("TikTok Shop gave no reason."), code="audit"))
    return tuple(troubles)


def _picture(product: Mapping[str, Any]) -> str:
    pictures = product.get("main_images")
    first = pictures[0] if isinstance(pictures, list) and pictures and isinstance(pictures[0], dict) else {}
    urls = first.get("thumb_urls") or first.get("urls") or ()
    return str(urls[0]) if urls else ""


# --- the body ---------------------------------------------------------------------------------------------------------
def _listed(shop: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "save_mode": "LISTING", "category_version": product_types.market_of(shop).category_version}


def _body(account: Account, draft: ProductDraft, *, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Return a product; ``known`` are the numbers of its SKUs that exist. Raises ``_Troubled`` for a brand that cannot be named."""
    market = product_types.market_of(draft.marketplace)
    brand = _brand(account, draft)
    place: dict[str, Any] = {"warehouse_id": warehouse(draft.stock_place) or _default_warehouse(account, draft.marketplace)}
    if draft.handling_days is not None:
        place["handling_time"] = draft.handling_days
    attributes = _attributes(draft.values)
    paragraphs = [f"<p>{html.escape(part.strip())}</p>" for part in draft.description.split("\n") if part.strip()]
    package = {side: str(draft.values.get(f"{product_types.PACKAGE}{side}") or "") for side in product_types.SIDES}
    return {
        "title": draft.title,
        "description": "".join(paragraphs),
        "category_id": draft.product_type,
        "main_images": [{"uri": uri} for uri in draft.pictures],
        "skus": variants.skus_of(account, draft, place, known),
        "package_weight": {"value": str(draft.values.get(f"{product_types.PACKAGE}weight") or "0"), "unit": market.weight_unit},
        **({"package_dimensions": {**package, "unit": market.length_unit}} if any(package.values()) else {}),
        **({"brand_id": brand} if brand else {}),
        **({"product_attributes": attributes} if attributes else {}),
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the answers to a category's attributes. A number is one of TikTok's values, any other text the seller's own."""
    found = []
    for name, value in values.items():
        if name.startswith(product_types.ATTRIBUTE) and value:
            answers = (value,) if isinstance(value, str) else value
            told = [{"id": answer} if answer.isdecimal() and len(answer) >= 6 else {"name": answer} for answer in answers]
            found.append({"id": name.removeprefix(product_types.ATTRIBUTE), "values": told})
    return found


def _brand(account: Account, draft: ProductDraft) -> str:
    """Return the number of a brand; empty for goods without one."""
    wanted = draft.brand.strip()
    if wanted.lower() in _WITHOUT_BRAND:
        return ""
    market = product_types.market_of(draft.marketplace)
    query = {"brand_name": wanted, "page_size": "100", "category_id": draft.product_type, "category_version": market.category_version}
    found = client.call(account, operations.BRANDS, shop=draft.marketplace, query=query).data.get("brands")
    named = [one for one in found if isinstance(one, dict) and one.get("name") == wanted] if isinstance(found, list) else []
    allowed = [one for one in named if one.get("authorized_status") == "AUTHORIZED" or one.get("is_t1_brand") is not True]
    if allowed:
        return str(allowed[0].get("id") or "")
    if named:
        words = _("TikTok Shop lets only sellers with an authorisation sell the brand “%(brand)s”. Ask for it in Seller Center, or write “Generic”.")
    else:
        words = _("TikTok Shop knows no brand “%(brand)s”. Check spelling and case, add it in Seller Center, or write “Generic” for goods without.")
    raise _Troubled(ProductTrouble(Severity.ERROR, words % {"brand": wanted}, "brand"))


def _default_warehouse(account: Account, shop: str) -> str:
    found = client.call(account, operations.WAREHOUSES, shop=shop).data.get("warehouses")
    places = [one for one in found if isinstance(one, dict) and one.get("type") == "SALES_WAREHOUSE"] if isinstance(found, list) else []
    for place in sorted(places, key=lambda one: one.get("is_default") is not True):
        return str(place.get("id") or "")
    raise Refused("The shop has no warehouse to sell from. Add one in TikTok Shop's Seller Center, then try again.", code="NoWarehouse")


def _troubles(account: Account, draft: ProductDraft, code: str, words: str) -> tuple[ProductTrouble, ...]:
    """Return what TikTok found wrong, at the field it is about.

    Of missing attributes it names none, so each that lacks an answer is marked; of variants neither, so each that breaks the rule is.
    """
    number = int(code) if code.isdecimal() else 0
    if number == codes.ATTRIBUTE_MISSING:
        asked = product_types.read(account, draft.marketplace, draft.product_type, draft.language).fields
        lacking = [
            field.name for field in asked if field.required and field.name.startswith(product_types.ATTRIBUTE) and not draft.values.get(field.name)
        ]
        if lacking:
            return tuple(ProductTrouble(Severity.ERROR, words, name, code) for name in lacking)
    about = codes.ABOUT_VARIANTS if draft.variants else {}
    field = {**codes.FIELD_OF_PRODUCT, **about}.get(number, "")
    return tuple(ProductTrouble(Severity.ERROR, words, field, code, key) for key in variants.meant(draft, field))
