"""Who may give a seller's consent: the merchant always, the PSP's staff where channel and customer let them (DS-08, GA-04)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Customer, Membership, Role, User
from stores.channels.registry import PspAuthorises, capabilities
from stores.models import ConsentByStaff


@dataclass(frozen=True, slots=True)
class Ways:
    """How this person may get a store authorised. ``why_not`` says why not here; ``may_allow``: they may switch it on."""

    here: bool
    send: bool
    why_not: str = ""
    may_allow: bool = False
    allowed: bool = False  # switched on by hand, so it can be switched off again


def has_portal_access(customer: Customer) -> bool:
    """Whether somebody of the customer can sign in and authorise by themselves."""
    return Membership.objects.filter(psp_id=customer.psp_id, customer_id=customer.pk, role=Role.MERCHANT, is_active=True).exists()


def ways_to_authorise(*, kind: str, customer: Customer, membership: Membership) -> Ways:
    """Return the ways that are open to a person. Two queries at most."""
    if not membership.is_staff_of_psp:
        return Ways(here=True, send=False)
    rule = capabilities(kind).psp_authorises
    if rule == PspAuthorises.ALWAYS:
        return Ways(here=True, send=True)
    if rule == PspAuthorises.NEVER:
        return Ways(here=False, send=True, why_not=_("Only the merchant can authorise stores of this kind."))
    if has_portal_access(customer):
        why = _("“%(name)s” has portal access, so the merchant authorises: in the portal, or by the link that you send.")
        return Ways(here=False, send=True, why_not=why % {"name": customer})
    if ConsentByStaff.objects.filter(customer=customer).exists():
        return Ways(here=True, send=True, allowed=True)
    why = _("Your staff may not authorise for “%(name)s”. Switch it on if you administer the seller account yourselves.")
    return Ways(here=False, send=True, why_not=why % {"name": customer}, may_allow=True)


@transaction.atomic
def allow_staff(*, customer_id: int, user: User, allowed: bool) -> None:
    """Let the PSP's staff authorise for a customer without portal access, or no longer. Repeating it changes nothing."""
    if not allowed:
        ConsentByStaff.objects.filter(customer_id=customer_id).delete()
    elif not ConsentByStaff.objects.filter(customer_id=customer_id).exists():
        ConsentByStaff.objects.create(customer_id=customer_id, allowed_by=user)
