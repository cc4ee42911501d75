"""The frame that the tabs of a store's page share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Tone
from stores.channels.registry import capabilities, marketplace_info, page_origins
from stores.listing_presentation import CHANGE_LABELS, sync_look
from stores.listing_selectors import latest_sync, unmapped_listings
from stores.models import Authorization, Connection, ListingChange, ListingSync, Store
from stores.presentation import permission_end, status_of

CHECKS_LOOKED_AT = 10


def store_page(request: HttpRequest, store: Store, template: str, *, tab: str, status: int = 200, **context: Any) -> HttpResponse:
    """Draw one tab of a store's page, with the head that all tabs share."""
    unmapped = context.get("unmapped") or unmapped_listings(store)
    authorization = getattr(getattr(store, "connection", None), "authorization", None)
    channel = capabilities(store.kind)
    labels = {"store": _("All products")}
    if channel.needs_consent:
        labels |= {"syncs": _("Syncs")} if channel.syncs_listings else {}
        labels |= {"publications": _("Added products")} if channel.publishes else {}
        labels |= {"settings": _("Settings"), "connection": _("Connection")}
    tabs = [{"label": label, "href": reverse(f"stores:{name}", args=[store.public_id]), "active": tab == name} for name, label in labels.items()]
    frame = {
        "store": store,
        "status": status_of(store, now=now()),
        "ending": permission_end(authorization, now=now()) if authorization else None,
        "fresh": freshness_of(store, now=now()),
        "channel": channel,
        "marketplace": marketplace_info(store.kind, store.marketplace),
        "tabs": tabs,
        "tab": tab,
        "unmapped": unmapped,
        "sync": sync_state(store, latest_sync(store)),
        "checks": checks_of(authorization) if authorization else {},
    }
    return reach_channel(render(request, template, frame | context, status=status), store.kind)


def freshness_of(store: Store, *, now: datetime) -> dict[str, Any]:
    """Return when the store was read last and will be next, and what it waits for; empty while there is nothing to read from.

    Reads ``store.connection.authorization`` alone, so it costs a page nothing.
    """
    connection = getattr(store, "connection", None)
    authorization = getattr(connection, "authorization", None)
    if connection is None or authorization is None:
        return {}
    stopped = ""
    if authorization.state != Authorization.State.ACTIVE:
        stopped = _("nothing is imported until the permission is given again")
    elif connection.state == Connection.State.DISABLED:
        stopped = _("disconnected, nothing is imported")
    elif connection.import_paused:
        stopped = _("the import is paused")
    last, failing = authorization.last_poll_ok_at, authorization.poll_failures > 0
    waits = _("waits for %(what)s") % {"what": authorization.poll_waits_for} if authorization.poll_waits_for else ""
    return {
        "last": last,
        "ok": not failing,
        "next": authorization.next_poll_at,
        "running": bool(authorization.poll_leased_until and authorization.poll_leased_until > now),
        "stopped": stopped,
        "why": (authorization.last_error if failing else "") or waits,
        "tone": Tone.BAD if authorization.state != Authorization.State.ACTIVE else Tone.WARN if stopped or failing or last is None else Tone.OK,
    }


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


def sync_state(store: Store, sync: ListingSync | None) -> dict[str, Any]:
    """Return what the progress component needs of a store's newest sync; empty when there was none."""
    if sync is None:
        return {}
    seen, total = sync.seen, sync.total
    counts = _("%(seen)s of %(total)s") % {"seen": f"{seen:,}", "total": f"{total:,}"} if total else _("%(seen)s read") % {"seen": f"{seen:,}"}
    if sync.delivery == Delivery.PENDING:
        return {
            "label": _("Syncing products"),
            "value": seen,
            "max": total,
            "text": f"{counts} · {sync.last_error}" if sync.last_error else counts,  # what a sync waits for stands here while it runs
            "poll": reverse("stores:sync_progress", args=[store.public_id]),
            "cancel": reverse("stores:cancel_sync", args=[store.public_id]),
            "tone": "",
        }
    if sync.delivery == Delivery.PARKED:
        return {"label": _("The sync stopped"), "value": seen, "max": total or max(seen, 1), "text": sync.last_error, "poll": "", "tone": "bad"}
    address = reverse("stores:store", args=[store.public_id])
    return {"poll": "", "tone": "ok", "row": sync, "look": sync_look(sync), "found": found_by(sync, address), "seen": f"{seen:,}"}


def found_by(sync: ListingSync, address: str) -> list[dict[str, Any]]:
    """Return what a sync found, each number with the address of its list."""
    numbers = {ListingChange.Kind.ADDED: sync.added, ListingChange.Kind.CHANGED: sync.changed, ListingChange.Kind.GONE: sync.gone}
    return [
        {"label": CHANGE_LABELS[kind], "n": f"{n:,}", "href": f"{address}?sync={sync.public_id}&found={kind.value}" if n else ""}
        for kind, n in numbers.items()
    ]


def reach_channel(response: HttpResponse, kind: str) -> HttpResponse:
    """Let a page show the channel's pictures and its form lead to the channel's consent page; nothing else changes."""
    origins = page_origins(kind)
    response._csp_update = {"img-src": list(origins.pictures), "form-action": list(origins.consent)}  # type: ignore[attr-defined]
    return response
