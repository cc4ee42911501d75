"""Starting the hub's real processes beside a benchmark, and looking at what they cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pod_hub.devstack import programs

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a program and everything it starts in a process group of its own; end the group on the way out. Yields its number."""
    process = subprocess.Popen(
        [sys.executable, *argv], env=dict(os.environ) | dict(env or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def worker(*queues: str) -> list[str]:
    """Return the arguments of a worker as the development stack starts it, which is as the compose file does, without its talk."""
    return [*programs.worker(f"bench-{queues[0]}", queues, {}).argv[1:-1], "ERROR"]  # the last argument is the log level


BEAT = ["-m", "celery", "-A", "pod_hub.celery", "beat", "--pidfile=", "--schedule", "/dev/null/none", "--loglevel", "ERROR"]


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_s(pids: Sequence[int]) -> float:
    """Return the processor seconds that processes have used so far."""
    used = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += (int(fields[11]) + int(fields[12])) / TICKS
    return used


def work_s(pid: int) -> float:
    """Return the processor seconds of one thread's process, to the nanosecond where the kernel keeps them: for work shorter than its tick."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return cpu_s([pid])


def pss_mb(pid: int) -> float:
    """Return a process's proportional share of memory in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"Process {pid} says nothing of its memory.")


def servers() -> list[int]:
    """Return the processes of the PostgreSQL and the Valkey that this benchmark uses, found by the folder of their sockets."""
    folder = os.environ.get("EMBEDDED_SOCKETS", "")
    roots = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and folder:
            try:
                argv = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if any(folder in part for part in argv) and Path(argv[0]).name.startswith(("postgres", "valkey")):
                roots.append(int(entry.name))
    return sorted({pid for root in roots for pid in family(root)})
