"""Bring up the whole hub on running servers: migrate, imitation marketplaces, seed, web server, workers, beat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pod_hub.devstack import ports, programs
from pod_hub.devstack.logins import Login, logins_json, read_logins
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.programs import Addresses
from pod_hub.devstack.stack import Stack, stack, throwaway_layout
from pod_hub.devstack.supervisor import last_lines
from pod_hub.devstack.terminal import Terminal

LOG_LINES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class FreshHub:
    """The whole hub, running on data of its own."""

    running: Stack
    addresses: Addresses
    logins: list[Login]

    def told(self) -> dict[str, str]:
        """Return the variables that tell a program where the hub is and how to get in."""
        return {
            "HUB_URL": self.addresses.hub_url,
            "IMITATION_URL": self.addresses.imitation_url,
            "TIKTOK_IMITATION_URL": self.addresses.tiktok_url,
            "MAILBOX_URL": self.addresses.mailbox_url,
            "HUB_LOGINS": logins_json(self.logins),
        }

    def show_logs(self) -> None:
        """Print the end of every log, because the folder is about to be deleted."""
        _show_logs(self.running)


def start_hub(running: Stack, addresses: Addresses) -> list[Login]:
    """Start everything in its order and return the logins once all of it is ready."""
    terminal, supervisor, env = running.terminal, running.supervisor, running.env
    with terminal.step("Bringing the database up to date"):
        supervisor.run(programs.manage("migrate", env, "migrate", "--database", "owner", "--no-input"))
    with terminal.step("Starting the imitation marketplaces, the mailbox and the S3 server"):
        # Before the seed, which connects stores to them.
        others = (programs.imitation_amazon, programs.imitation_tiktok, programs.mailbox, programs.storage)
        supervisor.wait_ready(*[supervisor.start(program(env, addresses, running.layout)) for program in others])
    with terminal.step("Filling in the demo's customers, products and stores"):
        seed = supervisor.run(programs.manage("seed", env, "seed_demo", "--print-logins"))
    with terminal.step("Starting web server, workers and beat"):
        starting = [supervisor.start(programs.web(env, addresses))]
        starting += [supervisor.start(programs.worker(name, queues, env)) for name, queues in programs.WORKERS.items()]
        starting.append(supervisor.start(programs.beat(env)))
        supervisor.wait_ready(*starting)
    return read_logins(seed.said, hub_url=addresses.hub_url)


@contextmanager
def fresh_hub(environ: Mapping[str, str], *, purpose: str, terminal: Terminal) -> Iterator[FreshHub]:
    """Yield the whole hub on a folder that is thrown away afterwards and on free ports.

    Raises ``StackProblem`` when something does not start; the ends of all logs are printed before.
    """
    names = programs.PORT_VARIABLES
    # Ports and addresses demanded for the demo may be in use by it right now.
    own = {name: value for name, value in environ.items() if name not in {"PUBLIC_URL", "HOST", "EMAIL_URL", "TYPED_ADDRESSES_ALSO"}}
    own |= {name: str(port) for name, port in zip(names, ports.any_free(len(names)), strict=True)}
    with throwaway_layout(purpose) as layout, stack(layout, environ=own, durable=False, terminal=terminal) as running:
        addresses = programs.choose_addresses(own)
        running.env = programs.hub_environment(running.env, addresses)
        running.say_what_runs(f"make {purpose}", **addresses.by_name())
        try:
            logins = start_hub(running, addresses)
        except StackProblem:
            _show_logs(running)
            raise
        yield FreshHub(running, addresses, logins)


def _show_logs(running: Stack) -> None:
    for log_file in sorted(running.layout.logs.glob("*.log")):
        running.terminal.line(f"\n--- the end of {log_file.name}")
        for line in last_lines(log_file, LOG_LINES_SHOWN):
            running.terminal.of(log_file.stem, line)
