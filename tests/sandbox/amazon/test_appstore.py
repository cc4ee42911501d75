"""A consent that begins in the imitation's store of applications: strict about state, application and redirect address."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from stores.sandbox.amazon.seed import NORTH
from stores.sandbox.amazon.server import ImitationAmazon


def begun(amazon: ImitationAmazon) -> dict[str, str]:
    """Press "Authorize now"; return what the application is opened with."""
    answer = httpx.post(f"{amazon.url}/appstore/", data={"seller_id": NORTH.seller_id}, trust_env=False)
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).path == "/stores/connect/amazon/start/"
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def answer_to(amazon: ImitationAmazon, given: dict[str, str], **changed: str) -> httpx.Response:
    """Answer as the application does."""
    query = {"amazon_state": given["amazon_state"], "state": "ours", "redirect_uri": amazon.world.application.redirect_uris[0]} | changed
    return httpx.get(f"{given['amazon_callback_uri']}?{urlencode(query)}", trust_env=False)


def test_a_start_ends_at_the_redirect_address_with_our_state_and_a_code(amazon: ImitationAmazon) -> None:
    given = begun(amazon)
    assert given["selling_partner_id"] == NORTH.seller_id
    back = parse_qs(urlsplit(answer_to(amazon, given).headers["Location"]).query)
    assert back["state"] == ["ours"] and back["selling_partner_id"] == [NORTH.seller_id] and back["spapi_oauth_code"]


def test_a_start_works_once(amazon: ImitationAmazon) -> None:
    given = begun(amazon)
    answer_to(amazon, given)
    assert answer_to(amazon, given).status_code == 400


@pytest.mark.parametrize("changed", [{"amazon_state": "made-up"}, {"state": ""}, {"redirect_uri": "https://elsewhere.test/"}])
def test_a_wrong_answer_to_a_start_is_refused(amazon: ImitationAmazon, changed: dict[str, str]) -> None:
    assert answer_to(amazon, begun(amazon), **changed).status_code == 400
