"""The forms of the main job work in a browser that runs no scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import sign_in, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Of this test alone: the hub asks back about a number that another order has.
FIRST_TRACKING, SECOND_TRACKING = "00340434161094200012", "00340434161094200029"


def test_an_order_is_released_and_shipped_in_two_packages_without_scripts(stage: Stage, browser: Browser) -> None:
    walk = stage.walk()
    with tab(browser, java_script_enabled=False) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(f"{stage.hub}/orders/")
        page.get_by_role("searchbox").fill(walk.number)
        page.get_by_role("button", name="Apply").click()
        page.get_by_role("link", name=walk.number).click()
        page.get_by_role("button", name="Release to production").click()
        for state in ("printing", "packing"):
            page.get_by_role("main").locator(f"form:not(:has(input[name='line'])) button[name='to'][value='{state}']").click()
        page.get_by_role("link", name="Ship…").click()
        page.locator("[name='p0-tracking_number']").fill(FIRST_TRACKING)
        page.locator("[name='p0-carrier_code']").select_option("DHL")
        page.locator("[name^='p0-lin_']").fill("1")
        page.get_by_role("button", name="Another package").click()
        expect(page.locator("[name='p0-tracking_number']")).to_have_value(FIRST_TRACKING)
        expect(page.locator("[name^='p1-lin_']")).to_have_value("2")
        page.locator("[name='p1-tracking_number']").fill(SECOND_TRACKING)
        page.get_by_role("button", name="Ship", exact=True).click()
        page.wait_for_url(re.compile(r"/orders/ord_[^/]+/$"))
        expect(page.get_by_role("main")).to_contain_text(SECOND_TRACKING)
        expect(page.get_by_role("main")).to_contain_text("Shipped")


def test_a_listing_is_connected_and_its_text_approved_without_scripts(stage: Stage, browser: Browser) -> None:
    walk = stage.personalised()
    with tab(browser, java_script_enabled=False) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(walk.order_address)
        page.get_by_role("link", name="Connect this listing").click()
        page.get_by_role("link", name="MUG-11-WHITE").click()
        page.get_by_role("main").get_by_role("button", name="Connect").click()
        page.goto(walk.order_address)
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("button", name="Release to production").click()
        expect(page.get_by_role("main")).to_contain_text("Released")
