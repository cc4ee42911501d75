"""From an owner's "Add admin" over the mail to the first page of the new person's portal, in a real browser."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, Watch, axe_findings, sideways, sign_in, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
EMAIL = "lena@atelier.test"


def findings(page: Page) -> list[str]:
    found = []
    for width, height in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            found += axe_findings(page) + list(filter(None, [sideways(page)]))
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.emulate_media(color_scheme="light")
    return found


def test_an_invited_admin_sets_a_password_and_sees_the_portal(stage: Stage, browser: Browser) -> None:
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(f"{stage.hub}/customers/")
        page.get_by_role("link", name="Ada's Atelier").click()
        page.get_by_role("link", name="Add admin").click()
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("First name").fill("Lena")
        page.get_by_label("Surname").fill("Vogel")
        page.get_by_role("button", name="Add admin").click()
        expect(page.get_by_role("main")).to_contain_text("login link is on its way")
        expect(page.get_by_role("row", name=re.compile(EMAIL))).to_contain_text("Invited")
    link = stage.link_mailed_to(EMAIL)
    with tab(browser) as page:
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Join Ada's Atelier at Northprint Studio")
        assert findings(page) == []
        page.get_by_label("Choose a password").fill("a quiet street in May")
        page.get_by_role("button", name="Create my account").click()
        page.wait_for_url(lambda address: urlsplit(address).path != "/invitation/")
        expect(page.get_by_role("main")).to_contain_text("Ada's Atelier")
        assert findings(page) == []
    watch = Watch()
    watch.expected = {404}
    with tab(browser, watch=watch) as page:
        response = page.goto(link)
        assert response is not None and response.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
        page.goto(f"{stage.hub}/at/northprint/")
        assert findings(page) == []
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password").fill("a quiet street in May")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("main")).to_contain_text("Ada's Atelier")


def test_staff_look_into_the_portal_and_leave_it(stage: Stage, browser: Browser) -> None:
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, production"))
        page.goto(f"{stage.hub}/customers/")
        page.get_by_role("link", name="Ada's Atelier").click()
        page.get_by_role("button", name="See its portal").click()
        expect(page.get_by_text("You see what Ada's Atelier sees.")).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="Leave").click()
        expect(page.get_by_role("main")).to_contain_text("You left the portal")
