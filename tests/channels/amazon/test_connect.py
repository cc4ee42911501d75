"""Consent: where the browser is sent, what the code is traded for, and what Amazon's refusals become."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test.utils import override_settings

from stores.channels.amazon.connect import AmazonConsent
from stores.channels.amazon.marketplaces import MARKETPLACES, api_url, consent_base, iso_country, token_url
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, Refused, TryLater
from tests.channels.amazon.conftest import ScriptedAmazon
from tests.channels.tiny_server import Reply

APP = {"AMAZON_APPLICATION_ID": "amzn1.sp.solution.x", "AMAZON_REDIRECT_URI": "https://hub.example/return/?a=1", "AMAZON_DRAFT_APP": False}


def parts(url: str) -> tuple[str, dict[str, str]]:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}{split.path}", dict(parse_qsl(split.query))


def test_consent_is_asked_for_at_the_sellers_own_seller_central() -> None:
    with override_settings(AMAZON_SANDBOX_URL="", **APP):
        place, query = parts(AmazonConsent().consent_url(marketplace="A1VC38T7YXB528", state="s/1&"))
    assert place == "https://sellercentral.amazon.co.jp/apps/authorize/consent"
    assert query == {"application_id": "amzn1.sp.solution.x", "state": "s/1&", "redirect_uri": "https://hub.example/return/?a=1"}


def test_draft_application_says_so() -> None:
    with override_settings(AMAZON_SANDBOX_URL="", **(APP | {"AMAZON_DRAFT_APP": True})):
        assert parts(AmazonConsent().consent_url(marketplace="ATVPDKIKX0DER", state="s"))[1]["version"] == "beta"


def test_consent_for_an_unknown_marketplace_is_refused() -> None:
    with pytest.raises(Refused, match="Choose one of the list"):
        AmazonConsent().consent_url(marketplace="A0", state="s")


def test_imitation_takes_the_place_of_every_host(amazon: ScriptedAmazon) -> None:
    assert {api_url(region) for region in ("NA", "EU", "FE")} == {amazon.url}
    assert token_url() == f"{amazon.url}/auth/o2/token"
    assert AmazonConsent().consent_url(marketplace="ATVPDKIKX0DER", state="s").startswith(f"{amazon.url}/apps/authorize/consent?")


def test_code_is_traded_in_amazons_form(amazon: ScriptedAmazon) -> None:
    with override_settings(**APP):
        grant = AmazonConsent().exchange(code="RHmHqk|code+", account_id="A2", region="EU")
    assert (grant.account_id, grant.refresh_token, grant.access_token, grant.access_expires_in_s) == ("A2", "Atzr|refresh", "Atza|access-1", 3600)
    assert "Atz" not in repr(grant)
    (request,) = amazon.asked(amazon.TOKEN)
    assert request.method == "POST"
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert "authorization" not in request.headers
    assert request.form == {
        "grant_type": "authorization_code",
        "code": "RHmHqk|code+",
        "redirect_uri": "https://hub.example/return/?a=1",
        "client_id": "amzn1.application-oa2-client.demo",
        "client_secret": "amzn1.oa2-cs.v1.demo",
    }


def test_code_is_traded_over_https_too(tls_amazon: ScriptedAmazon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    AmazonConsent().exchange(code="c", account_id="A2", region="EU")
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ
    assert len(tls_amazon.asked(tls_amazon.TOKEN)) == 1


@pytest.mark.parametrize(
    ("status", "body", "expected", "words"),
    [
        (400, {"error": "invalid_grant", "error_description": "used"}, ReconnectNeeded, "Start connecting again"),
        (401, {"error": "invalid_client"}, Misconfigured, "operator"),
        (400, {"error": "invalid_request", "error_description": "redirect_uri mismatch"}, Misconfigured, "redirect_uri mismatch"),
        (503, {}, TryLater, "by itself"),
        (200, {"access_token": "Atza|x", "expires_in": 3600, "token_type": "bearer"}, Misconfigured, "no refresh token"),
    ],
)
def test_refused_trade_is_named_after_what_happens_next(
    amazon: ScriptedAmazon, status: int, body: Any, expected: type[ChannelError], words: str
) -> None:
    amazon.routes[amazon.TOKEN] = Reply(status, body)
    with pytest.raises(expected, match=words):
        AmazonConsent().exchange(code="c", account_id="A2", region="EU")


def test_start_from_the_appstore_returns_to_seller_central_with_both_states() -> None:
    with override_settings(AMAZON_SANDBOX_URL="", **APP):
        url = AmazonConsent().appstore_url(
            amazon_callback_uri="https://sellercentral-europe.amazon.com/apps/authorize/confirm/amzn1.sp.solution.x", amazon_state="a=1", state="s"
        )
    place, query = parts(url)
    assert place == "https://sellercentral-europe.amazon.com/apps/authorize/confirm/amzn1.sp.solution.x"
    assert query == {"redirect_uri": "https://hub.example/return/?a=1", "amazon_state": "a=1", "state": "s"}


@pytest.mark.parametrize(
    "callback",
    [
        "https://evil.example/",
        "http://sellercentral.amazon.com/",
        "https://sellercentral.amazon.com.evil.example/",
        "https://sellercentral.amazon.com@evil.example/",
        "https://user@sellercentral.amazon.com/",
        "https://sellercentral.amazon.com:8443/",
        "//sellercentral.amazon.com/",
        "",
    ],
)
def test_appstore_start_forwards_to_no_other_host(callback: str) -> None:
    with override_settings(AMAZON_SANDBOX_URL=""), pytest.raises(Refused, match="did not come from Amazon"):
        AmazonConsent().appstore_url(amazon_callback_uri=callback, amazon_state="a", state="s")


def test_table_of_marketplaces_is_complete_and_starts_with_the_sixteen() -> None:
    sixteen = ["GB", "CA", "DE", "FR", "IT", "ES", "US", "AU", "BR", "IN", "JP", "MX", "NL", "SA", "SG", "TR"]
    assert [marketplace.country for marketplace in MARKETPLACES[:16]] == sixteen
    assert len({marketplace.id for marketplace in MARKETPLACES}) == len(MARKETPLACES) == 23
    assert next(marketplace.code for marketplace in MARKETPLACES if marketplace.country == "GB") == "UK"
    with override_settings(AMAZON_SANDBOX_URL=""):
        assert {api_url(marketplace.region) for marketplace in MARKETPLACES} == {
            f"https://sellingpartnerapi-{region}.amazon.com" for region in ("na", "eu", "fe")
        }
        assert all(consent_base(marketplace.id).startswith("https://sellercentral") for marketplace in MARKETPLACES)


def test_uk_is_gb() -> None:
    assert (iso_country("UK"), iso_country("gb"), iso_country("US"), iso_country("")) == ("GB", "GB", "US", "")
