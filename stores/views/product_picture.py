"""A published picture for whoever has its link: marketplaces fetch product pictures from here."""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp_replace
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from pod_hub.accounts.middleware import outside_scope
from stores.services.publication_pictures import linked_picture

KEPT_S = 300  # a link that was taken back is dead everywhere within minutes


@outside_scope
@csp_replace({"default-src": [NONE], "sandbox": True})  # type: ignore[arg-type]  # its types know views without arguments only
@require_safe
def product_picture(_request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer the one picture of a link; a link that ended is a 404 like one that never was."""
    found = linked_picture(token)
    if found is None:
        raise Http404
    name, content_type = found
    try:
        stored = default_storage.open(name)
    except OSError:
        raise Http404 from None
    headers = {"Cache-Control": f"public, max-age={KEPT_S}", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return FileResponse(stored, content_type=content_type, headers=headers)
