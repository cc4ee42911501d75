"""Child processes of our own that die or freeze at a named point (``pod_hub.core.crash_points``).

Forked, because a thousand deaths need a thousand processes and a fresh interpreter takes seconds. The parent holds no connection that a
child could disturb: it closes its database connections first, and sends neither hints nor calls to the channel itself.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta

from django.db import connections
from django.utils.timezone import now

from catalog.models import RenderJob
from fulfillment.models import Push, PushBatch
from orders.models import Personalisation, Reconciliation
from pod_hub.core import crash_points
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, ListingSync

BROKE = 1


def begin(job: Callable[[], object], plan: str) -> int:
    """Start a child that does ``job`` under a plan; return its process id."""
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    try:
        crash_points.arm(plan)
        job()
    except BaseException:  # noqa: BLE001 - this process ends here and must never return into the parent's code
        traceback.print_exc()
        os._exit(BROKE)
    os._exit(0)


def end_of(child: int) -> int:
    """Wait until a child has ended; return its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(job: Callable[[], object], plan: str = "") -> int:
    """Do ``job`` in a child; return its exit code, ``crash_points.CRASHED`` when it came to the point."""
    return end_of(begin(job, plan))


def run_until_frozen(job: Callable[[], object], plan: str) -> int | None:
    """Do ``job`` in a child that freezes at a point; return its process id, or None when it ended without coming there."""
    child = begin(job, plan)
    _pid, status = os.waitpid(child, os.WUNTRACED)
    return child if os.WIFSTOPPED(status) else None


def thaw(child: int) -> int:
    """Let a frozen child go on; return its exit code."""
    os.kill(child, signal.SIGCONT)
    return end_of(child)


def let_leases_run_out(psp_id: int) -> None:
    """Let the time pass that a dead worker's leases last. Only for children that are known to be dead or frozen."""
    gone = now() - timedelta(seconds=1)
    with tenant(psp_id):
        for model in (Push, PushBatch, Personalisation, Reconciliation, ListingSync, RenderJob):
            model.objects.exclude(lease=None).update(leased_until=gone)
        Authorization.objects.exclude(poll_lease=None).update(poll_leased_until=gone)
