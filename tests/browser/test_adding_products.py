"""Adding a product in a browser: from the catalog through every step to a live listing, each step scanned."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, Watch, axe_findings, sideways, sign_in, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STORE, TIKTOK = "Ada's Mugs & More · Amazon.de", "Ada's Mugs & More · TikTok Shop"
FACTS = {"description": "A mug with the sun on it.", "price": "16.90", "brand": "northlight"}


def scanned(page: Page) -> None:
    assert axe_findings(page) == [], page.url
    assert sideways(page) == "", page.url


def begin(page: Page, stage: Stage, store: str = STORE) -> None:
    page.goto(f"{stage.hub}/stores/")
    page.get_by_role("main").get_by_role("link", name=store).first.click()
    page.get_by_role("link", name="Add product").click()
    scanned(page)
    page.locator("button.hub-product").filter(has_text="Mug 11 oz").click()


def fill_in(page: Page) -> None:
    for name, text in FACTS.items():
        page.locator(f"#id_{name}").fill(text)
    page.get_by_label("Bullet Point").fill("Holds 330 ml\nDishwasher safe")
    page.get_by_label("Country of Origin").select_option("DE")
    page.get_by_label("Dangerous Goods Regulations").select_option("not_applicable")
    page.get_by_label("Color").fill("White")
    page.get_by_label("Material").fill("Ceramic")
    page.get_by_label("Capacity", exact=True).fill("330")
    page.get_by_label("Capacity unit").select_option("milliliters")


def test_a_product_is_added_step_by_step_until_it_is_live(staff: Page, stage: Stage) -> None:
    begin(staff, stage)
    scanned(staff)
    staff.locator("input[name=design]").first.check()
    staff.get_by_role("button", name="Use this design").click()
    expect(staff.get_by_role("img", name="Picture 1")).to_be_visible(timeout=45_000)
    scanned(staff)
    staff.get_by_role("link", name="Go on").click()
    staff.get_by_label("What buyers would call it").fill("mug")
    staff.get_by_role("button", name="Search", exact=True).click()
    expect(staff.get_by_text("Drinking Cup")).to_be_visible(timeout=45_000)
    scanned(staff)
    staff.get_by_role("button", name="Use this type").click()
    expect(staff.get_by_label("Bullet Point")).to_be_visible(timeout=45_000)
    expect(staff.get_by_text("Brand names are case-sensitive")).to_be_visible()
    fill_in(staff)
    scanned(staff)
    staff.get_by_role("button", name="Save and go on").click()
    staff.get_by_role("button", name="Have it checked").click()
    # The marketplace's sentence stands at its field, here and in the form.
    expect(staff.get_by_text("without brand approval")).to_be_visible(timeout=45_000)
    scanned(staff)
    staff.get_by_role("link", name="Change Brand").click()
    expect(staff.locator("#id_brand_error")).to_contain_text("without brand approval")
    staff.locator("#id_brand").fill("Northlight")
    staff.get_by_role("button", name="Save and go on").click()
    staff.get_by_role("button", name="Have it checked").click()
    expect(staff.get_by_text("finds nothing wrong")).to_be_visible(timeout=45_000)
    staff.get_by_role("button", name="Publish", exact=True).click()
    address = staff.url
    staff.goto(f"{stage.hub}/stores/")
    staff.goto(address)  # what is under way is under way, whoever looks
    expect(staff.get_by_text("It is live")).to_be_visible(timeout=90_000)
    scanned(staff)
    staff.get_by_role("link", name="Open the listing").click()
    expect(staff.get_by_text("Connected").first).to_be_visible()
    staff.get_by_role("link", name="Change the stock").click()
    staff.get_by_label("Quantity").fill("7")
    staff.get_by_role("button", name="Save and tell the marketplace").click()
    scanned(staff)


def test_a_merchant_leaves_on_a_phone_and_goes_on_later(browser: Browser, stage: Stage) -> None:
    with tab(browser, width=PHONE[0], height=PHONE[1], color_scheme="dark") as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        begin(page, stage)
        page.locator("input[name=design]").first.check()
        page.get_by_role("button", name="Use this design").click()
        page.get_by_role("link", name="Details").click()
        page.locator("#id_title").fill("Half a mug")
        page.get_by_role("button", name="Save for later").click()
        scanned(page)
        page.get_by_role("link", name="Half a mug").click()
        expect(page).to_have_url(re.compile("/(type|pictures)/"))
        scanned(page)


def test_a_merchant_draws_a_design_for_a_tiktok_product_leaves_comes_back_and_takes_it_live(browser: Browser, stage: Stage) -> None:
    with tab(browser, width=390, height=844) as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        begin(page, stage, TIKTOK)
        step = page.url
        page.get_by_role("button", name="Open the design editor").click()
        page.locator("#editor[data-ready]").wait_for()
        page.get_by_role("button", name="Add text").click()
        expect(page.get_by_text(re.compile("Saved")).first).to_be_attached()
        editor = page.url
        page.goto(step)  # another way than the editor's own back
        scanned(page)
        page.get_by_role("button", name="Go on with").click()
        expect(page).to_have_url(editor)
        page.locator("#editor[data-ready]").wait_for()
        page.get_by_role("button", name="Save design").click()
        page.wait_for_url(re.compile("/stores/products/.*design="), timeout=60_000)
        expect(page.locator("input[name=design]").first).to_be_checked()
        page.get_by_role("button", name="Use this design").click()
        expect(page.get_by_role("img", name="Picture 1")).to_be_visible(timeout=45_000)
        scanned(page)
        page.get_by_role("link", name="Go on").click()
        page.get_by_label("What buyers would call it").fill("mug")
        page.get_by_role("button", name="Search", exact=True).click()
        page.get_by_role("button", name="Use this type").click(timeout=45_000)
        expect(page.get_by_label("Packed weight (lb)")).to_have_value("0.75", timeout=45_000)  # the catalog's 340 g, rounded up
        expect(page.get_by_label("Packed length (in)")).to_have_value("5")
        page.get_by_label("Material").fill("Ceramic")
        page.locator("#id_description").fill(FACTS["description"])
        page.locator("#id_price").fill(FACTS["price"])
        scanned(page)
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_role("button", name="Have it checked").click()
        expect(page.get_by_text("finds nothing wrong")).to_be_visible(timeout=45_000)
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_text("It is live")).to_be_visible(timeout=90_000)
        scanned(page)
        page.get_by_role("link", name="Open the listing").click()
        expect(page.get_by_text("Connected").first).to_be_visible()
        scanned(page)


def test_three_shirts_become_one_tiktok_product_with_a_row_for_each(browser: Browser, stage: Stage) -> None:
    watch = Watch()
    watch.expected = {422}  # a SKU with a blank is refused
    with tab(browser, watch=watch) as staff:
        sign_in(staff, stage.hub, *stage.login("Northprint, owner"))
        staff.goto(f"{stage.hub}/stores/")
        staff.get_by_role("main").get_by_role("link", name=TIKTOK).first.click()
        staff.get_by_role("link", name="Add product").click()
        staff.locator("button.hub-product").filter(has_text="TEE-BLACK-M").click()
        expect(staff.get_by_role("checkbox", checked=True)).to_have_count(1)
        scanned(staff)
        staff.get_by_role("link", name="Tick all").click()
        staff.get_by_role("button", name="Use these").click()
        staff.locator("input[name=design]").first.check()
        staff.get_by_role("button", name="Use this design").click()
        expect(staff.get_by_role("img", name="Picture 1")).to_be_visible(timeout=45_000)
        staff.get_by_role("link", name="Go on").click()
        staff.get_by_label("What buyers would call it").fill("t-shirt")
        staff.get_by_role("button", name="Search", exact=True).click()
        staff.get_by_role("button", name="Use this type").click(timeout=45_000)
        expect(staff.get_by_label("Packed weight (lb)")).to_be_visible(timeout=45_000)
        expect(staff.locator("#id_title")).to_have_value("T-shirt")
        staff.locator("#id_description").fill("A shirt with tree rings on it.")
        staff.get_by_label("Materials").fill("Cotton")
        staff.get_by_label("Price of black, M").fill("19.90")
        staff.get_by_label("Price of black, L").fill("21.90")
        staff.get_by_label("SKU of white, M").fill("WHITE M")
        staff.get_by_role("button", name="Save and go on").click()
        expect(staff.get_by_role("link", name="SKU of white, M")).to_be_visible()
        scanned(staff)
        staff.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        scanned(staff)
        staff.get_by_label("SKU of white, M").fill("WHITE-M")
        staff.get_by_role("button", name="Save and go on").click()
        staff.get_by_role("button", name="Have it checked").click()
        expect(staff.get_by_text("finds nothing wrong")).to_be_visible(timeout=45_000)
        scanned(staff)
        staff.get_by_role("button", name="Publish", exact=True).click()
        expect(staff.get_by_text("Each variant is connected")).to_be_visible(timeout=90_000)
        scanned(staff)
        expect(staff.get_by_role("row", name=re.compile("white, M.*19.90"))).to_be_visible()
        staff.get_by_role("link", name="white, M").click()
        expect(staff.get_by_text("Connected").first).to_be_visible()
