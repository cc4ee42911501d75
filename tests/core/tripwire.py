"""A tripwire on sockets, and an internet of our own behind it.

Names are answered from a table and nothing leaves the machine: a connection to an address of the table's public hosts ends at a server of the
test, and every other one is written down as a breach and refused. An audit hook of the interpreter watches beneath the code under test and
beneath this module, so a connection that goes around both is written down too.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

PUBLIC_IP, OTHER_PUBLIC_IP, PUBLIC_IPV6 = "93.184.216.34", "151.101.1.69", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

Answer = list[str]


@dataclass
class Tripwire:
    """What was asked and connected. ``names`` maps a host to its answers, one list for each time it is asked; the last one repeats."""

    server_port: int
    names: Mapping[str, list[Answer]]
    breaches: list[Any] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def answers(self, host: str) -> Answer:
        """What the name server says now."""
        self.looked_up.append(host)
        answers = self.names.get(host.rstrip(".").lower(), [])
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers[min(self.looked_up.count(host), len(answers)) - 1]


_armed: list[Tripwire] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _armed:
        return
    address = arguments[1]
    # Sockets in the file system are those of the test's own database and broker.
    if isinstance(address, tuple) and address[:2] != ("127.0.0.1", _armed[-1].server_port):
        _armed[-1].breaches.append(address)


sys.addaudithook(_watch)


@contextmanager
def armed(*, server_port: int, names: Mapping[str, list[Answer]]) -> Iterator[Tripwire]:
    """Watch every socket of this process until the block ends."""
    wire = Tripwire(server_port, names)
    real_lookup, real_connect = socket.getaddrinfo, socket.create_connection
    public = {ip for answers in names.values() for answer in answers for ip in answer} & {PUBLIC_IP, OTHER_PUBLIC_IP, PUBLIC_IPV6}

    def lookup(host: Any, port: Any, *arguments: Any, **options: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.rstrip(".").lower() in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in wire.answers(name)]
        # Numbers in every spelling are read by the machine's own resolver, as in production; a name goes no further.
        try:
            socket.inet_aton(name)
        except OSError:
            options["flags"] = socket.AI_NUMERICHOST
        return list(real_lookup(host, port, *arguments, **options))

    def connect(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
        wire.connected.append((address[0], address[1]))
        if address[0] not in public:
            wire.breaches.append(address)
            raise ConnectionRefusedError
        return real_connect(("127.0.0.1", server_port), *arguments, **options)

    _armed.append(wire)
    try:
        with mock.patch("socket.getaddrinfo", lookup), mock.patch("socket.create_connection", connect):
            yield wire
    finally:
        _armed.remove(wire)
