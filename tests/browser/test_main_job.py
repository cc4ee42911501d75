"""The main job in a browser, on the real processes: from a connected store to the proof that Amazon shows both packages."""

from __future__ import annotations

import re
import time

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in, tab_to
from tests.browser.conftest import Tab
from tests.browser.stage import Stage
from tests.journeys.walk import ORDER_NUMBER

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Of this test alone: the hub asks back about a number that another order has.
FIRST_TRACKING, SECOND_TRACKING = "00340434161094100015", "00340434161094100022"
SLOW_MS = 60_000


def test_an_order_goes_from_sale_to_proof(stage: Stage, open_tab: Tab) -> None:
    with open_tab() as staff, open_tab() as buyer:
        sign_in(staff, stage.hub, *stage.login("Northprint, owner"))
        see_the_connected_store(staff)
        number = buy_mugs(buyer, stage)
        import_the_order(staff, number)
        read_the_order_page(staff, number)
        release_by_keyboard(staff)
        download_both_files(staff)
        print_and_pack(staff)
        ship_two_packages_by_keyboard(staff)
        see_both_packages_in_seller_central(buyer, stage, number)
        see_the_proof(staff)


def see_the_connected_store(staff: Page) -> None:
    staff.get_by_role("navigation", name="Main").get_by_role("link", name="Stores").click()
    staff.get_by_role("link", name="Amazon.de").click()
    expect(staff.get_by_text("Connected", exact=True).first).to_be_visible()
    row = staff.get_by_role("row").filter(has_text="MUG-11OZ-WHITE")
    expect(row).to_contain_text("Mug 11 oz white", timeout=SLOW_MS)


def buy_mugs(buyer: Page, stage: Stage) -> str:
    buyer.goto(f"{stage.amazon}/shop/")
    buyer.get_by_role("link", name="Ceramic mug 11oz, white").first.click()
    buyer.get_by_label("Quantity").fill("3")
    buyer.get_by_label("Gift message").fill("Enjoy your tea")
    buyer.get_by_label("Your name").fill("Jo Journey")
    buyer.get_by_label("Street and number").fill("Markt 1")
    buyer.get_by_label("Postcode").fill("52062")
    buyer.get_by_label("City").fill("Aachen")
    buyer.get_by_label("Country").select_option("DE")
    buyer.get_by_role("button", name="Place order").click()
    found = ORDER_NUMBER.search(buyer.get_by_role("main").inner_text())
    assert found is not None
    return found[0]


def import_the_order(staff: Page, number: str) -> None:
    staff.get_by_role("navigation", name="Main").get_by_role("link", name="Manage orders").click()
    link = staff.get_by_role("link", name=number)
    ends = time.monotonic() + SLOW_MS / 1000
    while not link.count():
        assert time.monotonic() < ends, f"{number} does not come, although “Import now” was pressed again and again"
        staff.get_by_role("button", name="Import now").first.click()
        staff.wait_for_timeout(1000)
        staff.reload()
    link.click()
    staff.wait_for_url(re.compile(r"/orders/ord_"))


def read_the_order_page(staff: Page, number: str) -> None:
    expect(staff.get_by_role("heading", name=number)).to_be_visible()
    for panel, *texts in (
        ("Customer information", "Jo Journey", "Enjoy your tea"),
        ("Product specification", "Mug 11 oz white", "MUG-11OZ-WHITE", "210 × 90 mm"),
        ("Design files", "sunset-mug-wrap.png", "2528 × 1110 px"),
        ("Shipping details", "Markt 1", "52062", "Aachen"),
        ("History", "Imported from"),
    ):
        section = staff.locator("section").filter(has=staff.get_by_role("heading", name=panel))
        for text in texts:
            expect(section).to_contain_text(text)
    expect(staff.locator("[data-clock='deadline']").first).to_contain_text("left")


def release_by_keyboard(staff: Page) -> None:
    tab_to(staff, staff.get_by_role("button", name="Release to production"))
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("main")).to_contain_text("Released")
    expect(staff.get_by_role("button", name="Release to production")).to_have_count(0)


def download_both_files(staff: Page) -> None:
    with staff.expect_download() as started:
        staff.locator("a[href$='/print-file/']").first.click()
    with Image.open(started.value.path()) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (2528, 1110))
    # A browser with a PDF reader shows the ticket and one without saves it, so the page itself is asked for its bytes.
    ticket = staff.get_by_role("link", name="Job ticket").evaluate(
        """link => fetch(link.href).then(async answer => [answer.headers.get("content-type"), await answer.text()])"""
    )
    assert ticket[0] == "application/pdf"
    assert ticket[1].startswith("%PDF-")


def print_and_pack(staff: Page) -> None:
    for state in ("printing", "packing"):
        staff.get_by_role("main").locator(f"form:not(:has(input[name='line'])) button[name='to'][value='{state}']").click()
        expect(staff.locator(".hub-page-head, main").first).to_contain_text(state.capitalize())


def ship_two_packages_by_keyboard(staff: Page) -> None:
    tab_to(staff, staff.get_by_role("link", name="Ship…"))
    staff.keyboard.press("Enter")
    staff.wait_for_url(re.compile(r"/ship/$"))
    tab_to(staff, staff.get_by_role("button", name="Another package"))
    staff.keyboard.press("Enter")
    expect(staff.locator("[name='p1-tracking_number']")).to_be_visible()
    staff.locator("#main").focus()
    for package, tracking, pieces in ((0, " 0034 0434-161094100015", "1"), (1, SECOND_TRACKING, "2")):
        tab_to(staff, staff.locator(f"[name='p{package}-carrier_code']"))
        staff.keyboard.type("DHL")
        tab_to(staff, staff.locator(f"[name='p{package}-tracking_number']"))
        staff.keyboard.type(tracking)
        tab_to(staff, staff.locator(f"[name^='p{package}-lin_']"))
        staff.keyboard.press("Control+A")
        staff.keyboard.type(pieces)
    tab_to(staff, staff.get_by_role("button", name="Ship", exact=True))
    staff.keyboard.press("Enter")
    staff.wait_for_url(re.compile(r"/orders/ord_[^/]+/$"))
    for tracking in (FIRST_TRACKING, SECOND_TRACKING):
        expect(staff.get_by_text(tracking).first).to_be_visible()
    expect(staff.get_by_role("main")).to_contain_text("Shipped")


def see_both_packages_in_seller_central(buyer: Page, stage: Stage, number: str) -> None:
    buyer.goto(f"{stage.amazon}/seller/")
    buyer.get_by_role("link", name=number).click()
    ends = time.monotonic() + SLOW_MS / 1000
    while buyer.locator("code.tracking").count() < 2 and time.monotonic() < ends:
        buyer.wait_for_timeout(1000)
        buyer.reload()
    assert sorted(buyer.locator("code.tracking").all_inner_texts()) == [FIRST_TRACKING, SECOND_TRACKING]
    expect(buyer.locator("#order-status")).to_have_text("Shipped")


def see_the_proof(staff: Page) -> None:
    packages = staff.locator("#packages")
    ends = time.monotonic() + SLOW_MS / 1000
    while packages.locator(".hub-line-head").get_by_text("Read back").count() < 2 and time.monotonic() < ends:
        staff.wait_for_timeout(1000)
        staff.reload()
    expect(packages.locator(".hub-line-head").get_by_text("Read back")).to_have_count(2)
    packages.locator(".hub-line-head").get_by_role("link", name="Read back").first.click()
    staff.wait_for_url(re.compile(r"/production/shipments/"))
    for fact in ("Accepted", "Read back"):
        expect(staff.get_by_role("main")).to_contain_text(fact)


def test_an_order_is_found_on_a_phone_by_its_button(stage: Stage, open_tab: Tab) -> None:
    with open_tab(width=390, height=844) as staff:
        sign_in(staff, stage.hub, *stage.login("Northprint, owner"))
        staff.goto(f"{stage.hub}/find/")
        staff.get_by_role("searchbox").or_(staff.get_by_role("textbox")).first.fill("305-0000000-0000000")
        staff.get_by_role("button", name="Find").click()
        expect(staff).to_have_url(re.compile(r"/find/\?q=305-0000000-0000000"))
