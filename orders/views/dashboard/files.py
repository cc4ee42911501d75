"""Downloads: the print file of a line, those of a selection as one zip, and previews of artwork."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.services.print_files import BadPrintFile, content_of
from orders.access import line_for, print_file_for
from orders.line_files import file_of
from orders.services.print_file_bundle import TooMuch, gather, inspected, print_file_name, remember_download, remember_one_download, stream
from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.returning import back_to
from pod_hub.core.tenancy import tenant

PREVIEW_KEPT_S = 86_400  # a preview never changes: new content is a new print file


@require_safe
@staff_only()
def print_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A print file of a line, checked against its checksum before the first byte leaves; ``?file=`` asks for another one than the first."""
    line = line_for(public_id)
    file = file_of(line, request.GET.get("file", ""))
    if file is None:
        messages.error(request, _("This line has no print file yet. Connect its listing to a product with a design first."))
        return redirect("orders:order", line.order.public_id)
    try:
        content = content_of(file.print_file)
    except BadPrintFile as error:
        messages.error(request, str(error))
        return redirect("orders:order", line.order.public_id)
    name = print_file_name(line, file)
    remember_one_download(line, file, name=name, actor=Actor.person(request.user))  # type: ignore[arg-type]
    response = HttpResponse(content, content_type=file.print_file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def chosen(request: HttpRequest, name: str) -> list[str]:
    """Return the public ids that were ticked, each once."""
    return list(dict.fromkeys(text for text in request.POST.getlist(name) if "\0" not in text))


@outside_scope
@require_POST
@staff_only()
def print_files(request: HttpRequest) -> HttpResponseBase:
    """The print files of the ticked orders or lines as a zip; when some cannot be in it, first a page that names them."""
    psp_id = membership_of(request).psp_id
    orders, lines = chosen(request, "order"), chosen(request, "line")
    try:
        with tenant(psp_id):
            bundle = gather(order_ids=orders, line_ids=lines)
    except TooMuch as error:
        messages.error(request, str(error))
        return back_to(request, "orders:orders")
    if not bundle.entries:
        messages.warning(request, _("Nothing was selected, so there is nothing to download. Tick the orders first."))
        return back_to(request, "orders:orders")
    bundle = inspected(bundle)  # outside the scope: no transaction waits for a storage
    if not bundle.ready or (bundle.troubles and "anyway" not in request.POST):
        return render(
            request, "dashboard/orders/print_files.html", {"bundle": bundle, "orders": orders, "lines": lines, "next": request.POST.get("next", "")}
        )
    with tenant(psp_id):
        remember_download(bundle, actor=Actor.person(request.user))  # type: ignore[arg-type]
    response = StreamingHttpResponse(stream(bundle, made_at=now()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="print-files-{localtime():%Y-%m-%d-%H%M}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@member_only()
def preview(_request: HttpRequest, public_id: str) -> HttpResponse:
    """A small picture of a print file."""
    found = print_file_for(public_id)
    if not found.preview_name:
        raise Http404
    try:
        with default_storage.open(found.preview_name) as stored:
            response = HttpResponse(stored.read(), content_type="image/png")
    except OSError:
        raise Http404 from None
    response["Cache-Control"] = f"private, max-age={PREVIEW_KEPT_S}, immutable"
    return response
