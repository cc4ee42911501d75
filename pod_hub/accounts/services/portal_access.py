"""A customer's portal: who of the PSP looks into it (GT-08), and ending it for the customer's people (GA-08)."""

from __future__ import annotations

import structlog
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.timezone import now

from pod_hub.accounts.models import Customer, Membership, PortalVisit, Role, User

log = structlog.get_logger(__name__)


@transaction.atomic
def end_portal_sessions(*, customer: Customer) -> int:
    """Sign out everybody who is in this customer's portal; return how many sessions that were.

    Reads all live sessions, because what they hold cannot be searched; it is done when storefronts are turned off, which is rare.
    """
    people = {
        str(user_id)
        for user_id in Membership.objects.filter(psp_id=customer.psp_id, customer_id=customer.pk, role=Role.MERCHANT, is_active=True).values_list(
            "user_id", flat=True
        )
    }
    ended = 0
    if people:
        for session in Session.objects.filter(expire_date__gt=now()).iterator(chunk_size=500):
            if session.get_decoded().get(USER_KEY) in people:
                session.delete()
                ended += 1
    log.info("portal_sessions_ended", customer=customer.public_id, sessions=ended)
    return ended


def enter_portal(*, customer: Customer, user: User) -> PortalVisit:
    """Note that somebody of the PSP looks into a customer's portal."""
    visit: PortalVisit = PortalVisit.objects.create(customer=customer, user=user)
    log.info("portal_entered", customer=customer.public_id, user=user.pk)
    return visit


def leave_portal(*, customer_id: int, user: User) -> None:
    """Note that they left it; visits left open by a browser that was closed end with it."""
    PortalVisit.objects.filter(customer_id=customer_id, user=user, left_at=None).update(left_at=now())
