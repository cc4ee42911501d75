"""Vendored browser files are what VENDOR.json says, and pages find them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from pod_hub.ui.vendored import VENDOR, vendored

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "pod_hub" / "ui" / "static"
FOLDERS = [VENDOR, ROOT / "tests" / "browser" / "assets"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_vendored_file_has_its_recorded_hash_and_licence_and_no_file_is_unrecorded(folder: Path) -> None:
    packages = json.loads((folder / "VENDOR.json").read_text())["packages"]
    recorded = {f"{package['folder']}/{name}": sha for package in packages for name, sha in package["files"].items()}
    present = {str(path.relative_to(folder)): hashlib.sha384(path.read_bytes()).hexdigest() for path in folder.glob("*/**/*") if path.is_file()}
    assert present == recorded
    assert all(package["licence"] and package["folder"].endswith(package["version"]) for package in packages)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_versions_are_the_locked_ones(folder: Path) -> None:
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    for package in json.loads((folder / "VENDOR.json").read_text())["packages"]:
        assert locked[f"node_modules/{package['name']}"]["version"] == package["version"]


def test_lock_file_records_hashes_but_no_download_addresses() -> None:
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    assert all("integrity" in entry and "resolved" not in entry for name, entry in locked.items() if name)


def test_no_page_file_points_at_a_source_map_or_another_host() -> None:
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        text = path.read_text()
        assert "sourceMappingURL" not in text, path
        assert not re.search(r"(url\(|@import|import\s)\s*[\"']?(https?:)?//", text), path


def test_addresses_in_our_style_sheet_lead_to_files() -> None:
    sheet = STATIC / "ui" / "hub.css"
    addresses = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert addresses
    assert [address for address in addresses if not (sheet.parent / address).resolve().is_file()] == []


def test_asking_for_a_file_that_is_not_vendored_names_it() -> None:
    assert vendored("@tabler/core/tabler.min.css").startswith("vendor/tabler-core-")
    with pytest.raises(KeyError, match="jquery"):
        vendored("jquery/jquery.js")
