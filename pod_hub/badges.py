"""The number beside "Needs attention" in the navigation: the same on every page as in the inbox itself, for one statement a page.

Nothing is kept between pages. Holds are opened and released by workers as well as by people, so what was counted for the page before is wrong on
the next one, and a kept number would be another one in each process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import cached_property
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from pod_hub.core.tenancy import scope_is_open, tenant
from stores.models import Authorization

# "99+" is all that a badge says, so nothing is counted beyond; each part stops there by its index.
MOST = 100
_COUNT = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM orders_hold WHERE psp_id = %(psp)s AND released_at IS NULL LIMIT %(most)s) held)
     + (SELECT count(*) FROM (SELECT 1 FROM fulfillment_push WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) parked)
     + (SELECT count(*) FROM (SELECT 1 FROM stores_pricepush WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) prices)
     + (SELECT count(*) FROM (SELECT 1 FROM stores_stockpush WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) stock)
     + (SELECT count(*) FROM (SELECT 1 FROM orders_intakerecord WHERE psp_id = %(psp)s AND verdict = 'unreadable' LIMIT %(most)s) unread)
     + (SELECT count(*) FROM (SELECT 1 FROM mail_mail WHERE psp_id = %(psp)s AND delivery = 'parked' LIMIT %(most)s) mails)
     + (SELECT count(*) FROM (SELECT 1 FROM stores_authorization WHERE psp_id = %(psp)s AND state = 'reconnect' LIMIT %(most)s) lost)
     + (SELECT count(*) FROM (SELECT 1 FROM stores_authorization ending WHERE psp_id = %(psp)s AND state = 'active' AND expires_at < %(soon)s
        AND EXISTS (SELECT 1 FROM stores_connection WHERE authorization_id = ending.id AND state <> 'disabled') LIMIT %(most)s) ending)
"""


class Badges(Mapping[str, int]):
    """Numbers by badge name, counted when a page draws its navigation."""

    def __init__(self, membership: Any) -> None:
        self._membership = membership

    def __getitem__(self, name: str) -> int:
        """Return the number of a badge."""
        if name != "attention":
            raise KeyError(name)
        return self._attention

    def __iter__(self) -> Iterator[str]:
        return iter(("attention",))

    def __len__(self) -> int:
        return 1

    @cached_property
    def _attention(self) -> int:
        return waiting(self._membership)


def waiting(membership: Any) -> int:
    """Return how many things wait for a person where this membership looks, each part up to ``MOST``."""
    with nullcontext() if scope_is_open() else tenant(membership.psp_id), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"psp": membership.psp_id, "most": MOST, "soon": now() + Authorization.ENDS_SOON})
        return int(cursor.fetchone()[0])


class BadgesMiddleware:
    """Gives staff's pages their numbers. Stands behind the tenant middleware, inside its scope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        membership = getattr(request, "membership", None)
        if membership is not None and membership.is_staff_of_psp:
            request.nav_badges = Badges(membership)  # type: ignore[attr-defined]
        return self.get_response(request)
