"""The walk over the URL table: built once for each module, rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.isolation.url_walk import Walk, standing


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the houses of a module keep their files."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def walk(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, media: Path) -> Iterator[Walk]:
    """Both houses behind both walls; a module may ask for fewer by parametrizing this fixture with arguments of ``standing``."""
    with django_db_blocker.unblock(), standing(media, **getattr(request, "param", {})) as walk:
        yield walk


@pytest.fixture
def files_of_the_houses(_own_media: None, settings: Settings, media: Path) -> None:
    """Point the storage to the files of the walk's houses instead of the test's own."""
    settings.MEDIA_ROOT = media
