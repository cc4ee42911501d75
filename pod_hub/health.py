"""/healthz and /readyz, answered before anything else so that they need no session and no host header."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from redis.exceptions import RedisError

from fulfillment.models import Push
from orders.models import IntakeRecord
from pod_hub.core.tenancy import across_tenants
from stores.models import Authorization

# Older than this, due work means that workers are not keeping up (quality: no row older than 60 s after quiescence; alarm at 10 minutes).
LATE_AFTER_S = 600
LIVE, READY = "/healthz", "/readyz"


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


def readiness() -> dict[str, object]:
    """Ask database, broker and migrations, and measure the oldest due row. ``status`` is ready only when all of them are well."""
    parts: dict[str, object] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = "ok"
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        parts["migrations"] = "ok" if not missing else f"{len(missing)} not applied"
        parts["oldest_due_s"] = oldest_due_s() if not missing else None
    except DatabaseError:
        parts["database"] = "no answer"
    try:
        caches["default"].get("readyz")
        parts["broker"] = "ok"
    except RedisError:
        parts["broker"] = "no answer"
    age = parts.get("oldest_due_s")
    parts["work"] = "late" if isinstance(age, int) and age > LATE_AFTER_S else "ok"
    ready = all(parts.get(name) == "ok" for name in ("database", "migrations", "broker", "work"))
    return {"status": "ready" if ready else "not ready", **parts}


def oldest_due_s() -> int:
    """Return the age in seconds of the oldest row that is due and not done, over all tenants; 0 when nothing waits."""
    with across_tenants(reason="health: age of the oldest due row"):
        due = [
            Push.due().values_list("not_before", flat=True).first(),
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
