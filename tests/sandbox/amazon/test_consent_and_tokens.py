"""Consent page and token endpoint: codes, tokens, refusals."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import SSL, Caller

HTTP = httpx.Client(verify=SSL)
RETURN = "http://localhost:8000/stores/connect/amazon/return/"
ASK = {"application_id": "amzn1.sp.solution.demo", "state": "s3cret"}
CLIENT = {"client_id": "amzn1.application-oa2-client.demo", "client_secret": "amzn1.oa2-cs.v1.demo"}


def consent(amazon: ImitationAmazon, answer: str = "confirm", **changed: str) -> httpx.Response:
    return HTTP.post(f"{amazon.url}/apps/authorize/consent", data={**ASK, "seller_id": seed.NORTH.seller_id, "answer": answer, **changed})


def returned(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    assert response.headers["location"].startswith(RETURN)
    return {key: values[0] for key, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def token(amazon: ImitationAmazon, **form: str) -> httpx.Response:
    return HTTP.post(f"{amazon.url}/auth/o2/token", data={**CLIENT, **form})


def exchange(amazon: ImitationAmazon, code: str, **changed: str) -> httpx.Response:
    return token(amazon, **{"grant_type": "authorization_code", "code": code, "redirect_uri": RETURN, **changed})


def test_the_consent_page_names_the_application_and_what_it_may_do(amazon: ImitationAmazon) -> None:
    page = HTTP.get(f"{amazon.url}/apps/authorize/consent", params=ASK)
    assert page.status_code == 200
    for text in ("Order hub for print providers", "amzn1.sp.solution.demo", "delivery addresses", "Confirm", "Decline", "not the real Amazon"):
        assert text in page.text
    assert "form-action 'self' http://localhost:8000" in page.headers["content-security-policy"]


def test_confirming_returns_state_seller_and_code(amazon: ImitationAmazon) -> None:
    answer = returned(consent(amazon))
    assert (answer["state"], answer["selling_partner_id"]) == ("s3cret", seed.NORTH.seller_id)
    assert set(answer) == {"state", "selling_partner_id", "spapi_oauth_code"}


def test_declining_returns_without_a_code(amazon: ImitationAmazon) -> None:
    assert returned(consent(amazon, answer="decline")) == {"state": "s3cret"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"application_id": "amzn1.sp.solution.other"}, "MD1000"),
        ({"redirect_uri": "https://evil.example/return"}, "MD5101"),
        ({"state": ""}, "MD1000"),
    ],
)
def test_a_wrong_consent_address_shows_amazons_error_and_never_redirects(amazon: ImitationAmazon, changed: dict[str, str], code: str) -> None:
    page = HTTP.get(f"{amazon.url}/apps/authorize/consent", params={**ASK, **changed})
    assert page.status_code == 400
    assert code in page.text
    assert consent(amazon, **changed).status_code == 400


def test_a_draft_application_needs_version_beta(amazon: ImitationAmazon) -> None:
    amazon.world.application.draft = True
    assert consent(amazon).status_code == 400
    assert consent(amazon, version="beta").status_code == 302


def test_a_code_becomes_tokens_that_open_the_api(amazon: ImitationAmazon, ada: Caller) -> None:
    tokens = exchange(amazon, returned(consent(amazon))["spapi_oauth_code"]).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
    assert tokens["access_token"].startswith("Atza|")
    assert tokens["refresh_token"].startswith("Atzr|")
    ada.token = tokens["access_token"]
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200


def test_a_code_works_once(amazon: ImitationAmazon) -> None:
    code = returned(consent(amazon))["spapi_oauth_code"]
    assert exchange(amazon, code).status_code == 200
    again = exchange(amazon, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_dies_after_five_minutes(amazon: ImitationAmazon) -> None:
    young, old = (returned(consent(amazon))["spapi_oauth_code"] for _ in range(2))
    amazon.clock.advance(299)
    assert exchange(amazon, young).status_code == 200
    amazon.clock.advance(1)
    assert exchange(amazon, old).json()["error"] == "invalid_grant"


def test_a_code_needs_the_redirect_address_it_was_given_for(amazon: ImitationAmazon) -> None:
    code = returned(consent(amazon))["spapi_oauth_code"]
    assert exchange(amazon, code, redirect_uri="http://localhost:8000/elsewhere/").json()["error"] == "invalid_grant"
    assert exchange(amazon, code, redirect_uri="").json()["error"] == "invalid_request"
    assert exchange(amazon, code).status_code == 200


def test_a_wrong_secret_is_invalid_client_401(amazon: ImitationAmazon) -> None:
    answer = token(amazon, grant_type="refresh_token", refresh_token=amazon.refresh_token(), client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|made-up"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "invalid_scope"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_id": ""}, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused_in_oauths_shape(amazon: ImitationAmazon, form: dict[str, str], error: str) -> None:
    answer = token(amazon, **form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_json_token_request_is_refused(amazon: ImitationAmazon) -> None:
    answer = HTTP.post(f"{amazon.url}/auth/o2/token", json={**CLIENT, "grant_type": "refresh_token"})
    assert answer.json()["error"] == "invalid_request"


def test_an_access_token_expires_after_an_hour_and_is_renewed(amazon: ImitationAmazon, ada: Caller) -> None:
    refresh_token = amazon.refresh_token()
    ada.token = token(amazon, grant_type="refresh_token", refresh_token=refresh_token).json()["access_token"]
    amazon.clock.advance(3599)
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200
    amazon.clock.advance(1)
    expired = ada.get("/sellers/v1/marketplaceParticipations")
    assert expired.status_code == 403
    assert expired.json()["errors"] == [
        {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": "The access token you provided has expired."}
    ]
    ada.token = token(amazon, grant_type="refresh_token", refresh_token=refresh_token).json()["access_token"]
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200


def test_a_grantless_token_opens_no_sellers_data(amazon: ImitationAmazon, ada: Caller) -> None:
    answer = token(amazon, grant_type="client_credentials", scope="sellingpartnerapi::notifications").json()
    assert "refresh_token" not in answer
    ada.token = answer["access_token"]
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 403


def test_a_revoked_consent_kills_refresh_and_access_tokens(amazon: ImitationAmazon, ada: Caller, mallory: Caller) -> None:
    refresh_token = amazon.refresh_token()
    amazon.scenario("consent_revoked", seller_id=seed.NORTH.seller_id)
    answer = token(amazon, grant_type="refresh_token", refresh_token=refresh_token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 403
    assert mallory.get("/sellers/v1/marketplaceParticipations").status_code == 200
    ada.token = exchange(amazon, returned(consent(amazon))["spapi_oauth_code"]).json()["access_token"]
    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200


def test_the_ledger_never_holds_a_token_or_secret(amazon: ImitationAmazon, ada: Caller) -> None:
    tokens = exchange(amazon, returned(consent(amazon))["spapi_oauth_code"]).json()
    ada.get("/sellers/v1/marketplaceParticipations")
    written = repr(amazon.books.requests())
    assert [entry.operation for entry in amazon.books.requests()] == ["consent", "token", "getMarketplaceParticipations"]
    for secret in (tokens["access_token"], tokens["refresh_token"], CLIENT["client_secret"], ada.token):
        assert secret not in written
