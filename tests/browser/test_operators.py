"""The operators' pages in a browser: no axe violation, nothing that the policy forbids, and usable by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, axe_findings, sideways, sign_in, tab, tab_to
from tests.browser.stage import Stage
from tests.browser.test_accessibility import scan

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LISTS = ("orders/order", "orders/hold", "orders/intakerecord", "stores/authorization", "fulfillment/push", "accounts/user", "accounts/operatorvisit")


@pytest.fixture
def operator(browser: Browser, stage: Stage) -> Iterator[Page]:
    """A page of an operator who has chosen nobody."""
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Operator"))
        yield page


def choose(page: Page, stage: Stage, name: str) -> None:
    page.goto(f"{stage.hub}/operator/orders/order/")
    page.get_by_label("Whose rows do you want to see?").select_option(label=name)
    page.get_by_label("Reason").fill("a test")
    page.get_by_role("button", name="Open these rows").press("Enter")
    page.wait_for_url(f"{stage.hub}/operator/orders/order/")


def test_operators_pages_have_no_axe_violation(stage: Stage, operator: Page) -> None:
    walk = stage.walk()
    addresses = ["/operator/", "/operator/choose/", "/operator/system/?still=1", "/operator/accounts/membership/add/", "/operator/accounts/user/add/"]
    choose(operator, stage, "Northprint")
    operator.get_by_role("link", name=walk.number).click()
    order = operator.url.split("?")[0].removeprefix(stage.hub)
    addresses += [order, order.replace("change/", "buyer/"), order.replace("change/", "history/"), *(f"/operator/{one}/" for one in LISTS)]
    findings = [finding for address in addresses for finding in scan(operator, stage.hub + address)]
    assert not findings, "\n".join(findings)


def test_an_operator_finds_an_order_and_its_buyer_by_keyboard(stage: Stage, operator: Page) -> None:
    walk = stage.walk()
    choose(operator, stage, "Northprint")
    operator.get_by_role("textbox").first.fill(walk.number)
    operator.keyboard.press("Enter")
    tab_to(operator, operator.get_by_role("link", name=walk.number))
    operator.keyboard.press("Enter")
    tab_to(operator, operator.get_by_role("link", name="Show the buyer"))
    operator.keyboard.press("Enter")
    operator.get_by_label("Why do you need to see it?").fill("the parcel came back")
    operator.keyboard.press("Enter")
    expect(operator.get_by_text("Jo Journey").first).to_be_visible()
    walk.staff.open(walk.order_address).expect("the parcel came back")


def test_the_navigation_is_reached_without_a_script_on_a_phone(stage: Stage, browser: Browser) -> None:
    with tab(browser, width=PHONE[0], height=PHONE[1], java_script_enabled=False) as page:
        page.goto(f"{stage.hub}/accounts/login/")
        login, password = stage.login("Operator")
        page.get_by_label("E-mail address").fill(login)
        page.get_by_label("Password").fill(password)
        page.get_by_label("Password").press("Enter")
        page.goto(f"{stage.hub}/operator/")
        page.get_by_role("link", name="Menu").click()
        page.get_by_role("link", name="System", exact=True).click()
        expect(page.get_by_role("heading", name="Due work")).to_be_visible()


def test_the_system_page_shows_the_workers_that_run(stage: Stage, operator: Page) -> None:
    operator.goto(f"{stage.hub}/operator/system/?still=1")
    expect(operator.get_by_text("Beat: last tick")).to_be_visible()
    expect(operator.get_by_text("nobody", exact=True)).to_have_count(0)
    assert not sideways(operator) and not axe_findings(operator)
