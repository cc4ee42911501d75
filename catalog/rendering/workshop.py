"""The hub's side of the program that opens people's files: starts it, hands it one job at a time, and starts it anew when it is lost.

One program for each process of the hub, so uploads of one web process are looked at one after the other, which bounds what they take together.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from catalog.rendering.confining import Limits
from catalog.rendering.refusals import Refused

ROOT = Path(__file__).resolve().parents[2]
# Nothing of the hub's environment, where its secrets stand.
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "VIPS_CONCURRENCY": "2",
    "MALLOC_ARENA_MAX": "2",  # each arena reserves address space, which is what the memory limit counts
    "PYTHONDONTWRITEBYTECODE": "1",
}
PATIENCE_S = 5.0


class Unfinished(Exception):
    """The job came to no end: it took too long or too much, or the program fell over. ``why`` is ``time``, ``memory`` or ``crash``."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(f"{why} (status {status})" if status else why)
        self.why = why


class Workshop:
    """One running program, started with the first job."""

    def __init__(self) -> None:
        self.used: dict[str, float] = {}  # what the last job took, whatever came of it: peak_mb, cpu_s
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._started_by = 0

    def do(self, name: str, arguments: Mapping[str, Any], *, limits: Limits) -> dict[str, Any]:
        """Have a job done and return what it gives, with ``peak_mb`` and ``cpu_s``. Raises ``Refused`` and ``Unfinished``."""
        line = json.dumps({"name": name, "arguments": dict(arguments), "limits": _plain(limits)}).encode() + b"\n"
        with self._lock:
            answer = self._ask(line, limits.wall_s + PATIENCE_S)
            self.used = {name: answer[name] for name in ("peak_mb", "cpu_s")}
        if "refused" in answer:
            raise Refused(answer["refused"], **answer["values"])
        if "done" not in answer:
            raise Unfinished(answer.get("died", "crash"), answer.get("status", 0))
        return dict(answer["done"]) | self.used

    def close(self) -> None:
        """End the program."""
        program, self._program = self._program, None
        if program is None or self._started_by != os.getpid():
            return
        for pipe in (program.stdin, program.stdout):
            if pipe is not None:
                pipe.close()
        try:
            program.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def _ask(self, line: bytes, wait_s: float) -> dict[str, Any]:
        for is_last in (False, True):
            jobs, answers = self._pipes()
            try:
                jobs.write(line)
                jobs.flush()
            except BrokenPipeError:  # it ended between two jobs
                self._lose()
                if is_last:
                    raise Unfinished("crash") from None
                continue
            ready, _writable, _broken = select.select([answers], [], [], wait_s)
            told = answers.readline() if ready else b""
            if told:
                answer: dict[str, Any] = json.loads(told)
                return answer
            self._lose()
            raise Unfinished("crash" if ready else "time")
        raise AssertionError  # pragma: no cover - the loop above returns or raises

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        # A program inherited by a fork belongs to the process that started it: two hubs on one pipe would read each other's answers.
        if self._program is None or self._started_by != os.getpid() or self._program.poll() is not None:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "catalog.rendering.program"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd=ROOT,
                start_new_session=True,  # a signal to the hub's group is the hub's to handle; ours ends when its input does
            )
            self._started_by = os.getpid()
        if self._program.stdin is None or self._program.stdout is None:
            raise AssertionError("the program was started without pipes")
        return self._program.stdin, self._program.stdout

    def _lose(self) -> None:
        if self._program is not None:
            self._program.kill()
            self._program.wait()
            self._program = None


def _plain(limits: Limits) -> dict[str, float]:
    return {name: getattr(limits, name) for name in ("memory_mb", "cpu_s", "wall_s", "written_mb")}


WORKSHOP = Workshop()
