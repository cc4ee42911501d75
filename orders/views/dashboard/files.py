"""Downloads: the print file of a line, and previews of artwork."""

from __future__ import annotations

import re

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services.print_files import BadPrintFile, content_of
from orders.access import line_for, print_file_for
from orders.models import OrderLine
from pod_hub.accounts.access import staff_only

EXTENSION = {"image/png": "png", "image/jpeg": "jpg"}
PREVIEW_KEPT_S = 86_400  # a preview never changes: new content is a new print file


def print_file_name(line: OrderLine, number: int) -> str:
    """Return the name under which a machine gets the file: order number, place of the line in the order, ending."""
    ending = EXTENSION.get(line.print_file.content_type if line.print_file else "", "bin")
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '_', line.order.external_id)}_{number}.{ending}"


@require_safe
@staff_only()
def print_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The print file of a line, checked against its checksum before the first byte leaves."""
    line = line_for(public_id)
    if line.print_file is None:
        messages.error(request, _("This line has no print file yet. Connect its listing to a product with a design first."))
        return redirect("orders:order", line.order.public_id)
    try:
        content = content_of(line.print_file)
    except BadPrintFile as error:
        messages.error(request, str(error))
        return redirect("orders:order", line.order.public_id)
    number = line.order.lines.filter(pk__lte=line.pk).count()
    response = HttpResponse(content, content_type=line.print_file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, print_file_name(line, number)) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@staff_only()
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
