"""``make faults``: the fault matrix on fresh data and free ports. What is played and judged stands in ``tests/faults``."""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pod_hub.devstack import programs
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.stack import Stack, stack, throwaway_layout
from pod_hub.devstack.supervisor import last_lines
from pod_hub.devstack.terminal import Terminal

# What a cell of tests/faults does with workers, and what it does without. The longest full dose needs hours.
WITHIN_S = 12 * 3600.0
POLL_INTERVAL_S = "120"
BEATS = ("beat", "beat-2", "beat-3")  # any number of beats does no harm; three prove it in every cell
MUTATION = "HUB_TEST_MUTATION"
# Which cell has to notice that a guard is missing, and for a cell of named points, where.
CAUGHT_BY = {
    "order-number": ("F19", ""),
    "take-in-lock": ("F19", ""),
    "lease": ("F5-frozen", "push.answered"),
    "outbox": ("F2", "ship.committed"),
    "read-back": ("F2", "push.answered"),
    "cursor": ("F2", "poll.storing"),
}
# Cells that measure minutes: at the usual pace a minute is a second, and a busy machine's noise would be most of it.
SLOWER = {"F9": "6"}
PLAYED_ALONE = frozenset({"F2", "F5-frozen", "F19", "F20"})


def faults(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Play cells of the fault matrix ([F1 F2 …] --seed N --dose short|long|full), or prove that they bite (--without GUARD|all)."""
    parser = argparse.ArgumentParser(prog="python -m pod_hub.devstack faults")
    parser.add_argument("cells", nargs="*", help="F1, F2 …; all when none is named")
    parser.add_argument("--seed", type=int, default=None, help="replay this seed")
    parser.add_argument("--dose", choices=["short", "long", "full"], default="short")
    parser.add_argument("--over", choices=["amazon", "tiktok"], nargs="*", default=[], help="these marketplaces alone; both where a cell knows both")
    parser.add_argument("--points", default="", help="for F2 and F5-frozen: these points alone, joined by commas")
    parser.add_argument("--without", choices=[*CAUGHT_BY, "all"], help="take a guard out; then a cell has to fail")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.randrange(1, 1_000_000)  # noqa: S311 - it is printed, to be replayed
    terminal = Terminal()
    if not given.without:
        rows = []
        if not given.cells or set(given.cells) - set(SLOWER):
            usual = [cell for cell in given.cells if cell not in SLOWER]
            rows += _run(environ, terminal, cells=usual, seed=seed, dose=given.dose, points=given.points, over=given.over)
        for cell, factor in SLOWER.items():
            if not given.cells or cell in given.cells:
                pace = dict(environ) | {"TIME_FACTOR": factor}
                rows += _run(pace, terminal, cells=[cell], seed=seed, dose=given.dose, points=given.points, over=given.over)
        _show(terminal, rows)
        return 1 if not rows or any(row["verdict"] != "held" for row in rows) else 0
    guards = list(CAUGHT_BY) if given.without == "all" else [given.without]
    table = []
    for guard in guards:
        terminal.line(f"\nWithout the guard “{guard}”:")
        cell, points = CAUGHT_BY[guard]
        cells, points = (given.cells, given.points) if given.cells else ([cell], given.points or points)
        rows = _run(environ, terminal, cells=cells, seed=seed, dose=given.dose, points=points, over=given.over or ["amazon"], without=guard)
        caught = [str(row["cell"]) for row in rows if row["verdict"] != "held"]
        table.append([guard, ", ".join(caught) or "-", "caught" if caught else "NOT CAUGHT"])
    terminal.line()
    terminal.table(["guard taken out", "cells that failed", "verdict"], table)
    return 1 if any(row[2] != "caught" for row in table) else 0


def _run(
    environ: Mapping[str, str], terminal: Terminal, *, cells: Sequence[str], seed: int, dose: str, points: str, over: Sequence[str], without: str = ""
) -> list[dict[str, Any]]:
    """Start the stack, play the cells (those that need no workers before there are any) and return their rows."""
    own = {name: value for name, value in environ.items() if name not in {"PORT", "AMAZON_PORT", "TIKTOK_PORT", "PUBLIC_URL", "HOST"}}
    # Ports of their own: a second run that starts in the same moment would otherwise talk to the first one's imitation.
    own |= {"POLL_INTERVAL_S": POLL_INTERVAL_S, "PORT": _free_port(), "AMAZON_PORT": _free_port(), "TIKTOK_PORT": _free_port()} | (
        {MUTATION: without} if without else {}
    )
    with throwaway_layout("faults") as layout:
        try:
            # Durable, because PostgreSQL and Valkey are killed and must have kept what they promised.
            with stack(layout, environ=own, terminal=terminal) as running:
                running.supervisor.restart_longest_wait_s = 2.0  # what the cells kill is no program that fails by itself
                addresses = programs.choose_addresses(own)
                running.env = programs.hub_environment(running.env, addresses)
                results = layout.root / "faults.json"
                running.env |= {
                    "FAULT_POINTS": points,
                    "HUB_URL": addresses.hub_url,
                    "IMITATION_URL": addresses.imitation_url,
                    "TIKTOK_IMITATION_URL": addresses.tiktok_url,
                    "FAULT_RESULTS": str(results),
                }
                with terminal.step("Bringing the database up to date"):
                    running.supervisor.run(programs.manage("migrate", running.env, "migrate", "--database", "owner", "--no-input"))
                with terminal.step("Starting the imitation marketplaces"):
                    both = (programs.imitation_amazon, programs.imitation_tiktok)
                    running.supervisor.wait_ready(*[running.supervisor.start(one(running.env, addresses, layout)) for one in both])
                if not cells or PLAYED_ALONE.intersection(cells):
                    _play(running, cells, seed, dose, over, workers="no")
                if not cells or set(cells) - PLAYED_ALONE:
                    _start_the_rest(running, addresses)
                    _play(running, cells, seed, dose, over, workers="yes")
                rows: list[dict[str, Any]] = json.loads(results.read_text()) if results.exists() else []
                if any(row["verdict"] != "held" for row in rows) and not without:
                    _keep_logs(terminal, layout.logs)
                return rows
        except StackProblem:
            _keep_logs(terminal, layout.logs)
            raise


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _start_the_rest(running: Stack, addresses: programs.Addresses) -> None:
    with running.terminal.step("Starting web server, workers and three beats"):
        starting = [running.supervisor.start(programs.web(running.env, addresses))]
        include = ("--include", "tests.faults.mutations") if MUTATION in running.env else ()
        starting += [running.supervisor.start(programs.worker(name, queues, running.env, *include)) for name, queues in programs.WORKERS.items()]
        starting += [running.supervisor.start(programs.beat(running.env, name=name)) for name in BEATS]
        running.supervisor.wait_ready(*starting)


def _play(running: Stack, cells: Sequence[str], seed: int, dose: str, over: Sequence[str], *, workers: str) -> None:
    chosen = [cell for cell in cells if (cell in PLAYED_ALONE) == (workers == "no")]
    command = [sys.executable, "-m", "tests.faults", *chosen, "--seed", str(seed), "--dose", dose, "--workers", workers]
    command += ["--over", *over] if over else []
    command += [] if cells else ["--leave-out", *SLOWER]
    running.supervisor.run_in_foreground(command, running.env, within_s=WITHIN_S)


def _show(terminal: Terminal, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        terminal.line("No cell was played.")
        return
    terminal.line()
    terminal.table(list(rows[0]), [[str(value) for value in row.values()] for row in rows])
    failed = [str(row["cell"]) for row in rows if row["verdict"] != "held"]
    if failed:
        terminal.line(f"\nFailed. To replay: python -m pod_hub.devstack faults {' '.join(failed)} --seed {rows[0]['seed']}")


def _keep_logs(terminal: Terminal, logs: Path) -> None:
    """Print the end of every log, because the folder is about to be deleted."""
    for log_file in sorted(logs.glob("*.log")):
        lines = [line for line in last_lines(log_file, 400) if "rror" in line or "warning" in line or "Traceback" in line][-15:]
        if lines:
            terminal.line(f"\n--- from {log_file.name}")
        for line in lines:
            terminal.of(log_file.stem, line[:600])
