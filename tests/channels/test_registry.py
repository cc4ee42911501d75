"""The table of channels that pages ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stores.channels.abilities import (
    AnswersWishes,
    CancelsDirectly,
    CancelsInBatches,
    ListsCarriers,
    MakesLabels,
    Publishes,
    PublishesVariants,
    PushesPrices,
    PushesStock,
    PushesStockInBatches,
    TellsReturns,
)
from stores.channels.registry import (
    CANCEL_REASONS,
    CAPABILITIES,
    ChannelKind,
    Corrections,
    NoAdapter,
    PspAuthorises,
    cancel_reasons,
    capabilities,
    carriers_for,
    channel_for,
    consent_for,
    marketplace_info,
    notices_for,
    shipping_declines,
)
from stores.channels.types import Account

ACCOUNT = Account(key="aut_1", account_id="A1", region="EU", refresh_token="Atzr|x")


def test_every_kind_has_its_capabilities() -> None:
    assert set(CAPABILITIES) == set(ChannelKind)
    for kind in ChannelKind:
        assert capabilities(kind.value).icon


def test_kinds_that_can_connect_have_adapter_and_consent_and_the_others_have_none() -> None:
    for kind, able in CAPABILITIES.items():
        if able.can_connect:
            assert channel_for(kind, ACCOUNT)
            assert consent_for(kind)
        else:
            with pytest.raises(NoAdapter):
                channel_for(kind, ACCOUNT)
            with pytest.raises(NoAdapter):
                consent_for(kind)


def test_amazon_says_what_the_settled_requirements_say() -> None:
    amazon = capabilities("amazon")
    assert amazon.psp_authorises is PspAuthorises.WHERE_ALLOWED
    assert amazon.region_choice
    assert amazon.consent_lifetime is not None
    assert amazon.consent_lifetime.days == 365
    assert [marketplace.country for marketplace in amazon.marketplaces[:3]] == ["GB", "CA", "DE"]


def test_tiktok_shop_says_what_the_settled_requirements_say() -> None:
    tiktok = capabilities("tiktok")
    assert tiktok.psp_authorises is PspAuthorises.ALWAYS
    assert [marketplace.country for marketplace in tiktok.marketplaces] == ["US"]
    assert tiktok.corrections == Corrections(within=timedelta(hours=72), times=1)
    assert shipping_declines("tiktok", "US")


@pytest.mark.parametrize("kind", ["amazon", "tiktok"])
def test_capabilities_and_abilities_say_the_same(kind: str) -> None:
    can, channel = capabilities(kind), channel_for(kind, ACCOUNT)
    said = {
        CancelsInBatches: can.cancels_in_batches,
        CancelsDirectly: can.takes_cancellations and not can.cancels_in_batches,
        AnswersWishes: can.answers_wishes,
        ListsCarriers: can.lists_carriers,
        MakesLabels: can.makes_labels,
        TellsReturns: can.tells_returns,
        Publishes: can.publishes,
        PublishesVariants: can.publishes_variants,
        PushesPrices: can.pushes_prices,
        PushesStock: can.pushes_stock,
        PushesStockInBatches: can.pushes_stock_in_batches,
    }
    assert said == {ability: isinstance(channel, ability) for ability in said}
    if can.sends_notices:
        assert notices_for(kind)


def test_reasons_to_cancel_are_the_marketplaces_own_for_a_whole_order_and_for_a_part() -> None:
    assert {value for value, _label in cancel_reasons("tiktok", "US")} == {"no_stock", "pricing_error", "address_undeliverable", "buyer_cancelled"}
    assert [value for value, _label in cancel_reasons("tiktok", "US", whole=False)] == ["no_stock"]
    assert "pricing_error" not in dict(cancel_reasons("amazon", "A1PA6795UKMFR9"))
    assert len(cancel_reasons("manual", "")) == len(CANCEL_REASONS)


def test_unknown_kind_and_marketplace_are_told_apart_from_known_ones() -> None:
    with pytest.raises(ValueError, match="ebay"):
        capabilities("ebay")
    assert marketplace_info("amazon", "A0") is None
    assert marketplace_info("manual", "A0") is None
    found = marketplace_info("amazon", "A1PA6795UKMFR9")
    assert found is not None
    assert (found.country, found.currency, found.region) == ("DE", "EUR", "EU")


def test_carriers_are_offered_per_marketplace_and_india_has_no_other() -> None:
    assert carriers_for("amazon", "A1PA6795UKMFR9")[0] == "DHL"
    assert carriers_for("amazon", "A1PA6795UKMFR9")[-1] == "Other"
    assert "Other" not in carriers_for("amazon", "A21TJRUUN4KGV")
    assert carriers_for("manual", "") == ()
    for marketplace in capabilities("amazon").marketplaces:
        assert carriers_for("amazon", marketplace.id)
