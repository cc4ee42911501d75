"""/operator/system/ tells how the installation is, whatever is away (pod_hub/system_page.py, pod_hub/heartbeats.py)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from redis import Redis

from pod_hub import heartbeats
from pod_hub.celery import QUEUES, app
from pod_hub.core import buckets
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.factories.cast import House
from tests.factories.operators import operators_browser

pytestmark = pytest.mark.django_db
MOST_QUERIES = 40  # most of them one for each kind of due work; none depends on how many rows there are
WITHIN_S = 60


@pytest.fixture(autouse=True)
def _empty_broker() -> Iterator[None]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    yield
    Redis.from_url(settings.REDIS_URL).flushdb()


def page(browser: Client, query: str = "") -> str:
    answer = browser.get(reverse("system") + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_tells_of_due_work_quotas_and_the_database_without_a_choice_of_rows(north: House) -> None:
    with tenant(north.psp.pk):
        seller = Authorization.objects.get()
        Authorization.objects.update(next_poll_at=now() - timedelta(hours=1), poll_leased_until=now() + timedelta(seconds=20))
    buckets.take(buckets.bucket_key(application="a", seller=f"{seller.region}/{seller.account_id}", operation="getOrder"), rate=0.0001, burst=2)
    found = page(operators_browser(north.psp))
    assert re.search(
        r'<th scope="row">poll</th><td class="is-number">1</td><td class="is-number"><span class="op-state is-bad">late: 3,6\d\d s', found
    )
    assert f'<th scope="row">{seller.public_id}</th><td>getOrder</td><td class="is-number">50 %' in found
    assert "Largest tables" in found and "all applied" in found and "Beat was never heard of" in found
    assert seller.account_id not in found


def test_its_cost_is_bounded(north: House) -> None:
    browser = operators_browser(north.psp)
    with CaptureQueriesContext(connection) as asked:
        page(browser)
    assert len([one for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "SET LOCAL"))]) <= MOST_QUERIES


def test_it_asks_itself_again_by_a_header_unless_it_is_told_to_stand_still() -> None:
    browser = operators_browser()
    assert browser.get(reverse("system"))["Refresh"] == "15; url=/operator/system/"
    assert "Refresh" not in browser.get(reverse("system") + "?still=1")


def test_it_says_that_the_broker_is_away_and_tells_the_rest(north: House, tmp_path: Path) -> None:
    browser = operators_browser(north.psp)
    with override_settings(REDIS_URL=f"unix://{tmp_path}/nobody.sock"):
        began = time.monotonic()
        found = page(browser)
    assert time.monotonic() - began < 10
    assert "The broker does not answer" in found and "all applied" in found and "Due work" in found


def test_queues_tell_how_long_their_oldest_hint_has_waited() -> None:
    app.send_task("orders.poll", ignore_result=True)
    client = Redis.from_url(settings.REDIS_URL)
    for _step in range(100):
        if client.llen("poll"):
            break
        time.sleep(0.02)
    age = heartbeats.oldest_message_s("poll")
    assert age is not None and 0 <= age < 30
    assert heartbeats.oldest_message_s("push") is None


def test_a_worker_that_runs_leaves_signs_and_takes_them_back(north: House) -> None:
    """A real worker on the test's broker."""
    command = [sys.executable, "-m", "celery", "-A", "pod_hub.celery", "worker", "--pool", "solo", "--queues", "poll,intake", "--hostname", "w@test"]
    worker = subprocess.Popen([*command, "--without-gossip", "--without-mingle", "--loglevel", "ERROR"], env=os.environ, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + WITHIN_S
        while not heartbeats.workers() and time.monotonic() < until:
            time.sleep(0.1)
        [sign] = heartbeats.workers()
        assert (sign.name, sign.queues, sign.is_silent) == ("w@test", ("intake", "poll"), False)
        found = page(operators_browser(north.psp))
        assert '<th scope="row">w@test</th><td>intake, poll</td>' in found
        assert found.count("nobody</span>") == len(QUEUES) - 2
    finally:
        worker.terminate()
        worker.wait(WITHIN_S)
    assert heartbeats.workers() == []


def test_a_worker_that_died_counts_as_silent(north: House) -> None:
    sign = b'{"queues": ["poll"], "processes": 2, "started_at": 0, "at": %d}' % (time.time() - 100)
    Redis.from_url(settings.REDIS_URL).set("hub:worker:gone@test", sign)
    found = page(operators_browser(north.psp))
    assert re.search(r"silent for 1\d\d s", found)
    assert found.count("nobody</span>") == len(QUEUES)


def test_beats_ticks_are_seen() -> None:
    """A real beat on the test's broker."""
    beat = subprocess.Popen([sys.executable, "-m", "celery", "-A", "pod_hub.celery", "beat", "--pidfile=", "--loglevel", "ERROR"], env=os.environ)
    try:
        until = time.monotonic() + WITHIN_S
        while heartbeats.beat_age_s() is None and time.monotonic() < until:
            time.sleep(0.1)
        age = heartbeats.beat_age_s()
        assert age is not None and age < 10
    finally:
        beat.kill()  # it keeps nothing; a request to stop is lost when it comes amid a message that it sends
        beat.wait(WITHIN_S)
