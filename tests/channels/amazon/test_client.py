"""The adapter's checklist: host, token, repeats, errors, paths, bodies, logs."""

from __future__ import annotations

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from django.test.utils import override_settings
from sp_api.api import ListingsItems, Orders, Reports, Sellers
from sp_api.base import Client

from pod_hub.core import buckets, http
from pod_hub.core.redis_client import redis_client
from stores.channels.amazon import client, rates, tokens
from stores.channels.amazon.adapter import INCLUDED_DATA, AmazonChannel
from stores.channels.consent_types import Participation
from stores.channels.errors import ChannelError, Misconfigured, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.telling_types import PackageNotice
from stores.channels.types import Account
from tests.channels.amazon.conftest import ScriptedAmazon
from tests.channels.tiny_server import Reply, Seen

ORDERS = "/orders/2026-01-01/orders"
CONFIRM = "/orders/v0/orders/305-1/shipmentConfirmation"
PAGE = {"orders": [], "lastUpdatedBefore": "2026-11-20T10:00:00Z"}
SINCE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def notice(**changes: Any) -> PackageNotice:
    facts: dict[str, Any] = {
        "external_id": "305-1",
        "marketplace": "A1PA6795UKMFR9",
        "reference": "1",
        "carrier_code": "DHL",
        "carrier_name": "",
        "shipping_method": "Standard",
        "tracking_number": " 00340434161094 ",
        "shipped_at": datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        "quantities": {"b": 2, "a": 1},
    }
    return PackageNotice(**(facts | changes))


def ask(channel: AmazonChannel) -> Any:
    return channel.orders_page(marketplaces=["A1PA6795UKMFR9", "A13V1IB3VIYZZH"], changed_since=SINCE)


# --- The request ---------------------------------------------------------------------------------------------------------------------


def test_request_carries_what_amazon_requires_and_nothing_it_does_not_know(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE)
    ask(channel)
    (request,) = amazon.asked(ORDERS)
    assert request.headers["host"] == amazon.url.removeprefix("http://")
    assert request.headers["x-amz-access-token"] == "Atza|access-1"
    assert request.headers["user-agent"].startswith("pod-hub/")
    assert request.headers["x-amz-date"]
    assert request.query == {
        "lastUpdatedAfter": "2026-11-20T09:00:00Z",
        "marketplaceIds": "A1PA6795UKMFR9,A13V1IB3VIYZZH",
        "includedData": INCLUDED_DATA,
        "maxResultsPerPage": "100",
    }


def test_host_header_is_right_over_https_too(tls_amazon: ScriptedAmazon, account: Account) -> None:
    tls_amazon.routes[ORDERS] = Reply(200, PAGE)
    ask(AmazonChannel(account))
    (request,) = tls_amazon.asked(ORDERS)
    assert request.headers["host"] == tls_amazon.url.removeprefix("https://")


def test_unknown_certificate_is_not_trusted(tls_amazon: ScriptedAmazon, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    http.forget_client()
    with pytest.raises(TryLater):
        ask(AmazonChannel(account))
    assert tls_amazon.seen == []


def test_environment_of_the_library_cannot_redirect_us(amazon: ScriptedAmazon, channel: AmazonChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "US")
    amazon.routes[ORDERS] = Reply(200, PAGE)
    ask(channel)
    assert len(amazon.asked(ORDERS)) == 1


def test_library_still_has_the_attribute_we_replace() -> None:
    assert version("python-amazon-sp-api") == "2.1.35"
    place = SimpleNamespace(endpoint="https://example.invalid", marketplace_id="", region="eu-west-1")
    for cls in (Orders, ListingsItems, Reports, Sellers):
        made = cls(place, refresh_token="-", credentials={"lwa_app_id": "-", "lwa_client_secret": "-"})
        assert isinstance(made, Client)
        assert hasattr(made._transport, "request")
        made._transport.close()


def test_calls_of_all_sellers_share_one_connection(amazon: ScriptedAmazon, account: Account) -> None:
    http.forget_client()
    amazon.routes["/reports/2021-06-30/reports/"] = Reply(200, {"processingStatus": "IN_QUEUE"})
    channel = AmazonChannel(account)
    for _ in range(10):
        channel.listings_page(marketplace="A1PA6795UKMFR9", page="report:R1:1")
    assert amazon.connections == 1


def test_path_parts_are_percent_encoded(amazon: ScriptedAmazon, account: Account) -> None:
    amazon.routes[ORDERS] = Reply(200, {"order": {"orderId": "x"}})
    AmazonChannel(account).fetch_order("A/B C+D#%ü")
    assert amazon.asked(ORDERS)[0].path == f"{ORDERS}/A%2FB%20C%2BD%23%25%C3%BC"


def test_participations_are_read_with_their_iso_country(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    marketplace = {"id": "A1F83G8C2ARO7P", "name": "Amazon.co.uk", "countryCode": "UK", "defaultCurrencyCode": "GBP"}
    taking_part = {"marketplace": marketplace, "participation": {"isParticipating": True, "hasSuspendedListings": False}, "storeName": "Ada's"}
    other = {"marketplace": {"id": "A0"}, "participation": {"isParticipating": False, "hasSuspendedListings": True}}
    amazon.routes["/sellers/v1/marketplaceParticipations"] = Reply(200, {"payload": [taking_part, other, {}]})
    assert channel.participations() == (
        Participation("A1F83G8C2ARO7P", "GB", "Amazon.co.uk", participating=True, suspended=False, store_name="Ada's"),
        Participation("A0", "", "", participating=False, suspended=True),
    )


def test_high_water_without_amazons_word_is_what_was_seen(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(200, {"orders": [{"orderId": "1", "lastUpdatedTime": "2026-11-20T09:45:00Z"}, "broken"]})
    page = ask(channel)
    assert page.high_water == datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
    assert [raw.external_id for raw in page.orders] == ["1", ""]
    amazon.routes[ORDERS] = Reply(200, {"orders": [], "lastUpdatedBefore": "soon"})
    assert ask(channel).high_water == SINCE


# --- Tokens --------------------------------------------------------------------------------------------------------------------------


def test_token_is_fetched_once_and_kept_sealed(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE)
    ask(channel)
    ask(channel)
    assert amazon.refreshes == 1
    assert amazon.asked(amazon.TOKEN)[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": account.refresh_token,
        "client_id": "amzn1.application-oa2-client.demo",
        "client_secret": "amzn1.oa2-cs.v1.demo",
    }
    (name,) = redis_client().keys(f"hub:amazon:token:{account.key}*")
    kept = redis_client().get(name)
    assert isinstance(kept, bytes)
    assert b"Atza" not in kept
    assert 3400 <= redis_client().ttl(name) <= 3500


def test_margin_of_a_token_is_scaled_but_not_the_life_that_amazon_tells(amazon: ScriptedAmazon, account: Account) -> None:
    amazon.routes[amazon.TOKEN] = Reply(200, {"access_token": "Atza|short", "token_type": "bearer", "expires_in": 60, "refresh_token": "Atzr|r"})
    with override_settings(TIME_FACTOR=60):
        tokens.access_token(account)
    (name,) = redis_client().keys(f"hub:amazon:token:{account.key}*")
    assert 57 <= redis_client().pttl(name) / 1000 <= 60 - 100 / 60


def test_twenty_workers_refresh_once(amazon: ScriptedAmazon, account: Account) -> None:
    issue = amazon.routes[amazon.TOKEN]

    def slow(request: Seen) -> Reply:
        time.sleep(0.3)
        return issue(request)  # type: ignore[operator]

    amazon.routes[amazon.TOKEN] = slow
    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(lambda _: tokens.access_token(account), range(20)))
    assert set(given) == {"Atza|access-1"}
    assert amazon.refreshes == 1


def test_twenty_workers_hear_of_a_dead_permission_with_one_request(amazon: ScriptedAmazon, account: Account) -> None:
    def refuse(_request: Seen) -> Reply:
        time.sleep(0.2)
        return Reply(400, {"error": "invalid_grant", "error_description": "The request has an invalid grant parameter : refresh_token"})

    amazon.routes[amazon.TOKEN] = refuse

    def attempt(_number: int) -> str:
        try:
            return tokens.access_token(account)
        except ReconnectNeeded as error:
            return type(error).__name__

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(attempt, range(20))) == {"ReconnectNeeded"}
    assert amazon.refreshes == 1


def test_worker_that_waits_too_long_for_a_refresh_gives_its_task_back(
    amazon: ScriptedAmazon, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_WAIT_S", 0.2)
    place = tokens._place(account)
    lock = redis_client().lock(f"{place}:lock", timeout=10)
    assert lock.acquire(blocking=False)
    started = time.monotonic()
    with pytest.raises(TryLater):
        tokens.access_token(account)
    assert time.monotonic() - started < 1
    assert amazon.refreshes == 0
    lock.release()


def test_renewed_consent_never_meets_the_old_token(amazon: ScriptedAmazon, account: Account) -> None:
    old = tokens.access_token(account)
    renewed = Account(key=account.key, account_id=account.account_id, region=account.region, refresh_token="Atzr|renewed")
    assert tokens.access_token(renewed) != old


def test_a_newer_token_survives_the_refusal_of_an_older_one(amazon: ScriptedAmazon, account: Account) -> None:
    newest = tokens.access_token(account)
    tokens.drop(account, "Atza|older")
    assert tokens.access_token(account) == newest
    tokens.drop(account, newest)
    assert tokens.access_token(account) != newest


@pytest.mark.parametrize("status", [401, 403])
def test_refused_token_is_renewed_once_and_the_request_repeated(amazon: ScriptedAmazon, channel: AmazonChannel, status: int) -> None:
    def only_second(request: Seen) -> Reply:
        if request.headers["x-amz-access-token"] == "Atza|access-1":
            return Reply(status, {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied."}]})
        return Reply(200, PAGE)

    amazon.routes[ORDERS] = only_second
    ask(channel)
    assert amazon.refreshes == 2
    assert len(amazon.asked(ORDERS)) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_second_refusal_means_reconnect_and_no_third_request(amazon: ScriptedAmazon, channel: AmazonChannel, status: int) -> None:
    body = {"message": "User is not authorized to access this resource"}
    amazon.routes[ORDERS] = Reply(status, body, {"x-amzn-RequestId": "req-7"})
    with pytest.raises(ReconnectNeeded, match="User is not authorized to access this resource") as raised:
        ask(channel)
    assert (raised.value.status, raised.value.request_id) == (status, "req-7")
    assert len(amazon.asked(ORDERS)) == 2
    assert amazon.refreshes == 2


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "invalid_grant", "error_description": "revoked"}, ReconnectNeeded),
        (401, {"error": "invalid_client", "error_description": "Client authentication failed"}, Misconfigured),
        (400, {"error": "unauthorized_client"}, Misconfigured),
        (500, {"error": "server_error"}, TryLater),
        (503, b"<html>busy</html>", TryLater),
        (429, {"error": "slow_down"}, TryLater),
        (400, b"<html>?</html>", TryLater),
        (200, b"<html>?</html>", TryLater),
        (200, {"token_type": "bearer"}, TryLater),
    ],
)
def test_login_refusals_are_named_after_what_happens_next(
    amazon: ScriptedAmazon, channel: AmazonChannel, status: int, body: Any, expected: type[ChannelError]
) -> None:
    amazon.routes[amazon.TOKEN] = Reply(status, body)
    with pytest.raises(expected):
        ask(channel)
    assert amazon.asked(ORDERS) == []


# --- Errors --------------------------------------------------------------------------------------------------------------------------


def test_html_error_page_is_an_error(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(502, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"})
    with pytest.raises(TryLater) as raised:
        ask(channel)
    assert (raised.value.status, raised.value.ambiguous, raised.value.throttled) == (502, False, False)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[]", b"", b"{}", b'"x"'])
def test_success_without_json_is_no_empty_page(amazon: ScriptedAmazon, channel: AmazonChannel, body: bytes) -> None:
    amazon.routes[ORDERS] = Reply(200, body)
    with pytest.raises(TryLater):
        ask(channel)


def test_answer_without_a_list_of_orders_is_no_empty_page(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(200, {"lastUpdatedBefore": "2026-11-20T10:00:00Z"})
    with pytest.raises(TryLater):
        ask(channel)


@pytest.mark.parametrize("status", [200, 202, 207])
def test_errors_in_a_success_are_a_refusal(amazon: ScriptedAmazon, channel: AmazonChannel, status: int) -> None:
    amazon.routes[CONFIRM] = Reply(status, {"errors": [{"code": "InvalidInput", "message": "Not this one."}]}, {"x-amzn-RequestId": "req-3"})
    with pytest.raises(Refused, match="Not this one") as raised:
        channel.confirm_package(notice())
    assert (raised.value.code, raised.value.request_id, raised.value.status) == ("InvalidInput", "req-3", status)


def test_cut_emoji_in_one_order_does_not_cost_the_page(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(200, b'{"orders": [{"orderId": "1", "gift": "\\ud83d"}, {"orderId": "2"}], "headers": 1, "payload": 2}')
    page = ask(channel)
    assert [raw.external_id for raw in page.orders] == ["1", "2"]
    assert page.orders[0].payload["gift"] == "?"


@pytest.mark.parametrize("told", ["90", "inf", "soon", "nan"])
def test_retry_after_is_obeyed_within_reason(amazon: ScriptedAmazon, channel: AmazonChannel, told: str) -> None:
    amazon.routes[CONFIRM] = Reply(429, {}, {"Retry-After": told})
    with pytest.raises(TryLater) as raised:
        channel.confirm_package(notice())
    expected = {"90": 90, "inf": 3600}.get(told, 0.5)
    assert raised.value.wait_s is not None
    assert expected <= raised.value.wait_s <= expected * 1.2


@pytest.mark.parametrize("status", [400, 409, 413, 415])
def test_refusal_carries_amazons_code_and_words(amazon: ScriptedAmazon, channel: AmazonChannel, status: int) -> None:
    body = {"errors": [{"code": "InvalidInput", "message": "Invalid carrier.", "details": "carrierCode"}]}
    amazon.routes[CONFIRM] = Reply(status, body, {"x-amzn-RequestId": "req-9"})
    with pytest.raises(Refused, match=r"Invalid carrier\. carrierCode") as raised:
        channel.confirm_package(notice())
    assert (raised.value.code, raised.value.status, raised.value.request_id) == ("InvalidInput", status, "req-9")
    assert not isinstance(raised.value, NotFound)


def test_unknown_order_is_not_found(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(404, {"errors": [{"code": "NotFound", "message": "Order not found"}]})
    with pytest.raises(NotFound, match="Order not found"):
        channel.fetch_order("305-9")


def test_words_of_amazon_are_redacted(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    words = "bad token Atza|IwEBIsecret for ada@example.com"
    amazon.routes[CONFIRM] = Reply(400, {"errors": [{"code": "X", "message": words}]})
    with pytest.raises(Refused) as raised:
        channel.confirm_package(notice())
    assert "IwEBIsecret" not in str(raised.value)
    assert "ada@example.com" not in str(raised.value)


def _hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("act", [_hang, _cut])
def test_lost_answer_to_a_write_is_ambiguous(amazon: ScriptedAmazon, channel: AmazonChannel, monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    assert http.request.__kwdefaults__ is not None
    monkeypatch.setitem(http.request.__kwdefaults__, "total_s", 0.5)
    amazon.routes[CONFIRM] = Reply(act=act)
    started = time.monotonic()
    with pytest.raises(TryLater) as raised:
        channel.confirm_package(notice())
    assert raised.value.ambiguous
    assert time.monotonic() - started < 2


def test_lost_answer_to_a_read_is_not_ambiguous(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(act=_cut)
    with pytest.raises(TryLater) as raised:
        ask(channel)
    assert not raised.value.ambiguous


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_error_to_a_write_is_ambiguous(amazon: ScriptedAmazon, channel: AmazonChannel, status: int) -> None:
    amazon.routes[CONFIRM] = Reply(status, {"errors": [{"code": "InternalFailure", "message": "We encountered an internal error."}]})
    with pytest.raises(TryLater) as raised:
        channel.confirm_package(notice())
    assert raised.value.ambiguous


def test_connection_that_never_was_is_not_ambiguous(channel: AmazonChannel, account: Account, amazon: ScriptedAmazon) -> None:
    tokens.access_token(account)
    with override_settings(AMAZON_SANDBOX_URL="http://127.0.0.1:9"), pytest.raises(TryLater) as raised:
        channel.confirm_package(notice())
    assert not raised.value.ambiguous


# --- Quota ---------------------------------------------------------------------------------------------------------------------------


def test_used_up_quota_sends_nothing_and_says_how_long_to_wait(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE)
    for _ in range(19):  # one of the burst of 20 is kept in reserve
        ask(channel)
    with pytest.raises(TryLater) as raised:
        ask(channel)
    assert len(amazon.asked(ORDERS)) == 19
    assert raised.value.throttled
    assert not raised.value.ambiguous
    assert raised.value.wait_s == pytest.approx(1 / 0.0056, abs=5)


def test_429_stops_all_workers_for_as_long_as_the_rate_says(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    body = {"errors": [{"code": "QuotaExceeded", "message": "You exceeded your quota for the requested resource."}]}
    amazon.routes[CONFIRM] = Reply(429, body, {"x-amzn-RateLimit-Limit": "0.5"})
    with pytest.raises(TryLater) as raised:
        channel.confirm_package(notice())
    assert raised.value.throttled
    assert raised.value.wait_s is not None
    assert 2 <= raised.value.wait_s <= 2.4
    with pytest.raises(TryLater):
        AmazonChannel(account).confirm_package(notice(reference="2"))
    assert len(amazon.asked(CONFIRM)) == 1
    level = buckets.fill(client.bucket_key(account, rates.CONFIRM_SHIPMENT))
    assert level is not None
    assert level.rate == 0.5


def test_granted_rate_is_obeyed_upward(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE, {"x-amzn-RateLimit-Limit": "5.0"})
    ask(channel)
    level = buckets.fill(client.bucket_key(account, rates.SEARCH_ORDERS))
    assert level is not None
    assert level.rate == 5.0


def test_granted_rate_counts_wall_clock_seconds_at_any_time_factor(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE, {"x-amzn-RateLimit-Limit": "0.336"})
    with override_settings(TIME_FACTOR=60):
        ask(channel)
    level = buckets.fill(client.bucket_key(account, rates.SEARCH_ORDERS))
    assert level is not None
    assert level.rate == pytest.approx(0.0056)


@pytest.mark.parametrize("told", ["", "fast", "0", "-1", "nan", "inf"])
def test_unusable_rate_is_ignored(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account, told: str) -> None:
    amazon.routes[ORDERS] = Reply(200, PAGE, {"x-amzn-RateLimit-Limit": told})
    ask(channel)
    level = buckets.fill(client.bucket_key(account, rates.SEARCH_ORDERS))
    assert level is not None
    assert level.rate == rates.SEARCH_ORDERS.rate


def test_without_redis_nothing_is_sent(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    with override_settings(REDIS_URL="unix:///nowhere/valkey.sock"), pytest.raises(TryLater) as raised:
        ask(channel)
    assert raised.value.wait_s
    assert amazon.seen == []


def test_failed_login_leaves_the_quota_alone(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    amazon.routes[amazon.TOKEN] = Reply(503, {})
    with pytest.raises(TryLater):
        ask(channel)
    assert buckets.fill(client.bucket_key(account, rates.SEARCH_ORDERS)) is None


# --- Threads and logs ----------------------------------------------------------------------------------------------------------------


def test_many_threads_share_the_client_without_mixing_answers(amazon: ScriptedAmazon, account: Account) -> None:
    amazon.routes[ORDERS] = lambda request: Reply(200, {"order": {"orderId": request.path.rsplit("/", 1)[1]}})
    channel = AmazonChannel(account)
    with ThreadPoolExecutor(8) as pool:
        numbers = [f"305-{number}" for number in range(25)]
        assert [raw.external_id for raw in pool.map(channel.fetch_order, numbers)] == numbers


def test_no_secret_and_no_buyer_data_reaches_any_log(
    amazon: ScriptedAmazon, account: Account, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ["", *logging.root.manager.loggerDict]:
        caplog.set_level(logging.DEBUG, logger=name)
    order = {
        "orderId": "305-1",
        "lastUpdatedTime": "2026-11-20T09:00:00Z",
        "buyer": {"buyerName": "Canary Buyer"},
        "recipient": {"deliveryAddress": {"addressLine1": "1 Canary Street"}},
    }
    amazon.routes[ORDERS] = Reply(200, {"orders": [order], "lastUpdatedBefore": "2026-11-20T10:00:00Z"})
    amazon.routes["/archive"] = Reply(200, b"PK canary-zip", {"Content-Type": "application/zip"})
    amazon.routes["/reports/2021-06-30/documents/"] = Reply(
        200, {"reportDocumentId": "d", "url": f"{amazon.url}/report?X-Amz-Signature=canary-signature-2"}
    )
    amazon.routes["/report?"] = Reply(500, b"canary-body")
    channel = AmazonChannel(account)
    ask(channel)
    channel.fetch_personalisation(f"{amazon.url}/archive?X-Amz-Signature=canary-signature")
    with pytest.raises(ChannelError) as failed:
        channel.listings_page(marketplace="A1PA6795UKMFR9", page="document:d:0")
    amazon.routes[CONFIRM] = Reply(400, {"errors": [{"code": "X", "message": "no"}]})
    with pytest.raises(Refused):
        channel.confirm_package(notice(tracking_number="CANARYTRACK"))
    amazon.routes[amazon.TOKEN] = Reply(400, {"error": "invalid_grant", "error_description": "canary Atzr|echoed"})
    with pytest.raises(ReconnectNeeded) as refused:
        tokens.access_token(Account(key="k", account_id="A", region="EU", refresh_token="Atzr|canary-refresh"))
    written = caplog.text + "".join(capsys.readouterr()) + str(failed.value) + str(refused.value) + repr(account)
    assert "searchOrders" in written  # the trace itself is there
    for secret in (
        "Atza|",
        "Atzr|",
        account.refresh_token,
        "canary-signature",
        "canary-zip",
        "canary-body",
        "Canary",
        "CANARYTRACK",
        "amzn1.oa2-cs",
        "lastUpdatedAfter",
    ):
        assert secret not in written, secret


# --- Confirming a package ------------------------------------------------------------------------------------------------------------


def test_confirmation_has_exactly_amazons_shape(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[CONFIRM] = Reply(204, None, {"x-amzn-RequestId": "req-1"})
    receipt = channel.confirm_package(notice())
    assert (receipt.request_id, receipt.status, receipt.warning) == ("req-1", 204, "")
    (request,) = amazon.asked(CONFIRM)
    assert request.method == "POST"
    assert request.json == {
        "marketplaceId": "A1PA6795UKMFR9",
        "packageDetail": {
            "packageReferenceId": "1",
            "carrierCode": "DHL",
            "shippingMethod": "Standard",
            "trackingNumber": "00340434161094",
            "shipDate": "2026-11-20T10:00:00Z",
            "orderItems": [{"orderItemId": "a", "quantity": 1}, {"orderItemId": "b", "quantity": 2}],
        },
    }


def test_repeated_confirmation_is_byte_for_byte_the_same(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[CONFIRM] = Reply(204, None)
    channel.confirm_package(notice())
    channel.confirm_package(notice(quantities={"a": 1, "b": 2}))
    first, second = amazon.asked(CONFIRM)
    assert first.body == second.body


def test_ship_date_is_never_in_the_future_nor_before_the_order(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[CONFIRM] = Reply(204, None)
    before = datetime.now(UTC)
    channel.confirm_package(notice(shipped_at=before + timedelta(hours=3)))
    placed = datetime(2026, 11, 20, 11, 0, 0, 500_000, tzinfo=UTC)
    channel.confirm_package(notice(placed_at=placed))
    future, early = (datetime.fromisoformat(request.json["packageDetail"]["shipDate"]) for request in amazon.asked(CONFIRM))
    assert before - timedelta(seconds=1) <= future <= datetime.now(UTC)
    assert early == datetime(2026, 11, 20, 11, 0, 1, tzinfo=UTC)


def test_a_ship_date_in_the_future_of_an_amazon_whose_clock_is_behind_is_told_once_more_by_its_clock(
    amazon: ScriptedAmazon, channel: AmazonChannel
) -> None:
    there = datetime(2026, 11, 20, 9, 55, tzinfo=UTC)
    refusal = {"errors": [{"code": "InvalidInput", "message": "Invalid shipDate."}]}
    replies = iter([Reply(400, refusal, {"Date": format_datetime(there, usegmt=True)}), Reply(204, None), Reply(400, refusal)])
    amazon.routes[CONFIRM] = lambda _request: next(replies)
    channel.confirm_package(notice())
    assert [request.json["packageDetail"]["shipDate"] for request in amazon.asked(CONFIRM)] == ["2026-11-20T10:00:00Z", "2026-11-20T09:55:00Z"]
    with pytest.raises(Refused):
        channel.confirm_package(notice())
    assert len(amazon.asked(CONFIRM)) == 3, "a refusal for another reason is not repeated"


def test_carrier_other_needs_its_name(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[CONFIRM] = Reply(204, None)
    with pytest.raises(Refused, match="needs its name"):
        channel.confirm_package(notice(carrier_code="Other"))
    channel.confirm_package(notice(carrier_code="Other", carrier_name="Bike courier"))
    (request,) = amazon.asked(CONFIRM)
    detail = request.json["packageDetail"]
    assert (detail["carrierCode"], detail["carrierName"]) == ("Other", "Bike courier")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": "0"}, "not a positive number"),
        ({"reference": "A1"}, "not a positive number"),
        ({"tracking_number": "  "}, "without a tracking number"),
        ({"quantities": {}}, "holds no units"),
        ({"quantities": {"a": 0}}, "holds no units"),
        ({"carrier_code": ""}, "needs a carrier"),
        ({"carrier_code": "Other", "carrier_name": "X", "marketplace": "A21TJRUUN4KGV"}, 'no carrier "Other"'),
    ],
)
def test_confirmation_that_amazon_never_accepts_is_not_sent(
    amazon: ScriptedAmazon, channel: AmazonChannel, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        channel.confirm_package(notice(**changes))
    assert amazon.seen == []
