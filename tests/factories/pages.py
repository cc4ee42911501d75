"""Walking pages as a browser without scripts: what they say, and the queries that a page itself makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# What every request costs before its view: session, person, membership, opening and closing the tenant scope, and the number
# in the navigation.
_FRAME = re.compile(
    r"FROM orders_hold WHERE psp_id = .* LIMIT|django_session|accounts_user\"\.\"id\" = |accounts_membership|set_config|SAVEPOINT", re.DOTALL
)


def text(browser: Client, address: str) -> str:
    """Return a page's HTML; fails unless it answers 200."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


@contextmanager
def at_most_queries(most: int) -> Iterator[None]:
    """Fail when the page inside needs more queries than ``most``, not counting what every request costs; show them."""
    with CaptureQueriesContext(connection) as captured:
        yield
    own = [query["sql"] for query in captured.captured_queries if not _FRAME.search(query["sql"])]
    assert len(own) <= most, f"{len(own)} queries, at most {most} are allowed:\n" + "\n".join(own)


def tick_on(page: str, name: str) -> str:
    """Return the value of a tick on a page by which a form asks back."""
    (tick,) = [field for field in re.findall(r"<input[^>]*>", page) if re.search(rf'name="(?:\w+-)?{name}"', field)]
    found = re.search(r'value="([^"]*)"', tick)
    assert found and "checked" not in tick
    return unescape(found[1])
