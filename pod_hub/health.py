"""/healthz and /readyz, answered before anything else so that they need no session, no host name and no https."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from django.core.cache import caches
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from redis.exceptions import RedisError

from fulfillment.models import Push
from orders.models import IntakeRecord
from pod_hub.core.tenancy import across_tenants
from stores.models import Authorization
from stores.services import breaker

log = structlog.get_logger(__name__)

# Older than this, due work means that workers are not keeping up (quality: no row older than 60 s after quiescence; alarm at 10 minutes).
LATE_AFTER_S = 600
# A probe that waits is no probe: what has not answered by then counts as silent.
WITHIN_S = 2.5
LIVE, READY = "/healthz", "/readyz"
Parts = dict[str, object]


class HealthMiddleware:
    """Answers the two health paths and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if request.path == LIVE:
            return JsonResponse({"status": "live"})
        if request.path == READY:
            report = readiness()
            return JsonResponse(report, status=200 if report["status"] == "ready" else 503)
        return self.get_response(request)


class Question:
    """One thing to ask in a thread of its own, so that a server which accepts and then says nothing cannot hold the answer up.

    While an earlier asking still waits, no further one is started: a silent server costs one thread, not one a probe.
    """

    def __init__(self, ask: Callable[[], Parts], silent: Parts) -> None:
        self.ask, self.silent = ask, silent
        self._thread: threading.Thread | None = None
        self._found: Parts = {}

    def start(self) -> None:
        """Begin to ask."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._found = {}
        self._thread = threading.Thread(target=self._run, args=(self._found,), name="readyz", daemon=True)
        self._thread.start()

    def _run(self, found: Parts) -> None:
        try:
            found.update(self.ask())
        finally:
            connection.close()

    def answer(self, *, until: float) -> Parts:
        """Return what was found by then (``time.monotonic``), else the parts of silence. ``start`` it first."""
        if self._thread is None:
            return dict(self.silent)
        self._thread.join(max(0.0, until - time.monotonic()))
        return {**self.silent, **self._found} if not self._thread.is_alive() else dict(self.silent)


def _ask_database() -> Parts:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return {"database": "ok", "migrations": f"{len(missing)} not applied"}
        return {"database": "ok", "migrations": "ok", "oldest_due_s": oldest_due_s()}
    except DatabaseFailure as error:
        log.warning("database_not_ready", failure=type(error).__name__)
        return {}


def _ask_broker() -> Parts:
    try:
        caches["default"].get("readyz")
    except RedisError as error:
        log.warning("broker_not_ready", failure=type(error).__name__)
        return {}
    return {"broker": "ok"}


_DATABASE = Question(_ask_database, {"database": "no answer", "migrations": "unknown", "oldest_due_s": None})
_BROKER = Question(_ask_broker, {"broker": "no answer"})


def readiness() -> Parts:
    """Ask database, broker and migrations, and measure the oldest due row; at most ``WITHIN_S`` seconds for everything together.

    ``status`` is ready only when all of them are well. Looks from a connection of its own, so it sees committed rows only.
    """
    until = time.monotonic() + WITHIN_S
    for question in (_DATABASE, _BROKER):
        question.start()
    parts = _DATABASE.answer(until=until) | _BROKER.answer(until=until)
    age = parts["oldest_due_s"]
    parts["work"] = "unknown" if not isinstance(age, int) else "late" if age > LATE_AFTER_S else "ok"
    ready = all(parts[name] == "ok" for name in ("database", "migrations", "broker", "work"))
    return {"status": "ready" if ready else "not ready", **parts}


def oldest_due_s() -> int:
    """Return the age in seconds of the oldest row that is due and not done, over all tenants; 0 when nothing waits."""
    with across_tenants(reason="health: age of the oldest due row"):
        due = [
            # What waits for a seller's permission, a pause or a silent marketplace is no worker's fault.
            Push.due()
            .filter(breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE, connection__push_paused=False)
            .values_list("not_before", flat=True)
            .first(),
            IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.PENDING, not_before__lte=now())
            .order_by("not_before")
            .values_list("not_before", flat=True)
            .first(),
            Authorization.objects.filter(state=Authorization.State.ACTIVE, next_poll_at__lte=now())
            .order_by("next_poll_at")
            .values_list("next_poll_at", flat=True)
            .first(),
        ]
    return max((int((now() - at).total_seconds()) for at in due if at), default=0)
