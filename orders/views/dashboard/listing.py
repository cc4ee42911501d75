"""One listing: what is made of it and was before, and what may be decided about it: ignore, undo, restore, accept a suggestion."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from orders.access import listing_for
from orders.making import made_for_listing
from orders.services.ignoring import ignore_listing, stop_ignoring
from orders.services.mapping import CannotMap, Mapped, restore_version, undo_mapping, unmap_listing
from orders.services.suggesting import accept_suggestion
from orders.views.dashboard.making import making, of_listing
from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.ui.look import Tone
from pod_hub.ui.toasts import with_toast
from stores.listing_presentation import change_words, listing_looks, why_suggested
from stores.listing_selectors import listing_sheet, shown_listing
from stores.models import Listing, ListingMapping
from stores.views.listings import draw_row
from stores.views.pages import reach_channel


@require_safe
@member_only()
def listing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a listing: what is made of it, its variants, its versions with who and when, and what syncs found."""
    row = listing_for(public_id)
    sheet = listing_sheet(row)
    suggestion = sheet.shown.suggestion
    request.nav_path = reverse("stores:store", args=[row.store.public_id])  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "listing": row,
        "shown": sheet.shown,
        "looks": listing_looks(sheet.shown),
        "why": why_suggested(suggestion) if suggestion else "",
        "parent": sheet.parent,
        "variants": sheet.variants,
        "versions": [_version(one) for one in sheet.versions],
        "changes": [{"at": one.sync.started_at, "text": change_words(one, kind=row.store.kind)} for one in sheet.changes],
        "may": membership_of(request).may_act_for_customer,
        "is_ignored": row.state == Listing.State.IGNORED,
        "problems": row.problem.splitlines(),
        "making": making(made_for_listing(row), of_listing(public_id)),
    }
    return reach_channel(render(request, "dashboard/orders/listing.html", context), row.store.kind)


def _version(mapping: ListingMapping) -> dict[str, Any]:
    return {"mapping": mapping, "parts": list(mapping.parts.all()), "active": mapping.retired_at is None}


@require_POST
@member_only(may="may_act_for_customer")
def ignore(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that a listing is sold but not made here."""
    row = listing_for(public_id)
    lines = ignore_listing(listing_id=row.pk, actor=_actor(request))
    said = _("“%(listing)s” is ignored: it is not made here.") % {"listing": row}
    if lines:
        said += " " + ngettext("%(n)s order line was set aside.", "%(n)s order lines were set aside.", lines) % {"n": lines}
    return _answer(request, row, said, undo=reverse("orders:stop_ignoring", args=[public_id]))


@require_POST
@member_only(may="may_act_for_customer")
def make_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take it back that a listing is ignored."""
    row = listing_for(public_id)
    lines = stop_ignoring(listing_id=row.pk, actor=_actor(request))
    said = _("“%(listing)s” is made here again.") % {"listing": row}
    if lines:
        said += " " + ngettext("%(n)s order line came back.", "%(n)s order lines came back.", lines) % {"n": lines}
    return _answer(request, row, said)


@require_POST
@member_only(may="may_act_for_customer")
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Connect a listing as suggested, if it is still the suggestion that the person saw."""
    row = listing_for(public_id)
    try:
        mapped = accept_suggestion(listing_id=row.pk, seen=request.POST.get("seen", ""), actor=_actor(request))
    except CannotMap as error:
        return _answer(request, row, str(error), tone=Tone.BAD)
    return _answer(request, row, said_of(row, mapped), undo=reverse("orders:undo_mapping", args=[mapped.mapping.public_id]))


@require_POST
@member_only(may="may_act_for_customer")
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take one version of a mapping back: what was there before is made again, or nothing."""
    mapping = _mapping_for(public_id)
    row = mapping.listing
    try:
        former = undo_mapping(mapping_id=mapping.pk, actor=_actor(request))
    except CannotMap as error:
        return _answer(request, row, str(error), tone=Tone.BAD)
    words = _("“%(listing)s” is made as before.") if former else _("“%(listing)s” is not connected any more; its orders wait.")
    return _answer(request, row, words % {"listing": row})


@require_POST
@member_only(may="may_act_for_customer")
def disconnect(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make nothing of a listing until it is connected again."""
    row = listing_for(public_id)
    lines = unmap_listing(listing_id=row.pk, actor=_actor(request))
    said = _("“%(listing)s” is not connected any more.") % {"listing": row}
    if lines:
        said += " " + ngettext("%(n)s order line waits.", "%(n)s order lines wait.", lines) % {"n": lines}
    return _answer(request, row, said)


@require_POST
@member_only(may="may_act_for_customer")
def restore(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make an old version's parts again, as a new version."""
    mapping = _mapping_for(public_id)
    try:
        mapped = restore_version(mapping_id=mapping.pk, actor=_actor(request))
    except CannotMap as error:
        return _answer(request, mapping.listing, str(error), tone=Tone.BAD)
    return _answer(request, mapping.listing, said_of(mapping.listing, mapped))


def _mapping_for(public_id: str) -> ListingMapping:
    row = ListingMapping.objects.select_related("listing__store__customer").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def _actor(request: HttpRequest) -> Actor:
    return Actor.person(request.user)  # type: ignore[arg-type]


def said_of(listing: Listing, mapped: Mapped) -> str:
    """Return what mapping a listing did, in sentences."""
    head = _("“%(listing)s” is connected to %(what)s.") % {"listing": listing, "what": mapped.what}
    if not mapped.lines_filled:
        return head
    lines = ngettext("%(n)s waiting line was filled", "%(n)s waiting lines were filled", mapped.lines_filled) % {"n": mapped.lines_filled}
    holds = ngettext("%(n)s hold was released.", "%(n)s holds were released.", mapped.holds_released) % {"n": mapped.holds_released}
    return f"{head} {lines}, {holds}"


def _answer(request: HttpRequest, listing: Listing, said: str, *, tone: Tone = Tone.OK, undo: str = "") -> HttpResponse:
    """Answer with the row as it is now and a toast, where a script asked from the list; else go back with a message."""
    if request.htmx:  # type: ignore[attr-defined]
        shown = shown_listing(listing_for(listing.public_id))
        return with_toast(HttpResponse(draw_row(request, shown, undo=undo)), said, tone=tone)
    (messages.error if tone == Tone.BAD else messages.success)(request, said)
    return back_to(request, "orders:listing", listing.public_id)
