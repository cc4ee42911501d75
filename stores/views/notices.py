"""The address at which a channel tells what changed: no account, no session, no page. It is checked, stored and answered, and handled later."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pod_hub.accounts.middleware import outside_scope
from stores.channels.registry import ChannelKind, capabilities
from stores.services.notices import MOST_BYTES, receive


@csrf_exempt
@require_POST
@outside_scope
def notice(request: HttpRequest, kind: str) -> HttpResponse:
    """Take one notice. 200 means kept (or known already), 401 that it is not the channel's, 413 that it is too large to be; all without a body."""
    if kind not in ChannelKind.values or not capabilities(kind).sends_notices:
        raise Http404
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        body = request.read(MOST_BYTES + 1)
    except (RawPostDataException, UnreadablePostError):
        return HttpResponse(status=400)
    if not receive(kind=kind, headers={name.lower(): value for name, value in request.headers.items()}, body=body):
        return HttpResponse(status=401)
    return HttpResponse(status=200)
