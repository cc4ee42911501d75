"""The whole hub on real processes for the browser tests, and short cuts over HTTP that bring an order to where a test begins."""

from __future__ import annotations

from typing import Any

import httpx

from tests.journeys.form_reader import FormReader
from tests.journeys.walk import Walk

ADDRESS = {"name": "Jo Journey", "addressLine1": "Markt 1", "city": "Aachen", "postalCode": "52062", "countryCode": "DE"}


class Stage:
    """Where everything is, who may enter, and how to get an order into a given state."""

    def __init__(self, *, hub: str, amazon: str, logins: list[dict[str, str]]) -> None:
        self.hub, self.amazon, self.logins = hub.rstrip("/"), amazon.rstrip("/"), logins

    def login(self, what: str) -> tuple[str, str]:
        """Return login and password of the first row of the table whose ``what`` holds the text."""
        row = next(row for row in self.logins if what in row["what"] and row["login"])
        return row["login"], row["password"]

    def reader(self, what: str) -> FormReader:
        """Return a signed-in reader of pages over HTTP."""
        login, password = self.login(what)
        reader = FormReader()
        reader.send(reader.open(f"{self.hub}/accounts/login/").form(has="password"), login=login, password=password)
        return reader

    def place(self, **wish: Any) -> str:
        """Let a buyer order at the imitation; returns the order number. The keys are those of its control door."""
        wish = {"sku": "MUG-11OZ-WHITE", "quantity": 3, "buyer_name": "Jo Journey", "address": ADDRESS} | wish
        answer = httpx.post(f"{self.amazon}/_control/orders", json=wish, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["order_id"])

    def scenario(self, name: str, **options: Any) -> None:
        """Start a named fault of the imitation."""
        httpx.post(f"{self.amazon}/_control/scenarios", json={"name": name} | options, trust_env=False).raise_for_status()

    def walk(self, **wish: Any) -> Walk:
        """Return a walk whose order has just arrived in the hub; its steps can be taken one by one."""
        walk = Walk(self.hub, self.amazon, self.logins)
        walk.sign_in()
        walk.number = self.place(**wish)
        walk.order_address = walk.wait_for_order(walk.number)
        return walk

    def packed(self) -> Walk:
        """Return a walk whose order is packed."""
        walk = self.walk()
        walk.release()
        walk.produce()
        return walk
