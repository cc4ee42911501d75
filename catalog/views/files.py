"""Artwork: uploading a design, its preview, the print file itself."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog.access import category_for, mockup_for, print_file_for, product_model_for
from catalog.forms import DesignForm
from catalog.models import Artwork, ProductModel
from catalog.presentation import design_was_added, what_fits
from catalog.services.artwork import BadArtwork, kept_upload
from catalog.services.designs import BadDesign, design_from_upload
from catalog.services.preflight import BadFile
from catalog.services.print_files import BadPrintFile, content_of
from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant
from pod_hub.ui.form_pages import Crumb, FormPage

# Files are named by their content and never change.
FOREVER = "private, max-age=31536000, immutable"


@outside_scope
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
def add_design(request: HttpRequest, public_id: str) -> HttpResponse:
    """Upload a customer's artwork for a product model; a file that cannot be printed is refused beside the field."""
    psp_id = membership_of(request).psp_id
    with tenant(psp_id):
        model = product_model_for(public_id)
        form = DesignForm(request.POST or None, request.FILES or None)
        given = form.cleaned_data if request.method == "POST" and form.is_valid() else None
    kept = kept_upload(given["file"], customer=given["customer"]) if given else None
    with tenant(psp_id):
        return _add_design(request, model, form, kept)


def _add_design(request: HttpRequest, model: ProductModel, form: DesignForm, kept: Artwork | BadArtwork | None) -> HttpResponse:
    address = reverse("catalog:product_model", args=[model.public_id])
    if kept is not None:
        given = form.cleaned_data
        try:
            design = design_from_upload(customer=given["customer"], product_model=model, kept=kept, name=given["name"])
        except (BadFile, BadDesign) as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, design_was_added(design))
            return redirect(address)
    page = FormPage(
        title=_("Upload a design"),
        submit=_("Upload design"),
        cancel=address,
        crumbs=[Crumb(_("Catalog"), reverse("catalog:products")), Crumb(model.name, address), Crumb(_("Upload a design"))],
        lead=what_fits(model),
    )
    return page.answer(request, form)


@require_safe
@member_only()
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the small picture of a print file."""
    row = print_file_for(public_id)
    try:
        with default_storage.open(row.preview_name) as stored:
            content = stored.read()
    except (OSError, ValueError):
        raise Http404 from None
    return conditional(request, content, content_type="image/png")


@require_safe
@member_only()
def category_picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the picture of a shelf: a PNG that the hub itself encoded."""
    return _picture(request, category_for(public_id).picture_name)


@require_safe
@member_only()
def mockup_picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the picture of a blank: a PNG that the hub itself encoded."""
    return _picture(request, mockup_for(public_id).picture_name)


def _picture(request: HttpRequest, name: str) -> HttpResponse:
    try:
        with default_storage.open(name) as stored:
            content = stored.read()
    except (OSError, ValueError):
        raise Http404 from None
    answer = conditional(request, content, content_type="image/png")
    answer["Cache-Control"] = "private, no-cache"  # another picture may stand at the same address tomorrow; the tag tells
    return answer


@require_safe
@staff_only()
def download(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the print file as it was uploaded, checked against its checksum."""
    row = print_file_for(public_id)
    try:
        content = content_of(row)
    except BadPrintFile as error:
        messages.error(request, str(error))
        return redirect("catalog:products")
    response = conditional(request, content, content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.file_name) or "attachment"
    return response


def conditional(request: HttpRequest, content: bytes, *, content_type: str) -> HttpResponse:
    """Answer bytes that never change: kept by this browser, and asked for again only by their tag."""
    response = HttpResponse(content, content_type=content_type, headers={"Cache-Control": FOREVER})
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
