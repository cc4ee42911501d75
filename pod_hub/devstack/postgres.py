"""The embedded PostgreSQL: made once per checkout, reachable through a socket in a 0700 folder and in no other way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pod_hub.devstack.layout import process_lives
from pod_hub.devstack.privileges import Identity
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.supervisor import Program, Run, Supervisor

SUPERUSER = "postgres"
# The same sort order on every system, and messages that logs and tests can rely on.
PLAIN_LANGUAGE = {"LC_ALL": "C", "TZ": "UTC"}
# For data that is thrown away: nothing has to survive a power cut.
NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0")


@dataclass(frozen=True, slots=True)
class Postgres:
    """One server: its programs under ``home``, its files in ``data``, its socket in ``sockets``."""

    home: Path
    data: Path
    sockets: Path
    environ: Mapping[str, str]
    identity: Identity
    durable: bool = True

    @property
    def _env(self) -> dict[str, str]:
        # PGDATA, PGHOST and their like are meant for another server.
        return {name: value for name, value in self.environ.items() if not name.startswith("PG")} | PLAIN_LANGUAGE

    def _program(self, name: str) -> str:
        return str(self.home / "bin" / name)

    def prepare(self, supervisor: Supervisor) -> None:
        """Make the data folder if there is none. Raises ``StackProblem`` when it belongs to another major version."""
        draft = self.data.with_name(f"{self.data.name}.new")
        if draft.exists():
            shutil.rmtree(draft)  # an initdb that was interrupted; it never held a row
        if self.data.exists():
            self._check_version()
            return
        options = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        supervisor.run(
            Program(
                name="postgres",
                argv=[self._program("initdb"), "-D", str(draft), *options],
                env=self._env,
                echo=False,
                user_namespace=self.identity.user_namespace,
                user=self.identity.user,
            ),
            within_s=120,
        )
        draft.rename(self.data)

    def _check_version(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            raise StackProblem(
                f"{self.data} holds no PostgreSQL data (there is no PG_VERSION in it). Move it away, or throw it away with `make reset`."
            )
        written_by = version_file.read_text().strip()
        told = subprocess.run([self._program("postgres"), "--version"], env=self._env, capture_output=True, text=True, check=True).stdout
        match = re.search(r"\b(\d+)(?:\.\d+|beta\d+|rc\d+|devel)", told)
        installed = match.group(1) if match else told.strip()
        if written_by != installed:
            raise StackProblem(
                f"The data in {self.data} was written by PostgreSQL {written_by}, and the installed server is PostgreSQL {installed}, "
                f"which cannot read it. To keep the data: check out the version that used PostgreSQL {written_by}, run `make setup` and "
                "`.venv/bin/python -m pod_hub.devstack dump hub.sql`, come back here, run `make setup reset` and "
                "`.venv/bin/python -m pod_hub.devstack restore hub.sql`. To start afresh: `make reset`."
            )

    def sweep(self) -> None:
        """Clear away what a killed server left behind. The caller holds the folder's lock, so no other supervisor can own what is found.

        PostgreSQL takes any living process with the old number for itself, a zombie and a stranger included, and then refuses to start.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            pid = 0
        if pid and self._is_ours(pid):
            for number in (signal.SIGINT, signal.SIGKILL):
                os.kill(pid, number)
                deadline = time.monotonic() + 10
                while process_lives(pid) and time.monotonic() < deadline:
                    time.sleep(0.05)
        if not process_lives(pid) or not self._is_ours(pid):
            pid_file.unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Return whether the process is a PostgreSQL of this data folder; without /proc the number alone has to do."""
        if not process_lives(pid):
            return False
        try:
            argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return not Path("/proc/self").exists()
        return os.fsencode(self.data) in argv

    def program(self) -> Program:
        """Return the server as a program for the supervisor."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "log_timezone=UTC",
        ]
        settings += ["log_line_prefix=%m [%p] %u@%d ", "logging_collector=off"]
        settings += [] if self.durable else NOT_DURABLE
        return Program(
            name="postgres",
            argv=[self._program("postgres"), "-D", str(self.data), *(part for setting in settings for part in ("-c", setting))],
            env=self._env,
            ready=self._is_ready,
            stop_signal=signal.SIGINT,  # "fast": roll back what is open and end; SIGTERM would wait for every client to leave
            stop_within_s=30,
            echo=False,
            foundation=True,
            user_namespace=self.identity.user_namespace,
            user=self.identity.user,
            before_start=self.sweep,
        )

    def _is_ready(self, run: Run) -> bool:
        """Read the eighth line of postmaster.pid as pg_ctl does."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(run.process.pid) and lines[7].strip() == "ready"
