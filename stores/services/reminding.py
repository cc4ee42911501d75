"""Permissions that run out: mails to merchant and PSP 90, 30, 7 and 1 day before, each once, with a link that renews in one click (P11)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from pod_hub.accounts.models import Membership, Role
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Authorization, Connection, ConsentLink, Store
from stores.services import mails
from stores.services.consent_links import mailed_to, send_link

DAYS_BEFORE = (90, 30, 7, 1)


def remind_next() -> bool:
    """Send the reminder that is due for one permission. False when none is due. Run by a sweep; each reminder is sent once."""
    with across_tenants(reason="find a permission that runs out and whose people were not told yet"):
        row = _due().select_for_update(skip_locked=True).order_by("expires_at", "pk").first()
        if row is None:
            return False
        authorization_id, psp_id = row.pk, row.psp_id
    with tenant(psp_id):
        row = Authorization.objects.filter(pk=authorization_id).filter(_condition()).select_for_update().first()
        if row is not None:
            _remind(row)
    return True


def _condition() -> Q:
    condition = Q()
    for days in DAYS_BEFORE:
        condition |= Q(expires_at__lte=now() + timedelta(days=days)) & (Q(reminded_days=None) | Q(reminded_days__gt=days))
    return condition & Q(state=Authorization.State.ACTIVE, expires_at__gt=now())


def _due() -> QuerySet[Authorization]:
    return Authorization.objects.filter(_condition())


def _remind(row: Authorization) -> None:
    """Write the mails and the mark in one transaction."""
    left = (row.expires_at or now()) - now()
    row.reminded_days = min(days for days in DAYS_BEFORE if left <= timedelta(days=days))
    row.save(update_fields=["reminded_days"])
    store = Store.objects.filter(connection__authorization=row).exclude(connection__state=Connection.State.DISABLED).order_by("pk").first()
    if store is None:
        return  # nobody uses it
    days = max(left.days, 1)
    staff = Membership.objects.filter(psp_id=row.psp_id, role__in=[Role.OWNER, Role.MANAGER], is_active=True).select_related("user")
    for member in staff.order_by("pk"):
        mails.remind_staff(authorization=row, store=store, to=member.user.email, days=days, number=member.pk)
    for merchant in merchants_of(row):
        _link, token = send_link(store=store, email=merchant, user=None, mail=False)
        mails.remind_merchant(authorization=row, store=store, to=merchant, days=days, token=token)


def merchants_of(row: Authorization) -> list[str]:
    """Return where the merchant is reached: the customer's own sign-in, else the address that a link was last mailed to."""
    own = Membership.objects.filter(psp_id=row.psp_id, customer_id=row.customer_id, role=Role.MERCHANT, is_active=True)
    found = list(own.order_by("pk").values_list("user__email", flat=True)[:1])
    if found:
        return found
    last = ConsentLink.objects.filter(store__connection__authorization=row).order_by("-sent_at", "-pk").first()
    return [mailed_to(last)] if last is not None and mailed_to(last) else []
