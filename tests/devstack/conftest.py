"""Stacks on throw-away folders, started in this process or, where it is about their end, in another one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pod_hub.devstack.layout import CHECKOUT, Layout

# Of the test run itself: its servers, and the settings that would make Celery load the whole hub.
OF_THE_TEST_RUN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMBEDDED_SOCKETS", "MEDIA_ROOT", "DJANGO_SETTINGS_MODULE")
TestProcess = subprocess.Popen[str]


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment without the servers of the test run itself."""
    return {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_RUN}


@pytest.fixture
def fresh_layout() -> Iterator[Layout]:
    """A layout with a short path, as in an ordinary checkout: pytest's own folders are too deep for a socket."""
    with tempfile.TemporaryDirectory(prefix="devstack-") as folder:
        yield Layout(Path(folder) / ".local")


@pytest.fixture(scope="session")
def layout() -> Iterator[Layout]:
    """A layout that many tests start and stop servers on, one after the other: making a database takes a second, starting it a tenth."""
    with tempfile.TemporaryDirectory(prefix="devstack-") as folder:
        yield Layout(Path(folder) / ".local")


@pytest.fixture
def python(environ: dict[str, str]) -> Iterator[Callable[..., TestProcess]]:
    """Start a Python script in a process of its own; it is killed after the test if it still lives."""
    started: list[TestProcess] = []

    def start(script: str, *arguments: str) -> TestProcess:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Wait for ``condition``; fail with ``what`` when it does not come true."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)


def processes_mentioning(text: str) -> list[str]:
    """Return the command lines of all living processes (no zombies) that mention ``text`` in their arguments or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                continue
            command = (process / "cmdline").read_bytes()
            if text.encode() in command + (process / "environ").read_bytes() and int(process.name) != os.getpid():
                found.append(f"{process.name} {command.replace(bytes(1), b' ').decode()}")
        except OSError:
            continue
    return found
