"""Billable connections of a month, shown and exported (DS-07)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.core.csv_files import csv_bytes
from stores.channels.registry import capabilities, marketplace_info
from stores.services.periods import BillableStore, billable, month_of, months_back

MONTHS_OFFERED = 24


@require_safe
@staff_only()
def billable_connections(request: HttpRequest) -> HttpResponse:
    """Show the connections that count in a month."""
    zone = ZoneInfo(membership_of(request).psp.time_zone)
    month = month_of(request.GET.get("month", ""), zone=zone)
    rows = billable(month, zone=zone)
    if request.GET.get("as") == "csv":
        return _csv(request, month.strftime("%Y-%m"), rows)
    months = [{"value": one.strftime("%Y-%m"), "month": one, "chosen": one == month} for one in months_back(MONTHS_OFFERED, zone=zone)]
    return render(request, "dashboard/stores/billing.html", {"rows": rows, "month": month, "months": months, "value": month.strftime("%Y-%m")})


def _csv(request: HttpRequest, month: str, rows: list[BillableStore]) -> HttpResponse:
    header = [_("Month"), _("Customer"), _("Store"), _("Store id"), _("Platform"), _("Marketplace"), _("From"), _("Until"), _("Days")]
    lines = []
    for row in rows:
        place = marketplace_info(row.store.kind, row.store.marketplace)
        where = _(place.name) if place else row.store.marketplace
        label = str(capabilities(row.store.kind).label)
        lines.append([month, row.store.customer.name, row.store.name, row.store.public_id, label, where, row.first_day, row.last_day or "", row.days])
    response = HttpResponse(csv_bytes(header, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="billable-connections-{month}.csv"'
    return response
