"""Ports, addresses and logins: what follows when a port is taken."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest

from pod_hub.celery import QUEUES
from pod_hub.devstack import ports, programs
from pod_hub.devstack.logins import Login, logins_json, read_logins
from pod_hub.devstack.problems import StackProblem


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def choose(port: int, **environ: str) -> int:
    return ports.choose("The hub", variable="PORT", preferred=port, environ=environ, host="127.0.0.1")


def test_taken_port_is_stepped_over(taken: int) -> None:
    assert taken < choose(taken) < taken + ports.TRIED


def test_port_taken_on_the_other_loopback_address_is_stepped_over() -> None:
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        listener.listen()
        port = listener.getsockname()[1]
        assert choose(port) != port


def test_demanded_port_that_is_taken_names_port_and_holder(taken: int) -> None:
    with pytest.raises(StackProblem, match=rf"told to use port {taken} \(PORT={taken}\), but process {os.getpid()} listens there .*unset PORT"):
        choose(8000, PORT=str(taken))


def test_free_ports_of_the_system_differ_and_can_be_listened_on() -> None:
    found = ports.any_free(3)
    assert len(set(found)) == 3
    assert all(ports.is_free(port, "127.0.0.1") for port in found)


@pytest.mark.parametrize("nonsense", ["eighty", "0", "65536", "-1"])
def test_demanded_port_that_is_none_is_refused(nonsense: str) -> None:
    with pytest.raises(StackProblem, match="is no port"):
        choose(8000, PORT=nonsense)


def test_same_port_for_two_programs_is_refused(taken: int) -> None:
    with pytest.raises(StackProblem, match="Choose two different ports"):
        ports.choose("The imitation", variable="P", preferred=1, environ={"P": str(taken)}, host="127.0.0.1", taken=frozenset({taken}))


def test_addresses_follow_the_chosen_ports(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "WEB_PORT", taken)
    addresses = programs.choose_addresses({})
    env = programs.hub_environment({}, addresses)
    assert addresses.web_port != taken
    assert env["PUBLIC_URL"] == f"http://localhost:{addresses.web_port}"
    assert env["AMAZON_REDIRECT_URI"] == f"http://localhost:{addresses.web_port}/stores/connect/amazon/return/"
    assert env["AMAZON_SANDBOX_URL"] == f"http://localhost:{addresses.imitation_port}"
    assert env["TIKTOK_SANDBOX_URL"] == f"http://localhost:{addresses.tiktok_port}"
    assert env["TIKTOK_REDIRECT_URI"] == f"http://localhost:{addresses.web_port}/stores/connect/tiktok/return/"
    assert env["TIKTOK_WEBHOOK_URL"] == f"http://localhost:{addresses.web_port}/stores/connect/tiktok/notices/"
    assert "localhost" in env["ALLOWED_HOSTS"].split(",")
    assert env["TIME_FACTOR"] == "60"


def test_what_the_caller_has_set_himself_stays() -> None:
    environ = {"PUBLIC_URL": "https://hub.test/", "TIME_FACTOR": "1", "ALLOWED_HOSTS": "hub.test", "HUB_ENV": "test"}
    env = programs.hub_environment(environ, programs.choose_addresses(environ))
    assert env["PUBLIC_URL"] == "https://hub.test"
    assert {name: env[name] for name in ("TIME_FACTOR", "ALLOWED_HOSTS", "HUB_ENV")} == {
        "TIME_FACTOR": "1",
        "ALLOWED_HOSTS": "hub.test",
        "HUB_ENV": "test",
    }


def test_workers_serve_every_queue_once() -> None:
    served = [queue for queues in programs.WORKERS.values() for queue in queues]
    assert sorted(served) == sorted(QUEUES)


def test_logins_are_read_from_among_other_lines() -> None:
    ada = {"what": "PSP employee", "address": "/dashboard/", "login": "ada@northprint.example", "password": "pw"}
    lines = [
        "2026-01-01 INFO something",
        json.dumps(ada),
        "",
        "17",
        json.dumps([{"what": "Shop", "address": "http://localhost:8090/shop"}]),
        '{"no": "what"}',
    ]
    read = read_logins(lines, hub_url="http://localhost:8001")
    assert read == [
        Login("PSP employee", "http://localhost:8001/dashboard/", "ada@northprint.example", "pw"),
        Login("Shop", "http://localhost:8090/shop", "", ""),
    ]
    assert json.loads(logins_json(read))[0]["login"] == "ada@northprint.example"
