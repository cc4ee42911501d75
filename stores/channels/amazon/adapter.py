"""The Amazon channel: implements ``stores.channels.contract.Channel`` for one seller account."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sp_api.api import Orders, Sellers

from pod_hub.core import http
from pod_hub.core.deadlines import deadline
from stores.channels.amazon import client, feeds, mapper, product_types, publishing, rates, stock_feed
from stores.channels.amazon.carriers import carrier_fields
from stores.channels.amazon.customization import read_archive
from stores.channels.amazon.listings import listings_page, under_imitation
from stores.channels.amazon.marketplaces import API_HOSTS, BY_ID, iso_country
from stores.channels.consent_types import Participation
from stores.channels.errors import Misconfigured, NotFound, Refused, TryLater, Unreadable
from stores.channels.publishing_types import (
    PictureSource,
    PriceNotice,
    ProductAnswer,
    ProductDraft,
    ProductProgress,
    ProductType,
    ProductTypeOption,
    StockNotice,
)
from stores.channels.telling_types import BatchProgress, BatchReport, CancelNotice, PackageNotice, Receipt
from stores.channels.types import Account, IncomingOrder, ListingsPage, OrdersPage, PersonalText, Raw, RawOrder, SeenPackage

# What an order is read for, and no more (data protection policy: only what shipping needs). Lines always come.
#   BUYER         name and relay e-mail
#   RECIPIENT     the delivery address and delivery wishes
#   PROCEEDS      grand total and line subtotals
#   CANCELLATION  the buyer's wish to cancel, and lines already cancelled
#   FULFILLMENT   the status itself, ship-by and deliver-by times, gift options, shipped quantities
#   PACKAGES      what Amazon already knows to have left
# Left out: EXPENSE and PROMOTION (never shown), TAX and PAYMENT (invoices are not ours), FULFILLMENT_ORDERS (Easy Ship only).
INCLUDED_DATA = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"
_ORDERS_VERSION = "2026-01-01"
_PAGE_SIZE = 100
# How many of the twenty searches that may come at once a reconciliation leaves to polls: an hour and a half of them at their own pace.
_LEFT_TO_POLLS = 6
PERSONALISATION_BYTES = 20 * 1024 * 1024


class AmazonChannel:
    """One seller account's conversation with Amazon, in one region. Holds no state: make one per task."""

    def __init__(self, account: Account) -> None:
        if account.region not in API_HOSTS:
            raise Misconfigured(f"Amazon has no region {account.region!r}; it must be one of {', '.join(API_HOSTS)}.")
        self._account = account

    def orders_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> OrdersPage:
        """See ``Channel.orders_page``: one call of searchOrders, quota one in three minutes.

        Sends no ``...Before``: Amazon sets it itself, two minutes back, and says so, which becomes ``high_water``. A page token lives 24
        hours and fails with ``Refused`` afterwards; start again from ``changed_since`` then.
        """
        return self._search("lastUpdated", marketplaces, changed_since, page)

    def placed_orders_page(self, *, marketplaces: Sequence[str], placed_since: datetime, page: str = "") -> OrdersPage:
        """See ``Channel.placed_orders_page``: one call of searchOrders that leaves six of the bucket's twenty to polls."""
        return self._search("created", marketplaces, placed_since, page, leave=_LEFT_TO_POLLS)

    def _search(self, by: str, marketplaces: Sequence[str], since: datetime, page: str, *, leave: int = 0) -> OrdersPage:
        answer = client.call(
            self._account,
            rates.SEARCH_ORDERS,
            Orders,
            lambda api: api.search_orders(
                **{f"{by}After": _iso(since)},
                marketplaceIds=",".join(marketplaces),
                includedData=INCLUDED_DATA,
                maxResultsPerPage=_PAGE_SIZE,
                **({"paginationToken": page} if page else {}),
            ),
            version=_ORDERS_VERSION,
            leave=leave,
        )
        found = answer.body.get("orders")
        if not isinstance(found, list):
            raise TryLater(
                "Amazon's answer holds no list of orders. The hub tries again by itself.", request_id=answer.request_id, status=answer.status
            )
        orders = tuple(mapper.raw_order(each) for each in found)
        pagination = answer.body.get("pagination")
        following = pagination.get("nextToken") if isinstance(pagination, dict) else None
        return OrdersPage(orders=orders, next_page=following or "", high_water=_high_water(answer.body, orders, since, by))

    def fetch_order(self, external_id: str, *, marketplace: str = "") -> RawOrder:
        """See ``Channel.fetch_order``: one call of getOrder, which finds the number on any marketplace."""
        return mapper.raw_order(self._get_order(external_id, INCLUDED_DATA))

    def read_order(self, payload: Raw) -> IncomingOrder:
        """See ``Channel.read_order``."""
        return mapper.read_order(payload)

    def packages(self, external_id: str, *, marketplace: str = "") -> tuple[SeenPackage, ...]:
        """See ``Channel.packages``: one call of getOrder that asks for nothing personal. Orders shipped by Amazon show none."""
        try:
            return mapper.read_packages(self._get_order(external_id, "PACKAGES"))
        except Unreadable as error:
            raise TryLater(f"Amazon's list of packages cannot be read: {error}. The hub tries again by itself.") from error

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        """See ``Channel.listings_page``; ``listings`` explains the way."""
        if marketplace not in BY_ID:
            raise Refused(f"Amazon has no marketplace {marketplace!r} that the hub knows.", code="MarketplaceUnknown")
        return listings_page(self._account, marketplace=marketplace, page=page)

    def participations(self) -> tuple[Participation, ...]:
        """See ``Channel.participations``. Quota one a minute: keep the answer."""
        answer = client.call(self._account, rates.PARTICIPATIONS, Sellers, lambda api: api.get_marketplace_participation())
        found = answer.body.get("payload")
        if not isinstance(found, list):
            raise TryLater("Amazon's answer holds no list of marketplaces. The hub tries again by itself.", request_id=answer.request_id)
        return tuple(_participation(each) for each in found if isinstance(each, dict) and isinstance(each.get("marketplace"), dict))

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """See ``Channel.confirm_package``: one call of confirmShipment, which answers 204 and proves little; read ``packages`` back later.

        The same reference again is a correction of the same package, a new one is another package. ``shipDate`` is the notice's time,
        moved back to now when it lies in the future and forward to ``placed_at`` when it lies before the order (Amazon refuses both). What counts
        as now is Amazon's clock: where it turns out to be behind ours, the call is made once more by its time.
        """
        body = _confirmation(notice, now=datetime.now(UTC))
        with deadline(http.TOTAL_S):
            try:
                answer = self._confirm(notice, body)
            except Refused as error:
                if error.told_at is None or datetime.fromisoformat(body["shipDate"]) <= error.told_at:
                    raise
                answer = self._confirm(notice, _confirmation(notice, now=error.told_at))
        return Receipt(request_id=answer.request_id, status=answer.status)

    def _confirm(self, notice: PackageNotice, body: Mapping[str, Any]) -> client.Answer:
        return client.call(
            self._account,
            rates.CONFIRM_SHIPMENT,
            Orders,
            lambda api: api.confirm_shipment(notice.external_id, marketplaceId=notice.marketplace, packageDetail=body),
            version="v0",
        )

    def upload_cancellations(self, notices: Sequence[CancelNotice]) -> str:
        """See ``CancelsInBatches.upload_cancellations``."""
        return feeds.upload(self._account, notices)

    def submit_batch(self, document_id: str, *, marketplace: str) -> str:
        """See ``CancelsInBatches.submit_batch``."""
        return feeds.submit(self._account, document_id, marketplace)

    def recent_batches(self, *, marketplace: str, since: datetime) -> tuple[str, ...]:
        """See ``CancelsInBatches.recent_batches``."""
        return feeds.recent(self._account, marketplace, since)

    def batch_progress(self, batch_id: str) -> BatchProgress:
        """See ``CancelsInBatches.batch_progress``."""
        return feeds.progress(self._account, batch_id)

    def batch_report(self, result_id: str) -> BatchReport:
        """See ``CancelsInBatches.batch_report``."""
        return feeds.report(self._account, result_id)

    def cancelled_lines(self, external_id: str, *, marketplace: str = "") -> frozenset[str]:
        """See ``Channel.cancelled_lines``: one call of getOrder that asks for nothing personal."""
        try:
            return mapper.read_cancelled_lines(self._get_order(external_id, "CANCELLATION,FULFILLMENT"))
        except Unreadable as error:
            raise TryLater(f"Amazon's answer about the cancellation cannot be read: {error}. The hub tries again by itself.") from error

    def product_types(self, *, marketplace: str, words: str) -> tuple[ProductTypeOption, ...]:
        """See ``Publishes.product_types``."""
        return product_types.search(self._account, marketplace, words)

    def product_type(self, *, marketplace: str, product_type: str, language: str = "") -> ProductType:
        """See ``Publishes.product_type``."""
        return product_types.read(self._account, marketplace, product_type, language)

    def keep_picture(self, picture: PictureSource, *, marketplace: str) -> str:
        """See ``Publishes.keep_picture``: Amazon fetches pictures itself, from their links."""
        return picture.link

    def check_product(self, draft: ProductDraft) -> ProductAnswer:
        """See ``Publishes.check_product``."""
        return publishing.check(self._account, draft)

    def publish_product(self, draft: ProductDraft) -> ProductAnswer:
        """See ``Publishes.publish_product``."""
        return publishing.publish(self._account, draft)

    def product_progress(self, *, marketplace: str, key: str, product_id: str = "") -> ProductProgress:
        """See ``Publishes.product_progress``."""
        return publishing.progress(self._account, marketplace, key)

    def push_stock(self, notice: StockNotice, *, marketplace: str) -> Receipt:
        """See ``PushesStock.push_stock``."""
        return publishing.push_stock(self._account, notice, marketplace)

    def stock_of(self, notice: StockNotice, *, marketplace: str) -> StockNotice:
        """See ``PushesStock.stock_of``."""
        return publishing.stock_of(self._account, notice, marketplace)

    def push_price(self, notice: PriceNotice, *, marketplace: str) -> Receipt:
        """See ``PushesPrices.push_price``."""
        return publishing.push_price(self._account, notice, marketplace)

    def price_of(self, notice: PriceNotice, *, marketplace: str) -> PriceNotice:
        """See ``PushesPrices.price_of``."""
        return publishing.price_of(self._account, notice, marketplace)

    def upload_stock(self, notices: Sequence[StockNotice], *, marketplace: str) -> str:
        """See ``PushesStockInBatches.upload_stock``."""
        return stock_feed.upload(self._account, notices)

    def submit_stock(self, document_id: str, *, marketplace: str) -> str:
        """See ``PushesStockInBatches.submit_stock``."""
        return stock_feed.submit(self._account, document_id, marketplace)

    def stock_progress(self, batch_id: str) -> BatchProgress:
        """See ``PushesStockInBatches.stock_progress``."""
        return feeds.progress(self._account, batch_id)

    def stock_report(self, result_id: str) -> BatchReport:
        """See ``PushesStockInBatches.stock_report``."""
        return stock_feed.report(self._account, result_id)

    def fetch_personalisation(self, url: str) -> bytes:
        """See ``Channel.fetch_personalisation``. No token goes along; only public https hosts are asked. Treat the archive as hostile."""
        try:
            if not under_imitation(url):
                http.require_public_https(url)
            answer = http.request("GET", url, service="Amazon", template="personalisation archive", max_bytes=PERSONALISATION_BYTES)
        except http.UnsafeAddress as error:
            raise Refused(f"The personalisation cannot be fetched. {error}", code="PersonalisationAddress") from error
        except http.TooLarge as error:
            raise Refused(
                f"The personalisation archive is larger than {PERSONALISATION_BYTES // 1024 // 1024} MB. Fetch it in Seller Central.",
                code="PersonalisationTooLarge",
            ) from error
        except http.HttpError as error:
            if error.status in {400, 401, 403, 404, 410}:
                raise NotFound(
                    "Amazon no longer gives out this personalisation: its address has expired. Fetch the order again to get a new one.",
                    code="PersonalisationExpired",
                    request_id=error.request_id,
                    status=error.status,
                ) from error
            raise TryLater("Amazon's store of personalisations is out of order. The hub tries again by itself.", status=error.status) from error
        except http.ExchangeFailed as error:
            raise TryLater("The download of the personalisation broke off. The hub tries again by itself.") from error
        return answer.content

    def read_personalisation(self, content: bytes) -> tuple[PersonalText, ...]:
        """See ``Channel.read_personalisation``."""
        return read_archive(content)

    def _get_order(self, external_id: str, included: str) -> Raw:
        answer = client.call(
            self._account,
            rates.GET_ORDER,
            Orders,
            lambda api: api.get_order(external_id, includedData=included),
            version=_ORDERS_VERSION,
        )
        order: Any = answer.body.get("order")
        if not isinstance(order, dict):
            raise TryLater("Amazon's answer holds no order. The hub tries again by itself.", request_id=answer.request_id, status=answer.status)
        return order


def _iso(moment: datetime) -> str:
    """Write a time as Amazon wants it, in whole seconds rounded down."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _high_water(body: Raw, orders: Sequence[RawOrder], since: datetime, by: str) -> datetime:
    told = body.get(f"{by}Before")
    if isinstance(told, str):
        try:
            return mapper.moment(told, f"{by}Before")
        except Unreadable:
            pass  # treated like an absent one: the field is not required
    # Without Amazon's word nothing is vouched for beyond what it showed.
    if by == "created":
        return since
    return max([since, *(order.revision for order in orders if order.revision is not None)])


def _participation(found: Raw) -> Participation:
    marketplace, part = found["marketplace"], found.get("participation")
    part = part if isinstance(part, dict) else {}
    return Participation(
        marketplace=str(marketplace.get("id") or ""),
        country=iso_country(str(marketplace.get("countryCode") or "")),
        name=str(marketplace.get("name") or ""),
        participating=part.get("isParticipating") is True,
        suspended=part.get("hasSuspendedListings") is True,
        store_name=str(found.get("storeName") or ""),
    )


def _confirmation(notice: PackageNotice, *, now: datetime) -> dict[str, Any]:
    # Amazon answers 400 unless this positive number is a string (README, "Confirming a package").
    if not (notice.reference.isascii() and notice.reference.isdigit() and int(notice.reference) > 0):
        raise Refused(f"The package number {notice.reference!r} is not a positive number, which Amazon requires.", code="ReferenceInvalid")
    tracking = notice.tracking_number.strip()
    if not tracking:
        raise Refused("Amazon accepts no package without a tracking number. Enter it and send the confirmation again.", code="TrackingMissing")
    if not notice.quantities or any(quantity < 1 for quantity in notice.quantities.values()):
        raise Refused("The package holds no units. Say what is inside and send the confirmation again.", code="PackageEmpty")
    shipped = min(notice.shipped_at, now)
    if notice.placed_at is not None and shipped < notice.placed_at:
        shipped = datetime.fromtimestamp(math.ceil(notice.placed_at.timestamp()), UTC)
    body = {
        "packageReferenceId": notice.reference,
        **carrier_fields(marketplace_id=notice.marketplace, code=notice.carrier_code, name=notice.carrier_name),
        "trackingNumber": tracking,
        "shipDate": _iso(shipped),
        "orderItems": [{"orderItemId": line, "quantity": quantity} for line, quantity in sorted(notice.quantities.items())],
    }
    if notice.shipping_method.strip():
        body["shippingMethod"] = notice.shipping_method.strip()
    return body
