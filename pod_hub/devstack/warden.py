"""End every process group that a dead supervisor left behind.

A stand-alone script that the supervisor starts first. It reads lines from its standard input: ``+ GROUP SIGNAL`` when a program has been started
in its own process group, ``- GROUP`` when it has ended. End of input means that the supervisor is gone, killed with -9 included: the groups still
listed get their signal, a few seconds to obey, and then SIGKILL. This reaches the grand-children (web workers, pool processes) that the kernel's
parent-death signal does not, and works where there is no such signal.

It inherits the lock on the data folder, so the next start waits until it has finished.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

GRACE_S = 4.0


def living(groups: set[int]) -> set[int]:
    """Return those of ``groups`` with at least one process that is not a zombie.

    Zombies count as gone: in a container nobody may ever reap them.
    """
    proc = Path("/proc")
    if not (proc / "self" / "stat").exists():
        return {group for group in groups if _answers(group)}
    found = set()
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # "pid (name) state ppid pgrp ...": the name may hold spaces and brackets, so split after its end.
            state, _ppid, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if state not in "ZX" and int(group) in groups:
            found.add(int(group))
    return found


def _answers(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # ended meanwhile, or the number belongs to somebody else's group by now


def end(groups: dict[int, int], *, grace_s: float) -> None:
    """Send each group its signal, wait up to ``grace_s`` for all of them, then kill what is left."""
    for group, number in groups.items():
        _send(group, number)
    deadline = time.monotonic() + grace_s
    remaining = living(set(groups))
    while remaining and time.monotonic() < deadline:
        time.sleep(0.05)
        remaining = living(remaining)
    for group in remaining:
        _send(group, signal.SIGKILL)


def main() -> None:
    """Watch until the supervisor is gone, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        word, *numbers = line.split()
        if word == "+":
            groups[int(numbers[0])] = int(numbers[1])
        elif word == "-":
            groups.pop(int(numbers[0]), None)
    end(groups, grace_s=GRACE_S)


if __name__ == "__main__":
    main()
