"""The one door to the outside: guard, deadlines, errors, traces."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import connections
from structlog.testing import capture_logs

from pod_hub.core import http
from pod_hub.core.redaction import redact
from tests.channels.tiny_server import Reply, TinyServer


@pytest.fixture
def server() -> Iterator[TinyServer]:
    made = TinyServer()
    yield made
    made.close()


def get(server: TinyServer, path: str = "/x", **options: Any) -> Any:
    return http.request("GET", server.url + path, service="Test", template="/x", **options)


class _Connection:
    alias = "default"

    def __init__(self, depth: int) -> None:
        self.atomic_blocks = [object()] * depth


@pytest.mark.parametrize(("depth", "allowed", "refused"), [(0, 0, False), (1, 0, True), (2, 2, False), (3, 2, True)])
def test_no_exchange_starts_inside_a_transaction(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch, depth: int, allowed: int, refused: bool
) -> None:
    monkeypatch.setattr(connections, "all", lambda initialized_only=False: [_Connection(depth)])
    server.routes["/x"] = Reply(200, {})
    token = http.allowed_atomic_depth.set(allowed)
    try:
        if refused:
            with pytest.raises(http.NetworkInsideTransaction, match="inside a transaction on 'default'"):
                get(server)
        else:
            get(server)
    finally:
        http.allowed_atomic_depth.reset(token)
    assert bool(server.seen) is not refused


def _trickle_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(60):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def _trickle_head(handler: BaseHTTPRequestHandler) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 60:
        handler.wfile.write(bytes([letter]))
        handler.wfile.flush()
        time.sleep(0.05)


def _silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.mark.parametrize("act", [_trickle_body, _trickle_head, _silence])
def test_one_byte_at_a_time_does_not_outlast_the_deadline(server: TinyServer, act: Any) -> None:
    server.routes["/x"] = Reply(act=act)
    started = time.monotonic()
    with pytest.raises(http.NoAnswer) as raised:
        get(server, total_s=0.6)
    assert 0.4 < time.monotonic() - started < 1.5
    assert raised.value.sent


def test_refused_connection_was_never_sent() -> None:
    with pytest.raises(http.NoAnswer) as raised:
        http.request("GET", "http://127.0.0.1:9/x?secret=1", service="Test", template="/x")
    assert not raised.value.sent
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_anything_but_success_is_an_error_with_its_facts(server: TinyServer, status: int) -> None:
    server.routes["/x"] = Reply(status, b"why " * 40_000, {"x-amzn-RequestId": "r-1", "Location": "/elsewhere"})
    with pytest.raises(http.HttpError) as raised:
        get(server, "/x?token=Atza|abc")
    error = raised.value
    assert (error.status, error.service, error.template, error.request_id) == (status, "Test", "/x", "r-1")
    assert len(error.body) == 64 * 1024
    assert "Atza" not in str(error)
    assert len(server.seen) == 1


def test_answer_above_the_limit_is_not_read_to_its_end(server: TinyServer) -> None:
    server.routes["/x"] = Reply(200, b"x" * 100_000)
    with pytest.raises(http.TooLarge):
        get(server, max_bytes=1000)
    server.routes["/x"] = Reply(200, b"y" * 1000)
    assert get(server, max_bytes=1000).content == b"y" * 1000


def test_cookies_of_one_answer_do_not_travel_with_the_next_request(server: TinyServer) -> None:
    server.routes["/x"] = Reply(200, {}, {"Set-Cookie": "session=seller-1; Path=/"})
    get(server)
    get(server)
    assert "cookie" not in server.seen[1].headers


def test_trace_names_the_exchange_without_its_values(server: TinyServer) -> None:
    server.routes["/x"] = Reply(200, {"buyer": "Canary"}, {"x-amzn-RequestId": "r-2"})
    with capture_logs() as logs:
        http.request("POST", f"{server.url}/x?q=Canary", service="Test", template="/x/{id}", content=b"Canary", headers={"x-token": "Canary"})
        with pytest.raises(http.NoAnswer):
            http.request("GET", "http://127.0.0.1:9/Canary", service="Test", template="/y")
    first, second = (record for record in logs if record["event"] == "exchange")
    assert {name: first[name] for name in ("service", "method", "template", "status", "request_id", "failure")} == {
        "service": "Test",
        "method": "POST",
        "template": "/x/{id}",
        "status": 200,
        "request_id": "r-2",
        "failure": "",
    }
    assert first["ms"] >= 0
    assert (second["status"], second["failure"]) == (None, "ConnectError")
    assert "Canary" not in str(logs)


def test_child_process_builds_a_client_of_its_own(server: TinyServer) -> None:
    server.routes["/x"] = Reply(200, {})
    get(server)
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        ok = False
        try:
            ok = http._shared._client is None and get(server).status_code == 200
        finally:
            os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert get(server).status_code == 200
    assert server.connections == 2


@pytest.mark.parametrize(
    "secret",
    [
        "Atza|IwEBIJ-x/y+z=",
        "Atzr|IwEBIJ",
        "amzn1.oa2-cs.v1.0123abc",
        "Bearer abc.def",
        "https://x/y?X-Amz-Signature=0123abcd&z=1",
        '{"refresh_token": "very-secret"}',
        "client_secret=very-secret&a=b",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "ada@example.com",
        "GET /permission/very-secret-0123abcd-IwEBIJ/",
        "GET /accounts/password/reset/key/1-very-secret/",
    ],
)
def test_secrets_are_redacted_by_their_shape(secret: str) -> None:
    cleaned = redact(f"before {secret} after")
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    for part in ("IwEBIJ", "0123abc", "abc.def", "very-secret", "eyJhbGci", "ada@"):
        assert part not in cleaned


def test_ordinary_words_stay_as_they_are() -> None:
    words = "Invalid carrier code 'DHL' for marketplace A1PA6795UKMFR9; order 305-1234567-1234567 is Unshipped."
    assert redact(words) == words
