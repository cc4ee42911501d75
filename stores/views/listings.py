"""A store's listings: the tab "All products" with its filters, and the syncs that fill it (GA-21, GA-22)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from pod_hub.core.paging import with_changes
from pod_hub.ui.progress import answer_progress
from pod_hub.ui.shortcuts import PageKey
from stores import listing_selectors as selectors
from stores.access import store_for
from stores.channels.registry import capabilities
from stores.forms import ListingSearch
from stores.listing_presentation import CHANGE_LABELS, SHOW_LABELS, sync_look, why_suggested
from stores.listing_selectors import ListingFilter, ShownListing
from stores.models import Listing, ListingChange, ListingSync, Store
from stores.services.syncing import cancel_sync as end_sync
from stores.services.syncing import start_sync
from stores.views.pages import found_by, store_page, sync_state

# What the page's script does (stores/static/stores/listings.js), for the dialog of shortcuts.
KEYS = (
    PageKey(_("Next product, previous product"), ("j", "k")),
    PageKey(_("Connect or change the product"), ("Enter",)),
    PageKey(_("Accept the suggestion"), ("s",)),
    PageKey(_("Ignore: it is not made here"), ("i",)),
    PageKey(_("Undo what was just done"), ("u",)),
)


@require_safe
@member_only()
def listings(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a store's listings: the tab "All products"."""
    row = store_for(public_id)
    search = ListingSearch(request.GET, number=capabilities(row.kind).product_id_label)
    given = search.cleaned_data if search.is_valid() else {}
    sync = _named_sync(row, given.get("sync", ""))
    wanted = ListingFilter(text=given.get("q", ""), show=given.get("show", ""), sync=sync, found=given.get("found", "") if sync else "")
    may = membership_of(request).may_act_for_customer
    page = selectors.listing_page(row, wanted, token=request.GET.get("page", ""), suggest=may)
    counts = selectors.listing_counts(row)
    request.page_keys = KEYS if may else ()  # type: ignore[attr-defined]
    return store_page(
        request,
        row,
        "dashboard/stores/listings.html",
        tab="store",
        page=page,
        rows=[{"shown": shown, "drawn": draw_row(request, shown)} for shown in page.rows],
        search=search,
        chips=_chips(request, wanted),
        views=_views(request, wanted, counts),
        filtered=bool(wanted.text or wanted.sync),
        active=bool(wanted.text or wanted.show or wanted.sync),
        total="" if wanted.text or wanted.sync else counts[wanted.show],
        counts=counts,
        unmapped=counts["unmapped"],
        has_suggestions=any(shown.suggestion for shown in page.rows),
    )


def _named_sync(store: Store, public_id: str) -> ListingSync | None:
    return store.listing_syncs.filter(public_id=public_id).first() if public_id.isidentifier() else None


def _views(request: HttpRequest, wanted: ListingFilter, counts: dict[str, str]) -> list[dict[str, Any]]:
    """Return the tabs above the list: each filter with its count. A text stays in the address, a place in the list does not."""
    return [
        {
            "label": SHOW_LABELS[show],
            "href": f"?{with_changes(request.GET, show=show, page=None, sync=None, found=None)}",
            "active": wanted.show == show and wanted.sync is None,
            "count": count,
        }
        for show, count in counts.items()
    ]


def _chips(request: HttpRequest, wanted: ListingFilter) -> list[dict[str, str]]:
    if wanted.sync is None or not wanted.found:
        return []
    label = _("%(what)s at the last sync") if wanted.sync == selectors.latest_sync(wanted.sync.store) else _("%(what)s at an earlier sync")
    remove = with_changes(request.GET, sync=None, found=None, page=None)
    return [{"label": label % {"what": CHANGE_LABELS[ListingChange.Kind(wanted.found)]}, "remove": f"?{remove}"}]


def draw_row(request: HttpRequest, shown: ShownListing, *, undo: str = "") -> SafeString:
    """Draw a row of the list. ``undo`` is the address that takes back what was just done with it."""
    membership = membership_of(request)
    context = {
        "shown": shown,
        "row": shown.listing,
        "why": why_suggested(shown.suggestion) if shown.suggestion else "",
        "may": membership.may_act_for_customer and not (shown.listing.is_parent and shown.mapping is None),
        "is_ignored": shown.listing.state == Listing.State.IGNORED,
        "undo": undo,
        "portal": not membership.is_staff_of_psp or membership.entered is not None,
    }
    return render_to_string("dashboard/stores/_listing_row.html", context, request)


@require_POST
@member_only(may="may_act_for_customer")
def sync(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a sync of a store's listings (GA-21)."""
    row = store_for(public_id)
    if not capabilities(row.kind).syncs_listings:
        messages.error(request, _("Stores of this kind have no products to sync."))
    elif getattr(row, "connection", None) is None or row.connection.authorization is None:
        messages.error(request, _("The store is not connected, so its products cannot be read. Connect it first, then sync."))
    elif not start_sync(store_id=row.pk, actor=Actor.person(request.user)):  # type: ignore[arg-type]
        messages.info(request, _("A sync is running already; its progress is shown below."))
    hint("stores.sync_listings")
    return redirect("stores:store", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def cancel_sync(request: HttpRequest, public_id: str) -> HttpResponse:
    """End the running sync of a store's listings."""
    row = store_for(public_id)
    if end_sync(store_id=row.pk):
        messages.success(request, _("The sync was cancelled. What it had read already is kept; nothing was marked as gone."))
    else:
        messages.info(request, _("No sync is running, so there was nothing to cancel."))
    return redirect("stores:store", public_id)


@require_safe
@member_only()
def sync_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the progress of a sync. When it ends, the page that asks is told to load itself again, with the listings that came."""
    row = store_for(public_id)
    state = sync_state(row, selectors.latest_sync(row))
    return answer_progress(request, "dashboard/stores/_sync.html", {"sync": state, "store": row}, done=not state.get("poll"))


@require_safe
@member_only()
def syncs(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the last syncs of a store and what each found; every number opens the list of it."""
    row = store_for(public_id)
    address = reverse("stores:store", args=[public_id])
    shown = [{"sync": one, "look": sync_look(one), "found": found_by(one, address)} for one in selectors.recent_syncs(row)]
    return store_page(request, row, "dashboard/stores/syncs.html", tab="syncs", syncs=shown)
