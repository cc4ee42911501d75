"""Cancelling an order or some of its lines, and declining a buyer's request to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fulfillment.forms import CancelForm, DeclineForm
from fulfillment.models import Push
from fulfillment.selectors import waiting_labels
from fulfillment.services.cancelling import CannotCancel, PrintedAlready, cancel_lines
from fulfillment.services.wishes import CannotAnswer, decline_cancellation, offered_declines
from orders.access import line_for, order_for
from orders.models import Hold, HoldKind, Order, OrderLine
from orders.states import NOT_MADE
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.returning import back_to
from pod_hub.core.tenancy import tenant
from stores.channels.registry import cancel_reasons, capabilities, shipping_declines
from stores.channels.telling_types import CancelReason, DeclineReason


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_change_orders")
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask which lines and why, then cancel them; printed ones are asked about once more. The marketplace is told by a push."""
    request.nav_path = reverse("orders:order", args=[public_id])  # type: ignore[attr-defined]
    order = order_for(public_id)
    lines = list(order.lines.order_by("pk"))
    wishes = list(Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None).select_related("line").order_by("pk"))
    asked = list(dict.fromkeys(hold.reason for hold in wishes))  # a wish about three lines is said once
    named = request.GET.getlist("line")  # the lines that are ticked; without any all that can go
    ticked = [line.public_id for line in lines if not named or line.public_id in named]
    initial = {"lines": ticked, "reason": CancelReason.BUYER_CANCELLED.value if asked else ""}
    reasons = cancel_reasons(order.store.kind, order.marketplace)
    form = CancelForm(request.POST if request.method == "POST" else None, order_lines=lines, reasons=reasons, initial=initial)
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
        "answers": any(hold.reference for hold in wishes),
        "parts": [hold for hold in wishes if hold.quantity is not None],
        "answer_by": min((hold.answer_by for hold in wishes if hold.answer_by), default=None),
        "error": error,
        "printed": printed,
        "chosen": form.chosen() if printed else [],
        "channel": capabilities(order.store.kind),
        "labels": waiting_labels(order) if form.is_possible else [],
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
    if push is not None and push.kind == Push.Kind.WISH_AGREED:
        words = _("The buyer's request to cancel is agreed to.")
    else:
        words = ngettext("%(n)s line was cancelled.", "%(n)s lines were cancelled.", count) % {"n": count}
    told = _("The marketplace is being told; what it says is shown below.") if push else _("The marketplace is not told: see the history.")
    messages.success(request, f"{words} {told}")
    return redirect("orders:order", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@outside_scope
@staff_only(may="may_change_orders")
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep making what the buyer wanted to cancel: one line (``line``), or all of the order.

    Where the marketplace waits for an answer, a person confirms first what declining means there. It may have to be asked for its reasons, so no
    scope is open.
    """
    request.nav_path = reverse("orders:order", args=[public_id])  # type: ignore[attr-defined]
    membership = membership_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    with tenant(membership.psp_id):
        question = _question(public_id, asked.get("line", ""))
    reasons: Sequence[DeclineReason] = ()
    error = ""
    if question.reference and not question.by_shipping:
        try:
            reasons = offered_declines(psp_id=membership.psp_id, order_id=question.order.pk, reference=question.reference)
        except CannotAnswer as refusal:
            error = str(refusal)
    form = DeclineForm(request.POST if request.POST.get("confirmed") else None, reasons=reasons, by_shipping=question.by_shipping)
    with tenant(membership.psp_id):
        if request.method == "POST" and not error and (not question.reference or form.is_valid()):
            try:
                return _declined(request, question, form.cleaned_data.get("reason", "") if form.is_bound else "")
            except CannotAnswer as refusal:
                error = str(refusal)
        context = {
            "order": question.order,
            "channel": capabilities(question.order.store.kind),
            "question": question,
            "form": form,
            "error": error,
        }
        return render(request, "dashboard/fulfillment/decline.html", context, status=422 if request.method == "POST" else 200)


@dataclass(frozen=True, slots=True)
class Question:
    """A wish that somebody is about to decline. ``reference`` is empty where nobody waits for an answer."""

    order: Order
    line: OrderLine | None
    holds: list[Hold]
    by_shipping: bool

    @property
    def reference(self) -> str:
        """The marketplace's number of the wish."""
        return next((hold.reference for hold in self.holds if hold.reference), "")

    @property
    def answer_by(self) -> datetime | None:
        """Until when the marketplace waits."""
        return min((hold.answer_by for hold in self.holds if hold.answer_by), default=None)


def _question(public_id: str, wanted: str) -> Question:
    order = order_for(public_id)
    line = line_for(wanted) if wanted else None
    holds = Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None).order_by("pk")
    if line is not None:
        holds = holds.filter(line=line)
    return Question(order, line, list(holds), shipping_declines(order.store.kind, order.marketplace))


def _declined(request: HttpRequest, question: Question, channel_reason: str) -> HttpResponse:
    actor = Actor.person(request.user)  # type: ignore[arg-type]
    order, line = question.order, question.line
    line_ids = None if line is None else [line.pk] if line.order_id == order.pk else []
    declined = decline_cancellation(order_id=order.pk, actor=actor, line_ids=line_ids, channel_reason=channel_reason)
    if not declined:
        messages.info(request, _("No request to cancel was open any more, so nothing was changed."))
    elif question.by_shipping:
        messages.success(request, _("The request to cancel was declined. Ship the goods: that is the answer to the marketplace."))
    else:
        messages.success(request, _("The request to cancel was declined, and the marketplace is being told."))
    return back_to(request, "orders:order", order.public_id)
