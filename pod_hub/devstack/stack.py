"""A running set of servers on one folder: the part that every command shares."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pod_hub.devstack import binaries, privileges
from pod_hub.devstack.layout import CHECKOUT, FolderLock, Layout, private_folder, process_lives, read_state, write_state
from pod_hub.devstack.postgres import Postgres
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.roles import DATABASE, make_database_and_roles
from pod_hub.devstack.supervisor import Supervisor
from pod_hub.devstack.terminal import Terminal
from pod_hub.devstack.valkey import Valkey

# A supervisor that was killed leaves the lock to its warden, which needs this long at most.
WARDEN_NEEDS_S = 10.0
# A throw-away folder this young may belong to a command that has not locked it yet.
SETTLING_S = 60.0


@dataclass(slots=True)
class Stack:
    """What a command works with while the servers run. ``env`` is the environment of every program of the hub."""

    layout: Layout
    terminal: Terminal
    supervisor: Supervisor
    env: dict[str, str] = field(default_factory=dict)

    def say_what_runs(self, command: str, **addresses: str) -> None:
        """Leave a note for a second command in the same checkout."""
        known = (
            "EMBEDDED_SOCKETS",
            "DATABASE_URL",
            "DATABASE_OWNER_URL",
            "REDIS_URL",
            "MEDIA_ROOT",
            "PUBLIC_URL",
            "AMAZON_SANDBOX_URL",
            "TIKTOK_SANDBOX_URL",
            "TIME_FACTOR",
        )
        write_state(
            self.layout,
            {"pid": os.getpid(), "command": command, "addresses": addresses, "env": {name: self.env[name] for name in known if name in self.env}},
        )


def default_layout() -> Layout:
    """The layout of this checkout: ``.local/``."""
    return Layout(CHECKOUT / ".local")


def database_address(role: str, sockets: Path) -> str:
    """Return the address of the hub's database on the embedded server, as dj-database-url reads it."""
    return f"postgresql://{role}@{quote(str(sockets), safe='')}/{DATABASE}"


def runs_in(layout: Layout) -> bool:
    """Return whether the command that left its note in ``layout`` still runs."""
    pid = int(read_state(layout).get("pid", 0))
    return pid > 0 and process_lives(pid)


def _patience_s(layout: Layout) -> float:
    """How long to wait for the lock: not at all for a command that runs, long enough for the warden of one that was killed."""
    return 0.0 if runs_in(layout) else WARDEN_NEEDS_S


def what_runs(layout: Layout) -> str:
    """Say what holds the lock of ``layout``, and how to go on."""
    state = read_state(layout)
    if not runs_in(layout):
        return f"Another command works on {layout.root} at this moment. Wait until it has ended and try again."
    addresses = "".join(f"\n    {name}: {address}" for name, address in state.get("addresses", {}).items())
    return (
        f"`{state.get('command', 'another command')}` runs in this checkout already (process {state['pid']}).{addresses}\n"
        "Stop it with Ctrl-C in its terminal first, or use a second checkout: each has data and ports of its own."
    )


@contextmanager
def stack(layout: Layout, *, environ: Mapping[str, str], durable: bool = True, terminal: Terminal | None = None) -> Iterator[Stack]:
    """Start the servers that ``environ`` does not name elsewhere, and end everything on the way out.

    Raises ``StackProblem`` when another stack runs on ``layout`` or a server does not start.
    """
    terminal = terminal or Terminal()
    private_folder(layout.root)
    lock = FolderLock(layout.lock)
    if not lock.take(within_s=_patience_s(layout)):
        raise StackProblem(what_runs(layout))
    try:
        layout.make()
        with Supervisor(logs=layout.logs, terminal=terminal, keep_open=[lock.descriptor]) as supervisor:
            running = Stack(layout=layout, terminal=terminal, supervisor=supervisor, env=dict(environ))
            _start_servers(running, durable=durable)
            yield running
    finally:
        layout.state.unlink(missing_ok=True)
        lock.release()


def _start_servers(running: Stack, *, durable: bool) -> None:
    layout, env, supervisor = running.layout, running.env, running.supervisor
    env.setdefault("MEDIA_ROOT", str(layout.media))
    starting = []
    sockets = layout.sockets
    if not env.get("DATABASE_URL") and env.get("DATABASE_OWNER_URL"):
        raise StackProblem(
            "DATABASE_OWNER_URL is set and DATABASE_URL is not. Set both to use a server of your own, or neither for the embedded one."
        )
    if env.get("DATABASE_URL"):
        if not env.get("DATABASE_OWNER_URL"):
            raise StackProblem(
                "DATABASE_URL is set and DATABASE_OWNER_URL is not. Migrations need the address of the same database for the role hub_owner; "
                "pod_hub/core/sql/roles.sql makes both roles."
            )
        postgres = None
    else:
        home = binaries.postgres_home(env)
        identity = privileges.choose(postgres=home / "bin" / "postgres", root=layout.root)
        data = layout.postgres
        if identity.home is not None and identity.user is not None:
            privileges.hand_over(identity.home, identity.user)
            sockets, data = identity.home / "run", identity.home / "postgres"
            privileges.hand_over(sockets, identity.user)
        postgres = Postgres(home=home, data=data, sockets=sockets, environ=env, identity=identity, durable=durable)
        postgres.prepare(supervisor)
        starting.append(supervisor.start(postgres.program()))
        env["DATABASE_URL"] = database_address("hub_app", sockets)
        env["DATABASE_OWNER_URL"] = database_address("hub_owner", sockets)
    if not env.get("REDIS_URL"):
        valkey = Valkey(server=binaries.valkey_server(env), data=layout.valkey, sockets=sockets, environ=env, durable=durable)
        starting.append(supervisor.start(valkey.program()))
        env["REDIS_URL"] = f"unix://{valkey.socket}"
    env["EMBEDDED_SOCKETS"] = str(sockets)
    supervisor.wait_ready(*starting)
    if postgres is not None:
        make_database_and_roles(sockets)


@contextmanager
def throwaway_layout(purpose: str) -> Iterator[Layout]:
    """Yield a fresh folder below ``.local/throwaway/`` and delete it afterwards; those of killed commands are deleted first."""
    parent = default_layout().root / "throwaway"
    private_folder(parent.parent)
    private_folder(parent)
    for old in parent.iterdir():
        lock = FolderLock(old / "lock")
        if time.time() - old.stat().st_mtime > SETTLING_S and lock.take():
            _delete(Layout(old))
            lock.release()
    layout = Layout(Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=parent)))
    try:
        yield layout
    finally:
        _delete(layout)


def _delete(layout: Layout) -> None:
    """Delete a layout's folders, those outside its root included."""
    for folder in (layout.root, layout.sockets, privileges.home_of(layout.root)):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)


def reset(layout: Layout, terminal: Terminal) -> None:
    """Delete all data of ``layout``. Raises ``StackProblem`` while something runs there."""
    if not layout.root.exists():
        terminal.line("There is no data to delete.")
        return
    lock = FolderLock(layout.lock)
    if not lock.take(within_s=_patience_s(layout)):
        raise StackProblem(f"The data is in use and was not deleted. {what_runs(layout)}")
    for throwaway in layout.root.glob("throwaway/*/lock"):
        tests = FolderLock(throwaway)
        if not tests.take(within_s=2.0):
            raise StackProblem(f"A test or journey runs in {throwaway.parent}; nothing was deleted. Wait until it has ended and try again.")
        tests.release()
    _delete(layout)
    lock.release()
    terminal.line(f"Deleted {layout.root} with database, queue, files and logs. The next `make demo` starts afresh.")
