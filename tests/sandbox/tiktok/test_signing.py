"""The signatures agree with the published vectors, at the function and at the door."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from stores.sandbox.tiktok import signing
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.official_contract import FOLDER, contract_folder

VECTORS: dict[str, list[dict[str, Any]]] = (
    json.loads((FOLDER / "signing-vectors.json").read_text(encoding="utf-8")) if FOLDER.is_dir() else {"requests": [{}], "webhooks": [{}]}
)
SHOPS = "/authorization/202309/shops"


def test_official_example_signs_as_published() -> None:
    signed = signing.signature(
        secret="e59af819cc", path=SHOPS, query=[("timestamp", "1623812664"), ("app_key", "29a39d")], content_type=None, body=None
    )
    assert signed == "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector.get("name", "none"))
def test_every_request_vector_signs_as_published(vector: dict[str, Any]) -> None:
    contract_folder()
    given = {
        "secret": vector["app_secret"],
        "path": vector["path"],
        "query": list(vector["query"].items()),
        "content_type": vector["content_type"],
        "body": vector["body"].encode() if vector["body"] else None,
    }
    assert signing.string_to_sign(**given).decode() == vector["string_to_sign"]
    assert signing.signature(**given) == vector["sign"]


@pytest.mark.parametrize("vector", VECTORS["webhooks"], ids=lambda vector: vector.get("name", "none"))
def test_every_webhook_vector_signs_as_published(vector: dict[str, Any]) -> None:
    contract_folder()
    signed = signing.webhook_signature(app_key=vector["app_key"], secret=vector["app_secret"], body=vector["raw_body"].encode())
    assert signed == vector["authorization_header"]


def test_wrong_signature_is_refused_before_anything_else_of_the_caller_counts(ada: Caller) -> None:
    ada.token = "nobody's"
    answer = ada.send("GET", SHOPS, cipher=None, sign="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (401, 106001)


def test_signature_covers_the_bytes_that_were_sent(ada: Caller) -> None:
    path, compact, spaced = "/event/202309/webhooks", b'{"event_type":"PACKAGE_UPDATE"}', b'{"event_type": "PACKAGE_UPDATE"}'
    app = ada.tiktok.world.application
    query = {"app_key": app.app_key, "timestamp": str(int(time.time())), "shop_cipher": ada.shop.cipher}
    query["sign"] = signing.signature(secret=app.app_secret, path=path, query=list(query.items()), content_type="application/json", body=compact)
    sent = {"x-tts-access-token": ada.token, "content-type": "application/json"}
    assert ada.http.request("DELETE", path, params=query, content=spaced, headers=sent).json()["code"] == 106001


@pytest.mark.parametrize(("offset", "code"), [(-290, 0), (-310, 36009004), (20, 0), (45, 36009004)])
def test_timestamp_may_be_five_minutes_old_and_thirty_seconds_young(ada: Caller, offset: int, code: int) -> None:
    assert ada.send("GET", SHOPS, cipher=None, timestamp=int(time.time()) + offset).json()["code"] == code


def test_set_clock_does_not_refuse_callers_on_the_wall_clock(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.clock.advance(3 * 86_400)
    assert ada.send("GET", SHOPS, cipher=None).json()["code"] == 0


def test_skewed_clock_refuses_right_timestamps(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("clock_skewed", seconds=600)
    assert ada.refused("GET", SHOPS, cipher=None) == 36009004
    tiktok.world.scenarios.stop_all()
    assert ada.send("GET", SHOPS, cipher=None).json()["code"] == 0


@pytest.mark.parametrize("name", ["app_key", "timestamp", "sign"])
def test_missing_common_parameter_is_named(ada: Caller, name: str) -> None:
    answer = ada.send("GET", SHOPS, cipher=None, drop=(name,))
    assert (answer.json()["code"], answer.json()["message"]) == (36009004, f"Invalid parameter: {name} is missing.")


def test_foreign_app_key_is_refused(ada: Caller) -> None:
    assert ada.refused("GET", SHOPS, cipher=None, app_key="29a39d") == 36009004


def test_values_are_signed_decoded(ada: Caller) -> None:
    """A page token holds + / and =; whoever signs the encoded form is refused, whoever signs the decoded form is not refused for it."""
    answer = ada.send("GET", SHOPS, cipher=None, page_token="a+b/c==")
    assert (answer.json()["code"], answer.json()["message"]) == (36009004, "Unexpected identifier: page_token.")


def test_request_id_comes_with_every_answer(ada: Caller) -> None:
    ids = {ada.send("GET", SHOPS, cipher=None).json()["request_id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(request_id.startswith("2026112010") for request_id in ids)


def test_address_outside_the_api_is_a_page(tiktok: ImitationTikTok) -> None:
    assert httpx.get(f"{tiktok.url}/seller-centre-that-is-not").headers["content-type"].startswith("text/html")
