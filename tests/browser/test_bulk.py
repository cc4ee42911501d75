"""Connecting products by a file: uploaded, checked row by row, connected, taken back; with axe on each step, in the dark and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, axe_findings, sideways, sign_in, tab
from tests.browser.stage import Stage
from tests.browser.uploads import BULK, store_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def bulk_page(stage: Stage) -> str:
    """The address of the demo's German store's bulk page."""
    return store_of(stage, stage.reader("Northprint, owner")).link(says="Bulk Operations")


def upload(page: Page, bulk_page: str) -> None:
    """Upload the file and wait until it is checked."""
    page.goto(bulk_page)
    page.get_by_label("Email address").fill("ada@shop.test")
    page.get_by_label("Upload CSV").set_input_files({"name": "products.csv", "mimeType": "text/csv", "buffer": BULK})
    page.get_by_role("button", name="Connect products using files").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("products.csv")
    expect(page.get_by_text("1 row can be connected.")).to_be_visible(timeout=45_000)


def test_a_file_is_checked_connected_and_taken_back(staff: Page, bulk_page: str) -> None:
    staff.goto(bulk_page)
    assert axe_findings(staff) == []
    upload(staff, bulk_page)
    table = staff.get_by_role("table", name="Rows of the file")
    expect(table.get_by_role("row").filter(has_text="NO-SUCH-SKU")).to_be_visible()
    expect(table.get_by_role("row").filter(has_text="NO-SUCH-UID")).to_be_visible()
    assert axe_findings(staff) == []
    staff.reload()  # what is known stands in rows
    staff.get_by_role("button", name="Connect products using files").click()
    expect(staff.get_by_role("button", name="Undo all").first).to_be_visible(timeout=45_000)
    expect(staff.get_by_text("2 rows need you.")).to_be_visible()
    assert axe_findings(staff) == []
    staff.get_by_role("button", name="Undo all").first.click()
    dialog = staff.get_by_role("dialog", name="Undo this file?")
    expect(dialog).to_contain_text("1 product goes back")
    dialog.get_by_role("button", name="Undo all").click()
    expect(staff.get_by_text(re.compile("Undone")).first).to_be_visible(timeout=45_000)
    assert axe_findings(staff) == []


def test_a_merchant_uploads_on_a_phone_in_the_dark(browser: Browser, stage: Stage, bulk_page: str) -> None:
    with tab(browser, width=PHONE[0], height=PHONE[1], color_scheme="dark") as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        page.goto(bulk_page)
        assert sideways(page) == "" and axe_findings(page) == []
        upload(page, bulk_page)
        assert sideways(page) == "" and axe_findings(page) == []
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("button", name="Discard")).to_have_count(0)


def test_a_file_is_uploaded_and_connected_without_a_script(browser: Browser, stage: Stage, bulk_page: str) -> None:
    with tab(browser, java_script_enabled=False) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(bulk_page)
        page.get_by_label("Email address").fill("ada@shop.test")
        page.get_by_label("Upload CSV").set_input_files({"name": "products.csv", "mimeType": "text/csv", "buffer": BULK})
        page.get_by_role("button", name="Connect products using files").click()
        for _look in range(45):
            if page.get_by_text("1 row can be connected.").is_visible():
                break
            page.wait_for_timeout(1_000)
            page.reload()
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("products.csv")
