"""/metrics for Prometheus: figures of the whole installation, read from rows and Redis at the moment of asking.

No process counts anything for itself, so every web worker gives the same answer, a restart forgets nothing, and all of it works while workers
are down. Labels hold public ids, kinds and operations, never a name, number or address of a person; their number is bounded by
``MOST_SERIES``. The cost does not grow with the tables: every statement goes through an index or over a small table (docs/operations.md).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from redis.exceptions import RedisError

from fulfillment.models import Push, PushBatch
from orders.models import Hold, IntakeRecord, Personalisation, Reconciliation
from pod_hub.celery import QUEUES
from pod_hub.core import buckets
from pod_hub.core.outbox import Delivery
from pod_hub.core.redis_client import redis_client
from pod_hub.core.tenancy import across_tenants
from pod_hub.mail.models import Mail
from stores.models import Authorization, Connection, ListingSync, PricePush, Publication, PublicationPicture, StockPush, SuggestionRun
from stores.services import breaker

log = structlog.get_logger(__name__)

PATH = "/metrics"
# Of one figure: stores and buckets beyond it are left out, the stalest stores and emptiest buckets last.
MOST_SERIES = 2000
MOST_BUCKETS_READ = 20_000
WITHIN_MS = 4000
# Seconds from a package's leaving to the marketplace's knowing; the read-back cannot be sooner than 150 s.
LATENCY_BOUNDS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400)

# One look into each tenant's newest rows by their index, because no index leads with the time alone.
_VERDICTS = """
SELECT recent.verdict, sum(recent.n)::bigint FROM accounts_psp psp CROSS JOIN LATERAL (
    SELECT verdict, count(*) AS n FROM orders_intakerecord WHERE psp_id = psp.id AND seen_at > now() - interval '1 hour' GROUP BY verdict
) recent GROUP BY 1
"""
_PARKED = """
SELECT coalesce(sum(parked.n), 0)::bigint FROM accounts_psp psp CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM fulfillment_push WHERE psp_id = psp.id AND delivery = 'parked'
) parked
"""
_LATENCY = """
WITH recent AS (
    SELECT push.accepted_at, push.read_back_at, package.shipped_at FROM accounts_psp psp CROSS JOIN LATERAL (
        SELECT accepted_at, read_back_at, package_id FROM fulfillment_push
        WHERE psp_id = psp.id AND created_at > now() - interval '1 day' AND package_id IS NOT NULL
    ) push JOIN fulfillment_package package ON package.id = push.package_id
), told AS (
    SELECT 'accepted' AS step, extract(epoch FROM accepted_at - shipped_at) AS s FROM recent WHERE accepted_at > now() - interval '1 hour'
    UNION ALL
    SELECT 'read_back', extract(epoch FROM read_back_at - shipped_at) FROM recent WHERE read_back_at > now() - interval '1 hour'
)
SELECT step, width_bucket(s, %s::numeric[]), count(*), sum(greatest(s, 0))::float FROM told GROUP BY 1, 2
"""


class MetricsMiddleware:
    """Answers /metrics for whoever has the token, before sessions and host names matter; passes everything else on.

    Without ``METRICS_TOKEN`` the address does not exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if request.path != PATH or not settings.METRICS_TOKEN:
            return self.get_response(request)
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode()):
            return HttpResponse("A bearer token is needed.\n", status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def exposition() -> bytes:
    """Return all figures in Prometheus' text format. Never raises for a database or Redis that is away: ``hub_up`` tells it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures:
    """Collects once, when it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Yield every figure that can be had."""
        up = GaugeMetricFamily("hub_up", "Whether this part answers.", labels=["part"])
        for part, collect, failures in (
            ("database", _of_the_database, DatabaseFailure),
            ("broker", _of_redis, (RedisError, buckets.BucketsUnavailable)),
        ):
            found: list[Metric] = []
            try:
                found = list(collect())
            except failures as error:
                log.warning("metrics_part_missing", part=part, failure=type(error).__name__)
            up.add_metric([part], float(bool(found)))
            yield from found
        yield up


def _gauge(name: str, about: str, labels: list[str], samples: Iterable[tuple[list[str], float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, figure in samples:
        family.add_metric(values, figure)
    return family


# --- From rows --------------------------------------------------------------------------------------------------------
def _of_the_database() -> Iterator[Metric]:
    with across_tenants(reason="metrics: figures of the installation"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {WITHIN_MS}")
        moment = now()
        yield _freshness(moment)
        yield from _due(moment)
        yield from _holds(moment)
        silent = Count("pk", filter=Q(resting_since__isnull=False, state=Authorization.State.ACTIVE))
        states = list(Authorization.objects.order_by().values_list("state").annotate(n=Count("pk"), silent=silent))
        yield _gauge("hub_sellers", "Sellers' permissions by state.", ["state"], [([state], n) for state, n, _silent in states])
        about = "Sellers whose marketplace does not answer; each is asked once a minute."
        yield GaugeMetricFamily("hub_sellers_resting", about, value=sum(resting for _state, _n, resting in states))
        with connection.cursor() as cursor:
            cursor.execute(_PARKED)
            yield GaugeMetricFamily("hub_pushes_parked", "Pushes that wait for a person.", value=cursor.fetchone()[0])
            cursor.execute(_VERDICTS)
            verdicts = dict(cursor.fetchall())
            yield _gauge(
                "hub_intake_last_hour",
                "Orders that were seen in the last hour, by what was decided.",
                ["verdict"],
                [([verdict], verdicts.get(verdict, 0)) for verdict in IntakeRecord.Verdict.values],
            )
            cursor.execute(_LATENCY, [list(LATENCY_BOUNDS)])
            yield _latency(cursor.fetchall())


def _age(moment: datetime, since: datetime | None) -> float:
    return max(0.0, (moment - since).total_seconds()) if since else 0.0


def _freshness(moment: datetime) -> GaugeMetricFamily:
    rows = Connection.objects.exclude(state__in=[Connection.State.DISABLED, Connection.State.PENDING]).filter(import_paused=False)
    rows = rows.order_by(F("authorization__last_poll_ok_at").asc(nulls_first=True), "pk")
    found = rows.values_list("store__public_id", "authorization__last_poll_ok_at", "connected_at")[:MOST_SERIES]
    samples = [([store], _age(moment, read or connected)) for store, read, connected in found]
    return _gauge(
        "hub_store_import_age_seconds", "Seconds since the last import that went well; since connecting where none has.", ["store"], samples
    )


def due_work(moment: datetime) -> dict[str, tuple[int, datetime | None]]:
    """Return {kind: (how many rows are due, since when the oldest)}, over the open scope's tenants."""
    # Pushes of a seller without permission and paused ones wait for a person; hub_sellers and hub_open_holds tell of people. Those of a seller whose
    # marketplace does not answer wait for the marketplace: hub_sellers_resting.
    may_ask = Q(breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE)
    pushes = Push.due().filter(may_ask, connection__push_paused=False)
    alone = Q(batch=None) | Q(delivery=Delivery.ACCEPTED)  # one in a batch waits for the batch
    kinds: dict[str, tuple[QuerySet[Any], str]] = {
        "poll": (Authorization.objects.filter(state=Authorization.State.ACTIVE, next_poll_at__lte=moment), "next_poll_at"),
        "intake": (IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.PENDING, not_before__lte=moment), "not_before"),
        "push": (pushes.filter(kind=Push.Kind.PACKAGE_SHIPPED), "not_before"),
        "cancellation": (pushes.filter(alone, kind=Push.Kind.ORDER_CANCELLED), "not_before"),
        "push_batch": (PushBatch.due().filter(may_ask), "not_before"),
        "reconciliation": (Reconciliation.due().filter(may_ask, delivery=Delivery.PENDING), "not_before"),
        "personalisation": (Personalisation.due().filter(delivery=Delivery.PENDING), "not_before"),
        "mail": (Mail.due(), "not_before"),
        "listing_sync": (ListingSync.due(), "not_before"),
        "suggestions": (SuggestionRun.due(), "not_before"),
        "publication": (Publication.due().filter(store__connection__authorization__resting_since=None), "not_before"),
        "product_picture": (PublicationPicture.due(), "not_before"),
        "stock": (StockPush.due().filter(listing__store__connection__inventory_paused=False), "not_before"),
        "price": (PricePush.due().filter(listing__store__connection__inventory_paused=False), "not_before"),
    }
    found = {kind: rows.order_by().aggregate(n=Count("pk"), oldest=Min(column)) for kind, (rows, column) in kinds.items()}
    return {kind: (row["n"], row["oldest"]) for kind, row in found.items()}


def _due(moment: datetime) -> Iterator[Metric]:
    found = due_work(moment)
    yield _gauge("hub_due_rows", "Rows that are due and not done.", ["kind"], [([kind], n) for kind, (n, _oldest) in found.items()])
    ages = [([kind], _age(moment, oldest)) for kind, (_n, oldest) in found.items()]
    yield _gauge("hub_oldest_due_seconds", "How long the oldest of them has been due.", ["kind"], ages)


def _holds(moment: datetime) -> Iterator[Metric]:
    rows = list(Hold.objects.filter(released_at=None).order_by().values_list("kind").annotate(n=Count("pk"), oldest=Min("opened_at")))
    yield _gauge("hub_open_holds", "Open holds by kind.", ["kind"], [([kind], n) for kind, n, _oldest in rows])
    yield _gauge("hub_oldest_hold_seconds", "Age of the oldest open hold.", ["kind"], [([kind], _age(moment, oldest)) for kind, _n, oldest in rows])


def _latency(rows: list[tuple[str, int, int, float]]) -> GaugeHistogramMetricFamily:
    family = GaugeHistogramMetricFamily(
        "hub_push_seconds_last_hour",
        "Seconds from a package's leaving until the marketplace accepted and showed it, in the last hour.",
        labels=["step"],
    )
    for step in ("accepted", "read_back"):
        counts = {bucket: n for found, bucket, n, _sum in rows if found == step}
        total, pairs = 0, []
        for place, bound in enumerate((*LATENCY_BOUNDS, "+Inf")):
            total += counts.get(place, 0)
            pairs.append((str(bound), float(total)))
        family.add_metric([step], pairs, sum(seconds for found, _bucket, _n, seconds in rows if found == step))
    return family


# --- From Redis -------------------------------------------------------------------------------------------------------
def _of_redis() -> Iterator[Metric]:
    client = redis_client()
    pipe = client.pipeline(transaction=False)
    for queue in QUEUES:
        pipe.llen(queue)
    lengths = zip(QUEUES, pipe.execute(), strict=True)
    yield _gauge("hub_queue_length", "Hints that wait for a worker.", ["queue"], [([queue], n) for queue, n in lengths])
    family = CounterMetricFamily(
        "hub_marketplace_calls",
        "Calls by operation: granted a token, waited for one, throttled (429) by the marketplace.",
        labels=["operation", "outcome"],
    )
    for (operation, outcome), count in sorted(buckets.calls().items())[:MOST_SERIES]:
        family.add_metric([operation, outcome], count)
    yield family
    found = buckets.levels(most=MOST_BUCKETS_READ)
    names = public_ids_of({level.seller for level in found})
    known = sorted((level for level in found if level.seller in names), key=lambda level: (level.full, level.seller, level.operation))[:MOST_SERIES]
    samples = [([names[level.seller], level.operation], level.full) for level in known]
    yield _gauge(
        "hub_bucket_fill_ratio", "What is left of a seller's quota, 0 to 1; buckets used in the last hour.", ["seller", "operation"], samples
    )


def public_ids_of(sellers: set[str]) -> dict[str, str]:
    """Return the public id of each seller's authorization by its name in the buckets (region/account); none while the database is away."""
    if not sellers:
        return {}
    try:
        with across_tenants(reason="metrics: public ids of sellers"):
            accounts = [seller.partition("/")[2] for seller in sellers]
            rows = Authorization.objects.filter(account_id__in=accounts).exclude(state=Authorization.State.REVOKED)
            return {f"{region}/{account}": public_id for region, account, public_id in rows.values_list("region", "account_id", "public_id")}
    except DatabaseFailure:
        return {}  # hub_up tells it; the fills come back with the database
