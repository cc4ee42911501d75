"""Run a set of programs: start, wait until ready, show their output, restart what dies, end everything.

One thread and no pipes: each program writes straight to its own log file, which the supervisor reads along. So a log is complete even when the
supervisor is killed, and a program is never blocked by a terminal that nobody reads.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, NoReturn, Self

from pod_hub.devstack import launch, warden
from pod_hub.devstack.problems import Interrupted, StackProblem
from pod_hub.devstack.terminal import Terminal

TICK_S = 0.05
LOG_KEPT_BYTES = 5_000_000
SAID_KEPT = 500
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTART_FIRST_WAIT_S, RESTART_LONGEST_WAIT_S, STEADY_AFTER_S = 1.0, 30.0, 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """One program to run. ``env`` replaces the whole environment; ``ready`` is asked several times a second until it says yes."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[Run], bool] | None = None
    ready_within_s: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10.0
    restart: bool = True
    foundation: bool = False  # a server that the others need until they have ended: ends after them
    echo: bool = True
    routine: re.Pattern[str] | None = None  # lines that match go to the log alone
    user_namespace: bool = False
    user: str | None = None
    before_start: Callable[[], None] | None = None  # also before each restart


@dataclass(slots=True)
class Run:
    """A program that has been started, and what the supervisor knows of it."""

    program: Program
    process: subprocess.Popen[bytes]
    log_file: Path
    log: BinaryIO
    started: float
    starts_at: int  # where this run begins in its log file
    partial: bytes = b""
    failures: int = 0
    start_again_at: float | None = None
    said: list[str] = field(default_factory=list)  # its last lines, at most SAID_KEPT

    @property
    def alive(self) -> bool:
        """Whether it runs at this moment; False while it waits for its next start."""
        return self.start_again_at is None and self.process.poll() is None


def last_lines(log_file: Path, count: int, *, start: int = 0) -> list[str]:
    """Return the last ``count`` lines of a log, counted from byte ``start`` on; none when there is no log."""
    try:
        with log_file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(start, size - count * 400))
            return log.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


class Supervisor:
    """Use as a context manager: leaving it, for whatever reason, ends every program, the foundations last.

    While it is open SIGINT, SIGTERM and SIGHUP do not kill the process but raise ``Interrupted`` out of the next waiting call. A second signal
    while programs are being ended kills them at once.

    ``echo`` says whether the terminal shows what the programs write; ``restart_longest_wait_s`` bounds the growing wait before a program that
    died is started again. Both may be changed while they run.
    ``keep_open`` are file descriptors (the lock on the data folder) that stay open until the last program is gone, even if the supervisor is killed.
    """

    def __init__(self, *, logs: Path, terminal: Terminal, keep_open: Sequence[int] = ()) -> None:
        self.logs = logs
        self.terminal = terminal
        self.echo = False
        self.restart_longest_wait_s = RESTART_LONGEST_WAIT_S
        self._keep_open = tuple(keep_open)
        self._runs: list[Run] = []
        self._signal: int | None = None
        self._impatient = False
        self._handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self._warden: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        for number in STOP_SIGNALS:
            self._handlers[number] = signal.signal(number, self._on_signal)
        self._warden = subprocess.Popen(
            [sys.executable, "-I", "-S", warden.__file__], stdin=subprocess.PIPE, bufsize=0, pass_fds=self._keep_open, start_new_session=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if self._warden is not None and self._warden.stdin is not None:
            self._warden.stdin.close()
            self._warden.wait()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._impatient = self._signal is not None
        self._signal = number

    def raise_if_interrupted(self) -> None:
        """Raise ``Interrupted`` when a signal asked us to stop."""
        if self._signal is not None:
            raise Interrupted(self._signal)

    # --- Starting -----------------------------------------------------------------------------------------------------
    def start(self, program: Program) -> Run:
        """Start a program and return at once."""
        self.raise_if_interrupted()
        log_file = self.logs / f"{program.name}.log"
        if log_file.exists() and log_file.stat().st_size > LOG_KEPT_BYTES:
            log_file.replace(log_file.with_suffix(".log.1"))
        process, begins = self._spawn(program, log_file)
        log = log_file.open("rb")
        log.seek(begins)
        run = Run(program=program, process=process, log_file=log_file, log=log, started=time.monotonic(), starts_at=begins)
        self._runs.append(run)
        return run

    def _spawn(self, program: Program, log_file: Path) -> tuple[subprocess.Popen[bytes], int]:
        if program.before_start is not None:
            program.before_start()
        ties = {
            "parent": os.getpid(),
            "death_signal": int(program.stop_signal),
            "user_namespace": program.user_namespace,
            "user": program.user,
        }
        with log_file.open("ab") as log:
            log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} start: {' '.join(program.argv)}\n".encode())
            begins = log.tell()
            log.flush()
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", launch.__file__, json.dumps(ties), *program.argv],
                env=dict(program.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the programs in order
            )
        self._tell_warden(f"+ {process.pid} {int(program.stop_signal)}")
        return process, begins

    def _tell_warden(self, line: str) -> None:
        if self._warden is None or self._warden.stdin is None:
            raise StackProblem("The supervisor is not open: use it in a with statement.")
        try:
            self._warden.stdin.write(f"{line}\n".encode())
        except BrokenPipeError:
            self.terminal.line("The warden process is gone: if this process is killed now, programs may be left behind.")

    def wait_ready(self, *runs: Run) -> None:
        """Wait until every one of ``runs`` is ready.

        Raises ``StackProblem`` with the end of its log when one ends first or takes longer than its ``ready_within_s``.
        """
        waiting = [run for run in runs if run.program.ready is not None]
        while waiting:
            self.tick(restart=False)
            for run in list(waiting):
                if not run.alive:
                    raise StackProblem(f"{run.program.name} ended with code {run.process.returncode} before it was ready.{self._evidence(run)}")
                if run.program.ready is not None and run.program.ready(run):
                    waiting.remove(run)
                elif time.monotonic() - run.started > run.program.ready_within_s:
                    raise StackProblem(f"{run.program.name} was not ready within {run.program.ready_within_s:g} s.{self._evidence(run)}")
            if waiting:
                time.sleep(TICK_S)

    def _evidence(self, run: Run) -> str:
        lines = last_lines(run.log_file, 20, start=run.starts_at)
        shown = "".join(f"\n    {line}" for line in lines) or "\n    (nothing)"
        return f" The end of {run.log_file}:{shown}"

    def run(self, program: Program, *, within_s: float = 600.0) -> Run:
        """Run a program to its end and return it. Raises ``StackProblem`` when it fails or takes longer than ``within_s``."""
        run = self.start(program)
        while run.alive:
            self.tick(restart=False)
            if time.monotonic() - run.started > within_s:
                self._end([run])
                raise StackProblem(f"{program.name} did not end within {within_s:g} s.{self._evidence(run)}")
            time.sleep(TICK_S)
        self._read_log(run, ended=True)
        self._forget(run)
        if run.process.returncode:
            raise StackProblem(f"{program.name} failed with code {run.process.returncode}.{self._evidence(run)}")
        return run

    def run_in_foreground(self, argv: Sequence[str], env: Mapping[str, str], *, within_s: float | None = None) -> int:
        """Run a program on this terminal (Ctrl-C and the keyboard reach it directly) and return its exit code.

        Programs started earlier are looked after meanwhile. When the supervisor is asked to stop, the program is given 10 s to end by itself.
        """
        ties = {"parent": os.getpid(), "death_signal": int(signal.SIGTERM)}
        process = subprocess.Popen([sys.executable, "-I", "-S", launch.__file__, json.dumps(ties), *argv], env=dict(env))
        deadline = None if within_s is None else time.monotonic() + within_s
        try:
            while process.poll() is None:
                self.tick()
                if deadline is not None and time.monotonic() > deadline:
                    raise StackProblem(f"{' '.join(argv)} did not end within {within_s:g} s and was stopped.")
                time.sleep(TICK_S)
        finally:
            if process.poll() is None:
                if self._signal != signal.SIGINT:  # the terminal has sent Ctrl-C to both of us
                    process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        return process.returncode

    # --- Running ------------------------------------------------------------------------------------------------------
    def tick(self, *, restart: bool = True) -> None:
        """Pass on output and look after the programs once. Raises ``Interrupted`` when asked to stop."""
        self.raise_if_interrupted()
        for run in self._runs:
            self._read_log(run)
            if restart and run.program.restart:
                self._look_after(run)

    def serve(self) -> NoReturn:
        """Look after the programs until ``Interrupted``."""
        while True:
            self.tick()
            time.sleep(TICK_S * 2)

    def _read_log(self, run: Run, *, ended: bool = False) -> None:
        text = run.partial + run.log.read()
        if ended and text and not text.endswith(b"\n"):
            text += b"\n"
        *lines, run.partial = text.split(b"\n")
        for raw in lines:
            line = raw.decode(errors="replace").rstrip()
            run.said.append(line)
            if self.echo and run.program.echo and not (run.program.routine and run.program.routine.search(line)):
                self.terminal.of(run.program.name, line)
        del run.said[:-SAID_KEPT]

    def _look_after(self, run: Run) -> None:
        now = time.monotonic()
        if run.start_again_at is None:
            if run.process.poll() is None:
                return
            self._tell_warden(f"- {run.process.pid}")
            run.failures = 1 if now - run.started > STEADY_AFTER_S else run.failures + 1
            wait = min(RESTART_FIRST_WAIT_S * 2 ** (run.failures - 1), self.restart_longest_wait_s)
            run.start_again_at = now + wait
            code = run.process.returncode
            ending = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            self.terminal.of(run.program.name, f"{ending}; starting it again in {wait:g} s (log: {run.log_file})")
        elif now >= run.start_again_at:
            warden.end({run.process.pid: signal.SIGKILL}, grace_s=1)  # what the dead program left in its group
            try:
                run.process, run.starts_at = self._spawn(run.program, run.log_file)
            except StackProblem as problem:
                self.terminal.of(run.program.name, f"cannot be started again yet: {problem}")
                run.start_again_at = now + RESTART_LONGEST_WAIT_S
                return
            run.started, run.start_again_at = time.monotonic(), None

    # --- Ending -------------------------------------------------------------------------------------------------------
    def stop(self) -> None:
        """End every program: first all that stand on the foundations, then these. Each is killed after its ``stop_within_s``."""
        self._impatient = self.echo = False  # how programs say goodbye stands in their logs
        if self._signal is None:
            self._signal = signal.SIGTERM  # from now on a first signal already means "faster"
        for foundation in (False, True):
            self._end([run for run in self._runs if run.program.foundation is foundation])

    def _end(self, runs: Sequence[Run]) -> None:
        began = time.monotonic()
        for run in runs:
            if run.process.poll() is None:
                # The program itself, not its group: it ends its own children in its own order.
                run.process.send_signal(run.program.stop_signal)
        for run in runs:
            while run.process.poll() is None and time.monotonic() - began < run.program.stop_within_s and not self._impatient:
                time.sleep(0.02)
            warden.end({run.process.pid: signal.SIGKILL}, grace_s=1)
            run.process.wait()
            self._read_log(run, ended=True)
            self._forget(run)

    def _forget(self, run: Run) -> None:
        self._tell_warden(f"- {run.process.pid}")
        run.log.close()
        if run in self._runs:
            self._runs.remove(run)
