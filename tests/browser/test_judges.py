"""The judges of the browser tests notice planted faults; without this a scan that sees nothing would pass for a clean page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import PHONE, Watch, axe_findings, expect_visible_focus, sideways, tab
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_planted_faults_of_a_page_are_noticed(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    with pytest.raises(AssertionError, match="Content-Security-Policy"), tab(browser, width=PHONE[0], watch=watch) as page:
        page.goto(f"{stage.hub}/accounts/login/")
        assert (axe_findings(page), sideways(page), watch.complaints) == ([], "", [])
        page.evaluate(
            """() => {
              const picture = document.createElement("img");
              picture.src = "/static/ui/favicon.svg";
              picture.style.minWidth = "900px";
              document.querySelector("main").append(picture);
            }"""
        )
        assert any(finding.startswith("image-alt") for finding in axe_findings(page))
        assert "wider than the window" in sideways(page)
        page.evaluate("() => { const bare = document.createElement('script'); bare.textContent = 'window.bad = 1'; document.body.append(bare); }")
        assert page.evaluate("() => window.bad") is None
    assert any("script-src" in complaint for complaint in watch.complaints)


def test_a_failed_request_and_a_script_error_are_noticed(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    with pytest.raises(AssertionError, match="answered 404"), tab(browser, watch=watch) as page:
        page.goto(f"{stage.hub}/no-such-page/")
        page.evaluate("() => setTimeout(() => { throw new Error('planted') })")
        page.wait_for_timeout(200)
    assert any("planted" in complaint for complaint in watch.complaints)


def test_focus_that_nobody_sees_is_noticed(stage: Stage, browser: Browser) -> None:
    with tab(browser) as page:
        page.goto(f"{stage.hub}/accounts/login/")
        button = page.get_by_role("button", name="Sign in")
        page.get_by_label("Password").focus()
        page.keyboard.press("Tab")
        button.focus()
        expect_visible_focus(button)
        button.evaluate("button => button.style.setProperty('outline', 'none', 'important')")
        with pytest.raises(AssertionError, match="does not show it"):
            expect_visible_focus(button)
