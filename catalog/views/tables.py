"""The catalog as spreadsheets: out, and in with a look before anything changes."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.access import catalog_import_for
from catalog.forms import CatalogFileForm
from catalog.models import CatalogImport
from catalog.services.importing import CannotApply, apply_import, begin_import
from catalog.tables.kinds import TABLES
from catalog.views.crumbs import catalog_crumb
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.models import User
from pod_hub.core.csv_files import csv_bytes
from pod_hub.core.spreadsheets import xlsx_bytes
from pod_hub.ui.form_pages import Crumb

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_set_up")
def tables(request: HttpRequest) -> HttpResponse:
    """Offer the tables to download, take one in, and list what was taken in lately."""
    form = CatalogFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        user: User = request.user  # type: ignore[assignment]
        row = begin_import(kind=form.cleaned_data["kind"], file=upload.file, file_name=upload.name or "catalog", user=user)
        return redirect("catalog:catalog_import", row.public_id)
    context = {
        "form": form,
        "kinds": [(kind, label) for kind, label in CatalogImport.Kind.choices],
        "imports": CatalogImport.objects.select_related("asked_by").order_by("-pk")[:SHOWN],
        "crumbs": [catalog_crumb(), Crumb(_("Spreadsheets"))],
    }
    return render(request, "dashboard/catalog/tables.html", context, status=422 if form.is_bound and form.errors else 200)


@require_safe
@staff_only()
def export(_request: HttpRequest, kind: str, ending: str) -> HttpResponse:
    """Answer a table of the catalog as CSV or XLSX; what it holds can be changed and taken in again."""
    if kind not in TABLES or ending not in {"csv", "xlsx"}:
        raise Http404
    table = TABLES[kind]()
    rows = list(table.written())
    content = csv_bytes(table.columns, rows) if ending == "csv" else xlsx_bytes(table.columns, rows)
    name = f"catalog-{kind}-{localdate():%Y-%m-%d}.{ending}"
    types = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
    return HttpResponse(
        content, content_type=types[ending], headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    )


@require_safe
@staff_only(may="may_set_up")
def catalog_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a table would change, or did; with ``?part=progress`` the moving part alone."""
    row = catalog_import_for(public_id)
    context = {"row": row, "busy": row.stage in {CatalogImport.Stage.CHECKING, CatalogImport.Stage.APPLYING}}
    if request.GET.get("part") == "progress":
        if not context["busy"]:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "dashboard/catalog/_import_progress.html", context)
    context["crumbs"] = [catalog_crumb(), Crumb(_("Spreadsheets"), reverse("catalog:tables")), Crumb(row.file_name)]
    return render(request, "dashboard/catalog/import.html", context)


@require_POST
@staff_only(may="may_set_up")
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a checked table in."""
    row = catalog_import_for(public_id)
    try:
        apply_import(import_id=row.pk)
    except CannotApply as error:
        messages.error(request, str(error))
    return redirect("catalog:catalog_import", public_id)
