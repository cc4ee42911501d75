"""A house for tests of the catalog's services, with an open scope."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pod_hub.core.tenancy import tenant
from tests.factories.cast import House, northprint


@pytest.fixture
def house(db: None) -> Iterator[House]:
    """Northprint, in whose scope the test runs."""
    made = northprint()
    with tenant(made.psp.pk):
        yield made
