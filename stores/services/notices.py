"""What channels tell by themselves: checked, stored and answered at once; handled later by a worker, which asks again.

A notice that is not genuine leaves nothing behind. A repeated one is one row. One about a shop that nobody here has is kept without a tenant, for the
operator, and nothing follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.registry import notices_for
from stores.channels.types import Notice, NoticeAbout
from stores.models import Authorization, ChannelNotice, Connection, Store
from stores.services.removing import end_by_channel

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024  # the largest notice known is a few kilobytes
KEPT = timedelta(days=30)


def receive(*, kind: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Take one notice in; False when the channel did not sign it, and then nothing was done. Call outside any scope."""
    reader = notices_for(kind)
    if len(body) > MOST_BYTES or not reader.is_genuine(headers, body):
        return False
    notice = reader.read(body)
    with across_tenants(reason="find whose shop a notice is about"):
        shop = (
            Store.objects.filter(kind=kind, shop_number=notice.shop).order_by("removed_at", "-pk").only("pk", "psp_id").first()
            if notice.shop
            else None
        )
    if shop is None:
        with across_tenants(reason="keep a notice about a shop that nobody here has"):
            row = ChannelNotice(kind=kind, delivery=Delivery.WITHDRAWN, outcome=_("no store here has this shop"), handled_at=now())
            _keep(row, notice, body)
        return True
    with tenant(shop.psp_id):
        _keep(ChannelNotice(kind=kind, psp_id=shop.psp_id, store_id=shop.pk), notice, body)
        hint("orders.notices")
    return True


def _keep(row: ChannelNotice, notice: Notice, body: bytes) -> None:
    row.key, row.shop_number, row.topic, row.told_at = notice.key, notice.shop, notice.topic[:60], notice.told_at
    row.subject = notice.subjects[0][:80] if notice.subjects else ""
    row.check_tenant()
    sealed_field(ChannelNotice, "content_sealed").seal_into(row, body.decode("utf-8", errors="replace"))
    ChannelNotice.objects.bulk_create([row], ignore_conflicts=True)


def told_by(row: ChannelNotice) -> Notice:
    """Read a kept notice once more."""
    return notices_for(row.kind).read(str(sealed_field(ChannelNotice, "content_sealed").open_from(row) or "").encode())


@transaction.atomic
def follow_permission(*, row: ChannelNotice, notice: Notice) -> str:
    """Do what follows from a notice about the seller's permission, inside the tenant's scope; return what was done, in words."""
    connection = Connection.objects.filter(store=row.store_id).select_related("authorization").first()
    if connection is None or connection.authorization is None:
        return _("the store is not connected any more")
    if notice.about is NoticeAbout.DEAUTHORISED:
        if notice.told_at is not None and connection.authorization.granted_at > notice.told_at:
            return _("the permission was given again since")
        end_by_channel(
            store_id=connection.store_id, reason=_("The seller withdrew the permission at the marketplace. Connect the store again to go on.")
        )
        log.warning("seller_withdrew", store=connection.store_id)
        return _("the store was disconnected, and its buyers' data will be deleted")
    if notice.ends_at is not None:
        Authorization.objects.filter(pk=connection.authorization.pk).update(expires_at=notice.ends_at)
        return _("the end of the permission was noted")
    return _("no time was told")


def forget_old() -> int:
    """Delete notices that were handled long ago, over all tenants. Returns how many."""
    with across_tenants(reason="delete old notices"):
        old = ChannelNotice.objects.filter(received_at__lt=now() - KEPT).exclude(delivery=Delivery.PENDING)
        return int(old.filter(pk__in=list(old.order_by("received_at").values_list("pk", flat=True)[:5000])).delete()[0])
