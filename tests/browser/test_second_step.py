"""Two-step sign-in as people do it: an app is set up by hand, a passkey by a device, and both open the hub."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import axe_findings, sideways, sign_in, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURES = os.environ.get("SAFETY_PICTURES", "")


def code_of(secret: str) -> str:
    """What the app shows now, after waiting for a fresh code when this one is about to end."""
    if time.time() % 30 > 26:
        time.sleep(30 - time.time() % 30 + 0.5)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def look(page: Page, name: str) -> None:
    """Scan the page; keep a picture of it where a folder is named."""
    assert not axe_findings(page) and not sideways(page), (name, axe_findings(page), sideways(page))
    if PICTURES:
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})


def confirm(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm").click()


def test_an_app_is_set_up_and_its_code_opens_the_hub(stage: Stage, browser: Browser) -> None:
    login, password = stage.login("Northprint, production")
    with tab(browser) as page:
        sign_in(page, stage.hub, login, password)
        page.goto(f"{stage.hub}/accounts/2fa/")
        look(page, "factors-off")
        page.get_by_role("link", name="Set up an app").click()
        look(page, "confirm-password")
        confirm(page, password)
        look(page, "set-up-app")
        secret = page.locator("code.hub-code").inner_text().strip()
        page.get_by_label("Code of the app").fill("000000")
        page.get_by_role("button", name="Switch it on").click()
        expect(page.get_by_text("This code is not right")).to_be_visible()
        secret = page.locator("code.hub-code").inner_text().strip()
        page.get_by_label("Code of the app").fill(code_of(secret))
        page.get_by_role("button", name="Switch it on").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        codes = page.locator(".hub-codes li").all_inner_texts()
        assert len(codes) == 10
        look(page, "recovery-codes")
        page.goto(f"{stage.hub}/accounts/2fa/")
        look(page, "factors-on")
        page.goto(f"{stage.hub}/account/sessions/")
        expect(page.get_by_text("This one")).to_be_visible()
        look(page, "sessions")
    with tab(browser) as page:
        page.goto(f"{stage.hub}/accounts/login/")
        look(page, "sign-in")
        sign_in(page, stage.hub, login, password)
        look(page, "second-step")
        page.get_by_label("Code").fill(codes[0])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(re.compile("/orders/"))


def test_a_passkey_is_added_and_opens_the_hub_alone(stage: Stage, browser: Browser) -> None:
    login, password = stage.login("Northprint, read only")
    with tab(browser) as page:
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})
        sign_in(page, stage.hub, login, password)
        page.goto(f"{stage.hub}/accounts/2fa/webauthn/add/")
        confirm(page, password)
        look(page, "add-passkey")
        page.get_by_label("Name").fill("Office laptop")
        page.get_by_label("Sign in with this passkey alone").check()
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.goto(f"{stage.hub}/accounts/2fa/webauthn/")
        expect(page.get_by_text("Office laptop")).to_be_visible()
        look(page, "passkeys")
        page.context.clear_cookies()
        page.goto(f"{stage.hub}/accounts/login/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(re.compile("/orders/"))
        page.context.clear_cookies()
        sign_in(page, stage.hub, login, password)  # or as the second step after the password
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(re.compile("/orders/"))


def test_who_needs_a_second_step_is_told_why_and_led_there(stage: Stage, browser: Browser) -> None:
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Southprint, owner"))
        page.goto(f"{stage.hub}/settings/sign-in/")
        look(page, "rules")
        page.get_by_label("Everybody signs in with two steps").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="One more step before you go on")).to_be_visible()
        look(page, "one-more-step")
        page.goto(f"{stage.hub}/orders/")
        expect(page.get_by_role("heading", name="One more step before you go on")).to_be_visible()


def test_the_audit_trail_shows_a_change_and_is_taken_along(stage: Stage, browser: Browser) -> None:
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        page.goto(f"{stage.hub}/settings/audit-trail/")
        look(page, "trail")
        page.get_by_label("What").select_option(label="Store")
        page.wait_for_url(re.compile("kind=stores.store"))
        look(page, "trail-filtered")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export these as CSV").click()
        assert "Store" in Path(download.value.path()).read_text()
