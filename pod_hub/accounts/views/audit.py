"""The audit trail, for owners and managers: read, filter, take along as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.audit_log import Action, AuditEntry
from pod_hub.accounts.audit_trail import CSV_HEADER, AuditFilters, audit_page, csv_rows
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.services.audit import note
from pod_hub.core.csv_files import csv_head, csv_lines
from pod_hub.core.tenancy import tenant


@require_safe
@staff_only(may="may_set_up")
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Show what was done, newest first."""
    filters = AuditFilters(request.GET, psp_id=membership_of(request).psp_id)
    rows, page = audit_page(filters, request.GET)
    asked = [(name, value) for name in filters.fields if (value := request.GET.get(name))]
    context = {"form": filters, "rows": rows, "page": page, "asked": asked}
    return render(request, "dashboard/accounts/audit_trail.html", context)


@outside_scope
@require_POST
@staff_only(may="may_set_up")
def export_audit_trail(request: HttpRequest) -> StreamingHttpResponse:
    """Send what fits the filters as CSV, in portions, and note that it was taken along."""
    psp_id = membership_of(request).psp_id
    with tenant(psp_id):
        filters = AuditFilters(request.POST, psp_id=psp_id)
        rows = filters.rows()
        asked = {name: str(value) for name, value in filters.cleaned_data.items() if value}
        note(action=Action.EXPORTED, kind=AuditEntry._meta.label_lower, after=asked)

    def portions() -> Iterator[bytes]:
        yield csv_head(CSV_HEADER)
        for lines in csv_rows(rows, psp_id=psp_id):
            yield csv_lines(lines)

    answer = StreamingHttpResponse(portions(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-trail-{localdate():%Y-%m-%d}.csv"'
    return answer
