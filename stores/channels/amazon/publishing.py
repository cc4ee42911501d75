"""Making products at Amazon, and telling stock and prices: ``putListingsItem`` with its preview, ``patchListingsItem``, ``getListingsItem``.

HTTP 200 says nothing by itself: ``status`` INVALID is a refusal, ACCEPTED a queue, and only ``getListingsItem`` tells whether anybody can buy it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sp_api.api import ListingsItems

from pod_hub.core import http
from stores.channels.amazon import client, product_types, rates
from stores.channels.amazon.product_fields import DEFAULT_PLACE, attributes_of, locale_of, price_entry, stock_entry, troubles_of
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.publishing_types import PriceNotice, ProductAnswer, ProductDraft, ProductProgress, ProductState, Severity, StockNotice
from stores.channels.telling_types import Receipt
from stores.channels.types import Account, Amount

_VERSION = "2021-08-01"
_AGAIN = "The hub tries again by itself."
_PATH = "/attributes/fulfillment_availability"


def check(account: Account, draft: ProductDraft) -> ProductAnswer:
    """See ``Publishes.check_product``: putListingsItem with ``mode=VALIDATION_PREVIEW``, which keeps nothing."""
    return _put(account, draft, {"mode": "VALIDATION_PREVIEW"}, good="VALID")


def publish(account: Account, draft: ProductDraft) -> ProductAnswer:
    """See ``Publishes.publish_product``: putListingsItem, which replaces the whole listing of the SKU, so repeating it changes nothing."""
    return _put(account, draft, {}, good="ACCEPTED")


def _put(account: Account, draft: ProductDraft, mode: Mapping[str, str], *, good: str) -> ProductAnswer:
    schema = product_types.schema(account, draft.marketplace, draft.product_type, draft.product_type_version)
    body = {"productType": draft.product_type, "requirements": "LISTING", "attributes": attributes_of(draft, schema)}
    locale = {"issueLocale": locale_of(draft.language)} if draft.language else {}
    answer = client.call(
        account,
        rates.PUT_LISTING,
        ListingsItems,
        lambda api: api.put_listings_item(
            account.account_id, draft.key, marketplaceIds=draft.marketplace, includedData="issues", body=body, **mode, **locale
        ),
        version=_VERSION,
    )
    status = answer.body.get("status")
    if status not in {good, "INVALID"}:
        raise TryLater(f"Amazon's answer has the status {str(status)[:40]!r}, which the hub does not know. {_AGAIN}", ambiguous=not mode)
    troubles = troubles_of(answer.body.get("issues"), product_types.field_names(schema))
    return ProductAnswer(accepted=status == good, troubles=troubles, request_id=answer.request_id)


def progress(account: Account, marketplace: str, key: str) -> ProductProgress:
    """See ``Publishes.product_progress``: one call of getListingsItem. Buyable is live, whatever Amazon would still have better."""
    body = _item(account, marketplace, key, "summaries,issues,productTypes")
    found = body.get("summaries")
    summary = next((one for one in found if isinstance(one, dict) and one.get("marketplaceId") == marketplace), {}) if isinstance(found, list) else {}
    statuses = [str(status) for status in summary.get("status") or ()]
    troubles = troubles_of(body.get("issues"), ())
    if "BUYABLE" in statuses:
        state = ProductState.LIVE
    elif any(trouble.severity == Severity.ERROR for trouble in troubles):
        state = ProductState.REJECTED
    else:
        state = ProductState.SUBMITTED
    picture = summary.get("mainImage")
    return ProductProgress(
        state=state,
        product_id=str(summary.get("asin") or ""),
        channel_state=", ".join(statuses),
        troubles=troubles,
        image_url=str(picture.get("link") or "") if isinstance(picture, dict) else "",
    )


def push_stock(account: Account, notice: StockNotice, marketplace: str) -> Receipt:
    """See ``PushesStock.push_stock``: one ``merge``, since ``replace`` would wipe the handling time that it leaves out."""
    body = {"productType": notice.product_type or "PRODUCT", "patches": stock_patches(notice)}
    return _patch(account, notice.key, marketplace, body, what="the stock")


def stock_patches(notice: StockNotice) -> list[dict[str, Any]]:
    """Return the patch that sets a notice's stock and nothing else."""
    return [{"op": "merge", "path": _PATH, "value": [stock_entry(notice.stock_place, notice.quantity, notice.handling_days)]}]


def stock_of(account: Account, notice: StockNotice, marketplace: str) -> StockNotice:
    """See ``PushesStock.stock_of``: the attributes, because ``fulfillmentAvailability`` shows no handling time."""
    body = _item(account, marketplace, notice.key, "attributes")
    attributes = body.get("attributes")
    entries = attributes.get("fulfillment_availability") if isinstance(attributes, dict) else None
    place = notice.stock_place or DEFAULT_PLACE
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("fulfillment_channel_code") == place:
            quantity, days = entry.get("quantity"), entry.get("lead_time_to_ship_max_days")
            return StockNotice(
                notice.key, notice.product_id, quantity if isinstance(quantity, int) else 0, days if isinstance(days, int) else None, place
            )
    raise NotFound(
        f"Amazon shows no stock at “{place}” for this listing. Check the fulfillment channel code in the store's settings.", code="NoStockHere"
    )


def push_price(account: Account, notice: PriceNotice, marketplace: str) -> Receipt:
    """See ``PushesPrices.push_price``: one ``merge``, since ``replace`` would end a sale that the offer holds beside its price."""
    offer = price_entry(notice.price) | {"marketplace_id": marketplace}
    patch = {"op": "merge", "path": "/attributes/purchasable_offer", "value": [offer]}
    body = {"productType": notice.product_type or "PRODUCT", "patches": [patch]}
    return _patch(account, notice.key, marketplace, body, what="the price")


def price_of(account: Account, notice: PriceNotice, marketplace: str) -> PriceNotice:
    """See ``PushesPrices.price_of``: the attributes, because ``offers`` shows what a buyer pays during a sale."""
    attributes = _item(account, marketplace, notice.key, "attributes").get("attributes")
    entries = attributes.get("purchasable_offer") if isinstance(attributes, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        # Business and other audiences have offers of their own.
        if isinstance(entry, dict) and entry.get("audience", "ALL") == "ALL" and entry.get("currency") == notice.price.currency:
            value = _price_now(entry)
            if value is not None:
                return PriceNotice(notice.key, notice.product_id, Amount(value, notice.price.currency), notice.product_type)
    raise NotFound(f"Amazon shows no price in {notice.price.currency} for this listing. Look at its offer in Seller Central.", code="NoPriceHere")


def _price_now(offer: Mapping[str, Any]) -> Decimal | None:
    prices = offer.get("our_price")
    for price in prices if isinstance(prices, list) else ():
        schedule = price.get("schedule") if isinstance(price, dict) else None
        for one in schedule if isinstance(schedule, list) else ():
            value = one.get("value_with_tax") if isinstance(one, dict) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                return Decimal(str(value)).quantize(Decimal("0.01"))
    return None


def _patch(account: Account, key: str, marketplace: str, body: Mapping[str, Any], *, what: str) -> Receipt:
    answer = client.call(
        account,
        rates.PATCH_LISTING,
        ListingsItems,
        lambda api: api.patch_listings_item(account.account_id, key, marketplaceIds=marketplace, includedData="issues", body=body),
        version=_VERSION,
    )
    if answer.body.get("status") != "ACCEPTED":
        words = " ".join(trouble.words for trouble in troubles_of(answer.body.get("issues"), ()))
        raise Refused(
            f"Amazon refused {what}: {http.redact(words)[:500] or answer.body.get('status')}",
            code=str(answer.body.get("status") or ""),
            request_id=answer.request_id,
            status=answer.status,
        )
    return Receipt(request_id=answer.request_id, status=answer.status)


def _item(account: Account, marketplace: str, key: str, included: str) -> Mapping[str, Any]:
    answer = client.call(
        account,
        rates.GET_LISTING,
        ListingsItems,
        lambda api: api.get_listings_item(account.account_id, key, marketplaceIds=marketplace, includedData=included),
        version=_VERSION,
    )
    return answer.body
