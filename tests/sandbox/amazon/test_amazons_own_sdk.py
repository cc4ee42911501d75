"""Amazon's own SDK, which nobody here wrote, drives the imitation through the whole chain."""

from __future__ import annotations

import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon

spapi = pytest.importorskip("spapi", reason="Amazon's SDK amzn-sp-api is a development dependency.")
from spapi.api.listings_items_v2021_08_01.listings_api import ListingsApi  # noqa: E402
from spapi.api.orders_v0.orders_v0_api import OrdersV0Api  # noqa: E402
from spapi.api.orders_v2026_01_01.get_order_api import GetOrderApi  # noqa: E402
from spapi.api.orders_v2026_01_01.search_orders_api import SearchOrdersApi  # noqa: E402
from spapi.api.reports_v2021_06_30.reports_api import ReportsApi  # noqa: E402
from spapi.api.sellers_v1.sellers_api import SellersApi  # noqa: E402
from spapi.rest import ApiException  # noqa: E402


@pytest.fixture
def sdk(amazon: ImitationAmazon) -> object:
    application = amazon.world.application
    config = spapi.SPAPIConfig(client_id=application.client_id, client_secret=application.client_secret, refresh_token=amazon.refresh_token())
    return spapi.SPAPIClient(config, oauth_endpoint=f"{amazon.url}/auth/o2/token", endpoint=amazon.url).api_client


def test_the_sdk_sees_where_the_seller_sells(sdk: object) -> None:
    rows = SellersApi(sdk).get_marketplace_participations().payload
    assert {row.marketplace.id: row.participation.is_participating for row in rows} == {seed.DE: True, seed.UK: True, seed.FR: False}
    assert rows[1].marketplace.country_code == "GB"


def test_the_sdk_reads_every_listing_that_has_a_sku(sdk: object) -> None:
    listings = ListingsApi(sdk)
    first = listings.search_listings_items(seed.NORTH.seller_id, [seed.DE], included_data=["summaries", "offers"])
    second = listings.search_listings_items(
        seed.NORTH.seller_id, [seed.DE], included_data=["summaries", "offers"], page_token=first.pagination.next_token
    )
    skus = [item.sku for item in (*first.items, *second.items)]
    assert skus == [*(row[0] for row in seed.NORTH_ROWS if row[0]), seed.TEES[0]]
    assert first.items[0].offers[0].price.amount == "14.90"


def test_the_sdk_reads_a_sku_with_slash_umlauts_and_space(sdk: object) -> None:
    item = ListingsApi(sdk).get_listings_item(seed.NORTH.seller_id, "MUG-NAME/ÄÖÜ 1", [seed.DE])
    assert item.summaries[0].item_name == "Mug with your name, white"


def test_the_sdk_takes_an_order_from_purchase_to_shipped(sdk: object, amazon: ImitationAmazon) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2, gift_message="For you")
    amazon.clock.advance(121)
    found = SearchOrdersApi(sdk).search_orders(
        last_updated_after="2026-11-20T09:00:00Z", marketplace_ids=[seed.DE, seed.UK], included_data=["RECIPIENT", "FULFILLMENT", "PROCEEDS"]
    )
    (order,) = found.orders
    assert (order.order_id, order.proceeds.grand_total.amount) == (placed.order_id, "29.80")
    assert order.recipient.delivery_address.city == "Köln"
    assert order.order_items[0].fulfillment.packing.gift_option.gift_message == "For you"

    for reference, tracking in (("1", "00340434161094000001"), ("2", "00340434161094000002")):
        detail = {
            "packageReferenceId": reference,
            "carrierCode": "DHL",
            "trackingNumber": tracking,
            "shipDate": "2026-11-20T10:01:00Z",
            "orderItems": [{"orderItemId": order.order_items[0].order_item_id, "quantity": 1}],
        }
        answer = OrdersV0Api(sdk).confirm_shipment_with_http_info(order.order_id, {"marketplaceId": seed.DE, "packageDetail": detail})
        assert answer[1] == 204

    shipped = GetOrderApi(sdk).get_order(order.order_id, included_data=["FULFILLMENT", "PACKAGES"]).order
    assert shipped.fulfillment.fulfillment_status == "SHIPPED"
    assert [(p.package_reference_id, p.carrier, p.tracking_number) for p in shipped.packages] == [
        ("1", "DHL", "00340434161094000001"),
        ("2", "DHL", "00340434161094000002"),
    ]


def test_the_sdk_gets_a_report_document(sdk: object, amazon: ImitationAmazon) -> None:
    reports = ReportsApi(sdk)
    made = reports.create_report({"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [seed.DE]})
    assert reports.get_report(made.report_id).processing_status == "IN_QUEUE"
    amazon.clock.advance(91)
    done = reports.get_report(made.report_id)
    assert done.processing_status == "DONE"
    assert reports.get_report_document(done.report_document_id).compression_algorithm == "GZIP"


def test_the_sdk_raises_on_a_refusal(sdk: object) -> None:
    with pytest.raises(ApiException) as refused:
        GetOrderApi(sdk).get_order("305-0000000-0000000")
    assert refused.value.status == 404
