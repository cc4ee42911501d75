"""Handling what channels told by themselves: each notice becomes a question about the object it names, or an end of the permission."""

from __future__ import annotations

from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.services.order_questions import ask_again
from orders.services.returning import ask_for_returns
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.types import Notice, NoticeAbout
from stores.models import ChannelNotice, Connection
from stores.services.notices import follow_permission, told_by
from stores.services.publishing import look_again

PER_TURN = 100


def handle_next() -> int:
    """Handle notices that wait, over all tenants. Returns how many."""
    with across_tenants(reason="find notices that wait to be handled"):
        waiting = list(ChannelNotice.due().filter(psp__isnull=False).values_list("pk", "psp_id")[:PER_TURN])
    by_psp: dict[int, list[int]] = {}
    for pk, psp_id in waiting:
        by_psp.setdefault(psp_id, []).append(pk)
    handled = 0
    for psp_id, pks in by_psp.items():
        with tenant(psp_id):
            for row in ChannelNotice.lease_next(limit=len(pks), only=Q(pk__in=pks)):
                outcome, follows = _follow(row, told_by(row))
                row.settle(delivery=Delivery.CONFIRMED if follows else Delivery.WITHDRAWN, outcome=outcome[:200], handled_at=now())
                handled += 1
    return handled


def _follow(row: ChannelNotice, notice: Notice) -> tuple[str, bool]:
    """Do what follows from one notice; return it in words, and whether anything does."""
    if notice.about in {NoticeAbout.DEAUTHORISED, NoticeAbout.EXPIRING}:
        return follow_permission(row=row, notice=notice), True
    connection = Connection.objects.filter(store=row.store_id, authorization__isnull=False).select_related("store").first()
    if connection is None or connection.authorization_id is None:
        return _("the store is not connected any more"), False
    if notice.about is NoticeAbout.RETURN:
        ask_for_returns(authorization_id=connection.authorization_id)
    if notice.about in {NoticeAbout.ORDER, NoticeAbout.RETURN}:
        for number in notice.subjects:
            ask_again(authorization_id=connection.authorization_id, external_id=number, place=connection.store.place, why=notice.topic)
        return _("asked again: %(what)s") % {"what": ", ".join(notice.subjects)[:120]}, bool(notice.subjects)
    if notice.about is NoticeAbout.PRODUCT and look_again(store_id=connection.store_id, product_ids=notice.subjects):
        return _("looked again at the product that is being added"), True
    return _("kept; nothing follows from it"), False
