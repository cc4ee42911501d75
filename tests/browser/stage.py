"""The whole hub on real processes for the browser tests, and short cuts over HTTP that bring an order to where a test begins."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx

from tests.journeys.form_reader import FormReader
from tests.journeys.walk import Walk, wait_for

ADDRESS = {"name": "Jo Journey", "addressLine1": "Markt 1", "city": "Aachen", "postalCode": "52062", "countryCode": "DE"}


class Stage:
    """Where everything is, who may enter, and how to get an order into a given state."""

    def __init__(self, *, hub: str, amazon: str, mailbox: str, logins: list[dict[str, str]]) -> None:
        self.hub, self.amazon, self.mailbox, self.logins = hub.rstrip("/"), amazon.rstrip("/"), mailbox.rstrip("/"), logins

    def login(self, what: str) -> tuple[str, str]:
        """Return login and password of the first row of the table whose ``what`` holds the text."""
        row = next(row for row in self.logins if what in row["what"] and row["login"])
        return row["login"], row["password"]

    def reader(self, what: str) -> FormReader:
        """Return a signed-in reader of pages over HTTP."""
        login, password = self.login(what)
        reader = FormReader()
        reader.send(reader.open(f"{self.hub}/accounts/login/").form(has="password"), {"login": login, "password": password})
        return reader

    def link_mailed_to(self, address: str) -> str:
        """Return the first link to the hub in the newest mail to an address, once that has arrived."""
        found: list[str] = []

        def look() -> None:
            listed = httpx.get(f"{self.mailbox}/", params={"to": address}, trust_env=False).text
            mail = re.search(r'href="(/mail/[^"]+)"', listed)
            assert mail, f"no mail to {address} yet"
            text = html.unescape(httpx.get(f"{self.mailbox}{mail[1]}", params={"as": "text"}, trust_env=False).text)
            found.extend(re.findall(rf"{re.escape(self.hub)}/[^\s<\"]+", text))
            assert found, "the mail holds no link"

        wait_for(look, within_s=45)
        return found[0]

    def place(self, **wish: Any) -> str:
        """Let a buyer order at the imitation; returns the order number. The keys are those of its control door."""
        wish = {"sku": "MUG-11OZ-WHITE", "quantity": 3, "buyer_name": "Jo Journey", "address": ADDRESS} | wish
        answer = httpx.post(f"{self.amazon}/_control/orders", json=wish, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["order_id"])

    def personalised(self) -> Walk:
        """Return a walk whose order waits for two things: its listing is not mapped, and its buyer's text is to be read."""
        walk = self.walk(sku="MUG-NAME/ÄÖÜ 1", personalisation="Für Jördis", quantity=1)
        wait_for(lambda: walk.staff.open(walk.order_address).expect("Für Jördis", "not mapped"), within_s=45)
        return walk

    def ask_to_cancel(self, number: str) -> None:
        """Let the buyer ask for the cancellation of an order."""
        door = f"{self.amazon}/_control/orders/{number}/request-cancellation"
        httpx.post(door, json={"reason": "Ordered by mistake"}, trust_env=False).raise_for_status()

    def asked_to_cancel(self) -> Walk:
        """Return a walk whose order waits because its buyer has asked to cancel it."""
        walk = self.walk()
        self.ask_to_cancel(walk.number)

        def asked() -> None:
            page = walk.staff.open(f"{self.hub}/orders/")
            walk.staff.send(next(form for form in page.forms if "/import-now/" in form.action))
            walk.staff.open(walk.order_address).expect("Cancellation requested")

        wait_for(asked, within_s=60)
        return walk

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
