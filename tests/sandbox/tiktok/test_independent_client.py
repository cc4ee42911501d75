"""A client that nobody here wrote, and that decodes strictly, drives the imitation through the whole chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tiktok_shop_api import TikTokShop, TikTokShopAuth, TikTokShopError
from tiktok_shop_api.generated.models import (
    ApproveReturnRequest,
    CancelOrderRequest,
    ConfirmOrderSplitRequest,
    CreatePackagesRequest,
    CreateProductRequest,
    CreateReturnRequest,
    GetEligibleShippingServicesRequest,
    GetOrderListRequest,
    GetOrderListSortField,
    GetOrderListSortOrder,
    GetPODCustomizationDetailsRequest,
    MarkPackageAsShippedRequest,
    RecommendCategoryRequest,
    SearchCancellationsRequest,
    SearchPackageRequest,
    SearchProductsRequest,
    SearchReturnsRequest,
    UpdatePackageShippingInfoRequest,
)

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import AUDIT_S, LABEL_READY_S, REFUND_S
from tests.sandbox.tiktok.conftest import SSL, Caller
from tests.sandbox.tiktok.products import mug, sku
from tests.sandbox.tiktok.test_cancellations import NO_STOCK, requested
from tests.sandbox.tiktok.test_returns import begun, delivered
from tests.sandbox.tiktok.test_shipping import NUMBER, OTHER, ready


@pytest.fixture
def auth(tiktok: ImitationTikTok) -> TikTokShopAuth:
    app = tiktok.world.application
    return TikTokShopAuth(app.app_key, app.app_secret, service_id=app.service_id, base_url=tiktok.url, transport=httpx.HTTPTransport(verify=SSL))


def code_from_consent(tiktok: ImitationTikTok, auth: TikTokShopAuth, open_id: str) -> str:
    """Follow the client's own authorization link, with the imitation in the place of TikTok's host, and allow."""
    link = urlsplit(auth.authorization_url(type="seller", region="us", state="csrf-token"))
    page = httpx.post(f"{tiktok.url}{link.path}?{link.query}", data={"open_id": open_id, "answer": "allow"}, verify=SSL)
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"] == ["csrf-token"]
    return back["code"][0]


@pytest.fixture
def client(tiktok: ImitationTikTok) -> Iterator[TikTokShop]:
    """The client in Ada's name."""
    app = tiktok.world.application
    with TikTokShop(
        app.app_key,
        app.app_secret,
        access_token=tiktok.tokens()["access_token"],
        shop_cipher=seed.ADA_SHOP.cipher,
        base_url=tiktok.url,
        transport=httpx.HTTPTransport(verify=SSL),
    ) as made:
        yield made


def data(answer: Any) -> Any:
    """Return what a decoded answer holds; the client has read every field of it by then."""
    return answer.to_dict()["data"]


def test_client_consents_exchanges_refreshes_and_sees_its_shops(tiktok: ImitationTikTok, auth: TikTokShopAuth, client: TikTokShop) -> None:
    tokens = auth.exchange_code(code_from_consent(tiktok, auth, seed.ATLANTIC.open_id))
    renewed = auth.refresh(tokens.refresh_token)
    assert (renewed.open_id, renewed.user_type, renewed.granted_scopes) == (seed.ATLANTIC.open_id, 0, list(tiktok.world.application.scopes))
    assert renewed.refresh_token != tokens.refresh_token
    shops = data(client.with_shop(access_token=renewed.access_token, shop_cipher=None).authorization.get_authorized_shops())["shops"]
    assert [shop["region"] for shop in shops] == ["US", "US", "GB"]


def test_client_raises_the_code_of_a_refusal(auth: TikTokShopAuth, client: TikTokShop) -> None:
    with pytest.raises(TikTokShopError) as refused:
        auth.exchange_code("made-up")
    assert refused.value.code == 36004004
    with pytest.raises(TikTokShopError) as missing:
        client.with_shop(shop_cipher=None).event.get_shop_webhooks()
    assert (missing.value.code, missing.value.http_status) == (106013, 400)


def test_client_reads_every_product_and_lists_a_new_one(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    found = data(client.products.search_products(body=SearchProductsRequest(), page_size=100))
    assert [product["title"] for product in found["products"]] == [row[0] for row in seed.ADA_ROWS]
    for product in found["products"]:
        assert data(client.products.get_product(product["id"]))["id"] == product["id"]
    category = data(client.products.recommend_category(body=RecommendCategoryRequest.from_dict({"product_title": "A mug", "category_version": "v2"})))
    ada = Caller(tiktok)
    body = mug(ada, category_id=category["leaf_category_id"])
    made = data(client.products.create_product(body=CreateProductRequest.from_dict(body)))
    tiktok.clock.advance(AUDIT_S)
    live = data(client.products.get_product(made["product_id"]))
    assert (live["status"], live["skus"][0]["price"]["sale_price"]) == ("ACTIVATE", "14.50")
    ada.http.close()


def test_client_lists_a_product_with_variants_that_its_categorys_attributes_and_names_of_its_own_tell_apart(
    tiktok: ImitationTikTok, client: TikTokShop
) -> None:
    ada = Caller(tiktok)
    rows = [
        sku(ada, f"CUP-{number}", sales_attributes=[{"id": "100000", "value_id": value_id}, {"name": "Size", "value_name": size}])
        for number, (value_id, size) in enumerate((("1000001", "11 oz"), ("1000002", "15 oz")))
    ]
    body = mug(ada, skus=rows)
    wish = CreateProductRequest.from_dict(body)
    assert wish is not None and wish.to_dict()["skus"] == rows, "the client knows every field of them"
    made = data(client.products.create_product(body=wish))
    assert [row["sales_attributes"][0]["id"] for row in made["skus"]] == ["100000", "100000"]
    tiktok.clock.advance(AUDIT_S)
    live = data(client.products.get_product(made["product_id"]))
    told = [[(one["name"], one["value_name"]) for one in row["sales_attributes"]] for row in live["skus"]]
    assert told == [[("Color", "White"), ("Size", "11 oz")], [("Color", "Black"), ("Size", "15 oz")]]
    ada.http.close()


def test_client_reads_categories_rules_attributes_and_brands(client: TikTokShop) -> None:
    assert data(client.products.get_categories(category_version="v2"))["categories"]
    assert data(client.products.get_category_rules("600031", category_version="v2"))["package_dimension"] == {"is_required": True}
    assert data(client.products.get_category_attributes("600031", category_version="v2"))["attributes"]
    assert data(client.products.get_brands(page_size=10))["total_count"] == 3


def test_client_polls_orders_and_reads_their_details(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    placed = [tiktok.place_order(sku="MUG-NAME/ÄÖÜ-1", quantity=2, personalisation="Zoë", holds=bool(number)).order_id for number in range(3)]
    body = GetOrderListRequest.from_dict({"update_time_ge": int(tiktok.clock.epoch()) - 60})
    by, up = GetOrderListSortField.UPDATE_TIME, GetOrderListSortOrder.ASC
    first = data(client.orders.get_order_list(body=body, page_size=2, sort_field=by, sort_order=up))
    token = first["next_page_token"]
    second = data(client.orders.get_order_list(body=body, page_size=2, sort_field=by, sort_order=up, page_token=token))
    assert {order["id"] for page in (first, second) for order in page["orders"]} == set(placed)
    # The client repeats the parameter for each id; TikTok's own clients join them (tiktok.md §3), so we give it the joined form.
    orders = data(client.orders.get_order_detail(ids=[",".join(placed)]))["orders"]
    assert [order["status"] for order in orders] == ["AWAITING_SHIPMENT", "ON_HOLD", "ON_HOLD"]
    assert data(client.orders.get_order_price_details(placed[0]))["currency"] == "USD"
    asked = [
        {"order_line_id": line["id"], "product_id": line["product_id"], "sku_id": line["sku_id"], "pod_order_data_id": line["pod_info_id"]}
        for line in orders[0]["line_items"]
    ]
    details = GetPODCustomizationDetailsRequest.from_dict({"main_order_id": placed[0], "query_order_lines": asked})
    assert "Zoë" in data(client.fulfillment.get_pod_customization_details(body=details))["pod_details"][0]["pod_info_json"]


def provider_of(client: TikTokShop) -> str:
    """Return USPS's id as the client finds it: from the warehouse over its delivery options."""
    warehouse = data(client.logistics.get_warehouse_list())["warehouses"][0]
    options = data(client.logistics.get_warehouse_delivery_options(warehouse["id"]))["delivery_options"]
    providers = data(client.logistics.get_shipping_providers(options[0]["id"]))["shipping_providers"]
    return str(next(row["id"] for row in providers if row["name"] == "USPS"))


def test_client_ships_corrects_and_follows_a_package(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    order, provider_id = ready(tiktok, 2), provider_of(client)
    info = {"shipping_info_list": [{"tracking_number": NUMBER, "shipping_provider_id": provider_id}]}
    one = {"order_line_list": [{"order_line_id": order.lines[0].line_id}], **info}
    made = data(client.fulfillment.mark_package_as_shipped(order.order_id, body=MarkPackageAsShippedRequest.from_dict(one)))
    other = UpdatePackageShippingInfoRequest.from_dict({"shipping_info_list": [{"tracking_number": OTHER, "shipping_provider_id": provider_id}]})
    client.fulfillment.update_package_shipping_info(made["package_id"], body=other)
    shown = data(client.fulfillment.get_package_detail(made["package_id"]))
    assert (shown["package_status"], shown["tracking_number"]) == ("PROCESSING", OTHER)
    found = data(client.fulfillment.search_package(body=SearchPackageRequest.from_dict({"package_status": "PROCESSING"}), page_size=10))
    assert [row["id"] for row in found["packages"]] == [made["package_id"]]
    tiktok.act(order.order_id, "collect")
    assert data(client.fulfillment.get_order_tracking(order.order_id))["tracking"]
    with pytest.raises(TikTokShopError) as again:
        client.fulfillment.mark_package_as_shipped(order.order_id, body=MarkPackageAsShippedRequest.from_dict(one))
    assert again.value.code == 21011006


def test_client_buys_a_label(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    order = ready(tiktok, shipping_type="TIKTOK")
    parcel = {"weight": {"value": "1", "unit": "POUND"}}
    asked = GetEligibleShippingServicesRequest.from_dict(parcel)
    services = data(client.fulfillment.get_eligible_shipping_services(order.order_id, body=asked))["shipping_services"]
    wish = {"ship_type": "1", "order_id": order.order_id, "shipping_service_id": services[0]["id"], **parcel}
    made = data(client.fulfillment.create_packages(body=CreatePackagesRequest.from_dict(wish)))
    tiktok.clock.advance(LABEL_READY_S)
    label = data(client.fulfillment.get_package_shipping_document(made["package_id"], document_type="SHIPPING_LABEL"))
    assert httpx.get(label["doc_url"], verify=SSL).content.startswith(b"%PDF-")


def test_client_splits_an_order(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    order = ready(tiktok, 2, shipping_type="TIKTOK")
    assert data(client.fulfillment.get_order_split_attributes(order_ids=[order.order_id]))["split_attributes"][0]["can_split"] is True
    groups = [{"id": str(number), "order_line_item_ids": [line.line_id]} for number, line in enumerate(order.lines)]
    split = data(client.fulfillment.confirm_order_split(order.order_id, body=ConfirmOrderSplitRequest.from_dict({"splittable_groups": groups})))
    assert len(split["packages"]) == 2


def test_client_cancels_an_order_and_approves_a_buyers_wish(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    order, (_other, cancel_id) = ready(tiktok), requested(tiktok)
    wish = CancelOrderRequest.from_dict({"order_id": order.order_id, "cancel_reason": NO_STOCK})
    made = data(client.return_and_refund.cancel_order(body=wish))
    assert made["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    assert data(client.return_and_refund.get_reject_reasons(return_or_cancel_id=cancel_id))["reasons"]
    client.return_and_refund.approve_cancellation(cancel_id)
    tiktok.clock.advance(REFUND_S)
    found = data(client.return_and_refund.search_cancellations(body=SearchCancellationsRequest(), page_size="10"))
    assert {row["cancel_id"]: row["cancel_status"] for row in found["cancellations"]} == dict.fromkeys(
        (cancel_id, made["cancel_id"]), "CANCELLATION_REQUEST_COMPLETE"
    )


def test_client_begins_and_approves_a_return(tiktok: ImitationTikTok, client: TikTokShop) -> None:
    ada = Caller(tiktok)
    order = delivered(tiktok, ada)
    possible = data(client.return_and_refund.get_aftersale_eligibility(order.order_id))["sku_eligibility"][0]["line_item_eligibility"]
    assert [row["request_type"] for row in possible if row["eligible"]] == ["REFUND", "RETURN_AND_REFUND"]
    made = data(client.return_and_refund.create_return(body=CreateReturnRequest.from_dict(begun(order))))
    client.return_and_refund.approve_return(made["return_id"], body=ApproveReturnRequest.from_dict({"decision": "APPROVE_REFUND"}))
    (row,) = data(client.return_and_refund.search_returns(body=SearchReturnsRequest()))["return_orders"]
    assert (row["return_id"], row["return_status"]) == (made["return_id"], "RETURN_OR_REFUND_REQUEST_SUCCESS")
    assert data(client.return_and_refund.get_return_records(made["return_id"]))["records"][0]["role"] == "SELLER"
    ada.http.close()
