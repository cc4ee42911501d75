"""Connecting many listings fast: by keyboard alone, without a script, and all at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, axe_findings, expect_visible_focus, sideways, sign_in, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STORE = "Ada's Mugs & More · Amazon.de"


@pytest.fixture
def store(staff: Page, stage: Stage) -> str:
    """The address of the demo's German store, once its listings are there."""
    staff.goto(f"{stage.hub}/stores/")
    staff.get_by_role("link", name=STORE).first.click()
    expect(staff.get_by_text("Classic T-shirt, black, M")).to_be_visible(timeout=45_000)
    return staff.url.partition("?")[0]


def focused_row(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('tr[data-listing]')?.innerText ?? ''"))


def settled(page: Page) -> None:
    """Wait until a row that was exchanged answers keys again: a tenth of a second after it is seen."""
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")
    page.wait_for_timeout(100)


def go_to(page: Page, sku: str) -> None:
    """Press j, and at the end of the list k, until the row of a SKU has the focus."""
    for step in range(80):
        page.keyboard.press("j" if step < 40 else "k")
        if sku in focused_row(page):
            expect_visible_focus(page.locator(":focus"))
            return
    raise AssertionError(f"j does not reach {sku}.")


def test_listings_are_ignored_connected_and_taken_back_by_keyboard_alone(staff: Page, store: str) -> None:
    staff.goto(f"{store}?show=unmapped")
    go_to(staff, "PHONE-CASE-15")
    staff.keyboard.press("i")
    case = staff.locator("tr[data-listing]").filter(has_text="PHONE-CASE-15")
    expect(case).to_contain_text("Not made here")
    settled(staff)
    staff.keyboard.press("u")
    expect(case).to_contain_text("Not connected")
    settled(staff)
    go_to(staff, "TEE-CLASSIC-M")
    staff.keyboard.press("s")
    tee = staff.locator("tr[data-listing]").filter(has_text="TEE-CLASSIC-M")
    expect(tee).to_contain_text("Connected")
    assert "TEE-CLASSIC-M" in focused_row(staff), "the hand stays in the row that was acted on"
    staff.keyboard.press("u")
    expect(tee).to_contain_text("Not connected")
    settled(staff)
    staff.keyboard.press("k")
    expect_visible_focus(staff.locator(":focus"))
    staff.goto(f"{store}?show=unmapped")
    go_to(staff, "TOTE NATURAL")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Connect “TOTE NATURAL”")


def test_the_keys_are_listed_and_do_nothing_while_somebody_types(staff: Page, store: str) -> None:
    staff.goto(store)
    staff.keyboard.press("?")
    dialog = staff.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Accept the suggestion")
    staff.keyboard.press("Escape")
    staff.keyboard.press("/")
    staff.keyboard.type("tiskju")
    expect(staff.get_by_role("searchbox")).to_have_value("tiskju")
    expect(staff.get_by_text("No product fits these filters")).to_be_visible()


def test_a_bundle_is_put_together_without_a_script(browser: Browser, stage: Stage, store: str) -> None:
    with tab(browser, java_script_enabled=False) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(f"{store}?q=GREETING")
        page.goto(f"{store}?q=CARD")
        page.get_by_role("link", name=re.compile("^Connect CARD")).click()
        page.get_by_role("link", name=re.compile("Sticker sheet")).click()
        page.get_by_label("Pieces per unit sold").fill("5")
        page.get_by_role("button", name="Add another product").click()
        expect(page.get_by_text("5 × Sticker sheet A5")).to_be_visible()
        page.get_by_role("link", name=re.compile("Mug 11 oz")).click()
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("is connected to Sticker sheet A5 + Mug 11 oz white")).to_be_visible()
        expect(page.get_by_text("Version 1")).to_be_visible()
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("is not connected any more")).to_be_visible()


def test_all_from_a_level_on_are_accepted_in_the_background_and_taken_back(staff: Page, stage: Stage, store: str) -> None:
    staff.goto(f"{store}?show=unmapped")
    staff.get_by_role("link", name="Accept many…").click()
    staff.locator("label").filter(has_text="65 %").locator("input").check()
    staff.get_by_role("button", name="Accept them").click()
    expect(staff.get_by_role("table")).to_contain_text("Classic T-shirt, black, M", timeout=45_000)
    assert axe_findings(staff) == []
    staff.get_by_role("button", name=re.compile("^Undo all")).click()
    expect(staff.get_by_text("Nothing is connected by it")).to_be_visible(timeout=45_000)


def test_a_merchant_reads_the_list_on_a_phone(browser: Browser, stage: Stage, store: str) -> None:
    with tab(browser, width=PHONE[0], height=PHONE[1], color_scheme="dark") as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        page.goto(f"{store}?show=unmapped")
        expect(page.get_by_role("link", name=re.compile("^Connect TOTE"))).to_be_visible()
        assert sideways(page) == "" and axe_findings(page) == []
