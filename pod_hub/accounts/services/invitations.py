"""Inviting people by mail: staff to a PSP, merchants' people to their customer's portal.

The link in the mail is the only thing that opens an invitation. Its secret is kept as a keyed hash and works once, for 72 hours; sending
again makes a new one, so that of several mails only the last opens anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Customer, Invitation, Membership, Psp, Role, User
from pod_hub.accounts.services.people import may_give
from pod_hub.core.sealing import secret_hash
from pod_hub.core.tenancy import across_tenants, current_psp_id, tenant, whole_psp
from pod_hub.core.twins import AlreadyThere, refuse_twins
from pod_hub.mail.queueing import queue_mail

log = structlog.get_logger(__name__)
HASH_KIND = "invitation"
MOST_A_DAY = 200  # of one PSP: more is a mistake or an abuse, and would cost the hub's mails their good name
MOST_TO_ONE_A_DAY = 5
DAY = timedelta(days=1)


class CannotInvite(ValueError):
    """The invitation was not made or sent; the message says why and what to do. Nothing was changed."""


class LinkIsDead(Exception):
    """The link opens nothing: it was used, replaced, revoked, has expired, or never existed. Nobody is told which."""


class SignInFirst(Exception):
    """The invited address has an account: its password, not the link alone, may add a place to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is invited to. Merchants' people have a customer; staff may be narrowed to row ids of customers and facilities."""

    role: Role
    customer: Customer | None = None
    only_customers: tuple[int, ...] | None = None
    only_facilities: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation, as the page behind its link shows it."""

    psp: Psp
    email: str
    first_name: str
    last_name: str
    role: Role
    customer_name: str
    inviter: str
    has_account: bool


@transaction.atomic
def invite(*, email: str, first_name: str = "", last_name: str = "", place: Place, by: Membership) -> Invitation:
    """Make an invitation and queue its mail. Raises ``CannotInvite``, or ``NotAllowed`` for a role that ``by`` may not give.

    Nothing in the answer depends on whether the address has an account somewhere.
    """
    may_give(by, place.role)
    email = email.strip().lower()
    _refuse_members(email, place)
    if place.customer is not None and not place.customer.storefronts_enabled:
        raise CannotInvite(
            _("Storefronts are off for “%(name)s”, so there is no portal to sign in to. Enable them first.") % {"name": place.customer}
        )
    twice = _("This address has an open invitation already. Send that one again, or revoke it first.")
    token = _new_token()
    try:
        with refuse_twins(twice):
            row: Invitation = Invitation.objects.create(
                email=email,
                first_name=first_name.strip(),
                last_name=last_name.strip(),
                role=place.role,
                customer=place.customer,
                only_customers=list(place.only_customers) if place.only_customers is not None else None,
                only_facilities=list(place.only_facilities) if place.only_facilities is not None else None,
                token_hash=secret_hash(token, kind=HASH_KIND),
                invited_by_id=by.user_id,
                expires_at=now() + Invitation.LIFETIME,
            )
    except AlreadyThere as error:
        raise CannotInvite(str(error)) from None
    _send(row, token)
    log.info("invitation_made", invitation=row.public_id, role=row.role, by=by.user_id)
    return row


@transaction.atomic
def resend(*, invitation_id: int, by: Membership) -> Invitation:
    """Send an invitation that is not over with a new link, which ends the earlier one and lives for 72 hours. Raises ``CannotInvite``."""
    row = Invitation.reread(invitation_id)
    may_give(by, Role(row.role))
    if row.is_over:
        raise CannotInvite(_("This invitation is over, so it was not sent again. Make a new one."))
    token = _new_token()
    row.token_hash, row.expires_at = secret_hash(token, kind=HASH_KIND), now() + Invitation.LIFETIME
    row.save(update_fields=["token_hash", "expires_at"])
    _send(row, token)
    log.info("invitation_sent_again", invitation=row.public_id, by=by.user_id)
    return row


@transaction.atomic
def revoke(*, invitation_id: int, by: Membership) -> bool:
    """End an invitation; False when it was over already."""
    row = Invitation.reread(invitation_id)
    may_give(by, Role(row.role))
    if row.is_over:
        return False
    row.revoked_at = now()
    row.save(update_fields=["revoked_at"])
    log.info("invitation_revoked", invitation=row.public_id, by=by.user_id)
    return True


def look_behind(token: str) -> Invited:
    """Return what a link invites to, changing nothing: mail scanners open links too. Raises ``LinkIsDead``."""
    with _behind(token) as row:
        if not _is_good(row):
            raise LinkIsDead
        inviter = row.invited_by
        return Invited(
            psp=Psp.objects.get(pk=row.psp_id),
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            role=Role(row.role),
            customer_name=row.customer.name if row.customer else "",
            inviter=str(inviter) if inviter else "",
            has_account=User.objects.filter(email__iexact=row.email).exists(),
        )


def accept_as_new(token: str, *, first_name: str, last_name: str, password: str) -> Membership:
    """Make the account and take the place, once, however many try. Raises ``LinkIsDead``, ``SignInFirst``, or ``ValidationError`` for the password."""
    with _behind(token, lock=True) as row:
        if not _is_good(row):
            raise LinkIsDead
        person = User(email=row.email, first_name=first_name.strip(), last_name=last_name.strip())
        if User.objects.filter(email__iexact=row.email).exists():
            raise SignInFirst
        validate_password(password, person)
        person.set_password(password)
        try:
            with transaction.atomic():
                person.save()
                # The link came by mail to this address: that is the proof that it is theirs.
                EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        except IntegrityError:
            raise SignInFirst from None
        return _take(row, person)


def accept_as(token: str, *, user: User) -> Membership:
    """Add the place to an account that is signed in. Raises ``LinkIsDead``; the same for an account of another address."""
    with _behind(token, lock=True) as row:
        if not _is_good(row) or user.email.lower() != row.email.lower():
            raise LinkIsDead
        return _take(row, user)


def _take(row: Invitation, person: User) -> Membership:
    here = Q(customer=None) if row.customer_id is None else Q(customer_id=row.customer_id)
    membership = Membership.objects.select_for_update().filter(here, user=person, psp_id=row.psp_id).first()
    if membership is None:
        membership = Membership(user=person, psp_id=row.psp_id, customer_id=row.customer_id)
    elif membership.is_blocked:
        raise LinkIsDead
    if not membership.is_active or membership.pk is None:
        # Who is in already keeps what they have: an invitation neither raises nor lowers it behind anybody's back.
        membership.role, membership.is_active = row.role, True
        membership.only_customers, membership.only_facilities = row.only_customers, row.only_facilities
        membership.save()
    row.accepted_at, row.accepted_by = now(), person
    row.save(update_fields=["accepted_at", "accepted_by"])
    log.info("invitation_accepted", invitation=row.public_id, user=person.pk)
    return membership


@contextmanager
def _behind(token: str, *, lock: bool = False) -> Iterator[Invitation]:
    """Open the scope of the PSP that a link invites to, with its invitation. Call outside any scope."""
    digest = secret_hash(token, kind=HASH_KIND)
    with across_tenants(reason="find whose invitation this is"):
        found = Invitation.objects.filter(token_hash=digest).values_list("pk", "psp_id").first()
    if found is None:
        raise LinkIsDead
    # The holder of the link may be signed in elsewhere, narrowed to a customer there.
    with tenant(found[1]), whole_psp(reason="the invitation, not the visitor's place, says what is shown"):
        if lock:
            Invitation.objects.select_for_update().filter(pk=found[0]).first()
        # Read after the lock: whoever waited for it sees what the first one did.
        row = Invitation.objects.select_related("customer", "invited_by").filter(pk=found[0], token_hash=digest).first()
        if row is None:
            raise LinkIsDead
        yield row


def _is_good(row: Invitation) -> bool:
    return row.is_open and (row.customer is None or row.customer.storefronts_enabled)


def _refuse_members(email: str, place: Place) -> None:
    here = Q(customer=None) if place.customer is None else Q(customer_id=place.customer.pk)
    known = Membership.objects.filter(here, user__email__iexact=email, psp_id=current_psp_id())
    for active, blocked in known.values_list("is_active", "is_blocked"):
        if active:
            raise CannotInvite(_("This person is in already."))
        if blocked:
            raise CannotInvite(_("This person is blocked. Unblock them instead; then they sign in as before."))


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _send(row: Invitation, token: str) -> None:
    """Queue the mail, within the limits; the caller's transaction ends with it when there were too many."""
    moment = now()
    with whole_psp(reason="the limit on mails is the print provider's"):
        Psp.objects.select_for_update(no_key=True).get(pk=row.psp_id)  # one after the other, so that the limit is one
        # What was sent in the last day expires later than now, also when it is over.
        sent = Invitation.objects.filter(expires_at__gt=moment).values_list("email", "sent_times")
        times = [(email, at) for email, sent_times in sent for at in sent_times if at > moment - DAY]
    if len(times) >= MOST_A_DAY:
        raise CannotInvite(
            _("%(most)s invitations were sent in the last 24 hours, which is the limit. Nothing was sent; try again later.") % {"most": MOST_A_DAY}
        )
    if sum(email == row.email for email, _at in times) >= MOST_TO_ONE_A_DAY:
        raise CannotInvite(
            _("%(most)s invitations went to this address in the last 24 hours. Nothing was sent; ask the person to look among their spam.")
            % {"most": MOST_TO_ONE_A_DAY}
        )
    row.sent_times = [*row.sent_times, moment]
    row.save(update_fields=["sent_times"])
    psp = Psp.objects.get(pk=row.psp_id)
    context = {
        "link": f"{settings.PUBLIC_URL}{reverse('accounts:invitation')}?{urlencode({'link': token})}",
        "psp": psp.shown_name,
        "inviter": str(row.invited_by) if row.invited_by else psp.shown_name,
        "customer": row.customer.name if row.customer else "",
        "role": row.get_role_display(),
        "name": row.first_name,
        "hours": int(Invitation.LIFETIME.total_seconds() // 3600),
    }
    queue_mail(to=row.email, template="invitation", context=context, key=f"invitation:{row.public_id}:{len(row.sent_times)}")
