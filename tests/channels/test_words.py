"""What people read of a marketplace's refusal names the thing, not the operation of the interface."""

from __future__ import annotations

import pytest

from stores.channels.amazon import rates
from stores.channels.tiktok import operations


@pytest.mark.parametrize("operation", [*operations.OPERATIONS, *rates.OPERATIONS], ids=lambda operation: operation.name)
def test_every_operation_has_words_for_what_it_is_about(operation: operations.Operation | rates.Operation) -> None:
    assert operation.said.startswith("the ") and operation.name not in operation.said
