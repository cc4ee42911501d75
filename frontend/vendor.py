#!/usr/bin/env python3
"""Renew the vendored browser files: ``make vendor`` (needs Node and npm; running the hub needs neither).

Installs exactly what ``package-lock.json`` pins, without running any package's scripts, copies the few files our pages load, and writes
``VENDOR.json`` beside them: name, version, licence and the SHA-384 of each file. ``tests/ui/test_vendored_files.py`` compares.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
STATIC = HERE.parent / "pod_hub" / "ui" / "static" / "vendor"
TEST_ASSETS = HERE.parent / "tests" / "browser" / "assets"
SVG = "http://www.w3.org/2000/svg"
# WhiteNoise's manifest storage refuses a comment that points at a map we do not ship.
SOURCE_MAP = re.compile(rb"\s*(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


def main() -> None:
    """Install, copy, hash."""
    subprocess.run(["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cwd=HERE, check=True)  # noqa: S607 - npm stands wherever Node was installed
    shutil.rmtree(STATIC, ignore_errors=True)
    pages = [
        _copy("@tabler/core", STATIC, {"dist/css/tabler.min.css": "tabler.min.css"}),
        _copy(
            "@fontsource-variable/inter",
            STATIC,
            {
                "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
                "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
                "LICENSE": "LICENSE",
            },
        ),
        _copy("@tabler/icons", STATIC, {"LICENSE": "LICENSE"}, made={"sprite.svg": _sprite()}),
        _copy("fabric", STATIC, {"dist/index.min.mjs": "fabric.min.mjs", "LICENSE": "LICENSE"}),
        *(_copy(package, STATIC, {**faces, "LICENSE_FONT": "LICENSE"}, licence="OFL-1.1") for package, faces in _faces().items()),
    ]
    _write(STATIC / "VENDOR.json", pages)
    _write(TEST_ASSETS / "VENDOR.json", [_copy("axe-core", TEST_ASSETS, {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"})])


def _faces() -> dict[str, dict[str, str]]:
    """The typefaces that designs may use (catalog/fonts.py), as whole TrueType files: browser and printing worker read the same bytes."""
    found: dict[str, dict[str, str]] = {}
    for line in (HERE / "fonts.txt").read_text().split("\n"):
        if line and not line.startswith("#"):
            package, source = line.split()
            found.setdefault(package, {})[source] = source.rpartition("/")[2]
    return found


def _copy(package: str, target: Path, files: dict[str, str], *, made: dict[str, bytes] | None = None, licence: str = "") -> dict[str, object]:
    """Copy one package's files into ``target/NAME-VERSION/`` and return its entry for VENDOR.json.

    ``licence`` is that of the copied files, where the package as a whole names another.
    """
    facts = json.loads((MODULES / package / "package.json").read_text())
    folder = target / f"{package.removeprefix('@').replace('/', '-')}-{facts['version']}"
    folder.mkdir(parents=True, exist_ok=True)
    contents = {to: (MODULES / package / source).read_bytes() for source, to in files.items()} | (made or {})
    for name, body in contents.items():
        contents[name] = body = SOURCE_MAP.sub(b"\n", body) if name.endswith((".css", ".js", ".mjs")) else body
        (folder / name).write_bytes(body)
    return {
        "name": package,
        "version": facts["version"],
        "licence": licence or facts["license"],
        "folder": folder.name,
        "files": {name: hashlib.sha384(body).hexdigest() for name, body in sorted(contents.items())},
    }


def _sprite() -> bytes:
    """One SVG with a ``<symbol>`` for each icon named in icons.txt."""
    ET.register_namespace("", SVG)
    sprite = ET.Element(f"{{{SVG}}}svg")
    for name in (HERE / "icons.txt").read_text().split("\n"):
        if not name or name.startswith("#"):
            continue
        source = ET.parse(MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").getroot()  # noqa: S314 - a package whose hash the lock file holds
        symbol = ET.SubElement(sprite, f"{{{SVG}}}symbol", id=name, viewBox="0 0 24 24")
        symbol.extend(shape for shape in source if shape.get("d") != "M0 0h24v24H0z")
    for element in sprite.iter():
        element.text = element.tail = None
    return ET.tostring(sprite) + b"\n"


def _write(path: Path, packages: list[dict[str, object]]) -> None:
    path.write_text(json.dumps({"made_by": "frontend/vendor.py", "packages": packages}, indent=2) + "\n")


if __name__ == "__main__":
    main()
