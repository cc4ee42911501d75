"""Asking first before an order is approved that still waits for a print file from a storage; for the print provider's staff and for merchants."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from orders.models import Hold, HoldKind
from orders.services.remote.awaiting import AwaitedFiles
from pod_hub.accounts.returning import wanted_return

SAID = "without_files"


def is_meant(request: HttpRequest) -> bool:
    """Return whether the request comes from the page that asks, and says yes."""
    return request.POST.get(SAID) == "yes"


def ask_first(request: HttpRequest, awaited: list[AwaitedFiles], *, back: str, orders: Iterable[str] = ()) -> HttpResponse:
    """Show which files are still to come, with the request to send again. ``orders`` are the public ids of a choice of many; ``back`` is where no leads."""
    orders = list(orders)
    waiting = {one.order.public_id for one in awaited}
    rest = [public_id for public_id in orders if public_id not in waiting and "\0" not in public_id]
    others = Hold.objects.filter(kind=HoldKind.APPROVAL, released_at=None, order__public_id__in=rest)
    title = (
        _("Approve without the awaited file?")
        if len(awaited) == 1 == sum(len(one.lines) for one in awaited)
        else _("Approve without the awaited files?")
    )
    context = {
        "title": title,
        "awaited": awaited,
        "orders": orders,
        "others": list(others.order_by("order").values_list("order__public_id", flat=True)),
        "fields": [(name, request.POST[name]) for name in ("reason", "next") if name in request.POST],
        "back": wanted_return(request) or back,
        "path": request.path,
        "said": SAID,
    }
    return render(request, "dashboard/orders/approve_without_files.html", context, status=422)
