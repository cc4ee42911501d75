"""Mailed links by which a merchant without an account authorises a store: send, look up, decline, withdraw (DS-08, DS-09)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import User
from pod_hub.core.sealing import sealed_field, secret_hash
from pod_hub.core.tenancy import across_tenants
from stores.models import ConnectionWizard, ConsentLink, Store
from stores.services import mails

KIND = "consent link"
# A PSP connects some stores a day; more is somebody using the hub to send mail.
MOST_A_DAY = 200
MOST_A_DAY_PER_STORE = 10

State = ConsentLink.State


class NotSent(Exception):
    """No link was mailed; the message says why and what to do."""


@transaction.atomic
def send_link(*, store: Store, email: str, user: User | None, wizard: ConnectionWizard | None = None, mail: bool = True) -> tuple[ConsentLink, str]:
    """Mail a fresh link and withdraw the one before it; return it with its token, which is kept nowhere. Raises ``NotSent``.

    With ``mail=False`` the caller puts the token into a mail of its own (a reminder).
    """
    locked = Store.reread(store.pk)
    day_ago = now() - timedelta(days=1)
    if user is not None and (
        ConsentLink.objects.filter(sent_at__gt=day_ago).count() >= MOST_A_DAY
        or ConsentLink.objects.filter(store=locked, sent_at__gt=day_ago).count() >= MOST_A_DAY_PER_STORE
    ):
        raise NotSent(_("Too many links were mailed today, so this one was not. Try again tomorrow, or ask the merchant to look for the last one."))
    ConsentLink.objects.filter(store=locked, state=State.WAITING).update(state=State.REVOKED)
    token = secrets.token_urlsafe(32)
    life = ConsentLink.LIFETIME if user is not None else ConsentLink.RENEWAL_LIFETIME
    row = ConsentLink(store=locked, wizard=wizard, sent_by=user, token_hash=secret_hash(token, kind=KIND), expires_at=now() + life)
    row.check_tenant()
    sealed_field(ConsentLink, "email_sealed").seal_into(row, email)
    row.save()
    if mail:
        mails.ask_merchant(link=row, token=token, to=email)
    return row, token


def mailed_to(link: ConsentLink) -> str:
    """Return the address a link was mailed to; for those who may manage the store."""
    return str(sealed_field(ConsentLink, "email_sealed").open_from(link) or "")


def find_link(token: str) -> tuple[int, int] | None:
    """Return (PSP, row id) of the link with this token, whatever its state; None when there is none."""
    with across_tenants(reason="find a mailed link by its token; whoever opens it has no account"):
        row = ConsentLink.objects.filter(token_hash=secret_hash(token, kind=KIND)).only("pk", "psp_id").first()
        return (row.psp_id, row.pk) if row else None


def why_useless(link: ConsentLink) -> str:
    """Return why a link works no longer, in a sentence for whoever holds it; empty while it works. Reads its wizard."""
    if link.state == State.AUTHORISED:
        return _("This link was used already: the permission was given. Nothing more is needed from you.")
    if link.state == State.DECLINED:
        return _("The permission was declined by this link. If that was a mistake, ask for a new link.")
    if link.state == State.REVOKED:
        return _("This link was withdrawn, or a newer one was sent. Use the newest mail, or ask for a new link.")
    if link.has_expired:
        return _("This link has expired. Ask for a new one.")
    if link.wizard is not None and not link.wizard.is_open:
        return _("This store is no longer being connected. Nothing is needed from you.")
    return ""


@transaction.atomic
def decline(*, link_id: int) -> None:
    """Note that the merchant said no; the PSP sees it and may send another link. A link that is over stays as it is."""
    row = ConsentLink.objects.select_for_update().select_related("wizard", "store", "sent_by").get(pk=link_id)
    if not why_useless(row):
        row.state, row.answered_at = State.DECLINED, now()
        row.save(update_fields=["state", "answered_at"])
        mails.tell_sender(link=row)


def authorised(link: ConsentLink) -> None:
    """Note that the merchant said yes. Call with the row locked, in the transaction that keeps the grant."""
    link.state, link.answered_at = State.AUTHORISED, now()
    link.save(update_fields=["state", "answered_at"])
    mails.tell_sender(link=link)


@transaction.atomic
def withdraw(*, store_id: int) -> bool:
    """Make the waiting link of a store useless at once; False when none waits."""
    return bool(ConsentLink.objects.filter(store_id=store_id, state=State.WAITING).update(state=State.REVOKED))
