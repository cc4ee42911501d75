"""(e) What the hub's processes weigh: after ten thousand tasks and visits, and the whole stack on a database of a million orders."""

from __future__ import annotations

import time
from contextlib import ExitStack
from http.client import HTTPConnection

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from pod_hub.celery import app
from pod_hub.core.redis_client import redis_client
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.devstack import programs
from stores.models import Authorization
from tests.benchmarks.measure import Result
from tests.benchmarks.million import Hub, two_hubs
from tests.benchmarks.processes import family, free_port, pss_mb, running, servers, worker
from tests.factories.amazon_orders import amazon_order, authorization_of, record
from tests.factories.cast import House, make_house

TITLE = "Memory after 10,000 tasks and requests, and of the whole stack at 1,000,000 orders"
TASKS = ("orders.poll", "orders.take_in", "orders.personalise", "orders.sweep_mapped", "fulfillment.push", "stores.sync_listings")


def run(result: Result, *, quick: bool) -> None:
    """Start web server and workers, measure after a tenth of the tasks and after all of them."""
    total = 600 if quick else 10_000
    warm = total // 10
    _small, large = two_hubs(
        small=1_000 if quick else 10_000, large=20_000 if quick else 1_000_000, say=lambda text: print(f"  {text} ...", flush=True)
    )
    cookie = _signed_in(large)
    mark = f"{time.time_ns() % 10**8}"
    house = make_house(f"Memory{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=f"A8M{mark}")
    with across_tenants(reason="a benchmark leaves other benchmarks' sellers alone"):
        Authorization.objects.exclude(pk=authorization_of(house)).update(state="revoked")
    port = free_port()
    with ExitStack() as opened:
        amazon = free_port()
        env = {"AMAZON_SANDBOX_URL": f"http://127.0.0.1:{amazon}", "TIME_FACTOR": "1"}
        opened.enter_context(running(["-m", "tests.benchmarks.slow_marketplaces", str(amazon)]))
        output = opened.enter_context(running(worker("push", "files", "fetch"), env))
        intake = opened.enter_context(running(worker("intake", "default"), env))
        poll = opened.enter_context(running(worker("poll"), env))
        addresses = programs.Addresses("127.0.0.1", port, 0, f"http://localhost:{port}", "")
        web = opened.enter_context(running(programs.web({}, addresses).argv[1:]))
        time.sleep(10)
        done = 0
        weights: list[dict[str, list[float]]] = []
        for upto in (warm, total):
            _tasks(house, upto - done)
            _requests(port, cookie, upto - done)
            done = upto
            time.sleep(3)
            weights.append({"worker": _children(intake) + _children(output), "poll worker": [pss_mb(poll)], "web": _children(web)})
        whole = sum(pss_mb(pid) for root in (poll, intake, output, web) for pid in family(root)) + sum(pss_mb(pid) for pid in servers())
        database = sum(pss_mb(pid) for pid in servers())
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint, pg_database_size(current_database()) FROM pg_class WHERE relname = 'orders_order'")
        orders, size = cursor.fetchone()
    for kind in ("worker", "poll worker", "web"):
        before, after = (sum(each[kind]) / len(each[kind]) for each in weights)
        result.figure(f"a {kind} process after {warm:,} and {total:,} tasks or requests, PSS", f"{before:.1f} and {after:.1f} MB")
        result.goal(f"a {kind} process stays flat within 5 %", f"{after / before - 1:+.1%}", met=after / before <= 1.05)
        result.goal(f"a {kind} process of at most 90 MB is the goal", f"{max(weights[-1][kind]):.1f} MB", met=max(weights[-1][kind]) <= 90)
    result.figure("PostgreSQL and Valkey, PSS", f"{database:.0f} MB")
    result.figure("the whole stack, PSS (four worker processes with two parents, one of poll threads, two web processes, servers)", f"{whole:.0f} MB")
    result.figure("with this many orders and this much in the database", f"{max(orders, 0):,} orders, {size / 2**20:,.0f} MB on disk")
    result.goal("the whole stack within 1.5 GB is the goal", f"{whole:.0f} MB", met=whole <= 1536)


def _tasks(house: House, count: int) -> None:
    """Send tasks of every kind and wait until the queues are empty. One in fifty finds a poll due and some orders to take in."""
    client = redis_client()
    for number in range(count):
        if number % 50 == 0:
            record(house, *(amazon_order() for _order in range(5)))
            with tenant(house.psp.pk):
                Authorization.objects.update(next_poll_at=now())
        app.send_task(TASKS[number % len(TASKS)])
    ends = time.monotonic() + 600
    while any(client.llen(queue) for queue in ("poll", "intake", "default", "push", "files", "fetch")):
        if time.monotonic() > ends:
            raise RuntimeError("The workers did not get through the tasks.")
        time.sleep(0.2)


def _signed_in(hub: Hub) -> str:
    """Return the cookie of the biggest provider's owner."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(hub.owner, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _requests(port: int, cookie: str, count: int) -> None:
    """Ask for the sign-in page and, every other time, for Manage orders of the biggest provider, over a connection that is kept."""
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(count):
        path = "/accounts/login/" if number % 2 else "/orders/?view=all&state=shipped"
        client.request("GET", path, headers={"Host": "localhost"} | ({} if number % 2 else {"Cookie": cookie}))
        answer = client.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}.")
    client.close()


def _children(root: int) -> list[float]:
    """Return the weights of the processes that do the work: the parent's children."""
    return [pss_mb(pid) for pid in family(root) if pid != root]
