"""(c) Manage orders at a million orders: rendered pages, beside Django admin and beside the same pages at ten thousand."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from orders.models import Order
from pod_hub.accounts.operator_choice import SESSION_KEY as OPERATOR_CHOICE
from pod_hub.core import keyset
from pod_hub.core.tenancy import tenant
from tests.benchmarks.measure import REPEATS, Result, Series, quantile, seconds
from tests.benchmarks.million import Hub, orders_of, two_hubs
from tests.benchmarks.processes import work_s
from tests.benchmarks.stock_admin import PREFIX
from tests.benchmarks.stock_admin import TEMPLATES as STOCK_TEMPLATES

TITLE = "Manage orders at 1,000,000 orders of 50 print providers"
# What every signed-in page asks: who is this, for whom does she work, and the scope's opening and closing.
DOOR = ("django_session", "accounts_user", "accounts_membership", "set_config", "BEGIN", "COMMIT")
MOST_QUERIES = 6
PAIRS = {
    "all shipped, page 1": "Django admin, the same rows",
    "all shipped, nine tenths down": "Django admin, nine tenths down",
    "search by number": "Django admin, search by number",
}


@dataclass(slots=True)
class Visits:
    """One page's times in milliseconds, one list a round: as a clock sees them, and what processors worked for them."""

    rounds: list[list[float]] = field(default_factory=list)
    worked: list[list[float]] = field(default_factory=list)

    @property
    def medians(self) -> Series:
        """Each round's median."""
        return Series(tuple(quantile(each, 0.5) for each in self.rounds))

    @property
    def work(self) -> Series:
        """Each round's median of processor time, in the hub and in the database's process that served it."""
        return Series(tuple(quantile(each, 0.5) for each in self.worked))

    @property
    def p95(self) -> float:
        """Over all rounds."""
        return quantile([one for each in self.rounds for one in each], 0.95)

    def text(self) -> str:
        """Return p50 and p95 over all rounds, and the median of processor time."""
        every = [one for each in self.rounds for one in each]
        return f"{quantile(every, 0.5):.1f} / {self.p95:.1f} / {quantile([one for each in self.worked for one in each], 0.5):.1f} ms"


def run(result: Result, *, quick: bool) -> None:
    """Fill two databases and visit each page in turns."""
    small, large = two_hubs(
        small=1_000 if quick else 10_000, large=20_000 if quick else 1_000_000, say=lambda text: print(f"  {text} ...", flush=True)
    )
    rounds, visits = (2, 5) if quick else (REPEATS, 12)
    shared = {"small": small, "large": large}
    with override_settings(ROOT_URLCONF="tests.benchmarks.stock_admin", TEMPLATES=STOCK_TEMPLATES):
        pages: dict[tuple[str, str], tuple[Hub, Callable[[], object]]] = {}
        for size, hub in shared.items():
            for name, address in _addresses(hub).items():
                pages[name, size] = (hub, _visitor(hub, hub.owner, f"/orders/{address}"))
        for name, address in _admin_addresses(large).items():
            pages[name, "large"] = (large, _visitor(large, large.operator, f"/{PREFIX}orders/order/{address}"))
        times: dict[tuple[str, str], Visits] = {key: Visits() for key in pages}
        _visit_in_turns(pages, times, rounds=rounds, visits=visits)
        queries = _queries(large)
    _tell(result, times, queries, shared)


def _visit_in_turns(
    pages: dict[tuple[str, str], tuple[Hub, Callable[[], object]]], times: dict[tuple[str, str], Visits], *, rounds: int, visits: int
) -> None:
    """Visit every page once, then every page once more backwards, and so on: what is compared is never more than a turn apart."""
    for hub, visit in [*pages.values(), *pages.values()]:  # warms caches
        with hub.open():
            visit()
    gc.collect()
    backends = {hub.wrapper: hub.backend() for hub, _visit in pages.values()}
    for _number in range(rounds):
        for each in times.values():
            each.rounds.append([])
            each.worked.append([])
        for turn in range(visits):
            for key in list(pages) if turn % 2 == 0 else reversed(list(pages)):
                hub, visit = pages[key]
                with hub.open():
                    worked = -time.process_time() - work_s(backends[hub.wrapper])
                    times[key].rounds[-1].append(seconds(visit) * 1000)
                    worked += time.process_time() + work_s(backends[hub.wrapper])
                times[key].worked[-1].append(worked * 1000)


def _tell(result: Result, times: dict[tuple[str, str], Visits], queries: dict[str, int], hubs: dict[str, Hub]) -> None:
    result.figure("orders of the provider whose pages these are", " and ".join(f"{orders_of(hub):,} of {hub.count:,}" for hub in hubs.values()))
    names = list(queries)
    for name in names:
        ours, less = times[name, "large"], times[name, "small"]
        result.figure(f"{name}; p50 / p95 / processor", f"{ours.text()}; with fewer orders {less.text()}; {queries[name]} queries")
    admins = {name: visits for (name, _size), visits in times.items() if "admin" in name}
    for name, visits in admins.items():
        result.figure(f"{name}; p50 / p95 / processor", visits.text())
    result.goal(f"at most {MOST_QUERIES} queries beside the door's", str(max(queries.values())), met=max(queries.values()) <= MOST_QUERIES)
    for name, admin in PAIRS.items():
        share = times[name, "large"].medians.per(admins[admin].medians)
        result.goal(f"{name}: at most 1/6 of Django admin's time", f"1/{1 / share.median:.1f}", met=share.median <= 1 / 6)
        share = times[name, "large"].work.per(admins[admin].work)
        result.figure(f"{name}: share of Django admin's processor time", f"1/{1 / share.median:.1f}")
    for name in names:
        growth = times[name, "large"].medians.per(times[name, "small"].medians)
        work = times[name, "large"].work.per(times[name, "small"].work)
        found = f"{growth.text('{:.2f}x')}; by processor time {work.text('{:.2f}x')}"
        result.goal(f"{name}: at most 1.3x its time with fewer orders", found, met=growth.median <= 1.3)
    for name in names:
        result.goal(f"{name}: p95 of 25 ms is the goal", f"{times[name, 'large'].p95:.1f} ms", met=times[name, "large"].p95 <= 25)
    result.remarks.append(
        f"Processor time is the hub's and that of the database's process which serves it. While this was measured, {os.getloadavg()[1]:.1f} programs "
        f"wanted a processor on average, of {os.cpu_count()} there are."
    )


def _addresses(hub: Hub) -> dict[str, str]:
    """Return the pages a clerk opens, by what they are."""
    with hub.open(), tenant(hub.psp_id):
        shipped = Order.objects.filter(state="shipped").order_by("-placed_at", "-id")
        depth = shipped.count() * 9 // 10
        token = keyset._token(shipped[depth], ["placed_at", "id"], backwards=False)
        one = Order.objects.filter(state="shipped").order_by("placed_at")[50]
        sku = one.lines.all()[0].sku
        tracking = one.packages.all()[0].tracking_number
    return {
        "open orders, page 1": "",
        "all shipped, page 1": "?view=shipped",
        "needs attention": "?view=attention",
        "all shipped, nine tenths down": "?" + urlencode({"view": "shipped", "page": token}),
        "search by number": "?" + urlencode({"q": one.external_id}),
        "search by SKU": "?" + urlencode({"q": sku}),
        "search by tracking number": "?" + urlencode({"q": tracking}),
        "search for nothing there": "?" + urlencode({"q": "NOT-THERE-1"}),
    }


def _admin_addresses(hub: Hub) -> dict[str, str]:
    """Return the stock admin's pages of the same rows: the filters stand for the provider and the view."""
    with hub.open(), tenant(hub.psp_id):
        number = Order.objects.filter(state="shipped").order_by("placed_at")[50].external_id
        deep = Order.objects.filter(state="shipped").count() * 9 // 10 // 50
    mine = {"psp__id__exact": hub.psp_id}
    shipped = mine | {"state__exact": "shipped"}
    return {
        "Django admin, the same rows": "?" + urlencode(shipped),
        "Django admin, nine tenths down": "?" + urlencode(shipped | {"p": deep}),
        "Django admin, search by number": "?" + urlencode(mine | {"q": number}),
    }


def _visitor(hub: Hub, user: object, address: str) -> Callable[[], object]:
    """Return a function that opens a page and checks that it is one."""
    with hub.open():
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
        if user == hub.operator:  # as after choosing "all", without which an operator sees nobody's rows
            session = client.session
            session[OPERATOR_CHOICE] = {"psp": None, "name": "", "reason": "benchmark", "at": time.time()}
            session.save()

    def visit() -> object:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        return answer

    return visit


def _queries(hub: Hub) -> dict[str, int]:
    """Count each page's queries, without the door's."""
    counted = {}
    for name, address in _addresses(hub).items():
        visit = _visitor(hub, hub.owner, f"/orders/{address}")
        with hub.open(), CaptureQueriesContext(hub.wrapper) as captured:
            visit()
        counted[name] = sum(not any(word in query["sql"] for word in DOOR) for query in captured.captured_queries)
    return counted
