"""Cancelling an order or some of its lines, and declining a buyer's request to."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fulfillment.forms import CancelForm
from fulfillment.services.cancelling import CannotCancel, PrintedAlready, cancel_lines, decline_cancellation
from orders.access import line_for, order_for
from orders.models import Hold, HoldKind, OrderLine
from orders.states import NOT_MADE
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from stores.channels.registry import capabilities
from stores.channels.types import CancelReason


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_change_orders")
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask which lines and why, then cancel them; printed ones are asked about once more. The marketplace is told by a push."""
    order = order_for(public_id)
    lines = list(order.lines.order_by("pk"))
    wishes = Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None).order_by("pk")
    asked = list(dict.fromkeys(wishes.values_list("reason", flat=True)))  # a wish about three lines is said once
    # "line" in the address ticks one line; without it all that can go.
    ticked = [line.public_id for line in lines if request.GET.get("line", line.public_id) == line.public_id]
    initial = {"lines": ticked, "reason": CancelReason.BUYER_CANCELLED.value if asked else ""}
    form = CancelForm(request.POST if request.method == "POST" else None, order_lines=lines, initial=initial)
    error, printed = "", list[OrderLine]()
    if request.method == "POST" and form.is_valid():
        try:
            return _cancelled(request, public_id, order.pk, form)
        except PrintedAlready as question:
            printed = question.lines
        except CannotCancel as refusal:
            error = str(refusal)
    context = {
        "order": order,
        "form": form,
        "asked": asked,
        "error": error,
        "printed": printed,
        "chosen": form.chosen() if printed else [],
        "channel": capabilities(order.store.kind),
    }
    refused = request.method == "POST" and not printed
    return render(request, "dashboard/fulfillment/cancel.html", context, status=422 if refused else 200)


def _cancelled(request: HttpRequest, public_id: str, order_id: int, form: CancelForm) -> HttpResponse:
    chosen: Sequence[OrderLine] = form.chosen()
    count = sum(line.state not in NOT_MADE for line in chosen)
    push = cancel_lines(
        order_id=order_id,
        reason=CancelReason(form.cleaned_data["reason"]),
        actor=Actor.person(request.user),  # type: ignore[arg-type]
        line_ids=[line.pk for line in chosen],
        confirm_printed=form.cleaned_data["printed"],
    )
    if not count:
        messages.info(request, _("These lines had been cancelled already, so nothing was changed."))
        return redirect("orders:order", public_id)
    words = ngettext("%(n)s line was cancelled.", "%(n)s lines were cancelled.", count) % {"n": count}
    told = _("The marketplace is being told; what it says is shown below.") if push else _("The marketplace is not told: see the history.")
    messages.success(request, f"{words} {told}")
    return redirect("orders:order", public_id)


@require_POST
@staff_only(may="may_change_orders")
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep making what the buyer wanted to cancel: one line (``line``), or all of the order."""
    order = order_for(public_id)
    line_ids = None
    if wanted := request.POST.get("line", ""):
        line = line_for(wanted)
        line_ids = [line.pk] if line.order_id == order.pk else []
    declined = decline_cancellation(order_id=order.pk, actor=Actor.person(request.user), line_ids=line_ids)  # type: ignore[arg-type]
    if declined:
        messages.success(request, _("The request to cancel was declined. Ship the goods: that is the answer to the marketplace."))
    else:
        messages.info(request, _("No request to cancel was open any more, so nothing was changed."))
    return back_to(request, "orders:order", public_id)
