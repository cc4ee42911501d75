"""Bring up the whole hub on running servers: migrate, seed, imitation Amazon, web server, workers, beat."""

from __future__ import annotations

from pod_hub.devstack import programs
from pod_hub.devstack.logins import Login, read_logins
from pod_hub.devstack.programs import Addresses
from pod_hub.devstack.stack import Stack


def start_hub(running: Stack, addresses: Addresses) -> list[Login]:
    """Start everything in its order and return the logins once all of it is ready."""
    terminal, supervisor, env = running.terminal, running.supervisor, running.env
    with terminal.step("Bringing the database up to date"):
        supervisor.run(programs.manage("migrate", env, "migrate", "--database", "owner", "--no-input"))
    with terminal.step("Starting the imitation Amazon"):
        # Before the seed, which connects a store to it.
        supervisor.wait_ready(supervisor.start(programs.imitation_amazon(env, addresses, running.layout)))
    with terminal.step("Filling in the demo's customers, products and stores"):
        seed = supervisor.run(programs.manage("seed", env, "seed_demo", "--print-logins"))
    with terminal.step("Starting web server, workers and beat"):
        starting = [supervisor.start(programs.web(env, addresses))]
        starting += [supervisor.start(programs.worker(name, queues, env)) for name, queues in programs.WORKERS.items()]
        starting.append(supervisor.start(programs.beat(env)))
        supervisor.wait_ready(*starting)
    return read_logins(seed.said, hub_url=addresses.hub_url)
