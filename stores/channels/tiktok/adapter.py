"""The TikTok Shop channel: implements ``stores.channels.contract.Channel`` for one seller account with its shops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stores.channels.consent_types import Participation
from stores.channels.errors import Refused, TryLater
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
from stores.channels.telling_types import (
    CancelNotice,
    CarrierOption,
    DeclineReason,
    LabelBought,
    LabelOffer,
    PackageNotice,
    Parcel,
    Receipt,
    SeenReturn,
    WishAnswer,
)
from stores.channels.tiktok import (
    cancelling,
    carriers,
    client,
    labels,
    mapper,
    operations,
    orders,
    personalisation,
    prices,
    product_types,
    products,
    publishing,
    returns,
    shipping,
    stock,
)
from stores.channels.tiktok.listings import listings_page
from stores.channels.tiktok.markets import BY_CODE, MARKETS
from stores.channels.types import Account, IncomingOrder, ListingsPage, OrdersPage, PersonalText, Raw, RawOrder, SeenPackage


class TikTokChannel:
    """One seller account's conversation with TikTok Shop. A place is a shop, named by its number. Make one per task.

    Beside ``Channel`` it is ``CancelsDirectly``, ``AnswersWishes``, ``ListsCarriers``, ``MakesLabels``, ``TellsReturns``, ``Publishes``,
    ``PublishesVariants`` and ``PushesStock``.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def orders_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> OrdersPage:
        """See ``Channel.orders_page``; ``orders`` explains the few requests behind it."""
        return orders.orders_page(self._account, shops=marketplaces, since=changed_since, page=page)

    def placed_orders_page(self, *, marketplaces: Sequence[str], placed_since: datetime, page: str = "") -> OrdersPage:
        """See ``Channel.placed_orders_page``."""
        return orders.placed_orders_page(self._account, shops=marketplaces, since=placed_since, page=page)

    def fetch_order(self, external_id: str, *, marketplace: str = "") -> RawOrder:
        """See ``Channel.fetch_order``; without a shop, each of the account's shops is asked until one knows it."""
        return orders.fetch_order(self._account, shops=self._shops(marketplace), external_id=external_id)

    def read_order(self, payload: Raw) -> IncomingOrder:
        """See ``Channel.read_order``."""
        return mapper.read_order(payload)

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        """See ``Channel.listings_page``; ``listings`` explains the way."""
        return listings_page(self._account, shop=marketplace, page=page)

    def participations(self) -> tuple[Participation, ...]:
        """See ``Channel.participations``: the shops that the permission covers, each with its key."""
        answer = client.call(self._account, operations.AUTHORIZED_SHOPS)
        found = answer.data.get("shops")
        if not isinstance(found, list):
            raise TryLater("TikTok Shop's answer holds no list of shops. The hub tries again by itself.", request_id=answer.request_id)
        shops = tuple(_participation(each) for each in found if isinstance(each, Mapping) and each.get("id") and each.get("cipher"))
        client.keeper_of(self._account).keep_shop_keys({shop.marketplace: shop.key for shop in shops})
        return shops

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """See ``Channel.confirm_package``; ``shipping`` explains why repeating it is harmless."""
        return shipping.mark_shipped(self._account, notice)

    def packages(self, external_id: str, *, marketplace: str = "") -> tuple[SeenPackage, ...]:
        """See ``Channel.packages``: read from the order's units."""
        return shipping.packages(self._account, shops=self._shops(marketplace), external_id=external_id)

    def fetch_personalisation(self, url: str) -> bytes:
        """See ``Channel.fetch_personalisation``."""
        return personalisation.fetch(self._account, url)

    def read_personalisation(self, content: bytes) -> tuple[PersonalText, ...]:
        """See ``Channel.read_personalisation``: what TikTok sent, as it sent it, because the shape within is not published."""
        return personalisation.read(content)

    def cancelled_lines(self, external_id: str, *, marketplace: str = "") -> frozenset[str]:
        """See ``Channel.cancelled_lines``."""
        return cancelling.cancelled_lines(self._account, shops=self._shops(marketplace), external_id=external_id)

    # --- abilities ----------------------------------------------------------------------------------------------------
    def cancel(self, notice: CancelNotice) -> Receipt:
        """See ``CancelsDirectly.cancel``."""
        return cancelling.cancel(self._account, notice)

    def agree_to_cancel(self, answer: WishAnswer) -> Receipt:
        """See ``AnswersWishes.agree_to_cancel``."""
        return cancelling.agree(self._account, answer)

    def decline_to_cancel(self, answer: WishAnswer) -> Receipt:
        """See ``AnswersWishes.decline_to_cancel``."""
        return cancelling.decline(self._account, answer)

    def decline_reasons(self, *, marketplace: str, wish: str) -> tuple[DeclineReason, ...]:
        """See ``AnswersWishes.decline_reasons``."""
        return cancelling.decline_reasons(self._account, shop=marketplace, wish=wish)

    def pending_wishes(self, external_id: str, *, marketplace: str) -> frozenset[str]:
        """See ``AnswersWishes.pending_wishes``."""
        return cancelling.pending(self._account, shop=marketplace, external_id=external_id)

    def carriers(self, *, marketplace: str, delivery_option: str) -> tuple[CarrierOption, ...]:
        """See ``ListsCarriers.carriers``."""
        return carriers.providers(self._account, shop=marketplace, delivery_option=delivery_option)

    def label_offers(self, parcel: Parcel) -> tuple[LabelOffer, ...]:
        """See ``MakesLabels.label_offers``."""
        return labels.offers(self._account, parcel)

    def buy_label(self, parcel: Parcel, *, service_id: str) -> LabelBought:
        """See ``MakesLabels.buy_label``."""
        return labels.buy(self._account, parcel, service_id=service_id)

    def find_label(self, parcel: Parcel, *, known: Sequence[str]) -> LabelBought | None:
        """See ``MakesLabels.find_label``."""
        return labels.find(self._account, parcel, known=known)

    def label_document(self, *, marketplace: str, package_id: str) -> tuple[bytes, LabelBought]:
        """See ``MakesLabels.label_document``."""
        return labels.document(self._account, shop=marketplace, package_id=package_id)

    def returns_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> tuple[tuple[SeenReturn, ...], str]:
        """See ``TellsReturns.returns_page``."""
        return returns.returns_page(self._account, shops=marketplaces, since=changed_since, page=page)

    def product_types(self, *, marketplace: str, words: str) -> tuple[ProductTypeOption, ...]:
        """See ``Publishes.product_types``: the leaves of the tree of categories."""
        return product_types.search(self._account, marketplace, words)

    def product_type(self, *, marketplace: str, product_type: str, language: str = "") -> ProductType:
        """See ``Publishes.product_type``."""
        return product_types.read(self._account, marketplace, product_type, language)

    def keep_picture(self, picture: PictureSource, *, marketplace: str) -> str:
        """See ``Publishes.keep_picture``: TikTok takes no addresses, so pictures are uploaded."""
        return publishing.keep_picture(self._account, picture)

    def check_product(self, draft: ProductDraft) -> ProductAnswer:
        """See ``Publishes.check_product``."""
        return publishing.check(self._account, draft)

    def publish_product(self, draft: ProductDraft) -> ProductAnswer:
        """See ``Publishes.publish_product``."""
        return publishing.publish(self._account, draft)

    def product_progress(self, *, marketplace: str, key: str, product_id: str = "") -> ProductProgress:
        """See ``Publishes.product_progress``."""
        return publishing.progress(self._account, marketplace, key, product_id)

    def keys_in_use(self, *, marketplace: str, keys: Sequence[str]) -> frozenset[str]:
        """See ``PublishesVariants.keys_in_use``."""
        return products.keys_in_use(self._account, marketplace, keys)

    def push_stock(self, notice: StockNotice, *, marketplace: str) -> Receipt:
        """See ``PushesStock.push_stock``."""
        return stock.push(self._account, notice, marketplace)

    def stock_of(self, notice: StockNotice, *, marketplace: str) -> StockNotice:
        """See ``PushesStock.stock_of``."""
        return stock.shown(self._account, notice, marketplace)

    def push_price(self, notice: PriceNotice, *, marketplace: str) -> Receipt:
        """See ``PushesPrices.push_price``."""
        return prices.push(self._account, notice, marketplace)

    def price_of(self, notice: PriceNotice, *, marketplace: str) -> PriceNotice:
        """See ``PushesPrices.price_of``."""
        return prices.shown(self._account, notice, marketplace)

    def _shops(self, marketplace: str) -> Sequence[str]:
        if marketplace:
            return (marketplace,)
        shops = sorted(client.keeper_of(self._account).shop_keys())
        if not shops:
            raise Refused("The permission covers no shop that the hub knows. Authorise the store again.", code="ShopUnknown")
        return shops


def _participation(found: Mapping[str, Any]) -> Participation:
    region, kind, name = str(found.get("region") or ""), str(found.get("seller_type") or ""), str(found.get("name") or "")
    market = BY_CODE.get(region)
    why_not = ""
    if market is None:
        names = ", ".join(one.name for one in MARKETS)
        why_not = f"“{name}” sells in {region or 'an unknown country'}; so far only TikTok Shops operating in the {names} can be connected."
    elif kind and kind not in market.seller_types:
        why_not = f"“{name}” is a {kind.lower().replace('_', '-')} shop; TikTok lets only local sellers sell in the {market.name}."
    return Participation(
        marketplace=str(found["id"]),
        country=region,
        name=market.name if market else region,
        participating=not why_not,
        suspended=False,
        store_name=name,
        site=region,
        key=str(found["cipher"]),
        seller_type=kind,
        why_not=why_not,
    )
