"""Browser files in production: named by content, also where one of our modules imports another."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from pytest_django import Settings


def test_modules_import_each_other_by_the_names_of_their_content(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = django_settings.STORAGES | {"staticfiles": {"BACKEND": "pod_hub.ui.static_files.HashedStaticFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    modules = [path for path in (tmp_path / "catalog" / "editor").glob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    assert len(modules) > 20
    for module in modules:
        for wanted in re.findall(r'from "([^"]+)"', module.read_text()):
            assert re.search(r"\.[0-9a-f]{12}\.m?js$", wanted), (module.name, wanted)
            assert (module.parent / wanted).resolve().is_file(), (module.name, wanted)


def test_the_editor_imports_the_vendored_canvas_library() -> None:
    module = Path(str(finders.find("catalog/editor/fabric.js")))
    (address,) = re.findall(r'from "([^"]+)"', module.read_text())
    vendored = address.rpartition("static/")[2].removeprefix("../../")
    assert finders.find(vendored), f"{address} is not vendored (any more): name the new version in catalog/static/catalog/editor/fabric.js"
