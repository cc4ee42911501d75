"""What the operators' system page tells: workers, queues, quotas, the database and due work, each part for itself.

A part that does not answer is None, and the page says so: the page is there for the day on which something is away.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import redis
import structlog
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

from fulfillment.models import Push, PushBatch
from orders.models import Personalisation, Reconciliation
from pod_hub import heartbeats
from pod_hub.celery import QUEUES
from pod_hub.core import buckets
from pod_hub.core.outbox import Delivery
from pod_hub.core.redis_client import redis_client
from pod_hub.core.tenancy import across_tenants
from pod_hub.doctor import LONG_QUEUE
from pod_hub.health import LATE_AFTER_S
from pod_hub.metrics import due_work, public_ids_of
from stores.models import Authorization, ListingSync, PricePush, Publication, PublicationPicture, StockPush, SuggestionRun

log = structlog.get_logger(__name__)

WITHIN_MS = 3000
MOST_BUCKETS_READ = 5000
SHOWN = 5
LARGEST = 12
# Beat sends something every five seconds.
BEAT_LATE_AFTER_S = 30.0
LONG_TRANSACTION_S = 300
LIBRARIES = ("django", "celery", "psycopg", "redis", "django-allauth", "django-unfold", "python-amazon-sp-api")

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue: its hints and who reads it."""

    name: str
    does: str
    length: int
    oldest_s: float | None
    readers: int

    @property
    def is_well(self) -> bool:
        """Whether somebody reads it and keeps up."""
        return self.readers > 0 and not self.is_long

    @property
    def is_long(self) -> bool:
        """Whether its readers do not keep up."""
        return self.length > LONG_QUEUE


@dataclass(frozen=True, slots=True)
class Quota:
    """A seller's bucket for one operation; ``seller`` is the authorization's public id."""

    seller: str
    operation: str
    percent: int
    stopped_s: int


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """All that stands in Redis."""

    version: str
    memory: str
    workers: list[heartbeats.Sign]
    beat_age_s: float | None
    queues: list[QueueFacts]
    emptiest: list[Quota]
    fullest: list[Quota]
    calls: dict[str, int]

    @property
    def beat_is_late(self) -> bool:
        """Whether beat should have been heard of since."""
        return self.beat_age_s is None or self.beat_age_s > BEAT_LATE_AFTER_S

    @property
    def throttled_percent(self) -> float | None:
        """How many of the calls that had a token were told 429 all the same; None before the first call."""
        granted = self.calls.get("granted", 0)
        return round(100 * self.calls.get("throttled", 0) / granted, 2) if granted else None


@dataclass(frozen=True, slots=True)
class Table:
    """One of the largest tables; ``rows`` is the planner's estimate."""

    name: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """All that PostgreSQL tells about itself. Transactions are those of the hub's own role, because others' are not its to see."""

    version: str
    bytes: int
    connections: dict[str, int]
    most_connections: int
    oldest_transaction_s: int
    tables: list[Table]
    missing_migrations: list[str]

    @property
    def connections_in_all(self) -> int:
        """To this database, whatever they do."""
        return sum(self.connections.values())

    @property
    def has_long_transaction(self) -> bool:
        """Whether one is older than any work of the hub may take."""
        return self.oldest_transaction_s > LONG_TRANSACTION_S


@dataclass(frozen=True, slots=True)
class DueKind:
    """Due work of one kind and who is at it."""

    kind: str
    due: int
    oldest_s: int
    leased: int

    @property
    def is_late(self) -> bool:
        """Whether the oldest has waited longer than workers that keep up would let it."""
        return self.oldest_s > LATE_AFTER_S


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at one moment; a part that did not answer is None."""

    broker: BrokerFacts | None
    database: DatabaseFacts | None
    due: list[DueKind] | None
    versions: dict[str, str]
    at: datetime = field(default_factory=now)

    @property
    def complaints(self) -> int:
        """How many parts a person should look at."""
        broker, database = self.broker, self.database
        return sum(
            (
                broker is None,
                broker is not None and (broker.beat_is_late or not all(queue.is_well for queue in broker.queues)),
                database is None,
                database is not None and bool(database.missing_migrations or database.has_long_transaction),
                self.due is None or any(kind.is_late for kind in self.due),
            )
        )


def facts() -> Facts:
    """Ask everything once. Never raises for a broker or database that is away; calls the network, so no scope may be open."""
    return Facts(
        broker=_or_none("broker", _broker, (redis.RedisError, buckets.BucketsUnavailable, OSError)),
        database=_or_none("database", _database, (DatabaseFailure,)),
        due=_or_none("due work", _due, (DatabaseFailure,)),
        versions=_versions(),
    )


def _or_none(part: str, ask: Callable[[], Part], failures: tuple[type[Exception], ...]) -> Part | None:
    try:
        return ask()
    except failures as error:
        log.warning("system_part_missing", part=part, failure=type(error).__name__)
        return None


def _broker() -> BrokerFacts:
    client = redis_client()
    about: dict[str, Any] = client.info()
    signs = heartbeats.workers()
    read = [queue for sign in signs if not sign.is_silent for queue in sign.queues]
    queues = [QueueFacts(name, does, int(client.llen(name)), heartbeats.oldest_message_s(name), read.count(name)) for name, does in QUEUES.items()]
    levels = sorted(buckets.levels(most=MOST_BUCKETS_READ), key=lambda level: (level.full, level.seller, level.operation))
    emptiest, fullest = levels[:SHOWN], levels[SHOWN:][-SHOWN:][::-1]
    names = public_ids_of({level.seller for level in emptiest + fullest})
    totals: dict[str, int] = {}
    for (_operation, outcome), count in buckets.calls().items():
        totals[outcome] = totals.get(outcome, 0) + count

    def quotas(some: list[buckets.Level]) -> list[Quota]:
        return [Quota(names.get(one.seller, "?"), one.operation, round(100 * one.full), round(one.stopped_s)) for one in some]

    return BrokerFacts(
        version=str(about.get("valkey_version") or about.get("redis_version", "?")),
        memory=str(about.get("used_memory_human", "?")),
        workers=signs,
        beat_age_s=heartbeats.beat_age_s(),
        queues=queues,
        emptiest=quotas(emptiest),
        fullest=quotas(fullest),
        calls=totals,
    )


def _database() -> DatabaseFacts:
    # As the application's own role: the one for all tenants may not ask for the database's size.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {WITHIN_MS}")
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()), current_setting('max_connections')::int,"
            " coalesce(extract(epoch FROM now() - (SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid())), 0)::int"
        )
        server, size, most, oldest = cursor.fetchone()
        cursor.execute("SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1 ORDER BY 1")
        states = dict(cursor.fetchall())
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC, 1 LIMIT %s",
            [LARGEST],
        )
        tables = [Table(*row) for row in cursor.fetchall()]
    executor = MigrationExecutor(connection)
    missing = [f"{migration.app_label}.{migration.name}" for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    return DatabaseFacts(server.split()[0], size, states, most, max(0, oldest), tables, missing)


def _due() -> list[DueKind]:
    moment = now()
    under_way = {"leased_until__gt": moment, "delivery__in": [Delivery.PENDING, Delivery.ACCEPTED]}
    with across_tenants(reason="system page: due work and leases"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {WITHIN_MS}")
        pushes = Push.objects.filter(**under_way)
        leased = {
            "poll": Authorization.objects.filter(state=Authorization.State.ACTIVE, poll_leased_until__gt=moment).count(),
            "push": pushes.filter(kind=Push.Kind.PACKAGE_SHIPPED).count(),
            "cancellation": pushes.filter(kind=Push.Kind.ORDER_CANCELLED).count(),
            "push_batch": PushBatch.objects.filter(**under_way).count(),
            "reconciliation": Reconciliation.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "personalisation": Personalisation.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "listing_sync": ListingSync.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "suggestions": SuggestionRun.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "publication": Publication.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "product_picture": PublicationPicture.objects.filter(leased_until__gt=moment, delivery=Delivery.PENDING).count(),
            "stock": StockPush.objects.filter(**under_way).count(),
            "price": PricePush.objects.filter(**under_way).count(),
        }
        work = due_work(moment)
    ages = {kind: int((moment - oldest).total_seconds()) if oldest else 0 for kind, (_n, oldest) in work.items()}
    return [DueKind(kind, n, max(0, ages[kind]), leased.get(kind, 0)) for kind, (n, _oldest) in work.items()]


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "?"
    return found
