"""Reads of the pages about people: members and open invitations in one list, each with its state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pod_hub.accounts.models import Customer, Facility, Invitation, Membership, Role, User
from pod_hub.core.tenancy import current_psp_id
from pod_hub.ui.look import Look, Tone

MOST_SHOWN = 300


class Standing(StrEnum):
    """Where a person stands."""

    ACTIVE = "active"
    INVITED = "invited"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    LEFT = "left"


STANDING_LOOK = {
    Standing.ACTIVE: Look(gettext_lazy("Active"), Tone.OK, "check"),
    Standing.INVITED: Look(gettext_lazy("Invited"), Tone.INFO, "mail"),
    Standing.EXPIRED: Look(gettext_lazy("Link expired"), Tone.WARN, "clock"),
    Standing.BLOCKED: Look(gettext_lazy("Blocked"), Tone.BAD, "ban"),
    Standing.LEFT: Look(gettext_lazy("Left"), Tone.NEUTRAL, "logout"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list: a member or an invitation, never both. ``may_change`` says whether the viewer may act on it."""

    name: str
    email: str
    role: str
    sees: str
    standing: Standing
    since: datetime | None
    membership_id: int | None
    invitation: str
    is_you: bool
    may_change: bool

    @property
    def look(self) -> Look:
        """How the standing looks."""
        return STANDING_LOOK[self.standing]


def staff(viewer: Membership) -> list[Person]:
    """Return who works for the PSP and who is invited to, the active ones first. Four queries."""
    members = Membership.objects.filter(psp_id=current_psp_id(), customer=None)
    return _people(viewer, members, Invitation.objects.filter(customer=None))


def admins_of(customer: Customer, viewer: Membership) -> list[Person]:
    """Return a customer's own people and who is invited. Two queries."""
    members = Membership.objects.filter(psp_id=customer.psp_id, customer_id=customer.pk)
    return _people(viewer, members, Invitation.objects.filter(customer=customer))


def known_in_portal(reader: Membership) -> set[int]:
    """Return the users whose names a portal's reader knows: the customer's own people, and the reader. One query."""
    customer = reader.customer_id if reader.entered is None else reader.entered.pk
    own = Membership.objects.filter(psp_id=reader.psp_id, customer_id=customer) if customer is not None else Membership.objects.none()
    return {*own.values_list("user_id", flat=True), reader.user_id}


def naming_for(reader: Membership) -> Callable[[User | None], str]:
    """Return how to name people to this reader: in a portal, people of the print provider are called by its name. No query among staff."""
    if reader.is_staff_of_psp and reader.entered is None:
        return lambda person: str(person or "")
    known = known_in_portal(reader)
    return lambda person: "" if person is None else str(person) if person.pk in known else reader.psp.shown_name


def _people(viewer: Membership, members: Iterable[Membership], invitations: Iterable[Invitation]) -> list[Person]:
    rows = list(members.select_related("user").order_by("-is_active", "user__first_name", "user__last_name", "pk")[:MOST_SHOWN])  # type: ignore[attr-defined]
    open_ones = list(invitations.filter(accepted_at=None, revoked_at=None).order_by("invited_at", "pk")[:MOST_SHOWN])  # type: ignore[attr-defined]
    names = _Names.of([*rows, *open_ones])
    found = [
        Person(
            name=row.user.get_full_name(),
            email=row.user.email,
            role=row.get_role_display(),
            sees=names.sentence(row),
            standing=Standing.ACTIVE if row.is_active else Standing.BLOCKED if row.is_blocked else Standing.LEFT,
            since=row.created_at,
            membership_id=row.pk,
            invitation="",
            is_you=row.pk == viewer.pk,
            may_change=_may_change(viewer, row.role),
        )
        for row in rows
    ]
    found += [
        Person(
            name=one.full_name,
            email=one.email,
            role=one.get_role_display(),
            sees=names.sentence(one),
            standing=Standing.INVITED if one.is_open else Standing.EXPIRED,
            since=one.invited_at,
            membership_id=None,
            invitation=one.public_id,
            is_you=False,
            may_change=_may_change(viewer, one.role),
        )
        for one in open_ones
    ]
    order = list(Standing)
    return sorted(found, key=lambda person: order.index(person.standing))


def _may_change(viewer: Membership, role: str) -> bool:
    if role == Role.MERCHANT:
        return viewer.may_manage
    return viewer.may_set_up and (role != Role.OWNER or viewer.is_owner)


@dataclass(frozen=True, slots=True)
class _Names:
    customers: dict[int, str]
    facilities: dict[int, str]

    @classmethod
    def of(cls, rows: Iterable[Membership | Invitation]) -> _Names:
        """Look up the names of everything that some row is narrowed to."""
        customers = {pk for row in rows for pk in row.only_customers or ()}
        facilities = {pk for row in rows for pk in row.only_facilities or ()}
        return cls(
            dict(Customer.objects.filter(Q(pk__in=customers)).values_list("pk", "name")) if customers else {},
            dict(Facility.objects.filter(Q(pk__in=facilities)).values_list("pk", "name")) if facilities else {},
        )

    def sentence(self, row: Membership | Invitation) -> str:
        """Say what somebody sees, or an empty text for everything."""
        parts = [
            ", ".join(sorted(names[pk] for pk in ids or () if pk in names)) or _("nothing")
            for ids, names in ((row.only_customers, self.customers), (row.only_facilities, self.facilities))
            if ids is not None
        ]
        return _("only %(what)s") % {"what": " · ".join(parts)} if parts else ""
