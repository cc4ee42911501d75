"""Connecting a store in a browser, on the real processes: by the print provider's staff, and by a merchant without an account."""

from __future__ import annotations

from itertools import product
from typing import Literal
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import DESKTOP, PHONE, TABLET, axe_findings, sideways, sign_in, tab_to
from tests.browser.conftest import Tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GERMANY = "A1PA6795UKMFR9"
SLOW_MS = 60_000


def seller_at_amazon(stage: Stage) -> str:
    """Open a selling account that no print provider knows; return how it is called."""
    name = f"Walker {uuid4().hex[:8]}"
    seller = {"seller_id": f"A{uuid4().hex[:13].upper()}", "name": name, "region": "EU", "marketplace_ids": [GERMANY]}
    httpx.post(f"{stage.amazon}/_control/sellers", json=seller, trust_env=False).raise_for_status()
    return name


def customer_of_northprint(page: Page, stage: Stage, name: str) -> None:
    """Add a customer with storefronts access and without anybody who could sign in."""
    page.goto(f"{stage.hub}/customers/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Enable storefronts").check()
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def set_up(page: Page, stage: Stage, name: str) -> None:
    """Go through the first two steps."""
    page.goto(f"{stage.hub}/stores/")
    page.get_by_role("link", name="Connect a store").first.click()
    page.get_by_role("button", name="Connect Amazon").click()
    scanned(page)
    page.get_by_label("Customer").select_option(label=name)
    page.get_by_label("Marketplace").select_option(label="Germany")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Send to merchant")).to_be_visible()


def scanned(page: Page) -> None:
    """Require that axe finds nothing on the page as it stands, on a phone and at a desk, by day and by night; nothing is loaded anew."""
    found = []
    for (width, height), scheme in product((PHONE, TABLET, DESKTOP), ("dark", "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [
            f"{page.url} at {width} px, {scheme}: {one}"
            for one in [*axe_findings(page, only_colours=scheme == "dark"), *filter(None, [sideways(page)])]
        ]
    assert not found, "\n".join(found)


def confirm_at_amazon(page: Page, name: str) -> None:
    """Choose the account and press "Confirm"."""
    page.get_by_label(name).check()
    page.get_by_role("button", name="Confirm").click()


def test_staff_authorise_where_it_was_switched_on_and_see_what_comes_next(stage: Stage, open_tab: Tab) -> None:
    with open_tab() as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        name = seller_at_amazon(stage)
        customer_of_northprint(page, stage, name)
        set_up(page, stage, name)
        expect(page.get_by_text("Your staff may not authorise for")).to_be_visible()
        page.get_by_role("button", name=f"Let our staff authorise for {name}").click()
        page.get_by_role("button", name="Authorize", exact=True).click()
        confirm_at_amazon(page, name)
        expect(page.get_by_role("main")).to_contain_text(name)
        scanned(page)
        page.get_by_role("button", name="Add connection").click()
        expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
        scanned(page)
        page.get_by_role("button", name="Sync Products").click()
        page.get_by_role("link", name="Connection", exact=True).click()
        expect(page.get_by_role("main")).to_contain_text("Connected")
        page.get_by_role("button", name="Test now").click()
        expect(page.get_by_text("The marketplace accepts the seller's permission.")).to_be_visible(timeout=SLOW_MS)
        page.reload()
        expect(page.get_by_text("Orders can be read")).to_be_visible(timeout=SLOW_MS)


def test_what_was_typed_survives_a_refresh_until_it_is_saved(stage: Stage, staff: Page) -> None:
    name = seller_at_amazon(stage)
    customer_of_northprint(staff, stage, name)
    staff.get_by_role("link", name="Connect a store").first.click()
    staff.get_by_role("button", name="Connect Amazon").click()
    staff.get_by_label("Marketplace").select_option(label="Germany")
    staff.get_by_label("Integration name").fill("My own words")
    staff.get_by_text("Settings: the defaults suit").click()
    staff.get_by_label("Mark orders as despatched").uncheck()
    staff.reload()
    expect(staff.get_by_label("Integration name")).to_have_value("My own words")
    expect(staff.get_by_label("Marketplace")).to_have_value(GERMANY)
    staff.get_by_text("Settings: the defaults suit").click()
    expect(staff.get_by_label("Mark orders as despatched")).not_to_be_checked()
    staff.get_by_role("button", name="Save and go on").click()
    staff.get_by_role("link", name="Store setup").click()
    staff.get_by_label("Integration name").fill("Other words")
    staff.get_by_role("button", name="Save and go on").click()
    staff.get_by_role("link", name="Store setup").click()
    expect(staff.get_by_label("Integration name")).to_have_value("Other words")


def test_a_store_is_connected_by_keyboard_alone(stage: Stage, staff: Page) -> None:
    name = seller_at_amazon(stage)
    customer_of_northprint(staff, stage, name)
    staff.goto(f"{stage.hub}/stores/")
    press(staff, "link", "Connect a store")
    press(staff, "button", "Connect Amazon")
    for label, typed in (("Customer", name), ("Marketplace", "Germany")):
        tab_to(staff, staff.get_by_label(label))
        staff.keyboard.type(typed)
    press(staff, "button", "Save and go on")
    press(staff, "button", f"Let our staff authorise for {name}")
    press(staff, "button", "Authorize")
    seller = staff.get_by_label(name)
    tab_to(staff, staff.get_by_role("radio", checked=True))
    for _step in range(staff.get_by_role("radio").count()):
        if seller.is_checked():
            break
        staff.keyboard.press("ArrowDown")
    press(staff, "button", "Confirm")
    press(staff, "button", "Add connection")
    press(staff, "button", "Sync Products")
    expect(staff.get_by_role("heading", level=1)).to_contain_text(name)


def press(page: Page, role: Literal["button", "link"], name: str) -> None:
    """Tab to a button or link, see that it shows its focus, and press Enter; then wait for the page that it leads to."""
    target = page.get_by_role(role, name=name, exact=True).first
    target.wait_for()
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_merchant_without_an_account_authorises_by_the_mailed_link(stage: Stage, open_tab: Tab) -> None:
    with open_tab() as page, open_tab() as merchant:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        name = seller_at_amazon(stage)
        customer_of_northprint(page, stage, name)
        set_up(page, stage, name)
        address = f"{uuid4().hex}@shop.test"
        page.get_by_label("Merchant's e-mail").fill(address)
        page.get_by_role("button", name="Send to merchant").click()
        expect(page.get_by_text("Waiting for the merchant")).to_be_visible()
        scanned(page)
        merchant.goto(stage.link_mailed_to(address))
        expect(merchant.get_by_role("heading", name="Northprint Studio asks for a permission")).to_be_visible()
        scanned(merchant)
        merchant.get_by_role("button", name="Go on to Amazon").click()
        confirm_at_amazon(merchant, name)
        expect(merchant.get_by_role("heading", name="The permission was given")).to_be_visible()
        scanned(merchant)
        # The other page notices by itself.
        page.get_by_role("button", name="Finalize").click(timeout=SLOW_MS)
        expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
