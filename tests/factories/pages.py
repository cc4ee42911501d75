"""Walking pages as a browser without scripts: a signed-in client, and the queries that a page itself makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pod_hub.accounts.models import User

# What every request costs before its view: session, person, membership, opening and closing the tenant scope, and, twice a minute, the
# number in the navigation.
_FRAME = re.compile(
    r"FROM orders_hold WHERE psp_id = .* LIMIT|django_session|accounts_user\"\.\"id\" = |accounts_membership|set_config|SAVEPOINT", re.DOTALL
)


def client_of(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@contextmanager
def at_most_queries(most: int) -> Iterator[None]:
    """Fail when the page inside needs more queries than ``most``, not counting what every request costs; show them."""
    with CaptureQueriesContext(connection) as captured:
        yield
    own = [query["sql"] for query in captured.captured_queries if not _FRAME.search(query["sql"])]
    assert len(own) <= most, f"{len(own)} queries, at most {most} are allowed:\n" + "\n".join(own)
