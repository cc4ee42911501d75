"""The number beside "Needs attention" in the navigation, on every page, for one statement in half a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from pod_hub.core.tenancy import scope_is_open, tenant

KEPT_S = 30.0
# "99+" is all that a badge says, so nothing is counted beyond; each part stops there by its index.
MOST = 100
_COUNT = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM orders_hold WHERE psp_id = %(psp)s AND released_at IS NULL LIMIT %(most)s) held)
     + (SELECT count(*) FROM (SELECT 1 FROM fulfillment_push WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) parked)
     + (SELECT count(*) FROM (SELECT 1 FROM orders_intakerecord WHERE psp_id = %(psp)s AND verdict = 'unreadable' LIMIT %(most)s) unread)
     + (SELECT count(*) FROM (SELECT 1 FROM mail_mail WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) mails)
     + (SELECT count(*) FROM (SELECT 1 FROM stores_authorization WHERE psp_id = %(psp)s AND state = 'reconnect' LIMIT %(most)s) lost)
"""
_kept: dict[int, tuple[float, int]] = {}
MOST_KEPT = 10_000


class Badges(Mapping[str, int]):
    """Numbers by badge name, counted when a page draws its navigation."""

    def __init__(self, membership: Any) -> None:
        self._membership = membership

    def __getitem__(self, name: str) -> int:
        """Return the number of a badge."""
        if name != "attention":
            raise KeyError(name)
        return waiting(self._membership)

    def __iter__(self) -> Iterator[str]:
        return iter(("attention",))

    def __len__(self) -> int:
        return 1


def waiting(membership: Any) -> int:
    """Return how many things wait for a person where this membership looks; at most half a minute old, each part up to ``MOST``."""
    # By membership, because what it may see of its PSP may be narrowed.
    moment = time.monotonic()
    kept = _kept.get(membership.pk)
    if kept is not None and moment - kept[0] < KEPT_S:
        return kept[1]
    with nullcontext() if scope_is_open() else tenant(membership.psp_id), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"psp": membership.psp_id, "most": MOST})
        count = int(cursor.fetchone()[0])
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[membership.pk] = (moment, count)
    return count


def forget(membership: Any) -> None:
    """Let the next page count again, because this one shows or changes what is counted."""
    _kept.pop(membership.pk, None)


class BadgesMiddleware:
    """Gives staff's pages their numbers. Stands behind the tenant middleware, inside its scope.

    A form that was sent may have settled something, so the next page counts afresh.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        membership = getattr(request, "membership", None)
        if membership is not None and membership.is_staff_of_psp:
            if request.method == "POST":
                forget(membership)
            request.nav_badges = Badges(membership)  # type: ignore[attr-defined]
        return self.get_response(request)
