"""Members of a PSP: what they may do, where, and until when. Memberships are read anew for each request, so a change holds from the next one."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Membership, Psp, Role
from pod_hub.core.tenancy import current_psp_id

log = structlog.get_logger(__name__)


class NotAllowed(PermissionDenied):
    """This person may not do that to that membership; the message says who may."""


class CannotChange(ValueError):
    """The membership cannot be changed like that; the message says why and what to do. Nothing was changed."""


def may_give(by: Membership, role: Role) -> None:
    """Raise ``NotAllowed`` unless ``by`` may put somebody into a role, or take them out of it."""
    if role == Role.MERCHANT:
        if not by.may_act_for_customer:
            raise NotAllowed(_("Only owners and managers invite and end people of customers."))
    elif not by.may_set_up:
        raise NotAllowed(_("Only owners, and managers who see the whole print provider, invite and change its people."))
    elif role == Role.OWNER and not by.is_owner:
        raise NotAllowed(_("Only owners make, change and end owners. Ask one of them."))


@transaction.atomic
def change_place(
    *, membership_id: int, role: Role, only_customers: Sequence[int] | None, only_facilities: Sequence[int] | None, by: Membership
) -> Membership:
    """Give staff another role, or narrow them to row ids of customers and facilities (None: all). Raises ``CannotChange`` and ``NotAllowed``."""
    row = _locked(membership_id, by)
    if not row.is_staff_of_psp or role == Role.MERCHANT:
        raise CannotChange(_("People of a customer stay people of that customer. Invite them as staff instead."))
    may_give(by, role)
    if row.role == Role.OWNER and role != Role.OWNER:
        _refuse_last_owner(row)
    if role == Role.OWNER and (only_customers is not None or only_facilities is not None):
        raise CannotChange(_("Owners see everything. Choose another role to limit what this person sees."))
    row.role = role
    row.only_customers = None if only_customers is None else sorted(only_customers)
    row.only_facilities = None if only_facilities is None else sorted(only_facilities)
    row.save(update_fields=["role", "only_customers", "only_facilities"])
    log.info("membership_changed", membership=row.pk, role=row.role, narrowed=row.is_narrowed, by=by.user_id)
    return row


@transaction.atomic
def block(*, membership_id: int, by: Membership) -> Membership:
    """Shut somebody out until they are unblocked. Raises ``CannotChange`` for oneself and for the last owner."""
    return _end(membership_id, by, blocked=True)


@transaction.atomic
def archive(*, membership_id: int, by: Membership) -> Membership:
    """End a membership for good: the person left. They can be invited again. Raises like ``block``."""
    return _end(membership_id, by, blocked=False)


@transaction.atomic
def unblock(*, membership_id: int, by: Membership) -> Membership:
    """Let a blocked person in again, in the role they had. Raises ``CannotChange`` when they were not blocked."""
    row = _locked(membership_id, by)
    if not row.is_blocked:
        raise CannotChange(_("This person is not blocked."))
    row.is_active, row.is_blocked = True, False
    row.save(update_fields=["is_active", "is_blocked"])
    log.info("membership_unblocked", membership=row.pk, by=by.user_id)
    return row


def _end(membership_id: int, by: Membership, *, blocked: bool) -> Membership:
    row = _locked(membership_id, by)
    if row.pk == by.pk:
        raise CannotChange(_("This is your own access. Ask another owner or manager to end it."))
    if row.role == Role.OWNER:
        _refuse_last_owner(row)
    row.is_active, row.is_blocked = False, blocked
    row.save(update_fields=["is_active", "is_blocked"])
    log.info("membership_ended", membership=row.pk, blocked=blocked, by=by.user_id)
    return row


def _locked(membership_id: int, by: Membership) -> Membership:
    # The PSP first: two owners who demote each other at the same moment must wait for each other.
    Psp.objects.select_for_update(no_key=True).get(pk=current_psp_id())
    row = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership_id, psp_id=current_psp_id())
    may_give(by, Role(row.role))
    return row


def _refuse_last_owner(row: Membership) -> None:
    others = Membership.objects.filter(psp_id=row.psp_id, role=Role.OWNER, is_active=True, user__is_active=True).exclude(pk=row.pk)
    if row.is_active and not others.exists():
        raise CannotChange(_("This is the last owner, and a print provider always has one. Make somebody else an owner first."))
