"""Fetching what somebody linked: files of public hosts, and nothing else, whatever the link, the name server or the server say."""

from __future__ import annotations

import gzip
import io
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pytest_django import Settings

from pod_hub.core import fetching, http
from pod_hub.core.fetching import NotFetched, fetch
from pod_hub.core.http import UnsafeAddress
from pod_hub.core.public_addresses import is_public
from pod_hub.core.share_links import direct_link
from pod_hub.core.typed_addresses import asked, plain_address
from tests.channels.tiny_server import Reply, Seen, TinyServer
from tests.core import hostile_links, tripwire
from tests.core.tripwire import OTHER_PUBLIC_IP, PUBLIC_IP, PUBLIC_IPV6, Tripwire

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
MB = 1024 * 1024


def _redirect(request: Seen) -> Reply:
    status = int(request.path.split("/")[2])
    place = parse_qs(urlsplit(request.target).query).get("place", [""])[0]
    if request.path.startswith("/hops/"):
        left = int(request.path.split("/")[3])
        if left > 1:
            place = request.target.replace(f"/{left}?", f"/{left - 1}?")
    elif request.path.startswith("/loop/"):
        place = request.target
    return Reply(status, b"", {"Location": place})


@pytest.fixture
def server() -> Iterator[TinyServer]:
    made = TinyServer()
    made.routes = {
        "/": Reply(200, PNG, {"Content-Type": "text/plain"}), "/to/": _redirect, "/hops/": _redirect, "/loop/": _redirect,
    }  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def wire(server: TinyServer) -> Iterator[Tripwire]:
    names = hostile_links.names() | {"cdn.example": [[OTHER_PUBLIC_IP]], "six.files.example": [[PUBLIC_IPV6]]}
    with tripwire.armed(server_port=int(server.url.rpartition(":")[2]), names=names) as armed:
        yield armed


def fetched(url: str, **options: Any) -> tuple[fetching.Fetched, bytes]:
    kept = io.BytesIO()
    return fetch(url, to=kept, **options), kept.getvalue()


def test_a_public_file_is_fetched_and_its_type_told_by_its_content(wire: Tripwire) -> None:
    found, content = fetched("http://files.example/folder/card%20one.jpg?key=1#top")
    assert content == PNG
    assert (found.content_type, found.size, found.file_name) == ("image/png", len(PNG), "card one.jpg")
    assert found.final_url == "http://files.example/folder/card%20one.jpg?key=1"
    assert wire.connected == [(PUBLIC_IP, 80)] and wire.breaches == []


def test_no_hostile_link_reaches_a_forbidden_place(wire: Tripwire, server: TinyServer) -> None:
    links = hostile_links.all_links()
    assert len(links) >= 500
    outcomes: Counter[str] = Counter()
    for trick, link in links:
        said = ""
        try:
            found, _content = fetched(link)
        except NotFetched as refused:
            said = str(refused)
            outcomes["refused"] += 1
        else:
            outcomes["public file"] += 1
            # Some only look hostile: the host before a fragment is the public one.
            assert httpx.URL(found.final_url).host == "files.example", (trick, link)
        assert not said or said.endswith("."), (trick, link, said)  # a sentence for people, never a library's error
        assert wire.breaches == [], (trick, link)
    assert {ip for ip, _port in wire.connected} <= {PUBLIC_IP}
    assert {port for _ip, port in wire.connected} == {80}
    assert outcomes["refused"] >= 500 and outcomes["public file"] <= 12, outcomes
    # The wire itself is alive: without the guard the same links would have torn it.
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9/", trust_env=False)
    assert wire.breaches


@pytest.mark.parametrize("status", hostile_links.REDIRECTS)
def test_redirects_are_followed_three_times_and_looked_at_each_time(wire: Tripwire, server: TinyServer, status: int) -> None:
    found, content = fetched(f"http://files.example/hops/{status}/3?place=http://cdn.example/good.png")
    assert (found.final_url, content) == ("http://cdn.example/good.png", PNG)
    assert [request.method for request in server.seen] == ["GET"] * 4
    assert wire.looked_up == ["files.example"] * 3 + ["cdn.example"]
    assert wire.connected[-1] == (OTHER_PUBLIC_IP, 80)
    with pytest.raises(NotFetched, match="more than 3 times"):
        fetched(f"http://files.example/hops/{status}/4?place=http://cdn.example/good.png")


def test_a_name_is_resolved_once_and_that_answer_is_connected(wire: Tripwire) -> None:
    assert fetched("http://rebinding.example/a.png")[1] == PNG
    assert wire.looked_up == ["rebinding.example"] and wire.connected == [(PUBLIC_IP, 80)]
    with pytest.raises(NotFetched, match="does not lead to a public address"):
        fetched("http://rebinding.example/a.png")  # the name says 127.0.0.1 now
    with pytest.raises(NotFetched, match="does not lead to a public address"):
        fetched("http://rebinding.example/a.png")
    assert wire.connected == [(PUBLIC_IP, 80)] and wire.breaches == []


def test_a_name_that_rebinds_between_two_hops_is_refused(wire: Tripwire, server: TinyServer) -> None:
    with pytest.raises(NotFetched, match="does not lead to a public address"):
        fetched("http://rebinding.example/to/302?place=http://rebinding.example/secret")
    assert len(server.seen) == 1 and wire.breaches == []


def test_public_ipv6_is_spoken(wire: Tripwire) -> None:
    assert fetched("http://six.files.example/a.png")[1] == PNG
    assert wire.connected == [(PUBLIC_IPV6, 80)]


def test_neither_cookies_nor_proxies_nor_credentials_travel(
    wire: Tripwire, server: TinyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine files.example login ada password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    server.routes["/first"] = Reply(302, b"", {"Location": "/second", "Set-Cookie": "session=1; Path=/"})
    fetched("http://files.example/first")
    fetched("http://files.example/second")
    for request in server.seen:
        assert not {"cookie", "authorization", "referer"} & set(request.headers)
        assert request.headers["accept-encoding"] == "identity"
    assert wire.breaches == []


def test_a_file_above_the_limit_is_not_read_to_its_end(wire: Tripwire, server: TinyServer) -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:  # ends with the connection
            handler.wfile.write(PNG.ljust(64 * 1024, b"\0"))
            sent += 64 * 1024

    server.routes["/endless"] = Reply(act=endless)
    with pytest.raises(NotFetched, match="larger than 1 MB"):
        fetched("http://files.example/endless", most_bytes=MB)
    server.routes["/told"] = Reply(200, b"x" * (MB + 1))
    with pytest.raises(NotFetched, match="larger than 1 MB"):
        fetched("http://files.example/told", most_bytes=MB)
    server.routes["/exact"] = Reply(200, PNG.ljust(MB, b"\0"))
    assert fetched("http://files.example/exact", most_bytes=MB)[0].size == MB
    assert sent < 32 * MB


def _said(head: bytes, *bodies: bytes, pause_s: float = 0.0) -> Reply:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        for body in bodies:
            handler.wfile.write(body)
            handler.wfile.flush()
            time.sleep(pause_s)

    return Reply(act=act)


def test_a_length_that_lies_gains_nothing(wire: Tripwire, server: TinyServer) -> None:
    server.routes["/short"] = _said(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", PNG)
    with pytest.raises(NotFetched, match="broke off before the file was complete") as broken:
        fetched("http://files.example/short")
    assert broken.value.again
    server.routes["/more"] = _said(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", PNG)
    assert fetched("http://files.example/more")[1] == PNG[:8]
    for told in (b"-1", b"1e9", b"9" * 40, b"8, 9"):
        server.routes["/odd"] = _said(b"HTTP/1.1 200 OK\r\nContent-Length: " + told + b"\r\n\r\n", PNG)
        with pytest.raises(NotFetched):
            fetched("http://files.example/odd")
    server.routes["/head"] = _said(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * MB)
    with pytest.raises(NotFetched):
        fetched("http://files.example/head")


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_trickles_is_left_within_the_time(wire: Tripwire, server: TinyServer, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(fetching, "TOTAL_S", 0.5)
    head = b"HTTP/1.1 200 OK\r\n\r\n" if where == "body" else b"HTTP/1.1 200 OK\r\nX-Slow: "
    server.routes["/slow"] = _said(head, *[b"x"] * 80, pause_s=0.05)
    started = time.monotonic()
    with pytest.raises(NotFetched, match="did not send the file within") as slow:
        fetched("http://files.example/slow")
    assert time.monotonic() - started < 3 and slow.value.again


def test_a_resolver_that_never_answers_is_left_within_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_S", 0.3)

    def never(*_arguments: Any, **_options: Any) -> list[Any]:
        time.sleep(2)
        return []

    monkeypatch.setattr("socket.getaddrinfo", never)
    started = time.monotonic()
    with pytest.raises(NotFetched, match="did not send the file within"):
        fetched("http://files.example/a.png")
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-bomb"])
def test_a_packed_answer_is_refused_unopened(wire: Tripwire, server: TinyServer, packing: str) -> None:
    bomb = gzip.compress(b"\0" * (20 * MB))
    server.routes["/bomb"] = Reply(200, bomb, {"Content-Encoding": packing})
    kept = io.BytesIO()
    with pytest.raises(NotFetched, match="sends the file packed"):
        fetch("http://files.example/bomb", to=kept)
    assert kept.tell() == 0


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>Admin</body></html>", b"\n\n  <html lang=en>", b"<!-- made by -->\n<!doctype HTML>", b"<head><title>Card</title>",
        b"<script>location='/'</script>", b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">',
    ],
)  # fmt: skip
def test_a_page_in_place_of_the_file_is_refused_with_that_reason(wire: Tripwire, server: TinyServer, page: bytes) -> None:
    server.routes["/page"] = Reply(200, page, {"Content-Type": "image/png"})
    with pytest.raises(NotFetched, match="opens a web page on files.example and not the file"):
        fetched("http://files.example/page.png")


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0JFIF", "image/jpeg"), (b"%PDF-1.7\n", "application/pdf"), (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"II*\0", "image/tiff"), (b"PK\x03\x04", "application/zip"), (b"MZ\x90", "application/octet-stream"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml"), (b"sku,url\n", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_type_is_told_by_the_content(start: bytes, media_type: str) -> None:
    assert fetching.type_by_content(start) == media_type


@pytest.mark.parametrize(
    ("status", "why", "again"),
    [
        (401, "Share it with everybody who has the link", False), (403, "Share it with everybody who has the link", False),
        (404, "There is no file at this link", False), (410, "There is no file at this link", False), (204, "did not answer with a file", False),
        (206, "did not answer with a file", False), (300, "did not answer with a file", False), (418, "did not answer with a file", False),
        (429, "could not answer just now", True), (500, "could not answer just now", True), (503, "could not answer just now", True),
    ],
)  # fmt: skip
def test_an_answer_without_a_file_says_what_to_do(wire: Tripwire, server: TinyServer, status: int, why: str, again: bool) -> None:
    server.routes["/x"] = Reply(status, b"secret text of the other side")
    with pytest.raises(NotFetched, match=why) as refused:
        fetched("http://files.example/x?token=canary")
    assert refused.value.again is again
    assert "canary" not in str(refused.value) and "secret" not in str(refused.value)


def test_an_empty_file_is_refused(wire: Tripwire, server: TinyServer) -> None:
    server.routes["/empty"] = Reply(200, b"")
    with pytest.raises(NotFetched, match="empty file"):
        fetched("http://files.example/empty")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('attachment; filename="card.png"', "card.png"), ("attachment; filename*=UTF-8''gr%C3%BCn.png", "grün.png"), ('attachment; filename="../../etc/passwd"', "etc_passwd"),
        ('attachment; filename="a\\\\b.png"', "a_b.png"), ("garbage;;;=", "file"), ('attachment; filename=""', "file"),
    ],
)  # fmt: skip
def test_the_name_the_server_gives_is_made_harmless(wire: Tripwire, server: TinyServer, told: str, name: str) -> None:
    server.routes["/file"] = Reply(200, PNG, {"Content-Disposition": told})
    assert name in fetched("http://files.example/file")[0].file_name


def test_servers_of_the_demo_are_asked_where_the_setting_names_them(settings: Settings, server: TinyServer) -> None:
    with pytest.raises(NotFetched, match="port"):
        fetched(f"{server.url}/a.png")
    settings.TYPED_ADDRESSES_ALSO = [server.url.removeprefix("http://")]
    assert fetched(f"{server.url}/a.png")[1] == PNG
    with pytest.raises(NotFetched):
        fetched("http://127.0.0.1:9/")


def test_nothing_is_fetched_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise http.NetworkInsideTransaction("open")

    monkeypatch.setattr("pod_hub.core.typed_addresses.forbid_inside_transaction", refuse)
    with pytest.raises(http.NetworkInsideTransaction):
        fetched("http://files.example/a.png")


def test_an_unknown_certificate_is_refused_in_words(tmp_path: Any, settings: Settings) -> None:
    from tests.channels.tiny_server import certificate

    server = TinyServer(tls=certificate(tmp_path)[1])
    settings.TYPED_ADDRESSES_ALSO = [server.url.removeprefix("https://")]
    try:
        with pytest.raises(NotFetched, match="certificate is not valid"):
            fetched(f"{server.url}/a.png")
    finally:
        server.close()
    assert server.seen == []


def test_a_redirect_is_an_answer_like_others_to_whoever_asks_once(wire: Tripwire) -> None:
    with asked("GET", "http://files.example/to/302?place=http://127.0.0.1/", service="test", total_s=5) as response:
        assert response.status_code == 302
    with pytest.raises(UnsafeAddress), asked("GET", "http://127.0.0.1/", service="test", total_s=5):
        pass


@pytest.mark.parametrize(
    ("shared", "direct"),
    [
        ("https://www.dropbox.com/s/abc123/card.png?dl=0", "https://www.dropbox.com/s/abc123/card.png?dl=1"),
        ("https://www.dropbox.com/scl/fi/x1/card.pdf?rlkey=k&dl=0", "https://www.dropbox.com/scl/fi/x1/card.pdf?rlkey=k&dl=1"),
        ("https://dropbox.com/s/abc123/card.png?raw=1", "https://dropbox.com/s/abc123/card.png?dl=1"),
        ("https://dl.dropboxusercontent.com/s/abc/card.png", "https://dl.dropboxusercontent.com/s/abc/card.png"),
        ("https://drive.google.com/file/d/1AbCdEfGhIjKl/view?usp=sharing", "https://drive.usercontent.google.com/download?id=1AbCdEfGhIjKl&export=download&confirm=t"),
        ("https://drive.google.com/open?id=1AbCdEfGhIjKl", "https://drive.usercontent.google.com/download?id=1AbCdEfGhIjKl&export=download&confirm=t"),
        ("https://drive.google.com/uc?export=view&id=1AbCdEfGhIjKl", "https://drive.usercontent.google.com/download?id=1AbCdEfGhIjKl&export=download&confirm=t"),
        (
            "https://drive.google.com/file/d/1AbCdEfGhIjKl/view?resourcekey=0-k",
            "https://drive.usercontent.google.com/download?id=1AbCdEfGhIjKl&export=download&confirm=t&resourcekey=0-k",
        ),
        ("https://drive.google.com.evil.example/file/d/1AbCdEfGhIjKl/view", "https://drive.google.com.evil.example/file/d/1AbCdEfGhIjKl/view"),
        ("https://files.example/s/abc?dl=0", "https://files.example/s/abc?dl=0"),
    ],
)  # fmt: skip
def test_share_pages_become_the_file(shared: str, direct: str) -> None:
    assert str(direct_link(plain_address(shared))) == direct


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://www.dropbox.com/sh/abc/def?dl=0", "shows a folder"), ("https://www.dropbox.com/scl/fo/abc/h?rlkey=1", "shows a folder"),
        ("https://drive.google.com/drive/folders/1AbCdEfGhIjKl", "shows a folder"), ("https://drive.google.com/drive/u/0/my-drive", "shows a folder"),
        ("https://docs.google.com/document/d/1AbCdEfGhIjKl/edit", "Google document"),
    ],
)  # fmt: skip
def test_shared_things_that_are_no_file_are_refused_with_that_reason(link: str, why: str) -> None:
    with pytest.raises(NotFetched, match=why):
        fetched(link)


@pytest.mark.parametrize("ip", ["93.184.216.34", "1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001:830::200e"])
def test_hosts_of_the_internet_are_public(ip: str) -> None:
    assert is_public(ip)
