"""The system's Chromium, driven by Playwright, and a watch on everything that a page does wrong without showing it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Request, Response

# Playwright cannot fetch a browser of its own everywhere; Debian's is named chromium, other systems' differently.
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # root, as in the build, has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",  # everything is on this machine
    "--force-color-profile=srgb",
)
DESKTOP, TABLET, PHONE = (1440, 900), (768, 1024), (360, 780)
PATIENCE_MS = 15_000
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`Content-Security-Policy: ${event.violatedDirective} forbids ${event.blockedURI || "inline"} (${event.sourceFile}:${event.lineNumber})`);
});
"""
ASSETS = Path(__file__).parent / "assets"


def chromium_path() -> str | None:
    """Return where the system's Chromium is, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without a window."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))


class Watch:
    """What went wrong on the pages of one context: console errors, broken policies, script errors, failed and refused requests.

    ``expected`` holds statuses of 400 and above that the test itself provokes.
    """

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: set[int] = set()

    def over(self, context: BrowserContext) -> None:
        """Watch every page that ``context`` opens."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # The browser repeats every refused answer there; _on_response has said it better.
        if message.type == "error" and not message.text.startswith("Failed to load resource: the server responded with"):
            self.complaints.append(f"console on {message.page.url if message.page else '?'}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        # Leaving a page aborts what it still loads, and a download is an aborted navigation; neither is a fault of the page.
        # What the policy refuses complains on the console; where scripts are off, files that only scripts need are refused in silence.
        if request.failure not in {"net::ERR_ABORTED", "csp"}:
            self.complaints.append(f"{request.method} {request.url} failed: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.request.method} {response.url} answered {response.status}")

    def expect_quiet(self) -> None:
        """Raise with all complaints when there are any."""
        assert not self.complaints, "The pages complained:\n" + "\n".join(self.complaints)


@contextmanager
def tab(browser: Browser, *, width: int = DESKTOP[0], height: int = DESKTOP[1], watch: Watch | None = None, **options: Any) -> Iterator[Page]:
    """Open one page in a context of its own (own cookies). On a clean exit it must have been quiet."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE_MS)
    watch = watch or Watch()
    watch.over(context)
    try:
        yield context.new_page()
        watch.expect_quiet()
    finally:
        context.close()


def sign_in(page: Page, hub: str, login: str, password: str) -> None:
    """Sign in as a person does: type, type, Enter."""
    page.goto(f"{hub}/accounts/login/")
    page.get_by_label("E-mail address").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def tab_to(page: Page, target: Locator, *, at_most: int = 120) -> None:
    """Press Tab until ``target`` has the focus, and require that one sees it there."""
    for _step in range(at_most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            expect_visible_focus(target)
            return
    raise AssertionError(f"{at_most} presses of Tab do not reach {target}.")


def expect_visible_focus(target: Locator) -> None:
    """Require an outline, and that the focused element lies in the window uncovered at its middle."""
    seen = target.evaluate(
        """element => {
          const style = getComputedStyle(element), box = element.getBoundingClientRect();
          const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return {outline: style.outlineStyle, width: parseFloat(style.outlineWidth), covered: !(top && (element.contains(top) || top.contains(element)))};
        }"""
    )
    assert seen["outline"] not in {"none", "hidden"} and seen["width"] > 0, f"{target} has the focus and does not show it."
    assert not seen["covered"], f"{target} has the focus and is covered or outside the window."


@cache
def axe_source() -> str:
    """Return the vendored axe-core."""
    vendored = json.loads((ASSETS / "VENDOR.json").read_text())["packages"]
    folder = next(package["folder"] for package in vendored if package["name"] == "axe-core")
    return (ASSETS / str(folder) / "axe.min.js").read_text()


def axe_findings(page: Page, *, only_colours: bool = False) -> list[str]:
    """Scan the page as it stands with all of axe's rules (or those about colour); one line for each violation.

    The page's policy stays on: axe is evaluated, not inserted.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source())
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": COLOUR_RULES}} if only_colours else {})
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']} — "
        + "; ".join(f"{' '.join(map(str, node['target']))} {_why(node)}" for node in violation["nodes"][:4])
        + (f" and {len(violation['nodes']) - 4} more" if len(violation["nodes"]) > 4 else "")
        for violation in found
    ]


def _why(node: dict[str, Any]) -> str:
    return "[" + " ".join(check["message"] for check in (node["any"] + node["all"] + node["none"])[:1]) + "]"


def sideways(page: Page) -> str:
    """Say by how much the page is wider than the window and what sticks out; empty when it is not."""
    return str(
        page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth - width;
              if (wide <= 0) return "";
              const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1 && !one.children.length);
              return `${wide} px wider than the window: ${out.slice(0, 3).map((one) => one.outerHTML.slice(0, 160)).join(" and ")}`;
            }"""
        )
    )
