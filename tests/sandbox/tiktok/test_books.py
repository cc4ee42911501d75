"""The imitation's memory: it survives restarts, and its ledger tells the truth under load."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import httpx

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.imitations import foreign_modules
from tests.sandbox.tiktok.conftest import START, Caller
from tests.sandbox.tiktok.test_orders import SEARCH, detail
from tests.sandbox.tiktok.test_shipping import notice, path, ready


def test_books_survive_a_restart(tmp_path: Path) -> None:
    with ImitationTikTok(at=START, data=tmp_path) as tiktok:
        order = ready(tiktok, 2)
        ada = Caller(tiktok)
        ada.ask("POST", path(order), body=notice(order, 0))
        writes, token = tiktok.books.writes(), ada.token
        ada.http.close()
    with ImitationTikTok(at=START, data=tmp_path) as tiktok:
        ada = Caller(tiktok)
        ada.token = token
        assert detail(ada, order.order_id)["status"] == "PARTIALLY_SHIPPING"
        assert tiktok.books.writes() == writes
        assert ready(tiktok).order_id != order.order_id
        assert len(tiktok.books.shops(seed.ATLANTIC.open_id)) == 3
        ada.http.close()


def test_page_token_survives_a_restart(tmp_path: Path) -> None:
    with ImitationTikTok(at=START, data=tmp_path) as tiktok:
        for _ in range(2):
            ready(tiktok)
        ada = Caller(tiktok)
        token = ada.ask("POST", SEARCH, body={}, page_size=1)["next_page_token"]
        ada.http.close()
    with ImitationTikTok(at=START, data=tmp_path) as tiktok:
        ada = Caller(tiktok)
        assert len(ada.ask("POST", SEARCH, body={}, page_size=1, page_token=token)["orders"]) == 1
        ada.http.close()


def test_two_fresh_imitations_are_the_same() -> None:
    rows = []
    for _ in range(2):
        with ImitationTikTok(at=START) as tiktok:
            ready(tiktok)
            rows.append((tiktok.books.shops(), tiktok.books.orders()))
    assert rows[0] == rows[1]


def test_simultaneous_notices_ship_each_unit_once(tiktok: ImitationTikTok) -> None:
    order = ready(tiktok, 3)
    codes: list[int] = []
    barrier = threading.Barrier(6)

    def ship(number: int) -> None:
        caller = Caller(tiktok)
        barrier.wait()
        body = notice(order, number % 3, tracking_number=f"940011189922381742849{number}")
        codes.append(caller.send("POST", path(order), body=body).json()["code"])
        caller.http.close()

    threads = [threading.Thread(target=ship, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0] * 3 + [21011006] * 3
    assert len(tiktok.books.writes(kind="confirm_shipment")) == 3


def test_thousand_orders_are_polled_a_hundred_a_page(tiktok: ImitationTikTok, ada: Caller) -> None:
    with tiktok.books.transaction():
        placed = {ready(tiktok).order_id for _ in range(1000)}
    seen: set[str] = set()
    token, answers = "", 0
    while not answers or token:
        answer = ada.ask("POST", SEARCH, body={}, page_size=100, page_token=token)
        seen |= {order["id"] for order in answer["orders"]}
        token, answers = answer["next_page_token"], answers + 1
    assert (answers, seen) == (10, placed)


def test_imitation_needs_no_django_and_no_product_code() -> None:
    assert foreign_modules("stores.sandbox.tiktok") == ""


def test_command_serves_until_it_is_told_to_stop(tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-m", "stores.sandbox.tiktok", "--port", str(port), "--data", str(tmp_path / "books"), "--factor", "60"]
    with subprocess.Popen([*command, "--webhook-url", "http://127.0.0.1:9/"], stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            assert f"http://127.0.0.1:{port} (time factor 60" in served.stdout.readline()
            with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as caller:  # it says its address just before it listens
                told = caller.get(f"http://127.0.0.1:{port}/_control/settings").json()["application"]
            assert (told["webhook_url"], "app_secret" in told) == ("http://127.0.0.1:9/", False)
            taken = subprocess.run([*command[:4], str(port)], capture_output=True, text=True, check=False, timeout=20)
            assert (taken.returncode, "Choose another port" in taken.stderr) == (2, True)
        finally:
            served.terminate()
        assert served.wait(timeout=10) == 0
    assert (tmp_path / "books" / "tiktok.sqlite3").exists()
