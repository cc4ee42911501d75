"""(d) Two thousand sellers at a quarter of an hour, each answer 200 ms away: how late their polls are, and what ill sellers do to the others.

Every second seller is on Amazon, the others are on TikTok Shop. The dead one is on Amazon, the slow one on TikTok Shop.
"""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Right
from django.utils.timezone import now

from pod_hub.accounts.models import Customer, Facility, Psp
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.devstack.programs import POLL_THREADS
from stores.channels.amazon.rates import SEARCH_ORDERS
from stores.channels.consent_types import Grant, Participation
from stores.channels.keeping import TokenPair
from stores.channels.registry import ChannelKind
from stores.models import Authorization, Store
from stores.services.authorizations import attach_grant
from tests.benchmarks.measure import Result, quantile
from tests.benchmarks.processes import cpu_s, family, free_port, running, servers, worker
from tests.factories.cast import GERMANY

TITLE = "2,000 connected sellers of both marketplaces at a 15-minute interval, answers after 200 ms"
PSPS = 20
DEAD, SLOW = 0, 1


def run(result: Result, *, quick: bool) -> None:
    """Let real workers poll a window of real time, first with healthy sellers, then with a dead and a slow one, and so on in turns."""
    sellers, window_s, rounds = (200, 20, 1) if quick else (2_000, 90, 2)
    ids = _sellers(sellers)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with ExitStack() as opened:
        opened.enter_context(running(["-m", "tests.benchmarks.slow_marketplaces", str(port)]))
        env = {"AMAZON_SANDBOX_URL": base, "TIKTOK_SANDBOX_URL": base, "TIME_FACTOR": "1"}
        pid = opened.enter_context(running(worker("poll"), env))
        time.sleep(8)  # until it listens
        _window(ids, 10, base, ill=False)  # warm: connections, tokens
        healthy: list[float] = []
        beside: list[float] = []
        shares = []
        for _round in range(rounds):
            before = cpu_s(family(pid)), cpu_s(servers()), time.monotonic()
            healthy += _window(ids, window_s, base, ill=False)
            spent = time.monotonic() - before[2]
            shares.append(((cpu_s(family(pid)) - before[0]) / spent, (cpu_s(servers()) - before[1]) / spent))
            beside += _window(ids, window_s, base, ill=True)
        calls = json.loads(_get(f"{base}/_calls"))
    amazons = {seller: made for seller, made in calls.items() if seller.startswith("A")}
    polls = sellers / settings.POLL_INTERVAL_S
    result.figure(
        "polls a second that are due",
        f"{polls:.2f}; half of one call, half of two, of 200 ms each: {polls * 0.3:.2f} of {POLL_THREADS} threads busy with waiting",
    )
    result.figure("window", f"{rounds} x {window_s} s at the real interval, {len(healthy)} polls; beside ill sellers {len(beside)}")
    result.figure("lag behind the due time, healthy; p50 / p95 / p99", _lags(healthy))
    result.figure("lag of the others beside one dead and one slow (10 s) seller; p50 / p95 / p99", _lags(beside))
    result.figure(
        "share of a core",
        f"workers {sum(w for w, _s in shares) / len(shares):.0%}, PostgreSQL and Valkey {sum(s for _w, s in shares) / len(shares):.0%}",
    )
    most = max(len(each) for each in amazons.values())
    allowed = SEARCH_ORDERS.burst + SEARCH_ORDERS.rate * (2 * rounds * window_s)
    result.figure("calls of one Amazon seller, most, beside what its bucket allows in that time", f"{most} beside {allowed:.0f}")
    interval = settings.POLL_INTERVAL_S
    result.figure("calls a day of one Amazon seller, used beside allowed", f"{86400 / interval:.0f} beside {SEARCH_ORDERS.rate * 86400:.0f}")
    result.goal("lag p99 of 10 s is the goal", f"{quantile(healthy, 0.99):.2f} s", met=quantile(healthy, 0.99) <= 10)
    growth = quantile(beside, 0.95) / max(quantile(healthy, 0.95), 0.001)
    result.goal("a dead and a slow seller delay no other by more than 10 % (p95 of lag)", f"{growth:.2f}x", met=growth <= 1.10)
    later = (quantile(beside, 0.95) - quantile(healthy, 0.95)) / interval
    result.figure("the same as a share of the interval between two polls", f"{later:+.2%}")
    result.remarks.append(
        "Workers look when beat reminds them, every second, which is most of the lag. One process of threads as in `make demo`; the window is a part of "
        "the quarter of an hour, with due times spread evenly over it, at the real speed."
    )


def _lags(lags: list[float]) -> str:
    return " / ".join(f"{quantile(lags, share):.2f}" for share in (0.5, 0.95, 0.99)) + " s"


def _sellers(count: int) -> list[int]:
    """Connect sellers of twenty providers; return their authorizations' ids. Nothing is due yet."""
    mark = f"{time.time_ns() % 10**8}"
    for number in range(PSPS):
        psp = Psp.objects.create(name=f"Fleet {mark} {number}", slug=f"fleet-{mark}-{number}")
        with tenant(psp.pk):
            facility = Facility.objects.create(name="Plant", address_lines="Dock 1", city="Hamburg", postcode="20457", country="DE")
            customer = Customer.objects.create(name="Shop", storefronts_enabled=True)
            for place in range(number, count, PSPS):
                _connect(Store(customer=customer, facility=facility, name=f"Shop {place}"), f"{mark}{place:05d}", on_tiktok=bool(place % 2))
    with across_tenants(reason="a benchmark's own sellers"):
        ours = Q(account_id__startswith=f"A9F{mark}") | Q(account_id__startswith=f"79{mark}")
        Authorization.objects.exclude(ours).update(state="revoked")
        rows = Authorization.objects.filter(ours)
        rows.update(next_poll_at=now() + timedelta(days=1))
        # By the number at the end: the two marketplaces take turns, and the first two are DEAD and SLOW.
        return list(rows.order_by(Right("account_id", 5)).values_list("pk", flat=True))


def _connect(store: Store, number: str, *, on_tiktok: bool) -> None:
    if not on_tiktok:
        store.kind, store.marketplace, store.account_id = ChannelKind.AMAZON, GERMANY, f"A9F{number}"
        store.save()
        attach_grant(store_id=store.pk, grant=Grant(store.account_id, f"Atzr|{store.account_id}", "", 0), region="EU")
        return
    seller = f"79{number}"
    store.kind, store.marketplace, store.account_id, store.shop_number = ChannelKind.TIKTOK, "US", seller, seller
    store.save()
    later = now() + timedelta(days=30)
    pair = TokenPair(f"TTP|{seller}", later, f"TTR|{seller}", later)
    shop = Participation(marketplace=seller, country="US", name="US", participating=True, suspended=False, site="US", key=f"cipher-{seller}")
    grant = Grant(seller, pair.refresh_token, pair.access_token, 0, account_proven=True, pair=pair)
    attach_grant(store_id=store.pk, grant=grant, region="US", shops=[shop])


def _window(ids: list[int], window_s: float, base: str, *, ill: bool) -> list[float]:
    """Spread due times over the interval from now on, wait for the window, and return how late each poll in it began, in seconds.

    The polls of the ill are not counted, those of the others are. Beat's reminders come from here.
    """
    from pod_hub.celery import POLL_TICK_S, app

    began = now()
    due: dict[int, datetime] = {}
    with across_tenants(reason="a benchmark spreads its own sellers' polls"):
        for place, pk in enumerate(ids):
            # A stride that shares no divisor with the count spreads neighbours; the ill ones are due at once.
            due[pk] = began + timedelta(seconds=(place * 7919 % len(ids)) * settings.POLL_INTERVAL_S / len(ids))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE stores_authorization a SET next_poll_at = n.due, poll_lease = NULL, poll_leased_until = NULL, poll_page = '', "
                "poll_since = NULL, last_poll_started_at = NULL, last_poll_ok_at = NULL, poll_failures = 0, calls_unanswered = 0, resting_since = NULL "
                "FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (id, due) WHERE a.id = n.id",
                [list(due), list(due.values())],
            )
        sick = dict(Authorization.objects.filter(pk__in=[ids[DEAD], ids[SLOW]]).values_list("pk", "account_id"))
        if ill:
            due |= dict.fromkeys(sick, began)
            Authorization.objects.filter(pk__in=list(sick)).update(next_poll_at=began)
    for place, how in ((DEAD, "dead"), (SLOW, "slow")):
        _get(f"{base}/_ill/{how if ill else 'well'}/{sick[ids[place]]}")
    while (now() - began).total_seconds() < window_s:
        app.send_task("orders.poll", queue="poll")
        time.sleep(POLL_TICK_S)
    with across_tenants(reason="a benchmark reads its own sellers' polls"):
        Authorization.objects.filter(pk__in=ids).update(next_poll_at=now() + timedelta(days=1))
    time.sleep(3)
    with across_tenants(reason="a benchmark reads its own sellers' polls"):
        started = dict(Authorization.objects.filter(pk__in=ids, last_poll_started_at__isnull=False).values_list("pk", "last_poll_started_at"))
        failed = Authorization.objects.filter(pk__in=started, last_poll_ok_at=None).exclude(pk__in=sick)
        if failed:
            raise RuntimeError(f"{len(failed)} polls of healthy sellers failed; the first said: {failed[0].last_error}")
    end = began + timedelta(seconds=window_s)
    expected = [pk for pk, moment in due.items() if moment < end - timedelta(seconds=5) and pk not in sick]
    return [((started.get(pk) or end + timedelta(seconds=5)) - due[pk]).total_seconds() for pk in expected]


def _get(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return str(answer.read().decode())
