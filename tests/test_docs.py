"""Docs say what the code does: variables, links, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from pod_hub import env

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_variable_the_settings_read_stands_in_the_operators_table_with_its_meaning() -> None:
    table = (ROOT / "docs/operations.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (?:yes)? ?\| (.+) \|$", table, re.MULTILINE))
    assert rows == {variable.name: variable.purpose for variable in env.READ.values()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_commands_that_pages_name_exist(page: Path) -> None:
    text = page.read_text()
    for name in re.findall(r"`((?:pod_hub|orders|stores|catalog|fulfillment|templates|tests|docs|deploy)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{page.name} names {name}"
    for command in re.findall(r"manage\.py (\w+)", text):
        assert command in get_commands(), f"{page.name} names manage.py {command}"
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"`make ([a-z]+)", text):
        assert target in targets, f"{page.name} names make {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_no_place_of_a_developers_machine(page: Path) -> None:
    assert not re.search(r"/work/|/root/|/home/\w+/|\.\./shared", page.read_text())
