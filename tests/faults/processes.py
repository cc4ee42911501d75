"""The programs that the development stack runs beside us, found among its children, to be killed and frozen.

Only children of the process that started this one are ever touched: the stack of this very run.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# program -> what its command line holds
MARKS = {
    "worker-poll": b"worker-poll@%h",
    "worker-intake": b"worker-intake@%h",
    "worker-output": b"worker-output@%h",
    "worker-fetch": b"worker-fetch@%h",
    "beat": b"\0beat\0",
    "web": b"granian",
    "valkey": b"--unixsocketperm",
    "postgres": b"unix_socket_permissions",
}
WORKERS = ("worker-poll", "worker-intake", "worker-output", "worker-fetch")


def children_of(pid: int) -> list[int]:
    """Return the living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state not in "ZX":
                found.append(int(entry.name))
    return sorted(found)


def running(name: str) -> list[int]:
    """Return the process ids of one of the stack's programs (several beats are several)."""
    found = []
    for pid in children_of(os.getppid()):
        with suppress(OSError):
            if MARKS[name] in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has just ended is no problem."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def kill(name: str) -> None:
    """End a program as a power cut would; the supervisor starts it again."""
    for pid in running(name)[:1]:
        send(pid, signal.SIGKILL)


def pool_of(name: str) -> list[int]:
    """Return the processes of a worker's pool; none for a worker of threads."""
    return [child for pid in running(name) for child in children_of(pid)]


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Freeze processes for a while."""
    for pid in pids:
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            send(pid, signal.SIGCONT)


def wait_for(name: str, *, within_s: float = 60) -> None:
    """Wait until a program runs (again)."""
    ends = time.monotonic() + within_s
    while not running(name) and time.monotonic() < ends:
        time.sleep(0.1)
