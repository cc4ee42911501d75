"""Hints: sent through the configured broker, and never in anybody's way."""

from __future__ import annotations

import os
import subprocess
import sys

FIRST_ACT = """
import django
django.setup()
from pod_hub.core.hints import _send
_send("orders.poll")
from pod_hub.celery import app
print(app.conf.broker_url, app.conf.task_routes["orders.poll"], app.conf.task_acks_late)
"""


def test_a_process_whose_first_act_is_a_hint_is_configured_and_says_that_the_broker_is_down() -> None:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "pod_hub.settings", "REDIS_URL": "unix:///nowhere/valkey.sock"}
    done = subprocess.run([sys.executable, "-c", FIRST_ACT], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert "redis+socket:///nowhere/valkey.sock poll True" in done.stdout
    assert "hint_not_sent" in done.stdout + done.stderr
    assert "RecursionError" not in done.stdout + done.stderr
