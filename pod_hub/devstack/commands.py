"""The commands of ``python -m pod_hub.devstack``. Each takes the environment and its arguments and returns an exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pod_hub.devstack import binaries, programs
from pod_hub.devstack.faults import faults
from pod_hub.devstack.hub import fresh_hub, start_hub
from pod_hub.devstack.layout import CHECKOUT, read_state
from pod_hub.devstack.logins import Login
from pod_hub.devstack.problems import Interrupted, StackProblem
from pod_hub.devstack.stack import Stack, default_layout, reset, runs_in, stack, throwaway_layout
from pod_hub.devstack.terminal import Terminal
from pod_hub.devstack.valkey import Valkey

# After set-up the walk takes under two minutes; a walk that hangs must not hang the build.
JOURNEY_WITHIN_S = 300.0
PICTURES_WITHIN_S = 600.0
# Beyond this the tests that start programs of their own wait for each other longer than they save.
MOST_TEST_PROCESSES = 4
# What kills processes and waits for their work to come to rest wants the machine to itself, so it runs after the others.
ALONE = ("tests/faults",)
SERVER_VARIABLES = ("EMBEDDED_SOCKETS", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def demo(environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    """Run the whole hub on this checkout's data until Ctrl-C."""
    terminal = Terminal()
    terminal.line("Starting the hub. Everything runs on this machine; data stays in .local/. Ctrl-C ends it.")
    layout = default_layout()
    try:
        # Everything but the servers is started inside, so that a taken folder is reported before a taken port.
        with stack(layout, environ=environ, terminal=terminal) as running:
            addresses = programs.choose_addresses(environ)
            for what, port, preferred in (
                ("the hub", addresses.web_port, programs.WEB_PORT),
                ("the imitation Amazon", addresses.imitation_port, programs.IMITATION_PORT),
                ("the imitation TikTok Shop", addresses.tiktok_port, programs.TIKTOK_PORT),
                ("the mailbox", addresses.mailbox_port, programs.MAILBOX_PORT),
                ("the S3 server", addresses.storage_port, programs.STORAGE_PORT),
            ):
                if port != preferred and str(port) not in {environ.get(name) for name in programs.PORT_VARIABLES}:
                    terminal.line(f"  Port {preferred} is taken, so {what} uses {port}.")
            running.env = programs.hub_environment(running.env, addresses)
            running.say_what_runs("make demo", **addresses.by_name())
            logins = start_hub(running, addresses)
            _show(running, addresses, logins)
            running.supervisor.echo = True
            try:
                running.supervisor.serve()
            finally:
                terminal.line("\nEnding everything ...")
    except Interrupted:
        terminal.line("Everything has ended. `make demo` goes on with the same data, `make reset` starts afresh.")
    return 0


def _show(running: Stack, addresses: programs.Addresses, logins: Sequence[Login]) -> None:
    terminal = running.terminal
    terminal.line()
    terminal.line(terminal.paint("The hub is ready.", 32))
    terminal.line()
    rows = [[login.what, login.address, login.login, login.password] for login in logins]
    for what, address in (
        ("The hub", addresses.hub_url),
        ("Imitation Amazon", addresses.imitation_url),
        ("Imitation TikTok Shop", addresses.tiktok_url),
        ("Mailbox (all mails of the demo)", addresses.mailbox_url),
        ("S3 server (customers' print files)", addresses.storage_url),
    ):
        if not any(login.address.startswith(address) for login in logins):
            rows.append([what, f"{address}/", "", ""])
    terminal.table(["What", "Address", "Login", "Password"], rows)
    terminal.line()
    factor = running.env["TIME_FACTOR"]
    terminal.line(f"  One minute here counts as {factor} (TIME_FACTOR): polls, quotas and delays run that much faster.")
    terminal.line(f"  Logs: {running.layout.logs}/   Ctrl-C ends everything.")
    terminal.line()


def journey(environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    """Start everything on fresh data and free ports, walk one order through it, and return the walk's exit code."""
    return _on_fresh_hub("journey", "tests.journeys.walk", environ, within_s=JOURNEY_WITHIN_S)


def pictures(environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    """Start everything on fresh data and free ports and take the pictures of the documentation."""
    return _on_fresh_hub("pictures", "tests.browser.pictures", environ, within_s=PICTURES_WITHIN_S)


def _on_fresh_hub(purpose: str, module: str, environ: Mapping[str, str], *, within_s: float) -> int:
    with fresh_hub(environ, purpose=purpose, terminal=Terminal()) as hub:
        try:
            code = hub.running.supervisor.run_in_foreground([sys.executable, "-m", module], hub.running.env | hub.told(), within_s=within_s)
        except StackProblem:
            hub.show_logs()
            raise
        if code:
            hub.show_logs()
    return code


def test(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run pytest on fresh servers that are thrown away afterwards, and return its exit code.

    Without arguments the whole suite runs, a process for each processor; each process has a test database and a Valkey of its own, because tests empty both.
    """
    processes = 1 if environ.get("REDIS_URL") else _processes(arguments)
    if arguments or processes == 1:
        return _run_tests(environ, arguments, processes)
    together = _run_tests(environ, [f"--ignore={path}" for path in ALONE], processes)
    return _run_tests(environ, ALONE, 1) or together


def _run_tests(environ: Mapping[str, str], arguments: Sequence[str], processes: int) -> int:
    with _test_servers(environ, "test") as running:
        chosen = list(arguments)
        if processes > 1:
            running.env |= _brokers_of_processes(running, processes)
            # How they are spread is said in tests/conftest.py; the order stays as collected, for the slow files do not come last in it.
            chosen = [*chosen, "-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
        return running.supervisor.run_in_foreground([sys.executable, "-m", "pytest", *chosen], running.env)


def _processes(arguments: Sequence[str]) -> int:
    """Return over how many processes to spread the tests: as many as somebody asks for with -n, else one for chosen tests and several for all."""
    if "-n" in arguments[:-1]:
        asked = arguments[arguments.index("-n") + 1]
        return int(asked) if asked.isdecimal() else os.cpu_count() or 1
    return 1 if arguments else min(os.cpu_count() or 1, MOST_TEST_PROCESSES)


def _brokers_of_processes(running: Stack, processes: int) -> dict[str, str]:
    """Start a Valkey for each process of pytest-xdist and return the variables by which ``tests/own_broker.py`` finds them."""
    names = [f"gw{number}" for number in range(processes)]
    folder = Path(running.env["EMBEDDED_SOCKETS"])
    server = binaries.valkey_server(running.env)
    brokers = {
        name: Valkey(
            server=server,
            data=running.layout.valkey / name,
            sockets=folder / name,
            environ=running.env,
            durable=False,
            name=f"valkey-{name}",
        )
        for name in names
    }
    running.supervisor.wait_ready(*[running.supervisor.start(broker.program()) for broker in brokers.values()])
    return {f"REDIS_URL_OF_{name}": f"unix://{broker.socket}" for name, broker in brokers.items()}


@contextmanager
def _test_servers(environ: Mapping[str, str], purpose: str) -> Iterator[Stack]:
    with throwaway_layout(purpose) as layout, stack(layout, environ=dict(environ) | {"HUB_ENV": "test"}, durable=False) as running:
        yield running


def check(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run every check of the build, show what failed, and return 1 if any did. Arguments choose checks by name."""
    from pod_hub.devstack.checks import run_checks

    with _test_servers(environ, "check") as running:
        return run_checks(running, arguments)


def bench(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Measure on fresh servers that write as safely as production's: bench [a b c d e f g h] [--quick] [--write]."""
    # Quotas and intervals as in production; a bench that needs them shorter says so in its figures. Nobody listens where Amazon should be:
    # the benches that need one start their own.
    told = {"HUB_ENV": "demo", "TIME_FACTOR": "1", "PYTHONUNBUFFERED": "1", "AMAZON_SANDBOX_URL": "http://127.0.0.1:9"}
    with throwaway_layout("bench") as layout, stack(layout, environ=dict(environ) | told, terminal=Terminal()) as running:
        running.supervisor.run(programs.manage("migrate", running.env, "migrate", "--database", "owner", "--no-input"), within_s=120)
        return running.supervisor.run_in_foreground([sys.executable, "-m", "tests.benchmarks", *arguments], running.env)


def servers(environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    """Run PostgreSQL and Valkey alone until Ctrl-C; print the lines that point a shell at them."""
    try:
        with stack(default_layout(), environ=environ) as running:
            running.say_what_runs("python -m pod_hub.devstack servers")
            for name in SERVER_VARIABLES:
                running.terminal.line(f"export {name}={shlex.quote(running.env[name])}")
            running.terminal.line("# The servers run until Ctrl-C.")
            running.supervisor.serve()
    except Interrupted:
        Terminal().line("The servers have ended.")
    return 0


@contextmanager
def _servers_running(environ: Mapping[str, str]) -> Iterator[tuple[dict[str, str], Stack | None]]:
    """Yield the environment of the servers that run in this checkout; start them for the while when none do."""
    if runs_in(default_layout()):
        yield dict(read_state(default_layout())["env"]) | dict(environ), None
        return
    with stack(default_layout(), environ=environ) as running:
        yield running.env, running


def _foreground(argv: Sequence[str], env: Mapping[str, str], running: Stack | None) -> int:
    if running is not None:
        return running.supervisor.run_in_foreground(argv, env)
    return subprocess.run(argv, env=dict(env), check=False).returncode


def manage(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run a management command against this checkout's servers, starting them for the while when they do not run."""
    with _servers_running(environ) as (env, running):
        return _foreground([sys.executable, str(CHECKOUT / "manage.py"), *arguments], env, running)


def dump(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Write the database to a file of SQL that ``restore`` reads: the way over to another major version of PostgreSQL."""
    target = _one_file(arguments, "dump")
    with _servers_running(environ) as (env, running):
        return _foreground([*binaries.postgres_client("pg_dump", env), "--clean", "--if-exists", "--file", target], env, running)


def restore(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Read a file that ``dump`` wrote into the database of this checkout, replacing what is there."""
    source = _one_file(arguments, "restore")
    with _servers_running(environ) as (env, running):
        options = ["--quiet", "--output", os.devnull, "--set", "ON_ERROR_STOP=1", "--single-transaction", "--file", source]
        return _foreground([*binaries.postgres_client("psql", env), *options], env, running)


def _one_file(arguments: Sequence[str], verb: str) -> str:
    if len(arguments) != 1:
        raise StackProblem(f"Name one file: python -m pod_hub.devstack {verb} hub.sql")
    return arguments[0]


def start_afresh(_environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    """Delete this checkout's data; refused while something runs on it."""
    reset(default_layout(), Terminal())
    return 0


COMMANDS = {
    "demo": demo,
    "journey": journey,
    "faults": faults,
    "pictures": pictures,
    "test": test,
    "check": check,
    "bench": bench,
    "servers": servers,
    "manage": manage,
    "dump": dump,
    "restore": restore,
    "reset": start_afresh,
}
