"""Ports: the preferred one, the next free one, and who has the one that was demanded."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from pod_hub.devstack.problems import StackProblem

TRIED = 50


def is_free(port: int, host: str) -> bool:
    """Return whether we could listen on ``port`` at ``host``, and nobody listens on it at the other loopback address.

    The other address matters because browsers turn ``localhost`` into either.
    """
    families = [(socket.AF_INET6, host)] if ":" in host else [(socket.AF_INET, host)]
    if host in {"127.0.0.1", "localhost"}:
        families = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    for family, address in families:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
                probe.bind((address, port))
                probe.listen(1)
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} and family == socket.AF_INET6:
                continue  # a machine without IPv6
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise StackProblem(f"Nothing can listen on {address}: {error.strerror}. Is HOST set to an address of this machine?") from error
    return True


def choose(name: str, *, variable: str, preferred: int, environ: Mapping[str, str], host: str, taken: frozenset[int] = frozenset()) -> int:
    """Return the port for ``name``: the one the environment variable demands, or the first free one from ``preferred`` on.

    Raises ``StackProblem`` naming the port and its user when a demanded port is taken, because a bookmark or a firewall may count on it.
    """
    demanded = environ.get(variable, "").strip()
    if demanded:
        if not demanded.isdigit() or not 1 <= int(demanded) <= 65535:
            raise StackProblem(f"{variable}={demanded} is no port. Use a number from 1 to 65535.")
        port = int(demanded)
        if port in taken:
            raise StackProblem(f"{variable}={port} is the port of another part of the hub. Choose two different ports.")
        if not is_free(port, host):
            raise StackProblem(f"{name} was told to use port {port} ({variable}={port}), but {holder(port)}. End that program, or unset {variable}.")
        return port
    for port in range(preferred, preferred + TRIED):
        if port not in taken and is_free(port, host):
            return port
    raise StackProblem(f"No free port for {name} between {preferred} and {preferred + TRIED - 1}. Name one: {variable}=9000 make demo")


def any_free(count: int) -> list[int]:
    """Return ``count`` different ports of the loopback address that nobody uses, chosen by the system: two stacks that start at once get others."""
    with ExitStack() as probes:
        opened = [probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _port in range(count)]
        for probe in opened:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in opened]


def holder(port: int) -> str:
    """Say in words who listens on ``port``, as far as this user may know."""
    if port < 1024 and os.geteuid() != 0:
        return "ports below 1024 are root's"
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:  # 0A is LISTEN
                inodes.add(f"socket:[{columns[9]}]")
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        try:
            if any(str(handle.readlink()) in inodes for handle in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} listens there ({command[:120]})"
        except OSError:
            continue  # another user's process, or one that just ended
    return f"another program listens there (`ss -ltnp 'sport = :{port}'` or `lsof -i :{port}`, as root, tells which)"
