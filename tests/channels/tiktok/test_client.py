"""The adapter's checklist: tokens, repeats, errors by code and status, quotas, the shop's key, logs."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.test.utils import override_settings

from pod_hub.core import http
from stores.channels.errors import ChannelError, Misconfigured, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.keeping import InHand, TokenPair
from stores.channels.tiktok import client, operations
from stores.channels.types import Account
from tests.channels.tiktok.conftest import OTHER_SHOP, SHOP, ScriptedTikTok, envelope, pair
from tests.channels.tiktok.published import FOLDER, MISSING
from tests.channels.tiny_server import Reply, Seen

SEARCH = "/order/202309/orders/search"
SINCE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def ask(account: Account, *, shop: str = SHOP) -> client.Answer:
    return client.call(account, operations.SEARCH_ORDERS, shop=shop, query={"page_size": "1"}, body={"update_time_ge": 1})


def write(account: Account) -> client.Answer:
    return client.call(account, operations.MARK_SHIPPED, shop=SHOP, path={"order_id": "1"}, body={"tracking_number": "T"})


def with_pair(account: Account, given: TokenPair) -> Account:
    return Account(account.key, account.account_id, account.region, "", keeper=InHand(given, {SHOP: "TTP_cipher"}))


# --- The request --------------------------------------------------------------------------------------------------------------------


def test_request_carries_key_time_signature_cipher_token_and_nothing_else(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope({"orders": []})
    ask(account)
    (request,) = tiktok.asked(SEARCH)
    assert set(request.query) == {"app_key", "timestamp", "sign", "shop_cipher", "page_size"}
    assert request.query["shop_cipher"] == f"TTP_{SHOP}"
    assert abs(int(request.query["timestamp"]) - datetime.now(UTC).timestamp()) < 5
    assert request.headers["x-tts-access-token"] == "TTP_access-0"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"update_time_ge": 1}


def test_parts_of_a_path_are_percent_encoded(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes["/logistics/"] = envelope({"shipping_providers": []})
    client.call(account, operations.SHIPPING_PROVIDERS, shop=SHOP, path={"delivery_option_id": "a/b ü"})
    assert tiktok.asked("/logistics/")[0].path == "/logistics/202309/delivery_options/a%2Fb%20%C3%BC/shipping_providers"


def test_key_of_a_shop_that_is_not_known_is_asked_for_once(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope({"orders": []})
    fresh = Account(account.key, account.account_id, account.region, "", keeper=InHand(pair()))
    ask(fresh)
    ask(fresh)
    assert len(tiktok.asked("/authorization/")) == 1
    assert {request.query["shop_cipher"] for request in tiktok.asked(SEARCH)} == {f"TTP_{SHOP}"}


def test_shop_that_the_permission_does_not_cover_asks_to_reconnect(tiktok: ScriptedTikTok, account: Account) -> None:
    with pytest.raises(ReconnectNeeded, match="does not cover shop 12345"):
        ask(account, shop="12345")
    assert tiktok.asked(SEARCH) == []


# --- Tokens -------------------------------------------------------------------------------------------------------------------------


def test_access_token_is_renewed_a_day_before_its_end(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope()
    kept = ""
    for lives, renewals in ((timedelta(hours=25), 0), (timedelta(hours=23), 1)):
        mine = with_pair(account, pair("old", lives=lives))
        ask(mine)
        assert tiktok.refreshes == renewals
        kept = client.keeper_of(mine).tokens().refresh_token
    assert tiktok.asked(SEARCH)[-1].headers["x-tts-access-token"] == "TTP_access1"
    assert kept == "TTP_refresh1"


def test_a_token_that_still_lives_is_used_while_renewing_fails(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope()
    tiktok.routes[tiktok.REFRESH] = Reply(502, b"<html>")
    ask(with_pair(account, pair("old", lives=timedelta(hours=1))))
    assert tiktok.asked(SEARCH)[0].headers["x-tts-access-token"] == "TTP_access-old"
    with pytest.raises(TryLater):
        ask(with_pair(account, pair("old", lives=timedelta(hours=-1))))


def test_expiry_is_read_as_a_time_and_not_as_a_duration(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope()
    mine = with_pair(account, pair("old", lives=timedelta(0)))
    ask(mine)
    kept = client.keeper_of(mine).tokens()
    assert timedelta(days=6) < kept.access_ends_at - datetime.now(UTC) < timedelta(days=8)


def test_permission_without_an_end_does_not_overflow(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope()
    data = {"access_token": "a", "access_token_expire_in": 4_102_444_800, "refresh_token": "r", "refresh_token_expire_in": 1 << 62}
    tiktok.routes[tiktok.REFRESH] = envelope(data)
    mine = with_pair(account, pair("old", lives=timedelta(0)))
    ask(mine)
    assert client.keeper_of(mine).tokens().refresh_ends_at.year == 9998


def worn_once(tiktok: ScriptedTikTok, refusal: Reply) -> None:
    def answer(request: Seen) -> Reply:
        return refusal if request.headers["x-tts-access-token"] == "TTP_access-0" else envelope({"orders": []})

    tiktok.routes[SEARCH] = answer


@pytest.mark.parametrize(
    "refusal",
    [
        envelope(code=105002, message="Expired credentials"),
        envelope(code=105002, message="Expired credentials", status=401),
        envelope(code=36009004, message="Invalid access_token"),
        Reply(401, b""),
    ],
    ids=["code", "code and status", "vague code", "bare status"],
)
def test_worn_token_is_renewed_and_the_request_signed_again_once(tiktok: ScriptedTikTok, account: Account, refusal: Reply) -> None:
    worn_once(tiktok, refusal)
    ask(account)
    assert tiktok.refreshes == 1
    assert len(tiktok.asked(SEARCH)) == 2


def test_token_that_stays_refused_asks_to_reconnect(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope(code=105002, message="Expired credentials")
    with pytest.raises(ReconnectNeeded):
        ask(account)
    assert len(tiktok.asked(SEARCH)) == 2


@pytest.mark.parametrize("code", [36004001, 36004004, 36004005])
def test_ended_permission_asks_to_reconnect(tiktok: ScriptedTikTok, account: Account, code: int) -> None:
    worn_once(tiktok, envelope(code=105002))
    tiktok.routes[tiktok.REFRESH] = envelope(code=code, message="refresh token expired")
    with pytest.raises(ReconnectNeeded, match="authorises the store again"):
        ask(account)


def test_refused_application_is_our_own_fault(tiktok: ScriptedTikTok, account: Account) -> None:
    worn_once(tiktok, envelope(code=105002))
    tiktok.routes[tiktok.REFRESH] = envelope(code=36004003, message="invalid app_secret")
    with pytest.raises(Misconfigured):
        ask(account)


def test_worn_key_of_a_shop_is_asked_anew_and_kept(tiktok: ScriptedTikTok, account: Account) -> None:
    def answer(request: Seen) -> Reply:
        new = request.query["shop_cipher"] == "TTP_new"
        return envelope({"orders": []}) if new else envelope(code=101000, message="token and cipher do not belong together")

    tiktok.routes[SEARCH] = answer
    tiktok.routes["/authorization/202309/shops"] = envelope({"shops": [tiktok.shop(SHOP, cipher="TTP_new")]})
    ask(account)
    assert client.keeper_of(account).shop_keys()[SHOP] == "TTP_new"
    assert tiktok.refreshes == 0


def test_key_that_is_no_other_one_asks_to_reconnect(tiktok: ScriptedTikTok, account: Account) -> None:
    tiktok.routes[SEARCH] = envelope(code=101000)
    with pytest.raises(ReconnectNeeded):
        ask(account)
    assert len(tiktok.asked(SEARCH)) == 1


# --- Errors -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (105005, "scope missing", ReconnectNeeded),
        (106001, "wrong signature", Misconfigured),
        (106013, "shop_cipher missing", Misconfigured),
        (36009033, "IP is not in the allow list", Misconfigured),
        (36009014, "version retired", Misconfigured),
        (36009004, "Invalid app_key", Misconfigured),
        (36009004, "timestamp is out of range", Misconfigured),
        (36009004, "Unexpected identifier: shop_cipher", Misconfigured),
        (36009004, "something else", Refused),
        (36009003, "Internal error", TryLater),
        (36009007, "Timeout", TryLater),
        (10037002, "Failed to get orders", TryLater),
        (21008111, "does not belong to the current seller", NotFound),
        (21011025, "Duplicate tracking number.", Refused),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_codes_are_named_after_what_happens_next(
    tiktok: ScriptedTikTok, account: Account, code: int, message: str, kind: type[ChannelError], status: int
) -> None:
    tiktok.routes[SEARCH] = envelope(code=code, message=message, status=status)
    with pytest.raises(ChannelError) as raised:
        ask(account)
    assert type(raised.value) is kind
    assert raised.value.request_id.startswith("req-")
    assert raised.value.status == status
    if isinstance(raised.value, Refused):
        assert raised.value.code == str(code)
        assert message in str(raised.value)
        assert "searchOrders" not in str(raised.value), "people read it"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(200, b"<html>maintenance</html>"), TryLater),
        (Reply(200, b'{"orders": []}'), TryLater),
        (Reply(200, b""), TryLater),
        (Reply(503, b"<html>"), TryLater),
        (Reply(302, b"", {"Location": "https://example.com"}), TryLater),
        (Reply(404, b"nothing"), NotFound),
        (Reply(400, b"bad"), Refused),
    ],
    ids=["page", "no envelope", "empty", "503", "redirect", "404", "400"],
)
def test_answers_without_an_envelope_are_decided_by_their_status(
    tiktok: ScriptedTikTok, account: Account, reply: Reply, kind: type[ChannelError]
) -> None:
    tiktok.routes[SEARCH] = reply
    with pytest.raises(ChannelError) as raised:
        ask(account)
    assert type(raised.value) is kind
    assert not getattr(raised.value, "ambiguous", False)


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), Reply(502, b""), envelope(code=36009007)], ids=["page", "gateway", "timeout"])
def test_unclear_answer_to_a_write_is_ambiguous(tiktok: ScriptedTikTok, account: Account, reply: Reply) -> None:
    tiktok.routes["/fulfillment/"] = reply
    with pytest.raises(TryLater) as raised:
        write(account)
    assert raised.value.ambiguous


def test_lost_answer_to_a_write_is_ambiguous_and_to_a_read_is_not(tiktok: ScriptedTikTok, account: Account) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.close()

    tiktok.routes["/fulfillment/"] = tiktok.routes[SEARCH] = Reply(act=hang_up)
    with pytest.raises(TryLater) as raised:
        write(account)
    assert raised.value.ambiguous
    with pytest.raises(TryLater) as raised:
        ask(account)
    assert not raised.value.ambiguous


def test_missing_and_empty_data_are_an_empty_answer(tiktok: ScriptedTikTok, account: Account) -> None:
    for body in ({"code": 0, "message": "ok"}, {"code": 0, "data": None}, {"code": 0, "data": {}}):
        tiktok.routes[SEARCH] = Reply(200, body)
        assert ask(account).data == {}


# --- Quota --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [envelope(code=36009002, status=429), envelope(code=36009002), Reply(429, b"")], ids=["both", "code", "status"])
def test_throttling_stops_the_operation_of_this_shop_and_no_other(tiktok: ScriptedTikTok, account: Account, reply: Reply) -> None:
    tiktok.routes[SEARCH] = reply
    with pytest.raises(TryLater) as raised:
        ask(account)
    assert raised.value.throttled
    assert raised.value.wait_s
    tiktok.routes[SEARCH] = envelope()
    with pytest.raises(TryLater) as raised:
        ask(account)
    assert raised.value.status is None
    assert len(tiktok.asked(SEARCH)) == 1
    ask(account, shop=OTHER_SHOP)


def test_retry_after_is_honoured(tiktok: ScriptedTikTok, account: Account) -> None:
    told = envelope(code=36009002, status=429)
    tiktok.routes[SEARCH] = Reply(429, told.body, {"Retry-After": "17"})
    with pytest.raises(TryLater) as raised:
        ask(account)
    assert raised.value.wait_s is not None
    assert 17 <= raised.value.wait_s <= 21


def test_bucket_never_lets_more_out_in_a_second_than_tiktok_takes(tiktok: ScriptedTikTok, account: Account) -> None:
    with override_settings(TIKTOK_REQUESTS_PER_S=10, TIKTOK_APP_KEY=f"key{uuid.uuid4().hex[:10]}"):
        assert operations.SEARCH_ORDERS.rate + operations.SEARCH_ORDERS.burst <= 10
        tiktok.routes[SEARCH] = envelope()
        ask(account)
        with pytest.raises(TryLater) as raised:
            ask(account)
    assert raised.value.throttled


# --- Secrets ------------------------------------------------------------------------------------------------------------------------


def test_no_secret_is_logged_or_quoted(tiktok: ScriptedTikTok, account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    worn_once(tiktok, envelope(code=105002, message="token TTP_canary0123456789 is worn"))
    tiktok.routes[tiktok.REFRESH] = envelope(code=36004001, message="app_secret=canary-secret refresh_token=canary-refresh")
    with override_settings(TIKTOK_APP_SECRET="canary-app-secret"), pytest.raises(ReconnectNeeded) as raised:
        ask(account)
    said = caplog.text + str(raised.value) + repr(account)
    for secret in ("canary", "TTP_access-0", "TTP_refresh-0"):
        assert secret not in said


def test_nothing_is_asked_inside_a_transaction(tiktok: ScriptedTikTok, account: Account, db: None) -> None:
    from django.db import transaction

    with transaction.atomic(), pytest.raises(http.NetworkInsideTransaction):
        ask(account)


# --- The published operations -------------------------------------------------------------------------------------------------------


def published() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    import json

    found = {}
    for file in sorted((FOLDER / "operations").glob("*.json")):
        for one in json.loads(file.read_text())["operations"]:
            found[one["method"], one["path"]] = one
    return found


NEWER = {operations.POD_DETAILS.path, operations.CREATE_PACKAGE.path}  # of the supplement


@pytest.mark.skipif(not FOLDER.is_dir(), reason=MISSING)
@pytest.mark.parametrize("operation", operations.OPERATIONS, ids=lambda one: one.name)
def test_operations_are_those_of_the_published_files(operation: operations.Operation) -> None:
    if operation.path in NEWER:
        assert f"  {operation.path}:" in (FOLDER / "supplement.openapi.yaml").read_text()
        return
    one = published()[operation.method, operation.path]
    assert bool(one["needs_shop_cipher"]) is operation.shop
