"""As whom a server that refuses to run as root is started.

An ordinary user: as that user. Root: in a new user namespace, where the server sees itself as ``nobody`` while every file stays root's. Where a
container forbids user namespaces: as a fixed unprivileged user, with the data where that user may enter. Where that does not work either, the
message says what to do. No user is made and no permission of an existing folder is changed on any of these ways.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pod_hub.devstack import launch
from pod_hub.devstack.problems import StackProblem

UNPRIVILEGED_USERS = ("postgres", "nobody")
SHARED_STATE = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Identity:
    """How to start the server: ``user_namespace`` and ``user`` go into the program's ties; ``home`` replaces the data folder when set."""

    user_namespace: bool = False
    user: str | None = None
    home: Path | None = None


def _succeeds(ties: dict[str, object], argv: list[str]) -> bool:
    command = [sys.executable, "-I", "-S", launch.__file__, json.dumps({"parent": os.getpid(), **ties}), *argv]
    return (
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False).returncode == 0
    )


def home_of(root: Path) -> Path:
    """Return the data folder of another user's server that belongs to the layout at ``root``."""
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return SHARED_STATE / f"pod-hub-devstack-{digest}"


def choose(*, postgres: Path, root: Path, works: Callable[[dict[str, object], list[str]], bool] = _succeeds, euid: int | None = None) -> Identity:
    """Return how to start ``postgres``, trying the ways above in their order; ``root`` is the layout's folder.

    Raises ``StackProblem`` when the current user is root and none works. ``works`` and ``euid`` are for tests.
    """
    if (os.geteuid() if euid is None else euid) != 0:
        return Identity()
    version = [str(postgres), "--version"]
    if works({"user_namespace": True}, version):
        return Identity(user_namespace=True)
    for name in UNPRIVILEGED_USERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        if works({"user": name}, version):
            return Identity(user=name, home=home_of(root))
    raise StackProblem(
        "PostgreSQL refuses to run as root, this container forbids user namespaces, and the users "
        f"{' and '.join(UNPRIVILEGED_USERS)} cannot reach {postgres}. Do one of these: run the command as an ordinary user; move the checkout to a "
        "folder that everybody may enter, such as /srv; or set DATABASE_URL and DATABASE_OWNER_URL to use a server of your own."
    )


def hand_over(folder: Path, user: str) -> None:
    """Make ``folder`` for ``user`` alone (0700). Only root can do this."""
    account = pwd.getpwnam(user)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
