"""Signatures of requests and webhooks: the published vectors, and what must and must not change one."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given, strategies

from stores.channels.tiktok.adapter import TikTokChannel
from stores.channels.tiktok.signing import is_genuine, request_signature, webhook_signature
from tests.channels.tiktok.conftest import SHOP, ScriptedTikTok, envelope
from tests.channels.tiktok.published import FOLDER, MISSING

VECTORS = FOLDER / "signing-vectors.json"
KEY = "webhookkey"


def vectors(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text())[kind] if VECTORS.exists() else []
    return found


def by_hand(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), hashlib.sha256).hexdigest()


@pytest.mark.skipif(not VECTORS.exists(), reason=MISSING)
@pytest.mark.parametrize("vector", vectors("requests"), ids=lambda vector: vector["name"])
def test_every_published_request_is_signed_as_published(vector: dict[str, Any]) -> None:
    sign = request_signature(
        vector["app_secret"],
        path=vector["path"],
        query=vector["query"],
        content_type=vector["content_type"] or "",
        body=(vector["body"] or "").encode(),
    )
    assert sign == vector["sign"]


@pytest.mark.skipif(not VECTORS.exists(), reason=MISSING)
@pytest.mark.parametrize("vector", vectors("webhooks"), ids=lambda vector: vector["name"])
def test_every_published_webhook_is_genuine(vector: dict[str, Any]) -> None:
    body = vector["raw_body"].encode()
    assert is_genuine(vector["authorization_header"], secret=vector["app_secret"], app_key=vector["app_key"], body=body)


def test_official_example_of_a_request() -> None:
    query = {"app_key": "29a39d", "timestamp": "1623812664"}
    sign = request_signature("e59af819cc", path="/authorization/202309/shops", query=query)
    assert sign == "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"


def test_parameters_are_joined_by_name_without_signature_and_token_and_the_body_follows() -> None:
    query = {"shop_cipher": "TTP_x", "page_token": "a+/=b", "sign": "x", "access_token": "y", "ids": "1,2"}
    sign = request_signature("s", path="/p", query=query, content_type="application/json", body='{"title":"Größe ✓"}'.encode())
    assert sign == by_hand("s", '/pids1,2page_tokena+/=bshop_cipherTTP_x{"title":"Größe ✓"}')


def test_multipart_bodies_are_not_part_of_it() -> None:
    kind = "Multipart/Form-Data; boundary=b"
    assert request_signature("s", path="/p", query={}, content_type=kind, body=b"picture") == by_hand("s", "/p")


@given(body=strategies.binary(max_size=200), at=strategies.integers(0, 199), bit=strategies.integers(0, 7))
def test_any_changed_bit_of_a_webhook_is_noticed(body: bytes, at: int, bit: int) -> None:
    header = webhook_signature("secret", app_key=KEY, body=body)
    assert is_genuine(header, secret="secret", app_key=KEY, body=body)
    changed = bytearray(body or b"\0")
    changed[at % len(changed)] ^= 1 << bit
    assert not is_genuine(header, secret="secret", app_key=KEY, body=bytes(changed))


@pytest.mark.parametrize("header", ["", "Bearer", "0" * 64, "ü", "A" * 10_000])
def test_other_headers_are_not_genuine(header: str) -> None:
    assert not is_genuine(header, secret="secret", app_key=KEY, body=b"{}")


def test_prefix_and_capitals_are_not_genuine() -> None:
    right = webhook_signature("secret", app_key=KEY, body=b"{}")
    for header in (f"Bearer {right}", right.upper(), f"{right} "):
        assert not is_genuine(header, secret="secret", app_key=KEY, body=b"{}")


def test_bytes_and_address_that_arrive_are_those_that_were_signed(tiktok: ScriptedTikTok, channel: TikTokChannel) -> None:
    token = "6AsPQsUMvH3RkchNUPPh22NROHkE0D8pmq/N5M1kHYcZmtRyv9aVrNv65W7Q6tFA+7D1ud64MPNz5OaT=="
    tiktok.routes["/product/202502/products/search"] = envelope({"products": []})
    channel.listings_page(marketplace=SHOP, page=json.dumps([token, [], None, []]))
    (request,) = tiktok.asked("/product/")
    query = dict(request.query)
    assert query["page_token"] == token
    sign = query.pop("sign")
    joined = "".join(name + query[name] for name in sorted(query))
    assert sign == by_hand(settings.TIKTOK_APP_SECRET, request.path + joined + request.body.decode())


def test_a_request_without_a_body_sends_none(tiktok: ScriptedTikTok, channel: TikTokChannel) -> None:
    channel.participations()
    (request,) = tiktok.asked("/authorization/")
    assert request.body == b""
    assert "shop_cipher" not in request.query
