"""``make pictures``: take the pictures of README and docs again, from a fresh hub with a few orders in it.

Reads ``HUB_URL``, ``IMITATION_URL`` and ``HUB_LOGINS`` as the journey does (docs/devstack.md). The same pages, orders and sizes every time; only
order numbers and times of day differ. Pictures that nobody looks at go stale: look at each before committing it.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import chromium_path, launch, sign_in, tab
from tests.browser.stage import Stage
from tests.journeys.walk import Walk, wait_for

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESK, PHONE = (1280, 860), (390, 844)
MERCHANT = "grete@gretes-gifts.test"
MOST_BYTES = 150_000
EXACT_COLOURS = 160


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file, the address, and how to look at it."""

    name: str
    address: str
    size: tuple[int, int] = DESK
    scheme: str = "light"
    who: str = "Northprint, owner"
    prepare: Callable[[Page], object] = lambda page: None


def set_the_scene(stage: Stage) -> dict[str, Walk]:
    """Make orders in every state, from different buyers, so that the pages show what they are for."""
    berlin = {"name": "Mia Neumann", "addressLine1": "Torstraße 77", "city": "Berlin", "postalCode": "10119", "countryCode": "DE"}
    wien = {"name": "Jonas Gruber", "addressLine1": "Lindengasse 4", "city": "Wien", "postalCode": "1070", "countryCode": "AT"}
    shipped = stage.packed()
    shipped.ship()
    shipped.see_proof()
    printing = stage.walk(quantity=2, buyer_name="Mia Neumann", address=berlin)
    printing.release()
    form = next(one for one in printing.staff.open(printing.order_address).forms if ("to", "printing") in one.button_fields)
    printing.staff.send(form, button=("to", "printing"))
    released = stage.walk(quantity=5, buyer_name="Jonas Gruber", address=wien)
    released.release()
    scene = {
        "shipped": shipped,
        "printing": printing,
        "released": released,
        "personalised": stage.personalised(),
        "packed": stage.packed(),
        "cancel": stage.asked_to_cancel(),
        "received": stage.walk(quantity=1, buyer_name="Mia Neumann", address=berlin, gift_message="Alles Gute zum Einzug!", ship_within_days=1),
    }
    stage.place(sku="FBA-MUG-BLACK")  # shipped by Amazon: the ledger shows why it is skipped
    stage.place(paid=False)
    reader = scene["received"].staff
    wait_for(lambda: reader.open(f"{stage.hub}/orders/ledger/").expect("Skipped"), within_s=60)
    return scene


def album(stage: Stage, scene: dict[str, Walk]) -> list[Picture]:
    """Return the pictures to take."""
    reader = scene["received"].staff
    store = reader.open(f"{stage.hub}/stores/").link(says="Amazon.de")
    mapping = reader.open(scene["personalised"].order_address).link(says="Connect")
    shelf = reader.open(mapping).link(says="MUG-11-WHITE")
    ship = f"{stage.hub}/production{scene['packed'].order_address.removeprefix(stage.hub)}ship/"
    shop = reader.open(f"{stage.amazon}/shop/").link(says="Ceramic mug 11oz, white")
    seller = reader.open(f"{stage.amazon}/seller/").link(says=scene["shipped"].number)
    orders = f"{stage.hub}/orders/?view=all"
    ada, grete = "Ada's Atelier", "Grete's Gifts"
    portal_order = f"{stage.hub}/portal{scene['shipped'].order_address.removeprefix(stage.hub)}"
    customer = reader.open(f"{stage.hub}/customers/").link(says=ada)
    begun = reader.open(reader.open(f"{stage.hub}/customers/").link(says=grete)).link(says="Connect a store")
    return [
        Picture("portal-start", f"{stage.hub}/portal/", size=(1280, 760), who=grete),
        Picture("portal-connect", f"{stage.hub}/stores/connect/", who=grete),
        Picture("portal-products", f"{stage.hub}/portal/products/", size=(1280, 900), who=ada),
        Picture("portal-map", shelf, size=(1280, 760), who=ada),
        Picture("portal-order", portal_order, size=(1280, 1100), who=ada),
        Picture("portal-orders", f"{stage.hub}/portal/orders/", who=ada),
        Picture("portal-entered", customer, size=(1280, 640), prepare=enter_the_portal),
        Picture("customer", customer, size=(1280, 800)),
        Picture("look", f"{stage.hub}/settings/look/", size=(1280, 800)),
        Picture("store-setup", begun, size=(1280, 860), prepare=begin_to_connect),
        Picture("send-to-merchant", begun, size=(1280, 760), prepare=send_to_merchant),
        Picture("permission", begun, size=(1000, 760), prepare=partial(open_what_was_mailed, stage=stage)),
        Picture("connection", f"{store}connection/", size=(1280, 1000), prepare=run_the_self_test),
        Picture("orders", orders),
        Picture("orders-dark", orders, scheme="dark"),
        Picture("order", scene["received"].order_address, size=(1280, 1100)),
        Picture("order-shipped", scene["shipped"].order_address, size=(1280, 1400)),
        Picture("order-dark", scene["personalised"].order_address, size=(1280, 1100), scheme="dark"),
        Picture("store", store),
        Picture("connect", shelf),
        Picture("production", f"{stage.hub}/production/", size=(1280, 560)),
        Picture("ship", ship, size=(1280, 800), prepare=fill_in_two_packages),
        Picture("shipments", f"{stage.hub}/production/shipments/"),
        Picture("attention", f"{stage.hub}/orders/attention/"),
        Picture("ledger", f"{stage.hub}/orders/ledger/"),
        Picture("elsewhere", f"{stage.hub}/production{scene['received'].order_address.removeprefix(stage.hub)}shipped-elsewhere/", size=(1280, 640)),
        Picture("phone-attention", f"{stage.hub}/orders/attention/", size=PHONE),
        Picture("phone-store", store, size=PHONE),
        Picture("shop", shop),
        Picture("seller-central", seller, size=(1280, 1000)),
        Picture("phone-orders", orders, size=PHONE),
        Picture("phone-order", scene["received"].order_address, size=PHONE),
    ]


def begin_to_connect(page: Page) -> None:
    """Take the wizard's first step, and open the settings of the second."""
    page.get_by_role("button", name="Connect Amazon").click()
    page.get_by_label("Marketplace").select_option(label="United Kingdom")
    page.get_by_text("Settings: the defaults suit").click()


def send_to_merchant(page: Page) -> None:
    """Go on where the wizard was left, and mail the merchant a link."""
    page.get_by_role("link", name="Go on").first.click()
    page.get_by_label("Marketplace").select_option(label="United Kingdom")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Merchant's e-mail").fill(MERCHANT)
    page.get_by_role("button", name="Send to merchant").click()
    page.get_by_text("Waiting for the merchant").wait_for()


def open_what_was_mailed(page: Page, *, stage: Stage) -> None:
    """Open the mailed link as somebody who has no account."""
    page.context.clear_cookies()
    page.goto(stage.link_mailed_to(MERCHANT), wait_until="networkidle")


def run_the_self_test(page: Page) -> None:
    """Show the self-test with its answers."""
    page.get_by_role("button", name="Test now").click()
    page.get_by_text("tested just now").wait_for(timeout=60_000)


def enter_the_portal(page: Page) -> None:
    """Look into the portal of the customer whose page this is."""
    page.get_by_role("button", name="See its portal").click()
    page.wait_for_url("**/portal/")


def fill_in_two_packages(page: Page) -> None:
    """Show the form as it is when somebody is about to press Ship."""
    page.locator("[name='p0-carrier_code']").select_option("DHL")
    page.locator("[name='p0-tracking_number']").fill("00340434161094000015")
    page.locator("[name^='p0-lin_']").fill("1")
    page.get_by_role("button", name="Another package").click()
    page.locator("[name='p1-tracking_number']").fill("00340434161094000022")


def with_few_colours(picture: Image.Image) -> Image.Image:
    """Keep the colours that cover most of the page exactly, and draw the rest with the nearest of them and of an average palette.

    Done by hand because Pillow's own mapping takes colours that differ by less than four steps for the same: white would become grey.
    """
    pixels = list(zip(*(band.tobytes() for band in picture.split()), strict=True))
    counted = Counter(pixels)
    average = picture.quantize(256 - EXACT_COLOURS, method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = [colour for colour, _count in counted.most_common(EXACT_COLOURS)] + list(zip(average[::3], average[1::3], average[2::3], strict=True))
    palette = palette[:256]

    def nearest(colour: tuple[int, ...]) -> int:
        return min(range(len(palette)), key=lambda place: sum((one - other) ** 2 for one, other in zip(palette[place], colour, strict=True)))

    places = {colour: nearest(colour) for colour in counted}
    few = Image.frombytes("P", picture.size, bytes(places[colour] for colour in pixels))
    few.putpalette([channel for colour in palette for channel in colour])
    return few


def keep(name: str, screen: bytes) -> str:
    """Store one picture. Raises ``ValueError`` when it is too large for a repository."""
    with Image.open(io.BytesIO(screen)) as picture:
        with_few_colours(picture.convert("RGB")).save(FOLDER / f"{name}.png", optimize=True)
    size = (FOLDER / f"{name}.png").stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"{name}.png has {size} bytes, more than {MOST_BYTES}. Make the picture smaller.")
    return f"{name}.png {size // 1024} KiB"


def take(browser: Browser, stage: Stage, picture: Picture) -> str:
    """Take one picture, signed in as whoever it is for."""
    with tab(browser, width=picture.size[0], height=picture.size[1], color_scheme=picture.scheme) as page:
        if picture.address.startswith(stage.hub):
            sign_in(page, stage.hub, *stage.login(picture.who))
        page.goto(picture.address, wait_until="networkidle")
        picture.prepare(page)
        page.evaluate("() => document.fonts.ready.then(() => document.activeElement?.blur())")
        return keep(picture.name, page.screenshot())


def main() -> int:
    """Set the scene and take all pictures."""
    if chromium_path() is None:
        print("No Chromium was found. Debian, Ubuntu: apt-get install chromium fonts-dejavu-core", file=sys.stderr)
        return 1
    stage = Stage(
        hub=os.environ["HUB_URL"], amazon=os.environ["IMITATION_URL"], mailbox=os.environ["MAILBOX_URL"], logins=json.loads(os.environ["HUB_LOGINS"])
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = album(stage, set_the_scene(stage))
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in pictures:
            print(f"  {take(browser, stage, picture)}", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
