"""The embedded Valkey (Redis protocol): an append-only file in the checkout, a socket in a 0700 folder, no port."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pod_hub.devstack.supervisor import Program, Run

SOCKET_NAME = "valkey.sock"


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server: the program, its files in ``data``, its socket in ``sockets``."""

    server: Path
    data: Path
    sockets: Path
    environ: Mapping[str, str]
    durable: bool = True
    name: str = "valkey"

    @property
    def socket(self) -> Path:
        """The file to connect to."""
        return self.sockets / SOCKET_NAME

    def _before_start(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)  # the caller holds the folder's lock: nobody listens there

    def program(self) -> Program:
        """Return the server as a program for the supervisor."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir", str(self.data), "--daemonize", "no"]
        # A queue that silently drops entries when memory is short would lose the quota buckets too: refuse writes instead.
        options += ["--appendonly", "yes" if self.durable else "no", "--save", "", "--maxmemory-policy", "noeviction"]
        return Program(
            name=self.name,
            argv=[str(self.server), *options],
            env=dict(self.environ) | {"LC_ALL": "C"},
            ready=self._is_ready,
            stop_signal=signal.SIGTERM,
            echo=False,
            foundation=True,
            before_start=self._before_start,
        )

    def _is_ready(self, _run: Run) -> bool:
        """Ask for PING's answer; while it loads its file it answers LOADING."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False
