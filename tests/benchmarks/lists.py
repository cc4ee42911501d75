"""(c) Manage orders at a million orders: rendered pages, beside Django admin and beside the same pages at ten thousand."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from orders.selectors import filtered_orders
from pod_hub.core import keyset
from pod_hub.core.tenancy import tenant
from tests.benchmarks.measure import REPEATS, Result, Series, quantile, seconds
from tests.benchmarks.million import Hub, orders_of, two_hubs

TITLE = "Manage orders at 1,000,000 orders of 50 print providers"
# What every signed-in page asks: who is this, for whom does she work, and the scope's opening and closing.
DOOR = ("django_session", "accounts_user", "accounts_membership", "set_config", "BEGIN", "COMMIT")
MOST_QUERIES = 6


@dataclass(slots=True)
class Visits:
    """One page's times in milliseconds, one list a round."""

    rounds: list[list[float]] = field(default_factory=list)

    @property
    def medians(self) -> Series:
        """Each round's median."""
        return Series(tuple(quantile(each, 0.5) for each in self.rounds))

    def text(self) -> str:
        """Return p50 and p95 over all rounds."""
        every = [one for each in self.rounds for one in each]
        return f"{quantile(every, 0.5):.1f} / {quantile(every, 0.95):.1f} ms"


def run(result: Result, *, quick: bool) -> None:
    """Fill two databases and visit each page in turns."""
    small, large = two_hubs(
        small=1_000 if quick else 10_000, large=20_000 if quick else 1_000_000, say=lambda text: print(f"  {text} ...", flush=True)
    )
    rounds, visits = (2, 5) if quick else (REPEATS, 3)
    shared = {"small": small, "large": large}
    pages: dict[tuple[str, str], tuple[Hub, Callable[[], object]]] = {}
    for size, hub in shared.items():
        for name, address in _addresses(hub).items():
            pages[name, size] = (hub, _visitor(hub, hub.owner, address))
    for name, address in _admin_addresses(large).items():
        pages[name, "large"] = (large, _visitor(large, large.operator, address))
    times: dict[tuple[str, str], Visits] = {key: Visits() for key in pages}
    gc.collect()
    for number in range(rounds + 1):
        for key, (hub, visit) in pages.items():
            with hub.open():
                visit()
                found = [seconds(visit) * 1000 for _visit in range(visits)]
            if number:  # the first round warms caches
                times[key].rounds.append(found)
    _tell(result, times, _queries(large), shared)


def _tell(result: Result, times: dict[tuple[str, str], Visits], queries: dict[str, int], hubs: dict[str, Hub]) -> None:
    result.figure("orders of the provider whose pages these are", " and ".join(f"{orders_of(hub):,} of {hub.count:,}" for hub in hubs.values()))
    names = list(queries)
    for name in names:
        ours, less = times[name, "large"], times[name, "small"]
        result.figure(f"{name}; p50 / p95", f"{ours.text()}; with fewer orders {less.text()}; {queries[name]} queries")
    admins = {name: visits for (name, _size), visits in times.items() if "admin" in name}
    for name, visits in admins.items():
        result.figure(f"{name}; p50 / p95", visits.text())
    result.goal(f"at most {MOST_QUERIES} queries beside the door's", str(max(queries.values())), met=max(queries.values()) <= MOST_QUERIES)
    pairs = {"all shipped, page 1": "Django admin, the same rows", "search by number": "Django admin, search by number"}
    for name, admin in pairs.items():
        share = times[name, "large"].medians.per(admins[admin].medians)
        result.goal(f"{name}: at most 1/6 of Django admin", f"1/{1 / share.median:.1f}", met=share.median <= 1 / 6)
    for name in names:
        growth = times[name, "large"].medians.per(times[name, "small"].medians)
        result.goal(f"{name}: at most 1.3x its time with fewer orders", growth.text("{:.2f}x"), met=growth.median <= 1.3)
    for name in names:
        every = [one for each in times[name, "large"].rounds for one in each]
        result.goal(f"{name}: p95 of 25 ms is the goal", f"{quantile(every, 0.95):.1f} ms", met=quantile(every, 0.95) <= 25)


def _addresses(hub: Hub) -> dict[str, str]:
    """Return the pages a clerk opens, by what they are."""
    with hub.open(), tenant(hub.psp_id):
        shipped = filtered_orders(view="shipped", wanted={}).order_by("-placed_at", "-id")
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
    with hub.open(), tenant(hub.psp_id):
        number = Order.objects.order_by("placed_at")[50].external_id
    mine = {"psp__id__exact": hub.psp_id}
    return {
        "Django admin, the same rows": "admin?" + urlencode(mine | {"state__exact": "shipped"}),
        "Django admin, search by number": "admin?" + urlencode(mine | {"q": number}),
    }


def _visitor(hub: Hub, user: object, address: str) -> Callable[[], object]:
    """Return a function that opens a page and checks that it is one."""
    with hub.open():
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    target = f"/operator/orders/order/{address.removeprefix('admin')}" if address.startswith("admin") else f"/orders/{address}"

    def visit() -> object:
        answer = client.get(target)
        if answer.status_code != 200:
            raise RuntimeError(f"{target} answered {answer.status_code}.")
        return answer

    return visit


def _queries(hub: Hub) -> dict[str, int]:
    """Count each page's queries, without the door's."""
    counted = {}
    for name, address in _addresses(hub).items():
        visit = _visitor(hub, hub.owner, address)
        with hub.open(), CaptureQueriesContext(hub.wrapper) as captured:
            visit()
        counted[name] = sum(not any(word in query["sql"] for word in DOOR) for query in captured.captured_queries)
    return counted
