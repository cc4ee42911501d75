"""The embedded servers: what survives, what is refused, what is reachable."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from pod_hub.devstack import privileges
from pod_hub.devstack.layout import CHECKOUT, Layout
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.stack import reset, stack
from pod_hub.devstack.terminal import Terminal
from tests.devstack.conftest import TestProcess, processes_mentioning, wait_until

START_AND_WAIT = """
import os, sys, time
from pathlib import Path
from pod_hub.devstack.layout import Layout
from pod_hub.devstack.stack import stack
with stack(Layout(Path(sys.argv[1])), environ=os.environ) as running:
    running.say_what_runs("make demo", hub="http://localhost:8000")
    print("up", flush=True)
    running.supervisor.serve()
"""


@pytest.fixture
def quiet() -> Terminal:
    return Terminal(io.StringIO())


def test_both_servers_keep_data_and_logs_over_a_restart(fresh_layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    with stack(fresh_layout, environ=environ, terminal=quiet) as running:
        with psycopg.connect(running.env["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("CREATE TABLE parcel (name text)")
            owner.execute("INSERT INTO parcel VALUES ('first')")
        redis.Redis.from_url(running.env["REDIS_URL"]).set("parcel", "first")
    with stack(fresh_layout, environ=environ, terminal=quiet) as running:
        with psycopg.connect(running.env["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT name FROM parcel").fetchall() == [("first",)]
        assert redis.Redis.from_url(running.env["REDIS_URL"]).get("parcel") == b"first"
    assert processes_mentioning(str(fresh_layout.root)) == []
    assert (fresh_layout.logs / "postgres.log").read_text().count("database system is ready to accept connections") == 2
    assert (fresh_layout.logs / "valkey.log").read_text().count("Ready to accept connections") == 2


def test_roles_own_and_may_exactly_what_they_should(layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    with stack(layout, environ=environ, terminal=quiet, durable=False) as running, psycopg.connect(running.env["DATABASE_URL"]) as app:
        rights = app.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreatedb FROM pg_roles WHERE rolname LIKE 'hub%' ORDER BY rolname"
        )
        assert rights.fetchall() == [
            ("hub_app", False, False, True, False),
            ("hub_everyone", False, False, False, False),
            ("hub_narrowed", False, False, False, False),
            ("hub_owner", False, False, True, True),
        ]
        assert app.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'hub'").fetchone() == ("hub_owner",)
        app.execute("CREATE TEMPORARY TABLE staging (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (id int)")
        app.rollback()
        # It inherits nothing from hub_everyone and hub_narrowed and becomes them only by saying so.
        for role in ("hub_everyone", "hub_narrowed"):
            assert app.execute("SELECT pg_has_role(%(role)s, 'USAGE'), pg_has_role(%(role)s, 'SET')", {"role": role}).fetchone() == (False, True)
        app.execute("SET LOCAL ROLE hub_everyone")
        assert app.execute("SELECT current_user").fetchone() == ("hub_everyone",)


def test_nothing_listens_on_a_port_and_the_sockets_are_ours_alone(layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    with stack(layout, environ=environ, terminal=quiet, durable=False) as running:
        with psycopg.connect(running.env["DATABASE_URL"]) as app:
            assert app.execute("SHOW listen_addresses").fetchone() == ("",)
        assert redis.Redis.from_url(running.env["REDIS_URL"]).config_get("port") == {"port": "0"}
        for folder in (layout.root, layout.sockets, layout.postgres):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == os.geteuid()


def test_second_start_on_the_same_folder_is_refused_and_says_what_runs(
    layout: Layout, environ: dict[str, str], python: Callable[..., TestProcess], quiet: Terminal
) -> None:
    first = python(START_AND_WAIT, str(layout.root))
    assert first.stdout is not None and first.stdout.readline() == "up\n"
    with pytest.raises(StackProblem, match=rf"(?s)`make demo` runs in this checkout already \(process {first.pid}\).*http://localhost:8000.*Ctrl-C"):
        with stack(layout, environ=environ, terminal=quiet):
            pytest.fail("a second stack started on the same folder")
    with pytest.raises(StackProblem, match="in use and was not deleted"):
        reset(layout, quiet)
    assert layout.postgres.exists()


def test_killed_supervisor_leaves_no_process_and_the_next_start_works(
    layout: Layout, environ: dict[str, str], python: Callable[..., TestProcess], quiet: Terminal
) -> None:
    first = python(START_AND_WAIT, str(layout.root))
    assert first.stdout is not None and first.stdout.readline() == "up\n"
    assert len(processes_mentioning(str(layout.root))) >= 3
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: processes_mentioning(str(layout.root)) == [], within_s=6, what="every process of the killed stack has ended")
    with stack(layout, environ=environ, terminal=quiet) as running, psycopg.connect(running.env["DATABASE_URL"]) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)


def test_interrupted_stack_ends_at_once_and_leaves_no_process(layout: Layout, python: Callable[..., TestProcess]) -> None:
    first = python(START_AND_WAIT, str(layout.root))
    assert first.stdout is not None and first.stdout.readline() == "up\n"
    first.send_signal(signal.SIGTERM)
    first.wait(10)
    assert processes_mentioning(str(layout.root)) == []
    assert not layout.state.exists()


def test_killed_database_is_started_again(layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    with stack(layout, environ=environ, terminal=quiet) as running:
        pid = int((layout.postgres / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)

        def answers() -> bool:
            running.supervisor.tick()
            try:
                with psycopg.connect(running.env["DATABASE_URL"]) as app:
                    return app.execute("SELECT 1").fetchone() == (1,)
            except psycopg.OperationalError:
                return False

        wait_until(lambda: not answers(), within_s=5, what="the killed server is gone")
        wait_until(answers, within_s=20, what="the database answers again")


@pytest.mark.parametrize("stranger", ["a dead process", "a living process of somebody else"])
def test_stale_pid_file_does_not_keep_the_database_from_starting(layout: Layout, environ: dict[str, str], quiet: Terminal, stranger: str) -> None:
    with stack(layout, environ=environ, terminal=quiet):
        running_file = (layout.postgres / "postmaster.pid").read_text()
    pid = os.getppid() if stranger.startswith("a living") else 4_000_000
    (layout.postgres / "postmaster.pid").write_text("\n".join([str(pid), *running_file.split("\n")[1:]]))
    with stack(layout, environ=environ, terminal=quiet) as running, psycopg.connect(running.env["DATABASE_URL"]) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_major_version_is_named_with_the_way_over(fresh_layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    fresh_layout.make()
    fresh_layout.postgres.mkdir()
    (fresh_layout.postgres / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        StackProblem, match=r"written by PostgreSQL 17, and the installed server is PostgreSQL 18.*dump hub\.sql.*restore hub\.sql.*make reset"
    ):
        with stack(fresh_layout, environ=environ, terminal=quiet):
            pytest.fail("started on foreign data")


def test_addresses_in_the_environment_switch_the_embedded_servers_off(fresh_layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    named = {"DATABASE_URL": "postgresql://a@db/hub", "DATABASE_OWNER_URL": "postgresql://o@db/hub", "REDIS_URL": "redis://broker/0"}
    with stack(fresh_layout, environ=environ | named, terminal=quiet) as running:
        assert {name: running.env[name] for name in named} == named
        assert not fresh_layout.postgres.exists()
        assert not fresh_layout.valkey.exists()


@pytest.mark.parametrize("given", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_half_a_database_address_is_refused_with_the_missing_half(fresh_layout: Layout, environ: dict[str, str], quiet: Terminal, given: str) -> None:
    with pytest.raises(StackProblem, match="is set and DATABASE_(OWNER_)?URL is not"):
        with stack(fresh_layout, environ=environ | {given: "postgresql://a@db/hub"}, terminal=quiet):
            pytest.fail("started with half an address")


def test_deep_checkouts_get_a_private_socket_folder_elsewhere(tmp_path: Path, environ: dict[str, str], quiet: Terminal) -> None:
    layout = Layout(tmp_path / ("deep" * 25) / ".local")
    with stack(layout, environ=environ, terminal=quiet, durable=False) as running:
        assert len(str(layout.sockets)) < 90
        assert stat.S_IMODE(layout.sockets.stat().st_mode) == 0o700
        with psycopg.connect(running.env["DATABASE_URL"]) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
    reset(layout, quiet)
    assert not layout.sockets.exists()


def test_folder_of_somebody_else_is_refused(tmp_path: Path, environ: dict[str, str], quiet: Terminal) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    layout = Layout(tmp_path / ".local")
    layout.root.symlink_to(elsewhere)
    with pytest.raises(StackProblem, match="does not belong to the current user"):
        with stack(layout, environ=environ, terminal=quiet):
            pytest.fail("followed a link that somebody else may have put there")


def test_reset_deletes_everything(fresh_layout: Layout, quiet: Terminal) -> None:
    fresh_layout.make()
    (fresh_layout.postgres / "base").mkdir(parents=True)
    reset(fresh_layout, quiet)
    assert not fresh_layout.root.exists()


def python_that_nobody_can_run(environ: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return a Python that the user nobody may execute, with the packages of this one; root's own is often below root's home."""
    packages = environ | {"HOME": "/nonexistent", "PYTHONPATH": str(Path(psycopg.__file__).parent.parent)}
    for python in (sys.executable, "/usr/bin/python3"):
        same = f"import sys, psycopg; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        try:
            if subprocess.run([python, "-c", same], user="nobody", extra_groups=[], cwd=CHECKOUT, env=packages, check=False).returncode == 0:
                return python, packages
        except OSError:
            continue
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; for an ordinary user all tests here show the same")
def test_ordinary_user_can_run_both_servers(environ: dict[str, str]) -> None:
    found = python_that_nobody_can_run(environ)
    if found is None:
        pytest.skip("the user nobody cannot reach this checkout or any Python with its packages")
    python, packages = found
    folder = Path("/var/tmp") / f"devstack-nobody-{os.getpid()}"
    folder.mkdir()
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    script = START_AND_WAIT.replace("running.supervisor.serve()", "print(os.geteuid(), oct(os.stat(running.layout.postgres).st_mode & 0o777))")
    try:
        done = subprocess.run(
            [python, "-c", script, str(folder / ".local")],
            user="nobody",
            group=account.pw_gid,
            extra_groups=[],
            cwd=CHECKOUT,
            env=packages,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.splitlines() == ["up", f"{account.pw_uid} 0o700"], done.stderr
    finally:
        shutil.rmtree(folder)


class TestPrivileges:
    def test_root_gets_a_user_namespace_where_that_works(self, tmp_path: Path) -> None:
        chosen = privileges.choose(postgres=tmp_path / "postgres", root=tmp_path, works=lambda _ties, _argv: True, euid=0)
        assert chosen == privileges.Identity(user_namespace=True)

    def test_root_without_user_namespaces_drops_to_a_user_who_can_reach_the_server(self, tmp_path: Path) -> None:
        chosen = privileges.choose(postgres=tmp_path / "postgres", root=tmp_path, works=lambda ties, _argv: ties.get("user") == "nobody", euid=0)
        assert chosen == privileges.Identity(user="nobody", home=privileges.home_of(tmp_path))

    def test_root_for_whom_nothing_works_is_told_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(StackProblem, match="ordinary user.*move the checkout.*set DATABASE_URL and DATABASE_OWNER_URL"):
            privileges.choose(postgres=tmp_path / "postgres", root=tmp_path, works=lambda _ties, _argv: False, euid=0)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to drop to another user")
    def test_servers_run_as_the_user_dropped_to(
        self, fresh_layout: Layout, environ: dict[str, str], quiet: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = Path("/var/tmp") / f"devstack-dropped-{os.getpid()}"
        monkeypatch.setattr(privileges, "choose", lambda **_known: privileges.Identity(user="nobody", home=home))
        monkeypatch.setattr(privileges, "home_of", lambda _root: home)
        try:
            with stack(fresh_layout, environ=environ, terminal=quiet) as running, psycopg.connect(running.env["DATABASE_URL"]) as app:
                assert app.execute("SELECT current_user").fetchone() == ("hub_app",)
                assert (home / "postgres").owner() == "nobody"
                assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
                assert redis.Redis.from_url(running.env["REDIS_URL"]).ping()
            reset(fresh_layout, quiet)
            assert not home.exists()
        finally:
            shutil.rmtree(home, ignore_errors=True)


def test_postgres_is_not_confused_by_settings_for_another_server(layout: Layout, environ: dict[str, str], quiet: Terminal) -> None:
    foreign = {"PGDATA": "/nowhere", "PGHOST": "db.example.com", "PGPORT": "6543", "LANG": "xx_XX.UTF-8"}
    with stack(layout, environ=environ | foreign, terminal=quiet, durable=False):
        assert (layout.sockets / ".s.PGSQL.5432").exists()
