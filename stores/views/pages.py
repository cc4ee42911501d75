"""The frame that the tabs of a store's page share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.outbox import Delivery
from stores import selectors
from stores.channels.registry import capabilities, marketplace_info, page_origins
from stores.models import Authorization, Store
from stores.presentation import status_of

CHECKS_LOOKED_AT = 10


def store_page(request: HttpRequest, store: Store, template: str, *, tab: str, status: int = 200, **context: Any) -> HttpResponse:
    """Draw one tab of a store's page, with the head that all tabs share."""
    unmapped = context.get("unmapped") or selectors.unmapped_listings(store)
    authorization = getattr(getattr(store, "connection", None), "authorization", None)
    labels = {"store": _("All products"), "settings": _("Settings"), "connection": _("Connection")}
    tabs = [{"label": label, "href": reverse(f"stores:{name}", args=[store.public_id]), "active": tab == name} for name, label in labels.items()]
    frame = {
        "store": store,
        "status": status_of(store, now=now()),
        "channel": capabilities(store.kind),
        "marketplace": marketplace_info(store.kind, store.marketplace),
        "tabs": tabs,
        "tab": tab,
        "unmapped": unmapped,
        "sync": sync_state(store),
        "checks": checks_of(authorization) if authorization else {},
    }
    return reach_channel(render(request, template, frame | context, status=status), store.kind)


def checks_of(authorization: Authorization) -> dict[str, Any]:
    """Return the comparisons of an authorization with its marketplace: ``last`` that went through, ``running``, and ``failed`` if newer. One query.

    They stand on the upper floor; the authorization knows them only by the name of the relation.
    """
    recent = list(authorization.reconciliations.order_by("-started_at")[:CHECKS_LOOKED_AT])
    last = next((one for one in recent if one.delivery == Delivery.CONFIRMED), None)
    newest = recent[0] if recent else None
    return {
        "last": last,
        "running": newest if newest and newest.delivery == Delivery.PENDING else None,
        "failed": newest if newest and newest.delivery == Delivery.PARKED else None,
        "differs": bool(last and (last.missing or last.different)),
    }


def sync_state(store: Store) -> dict[str, Any]:
    """Return what the progress component needs; empty when there is nothing to show."""
    address = reverse("stores:sync_progress", args=[store.public_id])
    seen, total = store.listing_sync_seen, store.listing_sync_total
    counts = _("%(seen)s of %(total)s") % {"seen": seen, "total": total} if total else _("%(seen)s read") % {"seen": seen}
    if store.listing_sync_state == "running":
        waits = store.listing_sync_error  # what a sync waits for stands here while it runs
        return {"label": _("Syncing products"), "value": seen, "max": total, "text": waits or counts, "poll": address, "tone": ""}
    if store.listing_sync_state == "failed":
        return {
            "label": _("The sync stopped"),
            "value": seen,
            "max": total or max(seen, 1),
            "text": store.listing_sync_error,
            "poll": "",
            "tone": "bad",
        }
    if store.listings_synced_at is None:
        return {}
    text = _("%(seen)s products read") % {"seen": seen}
    return {"label": _("Products synced"), "value": 1, "max": 1, "text": text, "note": store.listing_sync_error, "poll": "", "tone": "ok"}


def reach_channel(response: HttpResponse, kind: str) -> HttpResponse:
    """Let a page show the channel's pictures and its form lead to the channel's consent page; nothing else changes."""
    origins = page_origins(kind)
    response._csp_update = {"img-src": list(origins.pictures), "form-action": list(origins.consent)}  # type: ignore[attr-defined]
    return response
