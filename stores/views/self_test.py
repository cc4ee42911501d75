"""The self-test of a connection: start it, watch it, read it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.models import Membership
from pod_hub.accounts.people import naming_for
from stores import selectors
from stores.access import store_for
from stores.models import Store
from stores.presentation import STEP_LOOK, TEST_LABELS, TEST_RUNNING, TEST_WAITS
from stores.services.self_testing import STEPS, CannotTest, start_test


def panel_of(store: Store, reader: Membership) -> dict[str, Any]:
    """Return what the panel shows: the newest test with a row for each step; empty when there was none. Two queries, in a portal three."""
    test = selectors.latest_test(store)
    if test is None:
        return {}
    found = {result.step: result for result in test.steps.all()}
    rows, running = [], test.finished_at is None
    for step in STEPS:
        result = found.get(step)
        if result is not None:
            rows.append({"label": TEST_LABELS[step], "look": STEP_LOOK[result.outcome], "detail": result.detail})
        elif running:
            next_up = all(row["look"] is not TEST_RUNNING for row in rows)
            rows.append({"label": TEST_LABELS[step], "look": TEST_RUNNING if next_up else TEST_WAITS, "detail": test.waits_for if next_up else ""})
    return {"test": test, "rows": rows, "running": running, "by": naming_for(reader)(test.started_by)}


@require_POST
@member_only(may="may_connect_stores")
def start_self_test(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask a worker to test a store's connection."""
    row = store_for(public_id)
    try:
        start_test(store_id=row.pk, user=membership_of(request).user)
    except CannotTest as error:
        messages.error(request, str(error))
    return redirect("stores:connection", public_id)


@require_safe
@member_only()
def self_test(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the panel of the newest test; it asks again while the test runs."""
    row = store_for(public_id)
    response = render(request, "stores/_self_test.html", {"store": row, "test": panel_of(row, membership_of(request))})
    response["Cache-Control"] = "no-store"
    return response
