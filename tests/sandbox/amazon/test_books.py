"""The imitation's memory: it survives restarts, and its ledger tells the truth under load."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import httpx

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import START, Caller
from tests.sandbox.imitations import foreign_modules


def test_books_survive_a_restart(tmp_path: Path) -> None:
    with ImitationAmazon(at=START, data=tmp_path) as amazon:
        placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
        ada = Caller(amazon)
        refresh_token = amazon.refresh_token()
        assert ada.confirm(placed).status_code == 204
        writes, token = amazon.books.writes(), ada.token
        ada.http.close()
    with ImitationAmazon(at=START, data=tmp_path) as amazon:
        ada = Caller(amazon)
        ada.token = token
        assert ada.order(placed.order_id)["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
        assert amazon.books.writes() == writes
        assert amazon.books.seller_of_refresh_token(refresh_token) == seed.NORTH.seller_id
        assert amazon.place_order(sku="MUG-11OZ-WHITE").order_id != placed.order_id
        assert len(amazon.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE])) == 13
        ada.http.close()


def test_a_page_token_survives_a_restart(tmp_path: Path) -> None:
    asked = {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "maxResultsPerPage": 1}
    with ImitationAmazon(at=START, data=tmp_path) as amazon:
        for _ in range(2):
            amazon.place_order(sku="MUG-11OZ-WHITE")
        amazon.clock.advance(121)
        ada = Caller(amazon)
        token = ada.search(**asked).json()["pagination"]["nextToken"]
        now = amazon.clock.now()
        ada.http.close()
    with ImitationAmazon(at=now, data=tmp_path) as amazon:
        ada = Caller(amazon)
        assert len(ada.search(**asked, paginationToken=token).json()["orders"]) == 1
        ada.http.close()


def test_two_fresh_imitations_are_the_same() -> None:
    rows = []
    for _ in range(2):
        with ImitationAmazon(at=START) as amazon:
            amazon.place_order(sku="MUG-11OZ-WHITE")
            rows.append((amazon.books.sellers(), amazon.books.all_listings(), amazon.books.orders()))
    assert rows[0] == rows[1]


def test_simultaneous_confirmations_never_ship_more_than_was_ordered(amazon: ImitationAmazon) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=3)
    statuses: list[int] = []
    barrier = threading.Barrier(8)

    def confirm(reference: int) -> None:
        caller = Caller(amazon)
        barrier.wait()
        statuses.append(caller.confirm(placed, reference=str(reference)).status_code)
        caller.http.close()

    threads = [threading.Thread(target=confirm, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [204] * 3 + [400] * 5
    order = amazon.books.order(placed.order_id)
    assert order is not None
    assert sum(sum(package.quantities.values()) for package in order.packages) == 3
    assert len(amazon.books.writes(kind="confirm_shipment")) == 3


def test_a_thousand_orders_are_polled_a_hundred_a_page(amazon: ImitationAmazon, ada: Caller) -> None:
    with amazon.books.transaction():
        placed = {amazon.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(1000)}
    amazon.clock.advance(121)
    seen: set[str] = set()
    token: dict[str, str] = {}
    for page in range(10):
        answer = ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z", **token).json()
        seen |= {order["orderId"] for order in answer["orders"]}
        assert ("pagination" in answer) == (page < 9)
        token = {"paginationToken": answer["pagination"]["nextToken"]} if page < 9 else {}
    assert seen == placed


def test_the_imitation_needs_no_django_and_no_product_code() -> None:
    assert foreign_modules("stores.sandbox.amazon") == ""


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-m", "stores.sandbox.amazon", "--port", str(port), "--data", str(tmp_path / "books"), "--factor", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            assert f"http://127.0.0.1:{port} (time factor 60" in served.stdout.readline()
            assert httpx.get(f"http://127.0.0.1:{port}/_control/health").json()["factor"] == 60
            taken = subprocess.run([*command[:4], str(port)], capture_output=True, text=True, check=False, timeout=20)
            assert (taken.returncode, "Choose another port" in taken.stderr) == (2, True)
        finally:
            served.terminate()
        assert served.wait(timeout=10) == 0
    assert (tmp_path / "books" / "amazon.sqlite3").exists()
