"""What customers uploaded, for the design editor: uploading, the list of earlier files, and their pictures."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.access import artwork_for, design_for
from catalog.editor_document import artwork_page, told_artwork
from catalog.services.artwork import BadArtwork, keep_artwork
from catalog.views.files import conditional
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant

CREATED, REFUSED = 201, 422


@outside_scope
@require_POST
@member_only(may="may_act_for_customer")
def upload(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep one file for the design's customer; JSON with the artwork, or with a sentence that says why not."""
    with tenant(membership_of(request).psp_id):
        design = design_for(public_id)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file arrived. Choose it again.")}, status=REFUSED)
    try:
        artwork = keep_artwork(customer=design.customer, content=file, file_name=file.name or _("artwork"))  # type: ignore[arg-type]  # an upload reads like a file
    except BadArtwork as error:
        return JsonResponse({"error": str(error)}, status=REFUSED)
    return JsonResponse({"artwork": told_artwork(artwork)}, status=CREATED)


@require_safe
@member_only(may="may_act_for_customer")
def earlier(request: HttpRequest, public_id: str) -> HttpResponse:
    """List a page of what the design's customer has uploaded, newest first; ``before`` is the last id that was seen, ``search`` part of a name."""
    design = design_for(public_id)
    found, more = artwork_page(design.customer_id, before=request.GET.get("before", ""), search=request.GET.get("search", ""))
    return JsonResponse({"artwork": [told_artwork(one) for one in found], "more": more})


@require_safe
@member_only()
def picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer an artwork as the editor shows it."""
    artwork = artwork_for(public_id)
    return _stored(request, artwork.screen_name or artwork.preview_name)


def _stored(request: HttpRequest, name: str) -> HttpResponse:
    try:
        with default_storage.open(name) as stored:
            content = stored.read()
    except (OSError, ValueError):
        raise Http404 from None
    return conditional(request, content, content_type="image/jpeg" if name.endswith((".jpg", ".jpeg")) else "image/png")
