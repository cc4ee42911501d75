"""Marking lines as shipped outside the hub."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fulfillment.forms import ElsewhereForm
from fulfillment.selectors import carriers_of
from fulfillment.services.elsewhere import ship_elsewhere
from fulfillment.services.shipping import CannotShip
from orders.access import order_for
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from stores.channels.registry import capabilities


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_change_orders")
def shipped_elsewhere(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask which lines, and whether the marketplace must be told; then end them without a print job."""
    request.nav_path = reverse("orders:order", args=[public_id])  # type: ignore[attr-defined]
    order = order_for(public_id)
    lines = list(order.lines.order_by("pk"))
    ticked = [line.public_id for line in lines if request.GET.get("line", line.public_id) == line.public_id]
    posted = request.POST if request.method == "POST" else None
    form = ElsewhereForm(posted, order_lines=lines, carriers=carriers_of(order), initial={"lines": ticked})
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            ended = ship_elsewhere(
                order_id=order.pk,
                actor=Actor.person(request.user),  # type: ignore[arg-type]
                line_ids=[line.pk for line in form.chosen()],
                parcel=form.parcel(),
                reason=form.cleaned_data["reason"],
            )
        except CannotShip as refusal:
            error = str(refusal)
        else:
            _say(request, len(ended), told=form.parcel() is not None)
            return redirect("orders:order", public_id)
    context = {"order": order, "form": form, "error": error, "channel": capabilities(order.store.kind)}
    return render(request, "dashboard/fulfillment/elsewhere.html", context, status=422 if request.method == "POST" else 200)


def _say(request: HttpRequest, ended: int, *, told: bool) -> None:
    if not ended:
        messages.info(request, _("These lines had left already, so nothing was changed."))
        return
    words = ngettext("%(n)s line is marked as shipped elsewhere.", "%(n)s lines are marked as shipped elsewhere.", ended) % {"n": ended}
    then = _("The marketplace is told the tracking number, unless the store's setting says not to.") if told else _("Nothing is pushed.")
    messages.success(request, f"{words} {then}")
