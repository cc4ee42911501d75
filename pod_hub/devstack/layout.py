"""Where the stack keeps its things: one folder per checkout (``.local/``), so that two checkouts never meet."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pod_hub.devstack.problems import StackProblem

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# A Unix socket's address holds 108 bytes on Linux and 104 on macOS, the closing zero and PostgreSQL's file name included.
LONGEST_SOCKET_FOLDER = 100 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one stack under ``root``."""

    root: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data folder."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """One log file for each program."""
        return self.root / "log"

    @property
    def media(self) -> Path:
        """Print files and artwork."""
        return self.root / "media"

    @property
    def imitation(self) -> Path:
        """The imitation Amazon's books."""
        return self.root / "amazon"

    @property
    def imitation_tiktok(self) -> Path:
        """The imitation TikTok Shop's books."""
        return self.root / "tiktok"

    @property
    def mails(self) -> Path:
        """Mails that the demo's mail server took."""
        return self.root / "mail"

    @property
    def lock(self) -> Path:
        """Held while anything runs here."""
        return self.root / "lock"

    @property
    def state(self) -> Path:
        """What runs here, in JSON."""
        return self.root / "state.json"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: ``run/``, or a temporary folder named by a hash when that path is too long for a socket."""
        folder = self.root / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"pod-hub-{os.geteuid()}-{digest}"

    def make(self) -> None:
        """Make the folders, for nobody but the current user."""
        for folder in (self.root, self.logs, self.sockets):
            private_folder(folder)


def private_folder(folder: Path) -> None:
    """Make ``folder`` with mode 0700, or refuse one that is not ours alone (somebody else may have made it first in a shared place)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StackProblem(
            f"{folder} does not belong to the current user, so no server is started there. Remove it, or work in a checkout of your own."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


class FolderLock:
    """The right to run servers on a folder. The descriptor is handed to the warden, so it is held until the last program has ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = -1

    def take(self, *, within_s: float = 0.0) -> bool:
        """Try to take the lock for up to ``within_s``; False when another process holds it."""
        deadline = time.monotonic() + within_s
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.release()
                    return False
                time.sleep(0.1)
            else:
                return True

    def release(self) -> None:
        """Close our descriptor; the lock ends when the warden has closed its own."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def write_state(layout: Layout, state: Mapping[str, Any]) -> None:
    """Say what runs in this folder, for a second command that wants to know."""
    draft = layout.state.with_suffix(".new")
    draft.write_text(json.dumps(state, indent=1))
    draft.replace(layout.state)


def read_state(layout: Layout) -> dict[str, Any]:
    """Return what the last stack in this folder said of itself; empty when none did."""
    try:
        state = json.loads(layout.state.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state if isinstance(state, dict) else {}


def process_lives(pid: int) -> bool:
    """Return whether a process with this number exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return True
