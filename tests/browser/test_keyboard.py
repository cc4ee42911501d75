"""Working without a mouse, and lists that stay true while they are open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import expect_visible_focus, sign_in, tab, tab_to
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NEXT_REFRESH_MS = 25_000  # the list asks every ten seconds


def open_orders(staff: Page, stage: Stage, query: str = "") -> None:
    staff.goto(f"{stage.hub}/orders/{query}")


def test_skip_link_is_the_first_stop_and_leads_past_the_navigation(stage: Stage, staff: Page) -> None:
    open_orders(staff, stage)
    skip = staff.get_by_role("link", name="Skip to content")
    tab_to(staff, skip, at_most=1)
    staff.keyboard.press("Enter")
    assert staff.evaluate("document.activeElement.id") == "main"
    staff.keyboard.press("Tab")
    assert staff.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_every_stop_of_the_order_list_shows_its_focus(stage: Stage, staff: Page) -> None:
    stage.walk()
    open_orders(staff, stage)
    stops = 0
    staff.keyboard.press("Tab")
    while staff.evaluate("document.activeElement !== document.body") and stops < 200:
        expect_visible_focus(staff.locator(":focus"))
        stops += 1
        staff.keyboard.press("Tab")
    assert 15 < stops < 200


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("Northprint, owner", "/customers/"),
        ("Northprint, owner", "/settings/"),
        ("Northprint, owner", "/settings/people/invite/"),
        ("Northprint, owner", "/settings/look/"),
        ("Northprint, owner", "/stores/connect/"),
        ("Ada's Atelier", "/portal/"),
        ("Ada's Atelier", "/portal/settings/"),
        ("Ada's Atelier", "/stores/"),
    ],
)
def test_every_stop_of_these_pages_shows_its_focus(stage: Stage, browser: Browser, who: str, path: str) -> None:
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login(who))
        page.goto(stage.hub + path)
        page.keyboard.press("Tab")
        stops = 0
        while page.evaluate("document.activeElement !== document.body") and stops < 200:
            expect_visible_focus(page.locator(":focus"))
            stops += 1
            page.keyboard.press("Tab")
        assert 8 < stops < 200


def test_filters_work_by_keyboard_and_stand_in_the_address(stage: Stage, staff: Page) -> None:
    first, second = stage.walk(), stage.walk()
    open_orders(staff, stage)
    staff.keyboard.press("/")
    search = staff.get_by_role("searchbox")
    expect(search).to_be_focused()
    staff.keyboard.type(first.number)
    expect(staff.get_by_role("link", name=second.number)).to_have_count(0)
    expect(staff.get_by_role("link", name=first.number)).to_be_visible()
    expect(staff).to_have_url(re.compile(f"q={first.number}"))
    open_orders(staff, stage)
    tab_to(staff, staff.get_by_label("State"))
    staff.keyboard.type("Received")
    staff.keyboard.press("Enter")
    expect(staff).to_have_url(re.compile("state=received"))
    expect(staff.get_by_role("link", name=first.number)).to_be_visible()


def test_selected_orders_are_released_by_keyboard(stage: Stage, staff: Page) -> None:
    walk = stage.walk()
    open_orders(staff, stage, f"?q={walk.number}")
    tab_to(staff, staff.get_by_label(f"Select order {walk.number}"))
    staff.keyboard.press("Space")
    expect(staff.locator("[data-selected-count]")).to_have_text("1 selected")
    staff.keyboard.press("Shift+Tab")
    release = staff.get_by_role("button", name="Release to production")
    while not release.evaluate("button => button === document.activeElement"):
        staff.keyboard.press("Shift+Tab")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("row").filter(has_text=walk.number)).to_contain_text("Released")


def test_question_mark_opens_the_help_and_escape_closes_it(stage: Stage, staff: Page) -> None:
    open_orders(staff, stage)
    help_dialog = staff.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_dialog).to_be_hidden()
    staff.keyboard.press("?")
    expect(help_dialog).to_be_visible()
    expect_visible_focus(staff.locator(":focus"))
    staff.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()


def test_g_and_a_letter_go_to_a_page_but_not_while_typing(stage: Stage, staff: Page) -> None:
    open_orders(staff, stage)
    staff.keyboard.press("g")
    staff.keyboard.press("p")
    staff.wait_for_url(f"{stage.hub}/production/")
    open_orders(staff, stage)
    staff.keyboard.press("/")
    staff.keyboard.type("gp")
    expect(staff.get_by_role("searchbox")).to_have_value("gp")
    expect(staff).to_have_url(re.compile("/orders/"))


def test_order_list_shows_a_new_order_by_itself_and_keeps_what_is_ticked(stage: Stage, staff: Page) -> None:
    old = stage.walk()
    open_orders(staff, stage)
    tick = staff.get_by_label(f"Select order {old.number}")
    tick.check()
    new = stage.walk()
    expect(staff.get_by_role("link", name=new.number)).to_be_visible(timeout=NEXT_REFRESH_MS)
    expect(tick).to_be_checked()
    expect(staff.locator("[data-selected-count]")).to_have_text("1 selected")
