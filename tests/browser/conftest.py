"""One hub on real processes and one Chromium for all browser tests.

Both end with the last test of this folder: while Playwright runs, Django takes the thread for an asynchronous one and refuses the database.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pod_hub.devstack.hub import fresh_hub
from pod_hub.devstack.problems import Interrupted
from pod_hub.devstack.terminal import Terminal
from tests.browser.chromium import chromium_path, launch, sign_in, tab
from tests.browser.stage import Stage
from tests.devstack.conftest import OF_THE_TEST_RUN

NO_CHROMIUM = "No Chromium was found, so no page was looked at in a browser. Debian, Ubuntu: apt-get install chromium"
Tab = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="package")
def chromium() -> None:
    """Skip without Chromium; fail where the build demands it (BROWSER_REQUIRED=1)."""
    if chromium_path() is None:
        if os.environ.get("BROWSER_REQUIRED") == "1":
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="package")
def stage(chromium: None) -> Iterator[Stage]:
    """The whole hub with its imitation Amazon, on fresh data and free ports."""
    environ = {name: value for name, value in os.environ.items() if name not in {*OF_THE_TEST_RUN, "HUB_ENV"}}
    ctrl_c = signal.getsignal(signal.SIGINT)
    with ExitStack() as ending:
        try:
            hub = ending.enter_context(fresh_hub(environ, purpose="test", terminal=Terminal()))
        except Interrupted:
            raise KeyboardInterrupt from None
        signal.signal(signal.SIGINT, ctrl_c)  # the supervisor has taken it; here it belongs to pytest
        yield Stage(
            hub=hub.addresses.hub_url,
            amazon=hub.addresses.imitation_url,
            mailbox=hub.addresses.mailbox_url,
            logins=[asdict(login) for login in hub.logins],
        )


@pytest.fixture(scope="package")
def browser(chromium: None) -> Iterator[Browser]:
    """One Chromium."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def open_tab(browser: Browser) -> Tab:
    """Open a page in a context of its own; what it does wrong fails the test when it is closed."""
    return partial(tab, browser)


@pytest.fixture
def staff(browser: Browser, stage: Stage) -> Iterator[Page]:
    """A page at a desk, signed in as the owner of Northprint."""
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        yield page
