"""Bulk Operations: connecting products of a store by a file (GT-21..24, GA-30), for the print provider's staff and for merchants."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import bulk_selectors as selectors
from orders.access import bulk_import_for
from orders.bulk_models import BulkImport, Verdict
from orders.forms import BulkUploadForm
from orders.presentation import BULK_STAGE, BULK_VERDICT
from orders.services.bulk.columns import exported
from orders.services.bulk.counting import troubles
from orders.services.bulk.reporting import result_lines, result_name
from orders.services.bulk.starting import CannotImport, apply_import, cancel_import, start_import, undo_import
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.file_names import safe_value
from pod_hub.core.hints import hint
from pod_hub.core.paging import known
from pod_hub.core.tenancy import tenant
from pod_hub.ui.progress import answer_progress
from stores.access import store_for

Stage = BulkImport.Stage
TASK = "orders.bulk_imports"


@require_http_methods(["GET", "HEAD", "POST"])
@member_only()
def bulk(request: HttpRequest, public_id: str) -> HttpResponse:
    """The three steps, and the files that were uploaded before. POST uploads one."""
    if request.method == "POST":
        return _upload(request, public_id)
    return _page(request, public_id, BulkUploadForm(initial={"email": request.user.email}))  # type: ignore[union-attr]


@member_only(may="may_act_for_customer")
def _upload(request: HttpRequest, public_id: str) -> HttpResponse:
    store, form = store_for(public_id), BulkUploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = start_import(store=store, file=file, file_name=file.name, email=form.cleaned_data["email"], by=request.user)  # type: ignore[arg-type]
        except CannotImport as error:
            form.add_error("file", str(error))
        else:
            hint(TASK)
            return redirect("orders:bulk_import", row.public_id)
    return _page(request, public_id, form, status=422)


def _page(request: HttpRequest, public_id: str, form: BulkUploadForm, *, status: int = 200) -> HttpResponse:
    store = store_for(public_id)
    rows = selectors.recent_imports(store)
    who = selectors.uploaders(rows, membership_of(request))
    imports = [{"row": row, "look": BULK_STAGE[Stage(row.stage)], "troubles": troubles(row.counts), "who": who[row.pk]} for row in rows]
    request.nav_path = reverse("stores:store", args=[public_id])  # type: ignore[attr-defined]
    return render(request, "dashboard/orders/bulk.html", {"store": store, "form": form, "imports": imports}, status=status)


@outside_scope
@require_safe
@member_only()
def export(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Every product of the store as CSV, with the columns to fill in (GT-21)."""
    psp_id, narrowed = membership_of(request).psp_id, membership_of(request).narrowed_to
    with tenant(psp_id):
        store = store_for(public_id)
    return _csv(exported(store_id=store.pk, psp_id=psp_id, narrowed=narrowed), f"{safe_value(store.name)}-products-{localdate():%Y-%m-%d}.csv")


@outside_scope
@require_safe
@member_only()
def result(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One verdict for each row, as a file that can be corrected and uploaded again."""
    psp_id, narrowed = membership_of(request).psp_id, membership_of(request).narrowed_to
    with tenant(psp_id):
        row = bulk_import_for(public_id)
    lines = result_lines(import_id=row.pk, psp_id=psp_id, narrowed=narrowed, only_troubles=request.GET.get("only") == "troubles")
    return _csv(lines, result_name(row))


def _csv(lines: Any, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@member_only()
def bulk_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """One file: how far it is, its verdicts, and what can be done with it now."""
    row = bulk_import_for(public_id)
    group = known(list(selectors.GROUPS), request.GET.get("show", ""))
    counts = selectors.group_counts(row)
    page = selectors.rows_page(row, group=group, token=request.GET.get("page", ""))
    labels = {
        "": _("All rows"),
        "troubles": _("Need you"),
        "ready": _("To connect"),
        "connected": _("Connected"),
        "undone": _("Undone"),
        "rest": _("Nothing to do"),
    }
    context = {
        "row": row,
        "who": selectors.uploaders([row], membership_of(request))[row.pk],
        "store": row.store,
        "look": BULK_STAGE[Stage(row.stage)],
        "progress": _progress(row),
        "tabs": [
            {"label": label, "href": f"?show={name}" if name else "?", "active": name == group, "count": counts[name]}
            for name, label in labels.items()
            if counts[name] or not name
        ],
        "page": page,
        "rows": [{"row": one, "look": BULK_VERDICT[Verdict(one.verdict)]} for one in page.rows],
        "counts": counts,
        "group": group,
        "may": membership_of(request).may_act_for_customer,
        "can": _can(row, counts),
    }
    request.nav_path = reverse("stores:store", args=[row.store.public_id])  # type: ignore[attr-defined]
    return render(request, "dashboard/orders/bulk_import.html", context)


def _can(row: BulkImport, counts: dict[str, int]) -> dict[str, bool]:
    return {
        "apply": row.stage == Stage.CHECKED and counts["ready"] > 0,
        "cancel": row.stage == Stage.CHECKED,
        "undo": row.stage in {Stage.DONE, Stage.CANCELLED} and counts["connected"] > 0,
    }


def _progress(row: BulkImport) -> dict[str, Any]:
    """Return what the progress component needs; empty when nothing runs."""
    counts, poll, cancel = (
        selectors.group_counts(row),
        reverse("orders:bulk_progress", args=[row.public_id]),
        reverse("orders:bulk_cancel", args=[row.public_id]),
    )
    if row.last_error and row.delivery == "parked":
        return {}
    if row.stage == Stage.READING:
        text = _("%(n)s rows read and checked") % {"n": row.rows_total}
        return {"label": _("Reading and checking the file"), "value": None, "max": None, "text": text, "poll": poll, "cancel": cancel}
    if row.stage in {Stage.APPLYING, Stage.UNDOING}:
        left = counts["ready"] if row.stage == Stage.APPLYING else counts["connected"]
        whole = row.rows_total - counts["rest"]
        text = _("%(done)s of %(all)s rows, %(troubles)s need you") % {"done": whole - left, "all": whole, "troubles": counts["troubles"]}
        label = _("Fetching design files and connecting products") if row.stage == Stage.APPLYING else _("Taking the connections back")
        return {
            "label": label,
            "value": whole - left,
            "max": max(whole, 1),
            "text": text,
            "poll": poll,
            "cancel": cancel if row.stage == Stage.APPLYING else "",
        }
    return {}


@require_safe
@member_only()
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The progress alone, for the page that shows it; when nothing runs any more the page is told to load itself again."""
    state = _progress(bulk_import_for(public_id))
    return answer_progress(
        request, "dashboard/orders/_bulk_progress.html", {"progress": state, "may": membership_of(request).may_act_for_customer}, done=not state
    )


@require_POST
@member_only(may="may_act_for_customer")
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Connect what was found ready."""
    return _do(request, public_id, apply_import, _("The products are being connected. You may leave this page; the result comes by mail too."))


@require_POST
@member_only(may="may_act_for_customer")
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop where it is."""
    return _do(request, public_id, cancel_import, _("Stopped. What was connected already stays so; you can undo it below."))


@require_POST
@member_only(may="may_act_for_customer")
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take every connection of the file back."""
    return _do(request, public_id, undo_import, _("The connections are being taken back, where nobody changed them since."))


def _do(request: HttpRequest, public_id: str, what: Any, said: str) -> HttpResponse:
    row = bulk_import_for(public_id)
    try:
        what(import_id=row.pk)
    except CannotImport as error:
        messages.error(request, str(error))
    else:
        hint(TASK)
        messages.success(request, said)
    return redirect("orders:bulk_import", public_id)
