"""Guards taken out one at a time, to prove that the cells would notice (docs/faults.md, "Does it bite?").

The product knows nothing of this. The fault run imports this module in its own process, and workers are started with
``--include tests.faults.mutations``; HUB_TEST_MUTATION names the guard to take out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

SETTING = "HUB_TEST_MUTATION"


def _order_number() -> None:
    """No unique order number: the constraint is dropped, and rows go in without a look for a clash."""
    from django.db import connections

    from orders.models import Order
    from orders.services import new_orders
    from pod_hub.core import bulk

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order DROP CONSTRAINT IF EXISTS one_order_per_number")
    connections["owner"].close()
    original = bulk.copy_rows

    def copy_rows(model: Any, columns: Any, rows: Any, **options: Any) -> Any:
        if model is Order:
            options.pop("conflict", None)
        return original(model, columns, rows, **options)

    setattr(new_orders, "copy_rows", copy_rows)  # noqa: B010 - it is not the module's own


def _take_in_lock() -> None:
    """Neither one batch at a time nor a unique order number."""
    from orders.services import take_in

    _order_number()
    take_in._alone = lambda authorization_id: bool(authorization_id)


def _lease() -> None:
    """A worker settles whether or not it still has its lease."""
    from pod_hub.core.outbox import OutboxRow

    def settle(self: Any, **changes: Any) -> bool:
        type(self).objects.filter(pk=self.pk).update(lease=None, leased_until=None, **changes)
        for name, value in changes.items():
            setattr(self, name, value)
        self.lease = self.leased_until = None
        return True

    OutboxRow.settle = settle  # type: ignore[method-assign]
    OutboxRow.still_leased = lambda self: bool(self.pk)  # type: ignore[method-assign]


def _outbox() -> None:
    """The push is written after the package's transaction, not in it."""
    from django.db import transaction

    from fulfillment.services import shipping
    from pod_hub.core.tenancy import current_psp_id, tenant

    original = shipping.owe_push

    def owe_later(order: Any, package: Any) -> Any:
        psp_id = current_psp_id()

        def owe() -> None:
            with tenant(psp_id):
                original(order, package)

        transaction.on_commit(owe)

    shipping.owe_push = owe_later


def _read_back() -> None:
    """A try that may have taken effect is repeated blindly."""
    from fulfillment.models import Push
    from fulfillment.services import pushing

    original = pushing._prepare

    def prepare(push: Any, psp_id: int) -> Any:
        if push.in_doubt:
            Push.objects.filter(pk=push.pk).update(in_doubt=False)
            push.in_doubt = False
        return original(push, psp_id)

    pushing._prepare = prepare


def _cursor() -> None:
    """The cursor moves when a page arrives, before the page is stored."""
    from orders.services import polling
    from pod_hub.core.tenancy import tenant
    from stores.models import Authorization

    original = polling._store

    def store(turn: Any, answer: Any) -> Any:
        with tenant(turn.psp_id):
            Authorization.objects.filter(pk=turn.authorization_id).update(orders_cursor=answer.high_water, poll_since=None, poll_page="")
        return original(turn, answer)

    polling._store = store


GUARDS: dict[str, tuple[Callable[[], None], str]] = {
    "order-number": (_order_number, "F19"),
    "take-in-lock": (_take_in_lock, "F19"),
    "lease": (_lease, "F5-frozen"),
    "outbox": (_outbox, "F2"),
    "read-back": (_read_back, "F2"),
    "cursor": (_cursor, "F2"),
}


def apply_named() -> None:
    """Take out the guard that the environment names, if it names one."""
    name = os.environ.get(SETTING, "")
    if name:
        GUARDS[name][0]()


apply_named()
