"""What the tests of all imitations use."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture
def port() -> int:
    """A free port for an imitation that runs as a program of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
