"""The merchant's portal in a browser: from an empty checklist to the first order, and every page of it scanned."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import sign_in, tab
from tests.browser.conftest import Tab
from tests.browser.pages import pages_from
from tests.browser.stage import Stage
from tests.browser.test_accessibility import scan
from tests.journeys.form_reader import NotOnThePage
from tests.journeys.walk import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GERMANY = "A1PA6795UKMFR9"
SKU = "PORTAL-STICKER"


def seller_with_a_listing(stage: Stage) -> tuple[str, str]:
    """Open a selling account with one listing at the imitation; return its name and id."""
    name, seller_id = f"Grete {uuid4().hex[:8]}", f"A{uuid4().hex[:13].upper()}"
    seller = {"seller_id": seller_id, "name": name, "region": "EU", "marketplace_ids": [GERMANY]}
    sold = {"sku": SKU, "asin": "B0PORTAL01", "title": "Sticker sheet", "price": "4.90", "quantity": 9}
    drawn = {"product_type": "STICKER_DECAL", "kind": "mug", "color": "white"}
    listing = {"seller_id": seller_id, "marketplace_id": GERMANY} | sold | drawn
    for door, body in (("sellers", seller), ("listings", listing)):
        httpx.post(f"{stage.amazon}/_control/{door}", json=body, trust_env=False).raise_for_status()
    return name, seller_id


def step(page: Page, title: str) -> Locator:
    """Return a step of the checklist."""
    return page.locator(".hub-step").filter(has_text=title)


def expect_ticked(page: Page, stage: Stage, title: str) -> None:
    """Open Home until a step of the checklist is ticked."""

    def look() -> None:
        page.goto(f"{stage.hub}/portal/")
        said = step(page, title).inner_text()
        if "done" not in said:
            raise NotOnThePage(f"not ticked: {said}")

    wait_for(look, within_s=90)


def test_a_merchant_goes_from_an_empty_checklist_to_the_first_order(stage: Stage, open_tab: Tab) -> None:
    seller, seller_id = seller_with_a_listing(stage)
    with open_tab() as page:
        sign_in(page, stage.hub, *stage.login("Grete's Gifts"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Grete")
        expect(page.get_by_text("1 of 8 done")).to_be_visible()
        page.get_by_role("link", name="Add a trading name").click()
        page.get_by_role("link", name="Add trading name").first.click()
        page.get_by_label("Trading name").fill("Grete's Stickers")
        page.get_by_role("button", name="Add trading name").click()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Stores").click()
        page.get_by_role("link", name="Connect a store").first.click()
        page.get_by_role("button", name="Connect Amazon").click()
        page.get_by_label("Marketplace").select_option(label="Germany")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_role("button", name="Authorize", exact=True).click()
        page.get_by_label(seller).check()
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("button", name="Add connection").click()
        expect_ticked(page, stage, "The marketplace's permission")
        step(page, "Your listings are read").get_by_role("link", name="Sync the products").click()
        page.get_by_role("button", name="Sync Products").click()
        expect_ticked(page, stage, "Your listings are read")
        step(page, "A listing is connected").get_by_role("link", name="Connect listings").click()
        page.get_by_role("row").filter(has_text=SKU).get_by_role("link", name="Connect").click()
        page.get_by_role("link", name="Sticker sheet").click()
        page.get_by_role("button", name="Connect").click()
        order = {"seller_id": seller_id, "sku": SKU, "quantity": 1, "buyer_name": "Jo Journey"}
        httpx.post(f"{stage.amazon}/_control/orders", json=order, trust_env=False).raise_for_status()
        expect_ticked(page, stage, "The first order arrived")
        expect(page.get_by_text("New orders this week")).to_be_visible()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Orders").click()
        page.locator("tbody").get_by_role("link").first.click()
        expect(page.get_by_role("main")).to_contain_text(SKU)
        expect(page.get_by_role("main")).not_to_contain_text("Jo Journey")
        page.get_by_role("button", name="Show name and address").click()
        expect(page.get_by_role("main")).to_contain_text("Jo Journey")
        expect(page.get_by_text("looked at in the portal")).to_be_visible()


def test_no_page_of_the_portal_has_an_axe_violation_or_scrolls_sideways(stage: Stage, browser: Browser) -> None:
    stage.personalised()
    pages = pages_from(stage.reader("Ada's Atelier"), stage.hub, f"{stage.hub}/portal/orders/?view=waiting")
    seen = {page.name for page in pages}
    assert {"portal:home", "portal:orders", "portal:order", "portal:products", "portal:product", "portal:settings", "stores:store"} <= seen
    findings: list[str] = []
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        for found in pages:
            findings += scan(page, found.address)
    assert not findings, f"{len(findings)} findings on {len(pages)} pages:\n" + "\n".join(findings)
