"""Production starts with everything set, or not at all, and says what is missing (pod_hub/settings.py, pod_hub/env.py)."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
KEY = base64.b64encode(bytes(range(32))).decode()
COMPLETE = {
    "HUB_ENV": "production",
    "SECRET_KEY": "Kq3v9sXw2mZ8tLr5uYc1pNb7dHf4jGa6eSoTiRkVxWlQyUzMhBnCgD0P",
    "FIELD_KEYS": f"k1:{KEY}",
    "SEARCH_KEY": base64.b64encode(bytes(range(32, 64))).decode(),
    "AMAZON_CLIENT_SECRET": "amzn1.oa2-cs.v1.0123456789abcdef",
    "DATABASE_URL": "postgresql://hub_app:x@db.internal/hub",
    "DATABASE_OWNER_URL": "postgresql://hub_owner:x@db.internal/hub",
    "REDIS_URL": "rediss://broker.internal:6379",
    "ALLOWED_HOSTS": "hub.example.com",
    "PUBLIC_URL": "https://hub.example.com",
    "EMAIL_URL": "submission://hub:x@mail.internal:587",
    "MAIL_FROM": "hub@hub.example.com",
}
SECRETS = ("SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY", "AMAZON_CLIENT_SECRET")
SERVERS = ("DATABASE_URL", "REDIS_URL")
HAVE_A_RECIPE = ("SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY")


def start(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Load the settings, or run a management command, in a process that sees nothing but this environment; return exit code and output."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONDONTWRITEBYTECODE") if name in os.environ}
    command = [sys.executable, *(["manage.py", *arguments] if arguments else ["-c", "import pod_hub.settings"])]
    done = subprocess.run(command, cwd=CHECKOUT, env=kept | environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in COMPLETE.items() if name not in names}


def test_complete_settings_start_and_pass_the_deployment_checks() -> None:
    code, said = start(COMPLETE, "check", "--deploy", "--fail-level", "WARNING")
    assert code == 0, said
    assert "no issues" in said


@pytest.mark.parametrize("name", [*SECRETS, *SERVERS, "ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_URL", "MAIL_FROM"])
@pytest.mark.parametrize("blank", [False, True], ids=["missing", "blank"])
def test_a_missing_setting_stops_the_start_and_is_explained(name: str, blank: bool) -> None:
    code, said = start(without(name) | ({name: "  "} if blank else {}))
    assert code == 1
    assert said.startswith("The hub does not start: ") and f"{name} is not set. It is " in said
    assert "Traceback" not in said
    if name in HAVE_A_RECIPE:
        assert "Make one with: python -c" in said


@pytest.mark.parametrize("name", SECRETS)
def test_a_development_value_stops_the_start_and_is_not_repeated(name: str) -> None:
    development = subprocess.run(
        [sys.executable, "-c", f"from pod_hub import settings; print(settings.{name})"],
        cwd=CHECKOUT, env={"PATH": os.environ["PATH"], "HUB_ENV": "test"}, capture_output=True, text=True, timeout=60, check=True,
    ).stdout.strip()  # fmt: skip
    assert development
    code, said = start(COMPLETE | {name: development})
    assert code == 1
    assert f"{name} still has its development value. It is " in said
    assert development not in said


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DEBUG", "1", "DEBUG is on in production"),
        ("AMAZON_SANDBOX_URL", "http://localhost:8090", "orders would come from an imitation"),
        ("TYPED_ADDRESSES_ALSO", "127.0.0.1:9100", "whoever types a link could reach into your network"),
        ("TIKTOK_SANDBOX_URL", "http://localhost:8091", "orders would come from an imitation"),
        ("TIKTOK_APP_KEY", "6abc123def456", "TIKTOK_APP_SECRET is not set, but others of TikTok Shop are"),
        ("TIME_FACTOR", "60", "TIME_FACTOR is not 1 in production"),
        ("TIME_FACTOR", "soon", "TIME_FACTOR='soon' is not a number"),
        ("DEBUG", "perhaps", "neither yes nor no"),
        ("HUB_ENV", "prod", "Use production, demo or test"),
        ("FIELD_KEYS", "k1:c2hvcnQ=", "FIELD_KEYS must be id:base64 pairs"),
        ("FIELD_KEYS", KEY, "FIELD_KEYS must be id:base64 pairs"),
        ("SEARCH_KEY", "not base64!", "SEARCH_KEY must be base64"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("PUBLIC_URL", "http://hub.example.com", "PUBLIC_URL"),
        ("POLL_INTERVAL_S", "5", "below 60"),
    ],
)
def test_a_setting_that_would_do_harm_stops_the_start(name: str, value: str, why: str) -> None:
    code, said = start(COMPLETE | {name: value})
    assert code == 1
    assert said.startswith("The hub does not start: ") and why in said, said
    assert "Traceback" not in said


def test_tiktok_shop_is_offered_when_its_three_settings_are_there_and_none_is_a_development_value() -> None:
    tiktok = {"TIKTOK_APP_KEY": "6abc123def456", "TIKTOK_APP_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "TIKTOK_SERVICE_ID": "7412345678901234567"}
    assert start(COMPLETE | tiktok)[0] == 0
    code, said = start(COMPLETE | tiktok | {"TIKTOK_APP_SECRET": "0d1e3m0a5p7p9s2e4c6r8e0t1f3o5r7h9u2b4i6m"})
    assert code == 1
    assert "TIKTOK_APP_SECRET still has its development value." in said


def test_web_and_workers_start_without_the_owners_address() -> None:
    assert start(without("DATABASE_OWNER_URL"), "check")[0] == 0


def test_a_recipe_in_a_message_makes_a_key_that_works() -> None:
    _code, said = start(without("SEARCH_KEY"))
    recipe = said[said.index("python -c '") + len("python -c '") : said.rindex("'")]
    made = subprocess.run([sys.executable, "-c", recipe], capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    code, said = start(COMPLETE | {"SEARCH_KEY": made, "FIELD_KEYS": f"k2:{made},{COMPLETE['FIELD_KEYS']}"})
    assert code == 0, said


def test_a_refusal_is_what_every_program_of_the_hub_says() -> None:
    code, said = start(without("FIELD_KEYS"), "migrate")
    assert code == 1
    assert said.startswith("The hub does not start: FIELD_KEYS is not set.")


def test_the_demo_starts_with_nothing_set() -> None:
    assert start({}, "check")[0] == 0
