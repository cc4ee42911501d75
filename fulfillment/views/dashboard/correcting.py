"""Correcting the carrier or the tracking number of a package."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fulfillment.access import package_for
from fulfillment.forms import TrackingForm
from fulfillment.models import Package
from fulfillment.selectors import carriers_of
from fulfillment.services.correcting import CannotCorrect, correct_package, correctable_until, corrections_of, why_not
from orders.access import order_for
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.ui.form_pages import Caution, Crumb, FormPage


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_change_orders")
def correct(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Show what was told of a package and take other facts."""
    order = order_for(public_id)
    package = package_for(order, number)
    back = reverse("orders:order", args=[public_id])
    request.nav_path = back  # type: ignore[attr-defined]
    if refusal := why_not(package):
        messages.error(request, _("Package %(n)s was not corrected. %(why)s") % {"n": number, "why": refusal})
        return redirect(f"{back}#packages")
    initial = {"carrier_code": package.carrier_code, "carrier_name": package.carrier_name, "tracking_number": package.tracking_number}
    carriers = carriers_of(order)
    if carriers and package.carrier_code not in carriers:
        carriers = (package.carrier_code, *carriers)
    form = TrackingForm(request.POST if request.method == "POST" else None, order=order, carriers=carriers, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data.get(name, "") for name in initial}
        is_shared = form.cleaned_data.get("is_shared", False)
        try:
            correct_package(package_id=package.pk, actor=Actor.person(request.user), is_shared=is_shared, **facts)  # type: ignore[arg-type]
        except CannotCorrect as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Package %(n)s was corrected. What the marketplace says is shown below.") % {"n": number})
            return redirect(f"{back}#packages")
    page = FormPage(
        title=_("Correct package %(n)s") % {"n": number},
        submit=_("Correct it"),
        cancel=f"{back}#packages",
        crumbs=[
            Crumb(_("Manage orders"), reverse("orders:orders")),
            Crumb(order.external_id, back),
            Crumb(_("Correct package %(n)s") % {"n": number}),
        ],
        lead=_("The marketplace is told the new carrier and tracking number, and the hub reads back whether it shows them."),
        cautions=_cautions(package),
    )
    return page.answer(request, form)


def _cautions(package: Package) -> list[Caution]:
    rules, until = corrections_of(package), correctable_until(package)
    if until is None:
        return []
    often = _("It takes one correction for an order, so check the number twice.") if rules is not None and rules.times == 1 else ""
    when = date_format(localtime(until), "DATETIME_FORMAT")
    return [Caution(_("The marketplace takes a correction until %(when)s.") % {"when": when}, often)]
