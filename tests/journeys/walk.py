"""``make journey``: orders from sale to proof on the real processes, without a browser. One line a step; ends at the first that fails.

Reads ``HUB_URL``, ``IMITATION_URL``, ``TIKTOK_IMITATION_URL`` and ``HUB_LOGINS`` (docs/devstack.md). Exit code 0 when every step passed, 1 otherwise.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from PIL import Image

from tests.journeys.form_reader import FormReader, NotOnThePage, Page

T = TypeVar("T")
ORDER_NUMBER = re.compile(r"\d{3}-\d{7}-\d{7}")
FIRST_TRACKING, SECOND_TRACKING = "00340434161094000015", "00340434161094000022"


class Walk:
    """The steps of the main job, in order. Each returns a few words about what it saw."""

    def __init__(self, hub: str, amazon: str, logins: list[dict[str, str]]) -> None:
        self.hub, self.amazon = hub.rstrip("/"), amazon.rstrip("/")
        self.login = next(one for one in logins if one["login"])
        self.staff, self.buyer = FormReader(), FormReader()
        self.number = self.order_address = self.personal_number = ""

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps with their names."""
        return [
            ("A PSP employee signs in", self.sign_in),
            ("sees the connected store and its mapped listing", self.see_store),
            ("A buyer buys it at the imitation Amazon", self.buy),
            ("“Last import” brings the order into the hub", self.import_order),
            ("The order page shows the four things", self.check_order),
            ("It is released to production", self.release),
            ("Print file and job ticket are downloaded", self.download),
            ("It is printed and packed", self.produce),
            ("It is shipped in two packages", self.ship),
            ("Seller Central shows both packages", self.see_at_amazon),
            ("The push history shows sent, accepted and read back", self.see_proof),
            ("A personalised order of an unmapped listing waits", self.buy_personalised),
            ("Mapping the listing and approving the text lets it go", self.map_and_approve),
        ]

    def sign_in(self) -> str:
        """Sign in as the first login of the table."""
        form = self.staff.open(f"{self.hub}/accounts/login/").form(has="password")
        page = self.staff.send(form, {"login": self.login["login"], "password": self.login["password"]})
        page.expect("Manage orders")
        return self.login["login"]

    def see_store(self) -> str:
        """Find the connected store and the listing that is mapped."""
        stores = self.staff.open(f"{self.hub}/stores/")
        stores.expect("Connected")
        address = stores.link(says="Amazon.de")

        def listed() -> Page:
            page = self.staff.open(address)
            page.expect("MUG-11OZ-WHITE", "Mug 11 oz", "Sync Products", "TEE-CLASSIC-M")
            return page

        wait_for(listed, within_s=40)
        return "Connected; MUG-11OZ-WHITE is mapped to Mug 11 oz"

    def buy(self) -> str:
        """Buy three mugs with a gift message on the shopper page."""
        shop = self.buyer.open(f"{self.amazon}/shop/")
        form = self.buyer.open(shop.link(says="Ceramic mug 11oz, white")).form(has="buyer_name")
        page = self.buyer.send(
            form, {"quantity": "3", "buyer_name": "Jo Journey", "city": "Aachen", "postalCode": "52062", "gift_message": "Enjoy your tea"}
        )
        self.number = first_number(page)
        return self.number

    def import_order(self) -> str:
        """Press "Import now" until the order is there; the next poll would bring it as well."""
        started = time.monotonic()
        self.order_address = self.wait_for_order(self.number)
        return f"{time.monotonic() - started:.1f} s after the purchase"

    def wait_for_order(self, number: str) -> str:
        """Ask for an import and return the order's page once the list shows it."""

        def there() -> str:
            page = self.staff.open(f"{self.hub}/orders/")
            try:
                return page.link(says=number)
            except NotOnThePage:
                # No button while an import runs: then the next look shows what it brought.
                for form in [form for form in page.forms if "/import-now/" in form.action][:1]:
                    self.staff.send(form)
                raise

        return wait_for(there, within_s=60)

    def check_order(self) -> str:
        """Customer information, product specification, design files, shipping details, timeline and clock (GA-34)."""
        page = self.staff.open(self.order_address)
        page.expect(self.number, "Jo Journey", "Aachen", "52062", "Enjoy your tea")
        page.expect("Mug 11 oz", "sunset-mug-wrap.png", "Imported from", "left")
        return "buyer, address, gift message, product, design file, timeline, ship-by"

    def release(self) -> str:
        """Release all lines."""
        page = self.staff.send(self.staff.open(self.order_address).form(to=f"{self.order_address}release/"))
        page.expect("Released")
        return "released"

    def download(self) -> str:
        """Both files are real: a picture in print size, a PDF."""
        page = self.staff.open(self.order_address)
        printed = self.staff.open(page.link(ends="/print-file/")).answer
        with Image.open(io.BytesIO(printed.content)) as picture:
            picture.load()
            size = picture.size
        if size != (2528, 1110):
            raise NotOnThePage(f"The print file is {size[0]} x {size[1]} pixels; 2528 x 1110 were stored.")
        ticket = self.staff.open(page.link(ends=".pdf")).answer
        if not ticket.content.startswith(b"%PDF-") or ticket.headers["content-type"] != "application/pdf":
            raise NotOnThePage("The job ticket is not a PDF.")
        return f"PNG {size[0]} x {size[1]}, {len(printed.content) // 1024} KiB; PDF {len(ticket.content) // 1024} KiB"

    def produce(self) -> str:
        """Move all lines through printing to packing."""
        for state in ("printing", "packing"):
            form = next(one for one in self.staff.open(self.order_address).forms if ("to", state) in one.button_fields)
            self.staff.send(form, button=("to", state))
        self.staff.open(self.order_address).expect("Packing")
        return "printing, packing"

    def ship(self) -> str:
        """Two packages: one mug and two mugs."""
        address = f"{self.hub}/production{self.order_address.removeprefix(self.hub)}ship/"
        form = self.staff.open(address).form(has="packages")
        page = self.staff.send(form, button=("add", "1"))
        form = page.form(has="packages")
        quantities = [name for name in form.fields if "lin_" in name]
        trackings = [name for name in form.fields if name.endswith("tracking_number")]
        carriers = [name for name in form.fields if name.endswith("carrier_code")]
        typed = dict(zip(trackings, (" 0034 0434-161094000015", SECOND_TRACKING), strict=True)) | dict.fromkeys(carriers, "DHL")
        typed |= dict(zip(quantities, ("1", "2"), strict=True))
        self.staff.send(form, typed).expect(FIRST_TRACKING, SECOND_TRACKING)
        self.staff.open(self.order_address).expect("Shipped")
        return f"{FIRST_TRACKING} and {SECOND_TRACKING}"

    def see_at_amazon(self) -> str:
        """The imitation's own pages show what it was told."""

        def shown() -> None:
            orders = self.buyer.open(f"{self.amazon}/seller/")
            self.buyer.open(orders.link(says=self.number)).expect(FIRST_TRACKING, SECOND_TRACKING, "Shipped")

        wait_for(shown, within_s=45)
        return "Shipped, with both tracking numbers"

    def see_proof(self) -> str:
        """Both pushes end as read back."""

        def proven() -> None:
            page = self.staff.open(self.order_address)
            if page.text.count("Read back") < 2:
                raise NotOnThePage(f"Not both packages are read back yet. The page says: {page.text[-900:]}")

        wait_for(proven, within_s=60)
        return "both read back"

    def buy_personalised(self) -> str:
        """Buy a mug with a name on it; its listing is not mapped."""
        shop = self.buyer.open(f"{self.amazon}/shop/")
        form = self.buyer.open(shop.link(says="Mug with your name")).form(has="personalisation")
        self.personal_number = first_number(self.buyer.send(form, {"personalisation": "Für Jördis", "buyer_name": "Jördis Journey"}))
        self.order_address = self.wait_for_order(self.personal_number)

        def fetched() -> None:
            self.staff.open(self.order_address).expect("Für Jördis", "not mapped")

        wait_for(fetched, within_s=45)
        return f"{self.personal_number}: text fetched, two holds"

    def map_and_approve(self) -> str:
        """Connect the listing to the mug with its design, approve the text, release."""
        page = self.staff.open(self.order_address)
        address = page.link(says="Connect")
        design = self.staff.open(self.staff.open(address).link(says="MUG-11-WHITE"))
        self.staff.send(next(form for form in design.forms if form.method == "post" and "logout" not in form.action))
        page = self.staff.open(self.order_address)
        approve = next(one for one in page.forms if any("Approve" in text for text in one.buttons))
        self.staff.send(approve, button=approve.button_fields[0])
        self.staff.send(self.staff.open(self.order_address).form(to=f"{self.order_address}release/"))
        self.staff.open(self.order_address).expect("Released")
        return "mapped, approved, released"


def first_number(page: Page) -> str:
    """Return the order number that a page shows."""
    found = ORDER_NUMBER.search(page.text)
    if found is None:
        raise NotOnThePage(f"{page.address} shows no order number. It says: {page.text[:400]}")
    return found[0]


def wait_for(look: Callable[[], T], *, within_s: float) -> T:
    """Look again every second until it is there; the last complaint is the error."""
    ends = time.monotonic() + within_s
    while True:
        try:
            return look()
        except NotOnThePage as missing:
            if time.monotonic() > ends:
                raise NotOnThePage(f"Not within {within_s:g} s: {missing}") from None
            time.sleep(1)


def main() -> int:
    """Walk and print."""
    from tests.journeys.tiktok_walk import TikTokWalk  # it is a walk, too

    walk = Walk(os.environ["HUB_URL"], os.environ["IMITATION_URL"], json.loads(os.environ["HUB_LOGINS"]))
    beside = TikTokWalk(walk, os.environ["TIKTOK_IMITATION_URL"])
    sign_in, *steps = walk.steps()
    began = time.monotonic()
    for name, step in (sign_in, *beside.before(), *steps, *beside.steps()):
        started = time.monotonic()
        try:
            saw = step()
        except (NotOnThePage, LookupError, StopIteration, OSError) as failure:
            print(f"  FAILED  {time.monotonic() - started:6.1f} s  {name}\n          {failure or type(failure).__name__}", flush=True)
            return 1
        print(f"  ok      {time.monotonic() - started:6.1f} s  {name}: {saw}", flush=True)
    print(f"  The journey took {time.monotonic() - began:.1f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
