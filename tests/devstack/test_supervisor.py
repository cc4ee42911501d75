"""The supervisor: what it starts, shows, restarts and ends, and what is left when it is killed."""

from __future__ import annotations

import dataclasses
import io
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pod_hub.devstack import programs
from pod_hub.devstack.problems import Interrupted, StackProblem
from pod_hub.devstack.supervisor import Program, Run, Supervisor
from pod_hub.devstack.terminal import Terminal
from tests.devstack.conftest import TestProcess, processes_mentioning, wait_until

# Servers, a web server with two workers, a Celery worker with two pool processes and a beat, all as `make demo` starts them.
FLEET = """
import os, sys
from pathlib import Path
from pod_hub.devstack import ports, programs
from pod_hub.devstack.layout import Layout
from pod_hub.devstack.problems import Interrupted
from pod_hub.devstack.stack import stack
from pod_hub.devstack.supervisor import Program
folder = Path(sys.argv[1])
python = sys.executable
try:
    with stack(Layout(folder), environ=os.environ, durable=False) as running:
        port = ports.choose("web", variable="-", preferred=18400, environ={}, host="127.0.0.1")
        env = running.env | {"PYTHONPATH": str(folder), "BROKER": running.env["REDIS_URL"].replace("unix://", "redis+socket://")}
        web = [python, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "2",
               "--workers-kill-timeout", "5", "fleet:web"]
        worker = [python, "-m", "celery", "-A", "fleet", "worker", "--concurrency", "2", "--pool", "prefork", "--loglevel", "INFO"]
        beat = [python, "-m", "celery", "-A", "fleet", "beat", "--pidfile=", "--schedule", str(folder / "beat")]
        runs = [
            running.supervisor.start(Program("web", web, env, ready=lambda run: programs.answers(f"http://127.0.0.1:{port}/", exactly=200))),
            running.supervisor.start(Program("worker", worker, env, ready=lambda run: any(line.endswith("ready.") for line in run.said))),
            running.supervisor.start(Program("beat", beat, env)),
        ]
        running.supervisor.wait_ready(*runs)
        print("up", flush=True)
        running.supervisor.serve()
except Interrupted:
    print("ended", flush=True)
"""
FLEET_MODULE = """
import os
from celery import Celery
app = Celery("fleet", broker=os.environ["BROKER"])
def web(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]
"""


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, screen: io.StringIO) -> Iterator[Supervisor]:
    with Supervisor(logs=tmp_path / "log", terminal=Terminal(screen)) as opened:
        yield opened


def script(name: str, code: str, *, ready: Callable[[Run], bool] | None = None, ready_within_s: float = 10, restart: bool = True) -> Program:
    argv = [sys.executable, "-u", "-c", code]
    return Program(name=name, argv=argv, env=dict(os.environ), ready=ready, ready_within_s=ready_within_s, restart=restart)


def start_fleet(folder: Path, python: Callable[..., TestProcess]) -> TestProcess:
    (folder / "fleet.py").write_text(FLEET_MODULE)
    fleet = python(FLEET, str(folder))
    assert fleet.stdout is not None
    said = fleet.stdout.readline()
    assert said == "up\n", said + fleet.stdout.read()
    # supervisor, PostgreSQL, Valkey, web + 2 workers, worker + 2 pool processes, beat
    assert len(processes_mentioning(str(folder))) >= 10
    return fleet


def test_killed_supervisor_leaves_neither_children_nor_grandchildren(tmp_path: Path, python: Callable[..., TestProcess]) -> None:
    fleet = start_fleet(tmp_path, python)
    os.kill(fleet.pid, signal.SIGKILL)
    fleet.wait()
    wait_until(lambda: processes_mentioning(str(tmp_path)) == [], within_s=8, what="web workers, pool processes and beat have ended")


def test_ctrl_c_ends_web_server_worker_and_beat_without_a_traceback(tmp_path: Path, python: Callable[..., TestProcess]) -> None:
    fleet = start_fleet(tmp_path, python)
    began = time.monotonic()
    fleet.send_signal(signal.SIGINT)
    output, _ = fleet.communicate(timeout=20)
    assert output == "ended\n"
    assert time.monotonic() - began < 15
    assert processes_mentioning(str(tmp_path)) == []
    for log in (tmp_path / "log").glob("*.log"):
        assert "Traceback" not in log.read_text(), log.name


def test_programs_are_shown_under_their_names_and_logged(supervisor: Supervisor, screen: io.StringIO, tmp_path: Path) -> None:
    supervisor.echo = True
    supervisor.run(script("greeter", "import sys; print('hello'); print('trouble', file=sys.stderr)", restart=False))
    assert re.findall(r"greeter +\| (.*)", screen.getvalue()) == ["hello", "trouble"]
    assert (tmp_path / "log" / "greeter.log").read_text().endswith("hello\ntrouble\n")


def test_program_that_ends_is_started_again_after_a_growing_wait(supervisor: Supervisor, screen: io.StringIO) -> None:
    run = supervisor.start(script("mayfly", "raise SystemExit(3)"))
    began = time.monotonic()

    def restarts() -> int:
        supervisor.tick()
        return screen.getvalue().count("starting it again")

    wait_until(lambda: restarts() == 3, within_s=10, what="three restarts")
    assert time.monotonic() - began >= 3  # 1 s and then 2 s
    assert "ended with code 3; starting it again in 4 s" in screen.getvalue()
    assert not run.alive


def test_program_that_never_gets_ready_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    run = supervisor.start(script("mute", "print('waiting for Godot'); import time; time.sleep(60)", ready=lambda _run: False, ready_within_s=1))
    with pytest.raises(StackProblem, match=r"(?s)mute was not ready within 1 s\..*mute\.log.*waiting for Godot"):
        supervisor.wait_ready(run)


def test_program_that_dies_before_it_is_ready_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    run = supervisor.start(script("broken", "raise SystemExit('no such setting')", ready=lambda _run: False))
    with pytest.raises(StackProblem, match=r"(?s)broken ended with code 1 before it was ready\..*no such setting"):
        supervisor.wait_ready(run)


def test_program_that_does_not_exist_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(StackProblem, match=r"(?s)failed with code 127.*/no/such/program does not exist"):
        supervisor.run(Program(name="missing", argv=["/no/such/program"], env=dict(os.environ)))


def test_foundations_end_after_the_programs_that_stand_on_them(tmp_path: Path, screen: io.StringIO) -> None:
    diary = tmp_path / "diary"
    code = "import signal, sys, time\ndef end(*_):\n time.sleep({pause})\n open({diary!r}, 'a').write('{name} ')\n sys.exit()\n"
    code += "signal.signal(15, end)\nprint('set')\nsignal.pause()"
    with Supervisor(logs=tmp_path / "log", terminal=Terminal(screen)) as supervisor:
        for name, pause, foundation in (("db", 0, True), ("web", 0.3, False)):
            program = script(name, code.format(diary=str(diary), name=name, pause=pause), ready=lambda run: "set" in run.said)
            supervisor.wait_ready(supervisor.start(dataclasses.replace(program, foundation=foundation)))
    assert diary.read_text() == "web db "


def test_program_that_ignores_its_signal_is_killed(tmp_path: Path, screen: io.StringIO) -> None:
    code = "import signal; signal.signal(15, signal.SIG_IGN); print('set'); signal.pause(); signal.pause()"
    with Supervisor(logs=tmp_path / "log", terminal=Terminal(screen)) as supervisor:
        program = Program("deaf", [sys.executable, "-u", "-c", code], dict(os.environ), ready=lambda run: "set" in run.said, stop_within_s=0.5)
        run = supervisor.start(program)
        supervisor.wait_ready(run)
    assert run.process.returncode == -signal.SIGKILL


def test_ignored_interrupt_is_not_passed_on_to_programs(supervisor: Supervisor) -> None:
    """A shell's "&" ignores SIGINT, which survives exec; granian then never stops."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run = supervisor.run(script("asker", "import signal; print(signal.getsignal(2) is signal.default_int_handler)", restart=False))
    assert run.said == ["True"]


def test_foreground_program_keeps_its_exit_code_and_can_be_timed_out(supervisor: Supervisor) -> None:
    assert supervisor.run_in_foreground([sys.executable, "-c", "raise SystemExit(7)"], os.environ) == 7
    with pytest.raises(StackProblem, match="did not end within 1 s"):
        supervisor.run_in_foreground([sys.executable, "-c", "import time; time.sleep(60)"], os.environ, within_s=1)


def test_signal_is_raised_out_of_the_waiting_call(supervisor: Supervisor) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted, match="signal 15"):
        supervisor.serve()


def test_routine_lines_go_to_the_log_alone(supervisor: Supervisor, screen: io.StringIO, tmp_path: Path) -> None:
    supervisor.echo = True
    lines = [
        "2026-01-01 INFO celery.app.trace Task orders.poll[1] succeeded in 0.1s: 0",
        "2026-01-01 ERROR celery.app.trace Task orders.poll[1] raised",
    ]
    program = Program("worker", [sys.executable, "-c", f"print({lines[0]!r}); print({lines[1]!r})"], dict(os.environ), routine=programs.ROUTINE)
    supervisor.run(program)
    assert "ERROR" in screen.getvalue()
    assert "succeeded" not in screen.getvalue()
    assert "succeeded" in (tmp_path / "log" / "worker.log").read_text()


STUBBORN = """
import os, sys
from pathlib import Path
from pod_hub.devstack.supervisor import Program, Supervisor
from pod_hub.devstack.terminal import Terminal
child = "import signal, subprocess; signal.signal(15, signal.SIG_IGN); subprocess.Popen(['sleep', '600']); print('set', flush=True); signal.pause()"
env = dict(os.environ, FOLDER=sys.argv[1])
with Supervisor(logs=Path(sys.argv[1]), terminal=Terminal()) as supervisor:
    supervisor.wait_ready(supervisor.start(Program("stubborn", [sys.executable, "-c", child], env, ready=lambda run: "set" in run.said)))
    print("up", flush=True)
    supervisor.serve()
"""


def test_warden_kills_what_ignores_its_signal_and_what_no_signal_reaches(tmp_path: Path, python: Callable[..., TestProcess]) -> None:
    """The kernel's parent-death signal is ignored by the program here and never sent to its child."""
    process = python(STUBBORN, str(tmp_path))
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    assert len(processes_mentioning(str(tmp_path))) == 3
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: processes_mentioning(str(tmp_path)) == [], within_s=8, what="the stubborn program and its child have ended")
