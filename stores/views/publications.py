"""Products that are added to a store: their list, and for each the check, the publish, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import member_only, membership_of
from pod_hub.core.outbox import Delivery
from pod_hub.ui.progress import answer_progress
from stores.access import publication_for, publication_picture_for, store_for
from stores.models import Publication
from stores.publishing_errors import CannotAdd
from stores.publishing_presentation import field_label, look_of, shown_troubles, step_address
from stores.publishing_selectors import publications_of, units_of
from stores.services import adding_products as adding
from stores.views.adding import actor_of, draw, waiting
from stores.views.pages import store_page


@require_safe
@member_only()
def publications(request: HttpRequest, public_id: str) -> HttpResponse:
    """List the products that were or are being added to a store: a tab of its page."""
    store = store_for(public_id)
    rows = [{"row": row, "look": look_of(row)} for row in publications_of(store)]
    return store_page(request, store, "dashboard/stores/publications.html", tab="publications", rows=rows)


@require_safe
@member_only()
def product(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go to the step that a product waits for."""
    row = publication_for(public_id)
    missing = adding.lacking(row) if row.is_open and membership_of(request).may_act_for_customer else {}
    for name in ("variants", "design", "pictures", "product_type"):
        if name in missing:
            return redirect(step_address(row, name))
    return redirect("stores:product_details" if set(missing) else "stores:product_publish", public_id)


@require_safe
@member_only()
def publish_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a product as it will be published, what is missing, what the marketplace says, and how far it is."""
    row = publication_for(public_id)
    may = membership_of(request).may_act_for_customer
    missing = adding.lacking(row) if row.is_open else {}
    return draw(
        request,
        row,
        "publish",
        may=may,
        missing=[{"label": field_label(row, name), "words": words, "href": step_address(row, name)} for name, words in missing.items()],
        troubles=shown_troubles(row),
        units=units_of(row),
        pictures=list(row.pictures.filter(delivery=Delivery.CONFIRMED)),
        facts=[(field_label(row, field["name"]), _shown(row, field)) for field in row.fields if row.values.get(field["name"])],
    )


def _shown(row: Publication, field: Mapping[str, Any]) -> str:
    """Return an answer in words: the marketplace's own for what it has values of."""
    words: dict[str, str] = {option["value"]: option["words"] for option in field["options"]} | {"true": _("Yes"), "false": _("No")}
    value = row.values[field["name"]]
    given: list[str] = value if isinstance(value, list) else [str(value)]
    return ", ".join(words.get(one, one) for one in given)


@require_safe
@member_only()
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer how far a worker is. When it is done, the page that asks is told to load itself again."""
    row = publication_for(public_id)
    return answer_progress(request, "dashboard/stores/adding/_waiting.html", {"waiting": waiting(row), "row": row}, done=not row.is_waiting)


@require_safe
@member_only()
def pictures_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer while mockups are drawn; each that is done loads the page again, with it."""
    row = publication_for(public_id)
    counts = [one.delivery == Delivery.PENDING for one in row.pictures.all()]
    return answer_progress(
        request,
        "dashboard/stores/adding/_drawing.html",
        {"drawing": {"value": counts.count(False), "max": len(counts), "text": f"{counts.count(False)} / {len(counts)}", "poll": request.path}},
        done=not any(counts),
    )


@require_safe
@member_only()
def picture(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Answer a picture of a product that is added, to those who may see the product."""
    row = publication_picture_for(public_id)
    try:
        stored = default_storage.open(row.storage_name)
    except (OSError, ValueError):
        raise Http404 from None
    return FileResponse(stored, content_type=row.content_type, headers={"Cache-Control": "private, max-age=86400"})


@require_POST
@member_only(may="may_act_for_customer")
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have the marketplace look at the product; nothing is made."""
    row = publication_for(public_id)
    try:
        adding.ask_check(publication_id=row.pk)
    except CannotAdd as error:
        messages.error(request, str(error))
    return redirect("stores:product_publish", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have the product made at the marketplace."""
    row = publication_for(public_id)
    try:
        adding.ask_publish(publication_id=row.pk, actor=actor_of(request))
        messages.success(request, _("“%(product)s” is on its way. You may leave this page: it goes on by itself.") % {"product": row})
    except CannotAdd as error:
        messages.error(request, str(error))
    return redirect("stores:product_publish", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def try_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go on with what a worker gave up."""
    row = publication_for(public_id)
    adding.ask_again(publication_id=row.pk)
    return redirect("stores:product_publish", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def drop(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give up adding a product."""
    row = publication_for(public_id)
    try:
        adding.drop_publication(publication_id=row.pk)
        messages.success(request, _("“%(product)s” is not added any more.") % {"product": row})
    except CannotAdd as error:
        messages.error(request, str(error))
    return redirect("stores:publications", row.store.public_id)
