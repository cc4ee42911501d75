"""Workers as tests run them: until nothing is due, or until they die at a crash point."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from stores.services.publication_pictures import draw_next
from stores.services.publishing import publish_next


def publish_due() -> None:
    """Draw pictures and ask channels for products that are added, until nothing is due."""
    while draw_next():
        pass
    while publish_next():
        pass


class _Died(BaseException):
    """Passes every handler of errors, as the end of a process does."""


@contextmanager
def dying_at(point: str, service: ModuleType) -> Iterator[None]:
    """Let what runs inside end at a crash point of a service, as a process that is killed there. It fails when the point is not reached."""

    def die(passed: str) -> None:
        if passed == point:
            raise _Died

    with pytest.MonkeyPatch.context() as patch, pytest.raises(_Died):
        patch.setattr(service, "crash_point", die)
        yield
