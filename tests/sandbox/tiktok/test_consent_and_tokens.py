"""From the consent page to tokens, their refresh and their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import ALL_SCOPES
from tests.sandbox.tiktok.conftest import SSL, START, Caller

SHOPS = "/authorization/202309/shops"


@pytest.fixture
def browser(tiktok: ImitationTikTok) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tiktok.url, verify=SSL) as client:
        yield client


def answered(browser: httpx.Client, tiktok: ImitationTikTok, answer: str = "allow", *, state: str = "s t+1", **form: str) -> dict[str, str]:
    """Answer the consent page and return the parameters the browser is sent back with."""
    asked = {"service_id": tiktok.world.application.service_id, **({"state": state} if state else {})}
    page = browser.post("/open/authorize", params=asked, data={"open_id": seed.ADA.open_id, "answer": answer, **form})
    assert page.status_code == 302, page.text
    split = urlsplit(page.headers["location"])
    assert f"{split.scheme}://{split.netloc}{split.path}" == tiktok.world.application.redirect_uri
    return {name: values[0] for name, values in parse_qs(split.query).items()}


def exchange(browser: httpx.Client, tiktok: ImitationTikTok, code: str, **changed: str) -> dict[str, Any]:
    app = tiktok.world.application
    given = {"app_key": app.app_key, "app_secret": app.app_secret, "auth_code": code, "grant_type": "authorized_code", **changed}
    answer = browser.get("/api/v2/token/get", params=given)
    assert answer.status_code == 200
    return dict(answer.json())


def refresh(browser: httpx.Client, tiktok: ImitationTikTok, token: str) -> dict[str, Any]:
    app = tiktok.world.application
    given = {"app_key": app.app_key, "app_secret": app.app_secret, "refresh_token": token, "grant_type": "refresh_token"}
    return dict(browser.get("/api/v2/token/refresh", params=given).json())


# --- the pages --------------------------------------------------------------------------------------------------------------
def test_seller_logs_in_reviews_and_allows(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    asked = {"service_id": tiktok.world.application.service_id, "state": "abc"}
    first = browser.get("/open/authorize", params=asked)
    assert all(
        text in first.text for text in ("Log in to Seller Center", "Ada&#39;s Mugs &amp; More", "Atlantic UK (GB)", "a creator, without a shop")
    )
    second = browser.post("/open/authorize", params=asked, data={"open_id": seed.ADA.open_id})
    assert all(text in second.text for text in ("read your orders", "Allow access", "Decline", 'name="state" value="abc"'))
    back = answered(browser, tiktok)
    assert set(back) == {"app_key", "code", "locale", "shop_region", "state"}
    assert (back["state"], back["shop_region"]) == ("s t+1", "US")


@pytest.mark.parametrize("spelling", ["auth_denied", "access_denied"])
def test_declining_returns_the_literal_null_and_an_error(tiktok: ImitationTikTok, browser: httpx.Client, spelling: str) -> None:
    tiktok.world.settings.denied_error = spelling
    assert answered(browser, tiktok, "decline") == {"code": "null", "error": spelling, "state": "s t+1"}


def test_consent_begun_at_the_store_of_apps_brings_no_state(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    assert f"service_id={tiktok.world.application.service_id}" in browser.get("/appstore/").text
    assert "state" not in answered(browser, tiktok, state="")


def test_unknown_service_or_account_is_an_error_page(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    page = browser.get("/open/authorize", params={"service_id": "1", "state": "s"})
    assert (page.status_code, "No app has the service_id 1" in page.text) == (400, True)
    asked = {"service_id": tiktok.world.application.service_id}
    assert browser.post("/open/authorize", params=asked, data={"open_id": "7", "answer": "allow"}).status_code == 400


def test_form_may_end_at_the_hub_and_nowhere_else(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    page = browser.get("/open/authorize", params={"service_id": tiktok.world.application.service_id})
    assert "form-action 'self' http://localhost:8000" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"


# --- exchange ---------------------------------------------------------------------------------------------------------------
def test_code_becomes_both_tokens_with_absolute_expiries(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    answer = exchange(browser, tiktok, answered(browser, tiktok)["code"])
    data = answer["data"]
    assert (answer["code"], answer["message"]) == (0, "success")
    assert data["access_token_expire_in"] == int((START + timedelta(days=7)).timestamp())
    assert data["refresh_token_expire_in"] == int((START + timedelta(days=365)).timestamp())
    assert (data["open_id"], data["seller_name"], data["seller_base_region"], data["user_type"]) == (seed.ADA.open_id, "Ada's Mugs & More", "US", 0)
    assert data["granted_scopes"] == list(ALL_SCOPES)
    assert data["access_token"].startswith("TTP_")


@pytest.mark.parametrize(("duration", "days"), [("90-days", 90), ("unlimited", None)])
def test_authorization_lasts_as_long_as_the_seller_chose(tiktok: ImitationTikTok, browser: httpx.Client, duration: str, days: int | None) -> None:
    data = exchange(browser, tiktok, answered(browser, tiktok, duration=duration)["code"])["data"]
    assert data["refresh_token_expire_in"] == (int((START + timedelta(days=days)).timestamp()) if days else 4_102_444_800)


def test_code_works_once_and_for_half_an_hour(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    code = answered(browser, tiktok)["code"]
    assert exchange(browser, tiktok, code)["code"] == 0
    assert exchange(browser, tiktok, code)["code"] == 36004004
    late = answered(browser, tiktok)["code"]
    tiktok.clock.advance(1800)
    assert exchange(browser, tiktok, late)["code"] == 36004004
    assert exchange(browser, tiktok, "null")["code"] == 36004004


@pytest.mark.parametrize(
    "changed", [{"app_secret": "wrong"}, {"app_key": "wrong"}, {"grant_type": "authorization_code"}, {"auth_code": ""}, {"redirect_uri": "x"}]
)
def test_wrong_exchange_is_http_200_with_a_code(tiktok: ImitationTikTok, browser: httpx.Client, changed: dict[str, str]) -> None:
    answer = exchange(browser, tiktok, answered(browser, tiktok)["code"], **changed)
    assert (answer["code"], answer["data"]) == (36009004, None)


def test_withheld_scope_is_missing_and_its_calls_are_refused(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    tiktok.scenario("scope_withheld", scope="seller.authorization.info")
    data = exchange(browser, tiktok, answered(browser, tiktok)["code"])["data"]
    assert "seller.authorization.info" not in data["granted_scopes"]
    ada.token = data["access_token"]
    answer = ada.send("GET", SHOPS, cipher=None)
    assert (answer.status_code, answer.json()["code"]) == (401, 105005)
    assert ada.send("GET", "/seller/202309/shops", cipher=None).json()["code"] == 0


def test_creator_account_says_that_it_is_no_seller(tiktok: ImitationTikTok) -> None:
    assert tiktok.tokens(seed.DANA.open_id)["user_type"] == 1


# --- refresh ----------------------------------------------------------------------------------------------------------------
def test_refresh_rotates_both_tokens_and_keeps_the_end(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    first = tiktok.tokens()
    tiktok.clock.advance(86_400)
    second = refresh(browser, tiktok, first["refresh_token"])["data"]
    assert second["refresh_token"] != first["refresh_token"]
    assert second["refresh_token_expire_in"] == first["refresh_token_expire_in"]
    assert second["access_token_expire_in"] == first["access_token_expire_in"] + 86_400
    assert refresh(browser, tiktok, first["refresh_token"])["code"] == 36004001
    assert refresh(browser, tiktok, second["refresh_token"])["code"] == 0


def test_used_refresh_token_may_be_set_to_keep_working(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    tiktok.world.settings.old_refresh_tokens_work = True
    first = tiktok.tokens()
    assert [refresh(browser, tiktok, first["refresh_token"])["code"] for _ in range(2)] == [0, 0]


def test_access_token_before_a_refresh_lives_on_and_ends_after_a_week(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    refresh(browser, tiktok, ada.granted["refresh_token"])
    assert ada.send("GET", SHOPS, cipher=None).json()["code"] == 0
    tiktok.clock.advance(7 * 86_400)
    answer = ada.send("GET", SHOPS, cipher=None)
    assert (answer.status_code, answer.json()["code"]) == (401, 105002)


def test_refresh_ends_with_the_authorization(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    granted = tiktok.tokens(duration="90-days")
    tiktok.clock.advance(90 * 86_400)
    assert refresh(browser, tiktok, granted["refresh_token"])["code"] == 36004001
    assert refresh(browser, tiktok, "made-up")["code"] == 36004005


def test_deauthorised_seller_is_gone_for_calls_and_refresh(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller, south: Caller) -> None:
    tiktok.scenario("seller_deauthorised", seller_id=seed.ADA_SHOP.shop_id)
    assert ada.refused("GET", SHOPS, cipher=None) == 105002
    assert refresh(browser, tiktok, ada.granted["refresh_token"])["code"] == 36004005
    assert south.send("GET", SHOPS, cipher=None).json()["code"] == 0


def test_factor_shortens_the_life_of_tokens() -> None:
    with ImitationTikTok(at=START, factor=60) as tiktok:
        assert tiktok.tokens()["access_token_expire_in"] == int((START + timedelta(days=7) / 60).timestamp())


def test_ledger_holds_token_calls_without_their_secrets(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    exchange(browser, tiktok, answered(browser, tiktok)["code"])
    (entry,) = tiktok.books.requests(operation="token/get")
    assert (entry.status, entry.query, entry.seller_id) == (200, "", seed.ADA.open_id)


# --- shops ------------------------------------------------------------------------------------------------------------------
def test_one_consent_holds_several_shops_of_several_markets(tiktok: ImitationTikTok) -> None:
    caller = Caller(tiktok, seed.ATLANTIC_HOME)
    shops = caller.ask("GET", SHOPS, cipher=None)["shops"]
    assert [(shop["name"], shop["region"], shop["seller_type"]) for shop in shops] == [
        ("Atlantic Home", "US", "LOCAL"),
        ("Atlantic Wear", "US", "LOCAL"),
        ("Atlantic UK", "GB", "LOCAL"),
    ]
    assert len({shop["cipher"] for shop in shops}) == 3
    caller.http.close()


def test_seller_across_borders_is_told_apart(tiktok: ImitationTikTok) -> None:
    caller = Caller(tiktok, seed.LANTERN_SHOP)
    (shop,) = caller.ask("GET", SHOPS, cipher=None)["shops"]
    assert (shop["region"], shop["seller_type"]) == ("US", "CROSS_BORDER")
    assert caller.ask("GET", "/seller/202309/permissions", cipher=None) == {"permissions": ["MANAGE_GLOBAL_PRODUCT"]}
    caller.http.close()
