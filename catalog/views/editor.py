"""The design editor: its page, its autosave, and the plain form that does the most needed of it without JavaScript."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import design_for
from catalog.editor_document import editor_document, told_design
from catalog.forms import PlacePictureForm
from catalog.models import Design
from catalog.placing import Fit
from catalog.scenes import BadScene
from catalog.services.artwork import BadArtwork, keep_artwork
from catalog.services.drafts import ChangedElsewhere, NotADraft, put_on_area, save_draft
from catalog.views.design_addresses import leaving, with_return
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.returning import wanted_return
from pod_hub.core.tenancy import tenant

CHANGED, REFUSED = 409, 422


def page(request: HttpRequest, design: Design, *, form: PlacePictureForm | None = None, status: int = 200) -> HttpResponse:
    """Draw the editor of a draft; ``form`` is the plain one when it was refused."""
    sheets = list(design.sheets.select_related("print_area").order_by("print_area__position", "pk"))
    context = {
        "design": design,
        "document": editor_document(design, sheets),
        "form": form or PlacePictureForm(design=design),
        "sheets": [one for one in sheets if one.scene],
        "back": wanted_return(request) or leaving(request, design.product_model.public_id),
        "save": with_return(request, "designs:save", design),
        "place": with_return(request, "designs:place", design),
    }
    return render(request, "designs/editor.html", context, status=status)


@require_POST
@member_only(may="may_act_for_customer")
def draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep what the editor sends: JSON with ``edits`` (the count it has seen), ``scenes`` by area key and perhaps ``name``.

    Answers the new count; 409 when somebody else saved meanwhile, 422 with a sentence when it cannot be kept.
    """
    design = design_for(public_id)
    told = _read(request.body) if request.content_type == "application/json" else None
    if told is None:
        return JsonResponse({"error": _("The design did not arrive whole. It is sent again by itself.")}, status=REFUSED)
    try:
        saved = save_draft(design_id=design.pk, **told)
    except ChangedElsewhere as error:
        return JsonResponse({"error": str(error), "design": told_design(error.design)}, status=CHANGED)
    except (BadScene, NotADraft) as error:
        return JsonResponse({"error": str(error)}, status=REFUSED)
    return JsonResponse({"design": told_design(saved)})


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    edits, scenes, name = told.get("edits"), told.get("scenes", {}), told.get("name", "")
    whole = type(edits) is int and isinstance(scenes, dict) and isinstance(name, str) and "\0" not in name
    return {"edits": edits, "scenes": scenes, "name": name} if whole else None


@outside_scope
@require_POST
@member_only(may="may_act_for_customer")
def place(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put one picture on one print area; what was there goes."""
    psp_id = membership_of(request).psp_id
    with tenant(psp_id):
        design = design_for(public_id)
        form = PlacePictureForm(request.POST, request.FILES, design=design)
        artwork = form.cleaned_data["artwork"] if form.is_valid() else None
    try:
        if form.is_valid() and form.cleaned_data["file"]:
            file = form.cleaned_data["file"]
            artwork = keep_artwork(customer=design.customer, content=file, file_name=file.name)
    except BadArtwork as error:
        form.add_error("file", str(error))
    with tenant(psp_id):
        if artwork is None or not form.is_valid():
            return page(request, design, form=form, status=REFUSED)
        area = form.cleaned_data["area"]
        try:
            put_on_area(design_id=design.pk, area=area, artwork=artwork, fit=Fit(form.cleaned_data["fit"]))
        except NotADraft as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("“%(picture)s” was placed on %(area)s.") % {"picture": artwork, "area": area})
        return redirect(with_return(request, "designs:design", design))
