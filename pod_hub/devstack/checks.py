"""The checks of ``make check``: format, lint, types, import arrow, templates, settings, migrations."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pod_hub.devstack.layout import CHECKOUT
from pod_hub.devstack.problems import StackProblem
from pod_hub.devstack.stack import Stack


@dataclass(frozen=True, slots=True)
class Check:
    """One command that must end with 0, and what to do when it does not."""

    name: str
    argv: Sequence[str]
    advice: str
    env: Mapping[str, str] = field(default_factory=dict)


def _tool(name: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name(name)), *arguments]


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def _random_key(size: int = 32) -> str:
    return base64.b64encode(os.urandom(size)).decode()


def checks() -> list[Check]:
    """Return every check in the order in which they run: the quick ones first."""
    production = {
        "HUB_ENV": "production",
        "SECRET_KEY": _random_key(64),
        "FIELD_KEYS": f"check1:{_random_key()}",
        "SEARCH_KEY": _random_key(),
        "AMAZON_CLIENT_SECRET": "only-for-this-check",
        "EMAIL_URL": "submission://hub:only-for-this-check@mail.example.com:587",
        "MAIL_FROM": "hub@example.com",
        "PUBLIC_URL": "https://hub.example.com",
        "ALLOWED_HOSTS": "hub.example.com",
    }
    return [
        Check("format", _tool("ruff", "format", "--check", "."), "`.venv/bin/ruff format .` mends it."),
        Check("lint", _tool("ruff", "check", "."), "`.venv/bin/ruff check --fix .` mends some of it."),
        Check("arrow", _tool("lint-imports"), "An import points the wrong way; docs/architecture.md draws the arrow."),
        Check("templates", _tool("djlint", "--lint", "--quiet", "."), "The rules stand in pyproject.toml under tool.djlint."),
        Check("settings", _manage("check", "--fail-level", "WARNING"), "The message names the setting or model."),
        Check(
            "production",
            _manage("check", "--deploy", "--fail-level", "WARNING"),
            "Settings that production would refuse or regret; docs/operations.md lists them.",
            production,
        ),
        Check(
            "migrations",
            _manage("makemigrations", "--check", "--dry-run"),
            "A model has changed: `make manage ARGS=makemigrations` writes the migration.",
        ),
        Check("types", _tool("mypy"), "Every function says what it takes and returns."),
    ]


def run_checks(running: Stack, chosen: Sequence[str]) -> int:
    """Run the checks named in ``chosen`` (all when empty), one line each, the output of those that fail; return 1 if any failed."""
    terminal = running.terminal
    known = checks()
    unknown = set(chosen) - {check.name for check in known}
    if unknown:
        raise StackProblem(f"There is no check called {', '.join(sorted(unknown))}. There are: {', '.join(check.name for check in known)}.")
    failed = []
    for check in known:
        if chosen and check.name not in chosen:
            continue
        running.supervisor.tick()
        began = time.monotonic()
        result = subprocess.run(
            check.argv, cwd=CHECKOUT, env=running.env | dict(check.env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        running.supervisor.raise_if_interrupted()
        passed = result.returncode == 0
        verdict = terminal.paint("passed", 32) if passed else terminal.paint("FAILED", 31)
        terminal.line(f"  {check.name:<12} {verdict}  {time.monotonic() - began:5.1f} s")
        if not passed:
            failed.append(check.name)
            for line in result.stdout.splitlines():
                terminal.line(f"    {line}")
            terminal.line(f"    -> {check.advice}")
    terminal.line(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0
