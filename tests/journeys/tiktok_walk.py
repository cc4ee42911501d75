"""The journey's part at TikTok Shop: an hour of remorse, a request that is agreed to, and one that shipping declines (requirement GT-29).

The two orders are bought before the walk at Amazon begins, so that nobody waits for TikTok's hold to end.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.form_reader import NotOnThePage
from tests.journeys.walk import Walk, wait_for

NUMBER = re.compile(r"\b\d{18}\b")
TRACKING = "9400111899223197428490"


class TikTokWalk(Walk):
    """The steps of the second channel, by the same employee in the same browser."""

    def __init__(self, walk: Walk, tiktok: str) -> None:
        super().__init__(walk.hub, tiktok, [walk.login])
        self.staff, self.tiktok = walk.staff, tiktok.rstrip("/")
        self.agreed = self.declined = ""  # numbers of the two orders

    def before(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps that the rest waits for."""
        return [("Two buyers buy at the imitation TikTok Shop, and the hub holds their orders", self.buy_two)]

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps with their names."""
        return [
            ("The TikTok Shop stands beside the Amazon store, with its listings", self.see_store),
            ("TikTok's hold has ended by itself", self.see_hold_end),
            ("A buyer asks to cancel, which holds the line and starts a clock", self.ask_to_cancel),
            ("Agreeing cancels it here and in Seller Center", self.agree),
            ("Another buyer's request is declined, after saying what that means", self.decline),
            ("Shipping the order is the answer that Seller Center shows", self.ship_to_decline),
            ("The push history shows it read back", self.see_proof_of_one),
        ]

    def buy_two(self) -> str:
        """Buy two mugs and one mug; the first page after it shows the hold and its end."""
        self.agreed, self.declined = self._buy("2", "Ann"), self._buy("1", "Dee")
        self.order_address = self.wait_for_order(self.agreed)
        self.staff.open(self.order_address).expect("ON_HOLD", self.agreed, "Mug 11 oz")
        return f"{self.agreed} and {self.declined}, on hold"

    def _buy(self, quantity: str, name: str) -> str:
        shop = self.buyer.open(f"{self.tiktok}/shop/")
        form = self.buyer.open(shop.link(says="Ceramic mug 11 oz")).form(has="first_name")
        page = self.buyer.send(form, {"quantity": quantity, "first_name": name})  # the first variant is white and chosen already
        found = NUMBER.search(page.address)
        if found is None:
            raise NotOnThePage(f"{page.address} names no order. It says: {page.text[:400]}")
        return found[0]

    def see_store(self) -> str:
        """Find the store and its synced listings."""
        page = self.staff.open(f"{self.hub}/stores/")
        address = page.link(says="· TikTok Shop")

        def listed() -> None:
            self.staff.open(address).expect("Connected", "MUG-11OZ-WHITE", "Mug 11 oz", "Sync Products")

        wait_for(listed, within_s=40)
        return "Connected; MUG-11OZ-WHITE is mapped to Mug 11 oz"

    def see_hold_end(self) -> str:
        """Both orders can be made once the hour (a minute here) is over."""
        addresses = [self.wait_for_order(number) for number in (self.declined, self.agreed)]

        def released() -> None:
            for address in addresses:
                self.staff.open(address).expect("AWAITING_SHIPMENT")

        wait_for(released, within_s=90)
        return "AWAITING_SHIPMENT"

    def _ask(self, number: str) -> None:
        page = self.buyer.open(f"{self.tiktok}/shop/orders/{number}/")
        self.buyer.send(page.form(to="/request-cancellation"))
        self.order_address = self.wait_for_order(number)

        def held() -> None:
            self.staff.open(self.order_address).expect("Cancellation requested", "The marketplace waits for an answer until")

        wait_for(held, within_s=30)

    def ask_to_cancel(self) -> str:
        """The webhook brings the request."""
        self._ask(self.agreed)
        return "held, with the time until which TikTok waits"

    def agree(self) -> str:
        """Agree on the page that says what TikTok does then."""
        page = self.staff.open(self.staff.open(self.order_address).link(ends="/cancel/", says="Cancel this line"))
        page.expect("says yes to the buyer's request")
        self.staff.send(page.form(button="Say yes and cancel"))

        def cancelled() -> None:
            self.buyer.open(f"{self.tiktok}/seller/orders/{self.agreed}/").expect("Cancel approved", "Order cancelled")
            self.staff.open(self.order_address).expect("Cancelled")

        wait_for(cancelled, within_s=45)
        return "cancelled on both sides"

    def decline(self) -> str:
        """Decline on the page that says that shipping is what tells TikTok."""
        self._ask(self.declined)
        page = self.staff.open(self.staff.open(self.order_address).link(ends="/decline-cancellation/"))
        page.expect("ship")
        self.staff.send(page.form(to="/decline-cancellation/"))
        self.staff.open(self.order_address).expect("declined")
        return "declined, after a page of its own"

    def ship_to_decline(self) -> str:
        """Release, print, pack and ship; the request is answered by it."""
        self.release()
        self.produce()
        form = self.staff.open(f"{self.hub}/production{self.order_address.removeprefix(self.hub)}ship/").form(has="packages")
        typed = {name: TRACKING for name in form.fields if name.endswith("tracking_number")}
        typed |= {name: "USPS" for name in form.fields if name.endswith("carrier_code")}
        typed |= {name: "1" for name in form.fields if "lin_" in name}
        self.staff.send(form, typed).expect(TRACKING)

        def shown() -> None:
            self.buyer.open(f"{self.tiktok}/seller/orders/{self.declined}/").expect(TRACKING, "Cancel rejected")

        wait_for(shown, within_s=45)
        return f"{TRACKING}; the request is answered"

    def see_proof_of_one(self) -> str:
        """The push ends as read back."""

        def proven() -> None:
            self.staff.open(self.order_address).expect("Read back")

        wait_for(proven, within_s=60)
        return "read back"
