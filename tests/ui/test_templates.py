"""Rules that hold for every template: strict content security policy, documented components, known icons and classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.utils.translation import gettext_lazy

from pod_hub.ui.navigation import DASHBOARD, PORTAL
from pod_hub.ui.vendored import vendored

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
STYLE_SHEET = (ROOT / "pod_hub" / "ui" / "static" / "ui" / "hub.css").read_text()
SPRITE = (ROOT / "pod_hub" / "ui" / "static" / vendored("@tabler/icons/sprite.svg")).read_text()


def name(path: Path) -> str:
    """A readable test id."""
    return str(path.relative_to(ROOT / "templates"))


# Mails are no pages: no policy governs them, and mail programs drop style sheets.
@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name != "mail"], ids=name)
def test_page_has_nothing_that_the_content_security_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style\b", text), "put it into hub.css"
    assert not re.search(r"\sstyle\s*=", text), "use a class"
    assert not re.search(r"<script(?![^>]*\b(src=|type=\"application/json\"))", text), "put it into pod_hub/ui/static/ui/"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "listen in a script file"
    assert not re.search(r"hx-on|hx-vals=.js:|javascript:", text), "htmx may not evaluate text here"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_asks_no_other_host(path: Path) -> None:
    assert not re.search(r"(src|href|action)=[\"'](https?:)?//", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_template_compiles(path: Path) -> None:
    engines["django"].from_string(path.read_text())


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_component_says_first_what_it_accepts(path: Path) -> None:
    assert re.match(r"\{# " + path.stem + r"\b.*#\}", path.read_text().split("\n")[0])


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_styleguide_shows_the_component(path: Path) -> None:
    shown_by = {"clock": "{% ship_by", "select": "{% field ", "key_value": "{% kv ", "icon": "icon=", "flash": "chrome.flash"}
    mark = shown_by.get(path.stem, path.stem)
    frame = (ROOT / "templates" / "layouts" / "_frame.html").read_text()
    assert mark in (ROOT / "templates" / "ui" / "styleguide.html").read_text() + frame


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_icons_and_classes_exist(path: Path) -> None:
    text = path.read_text()
    missing = {
        icon
        for icon in re.findall(r"\{% icon \"([a-z0-9-]+)\"|\bicon=\"([a-z0-9-]+)\"", text)
        for icon in icon
        if icon and f'id="{icon}"' not in SPRITE
    }
    assert not missing, "add them to frontend/icons.txt and run make vendor"
    classes = {word for value in re.findall(r'class="([^"]*)"', text) for word in re.findall(r"\bhub-[a-z0-9-]*[a-z0-9]\b(?![-{])", value)}
    assert {word for word in classes if f".{word}" not in STYLE_SHEET} == set()


def test_navigation_icons_are_in_the_sprite() -> None:
    icons = [entry.icon for table in (DASHBOARD, PORTAL) for section in table for entry in section.entries]
    assert [icon for icon in icons if f'id="{icon}"' not in SPRITE] == []


def test_navigation_labels_wait_for_the_reader_s_language() -> None:
    lazy = type(gettext_lazy("Orders"))
    assert all(isinstance(entry.label, lazy) for table in (DASHBOARD, PORTAL) for section in table for entry in section.entries)


def test_every_tone_colours_its_component_in_light_and_dark() -> None:
    for tone in ("neutral", "info", "active", "ok", "warn", "bad"):
        rule = re.search(rf"\.tone-{tone} \{{([^}}]+)\}}", STYLE_SHEET)
        assert rule and rule[1].count("light-dark(") == 3
