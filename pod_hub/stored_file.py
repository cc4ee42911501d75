"""Handing out a stored file to whoever has its signed link (``pod_hub.core.storage``)."""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp_replace
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.storage import NoLink, read_link


@outside_scope
@csp_replace({"default-src": [NONE], "sandbox": True})  # type: ignore[arg-type]  # its types know views without arguments only
@require_safe
def stored_file(_request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer the file of a link, as a download that no browser opens in place: it came from somebody else."""
    try:
        name, disposition, content_type = read_link(token)
    except NoLink:
        return HttpResponse(
            _("This link is not valid any more. Ask for the file again on the page it came from."), status=410, content_type="text/plain"
        )
    try:
        stored = default_storage.open(name)
    except OSError:
        raise Http404 from None
    response = FileResponse(stored, content_type=content_type, headers={"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"})
    response["Content-Disposition"] = disposition
    return response
