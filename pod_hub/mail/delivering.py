"""Delivering queued mails over SMTP: lease, send without a lock, settle (docs/outbox.md).

A worker that dies between the server's yes and its own note sends the mail again, under the same Message-ID.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.http import forbid_inside_transaction
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.redaction import redact
from pod_hub.core.sealing import CannotOpen, sealed_field
from pod_hub.core.tenancy import across_tenants
from pod_hub.mail.models import Mail

log = structlog.get_logger(__name__)

AT_ONCE = 10
LEASE_S = 300  # ten conversations of settings.EMAIL_TIMEOUT a step; a mail in a dead worker's hands waits no longer
CONTENT_KEPT = timedelta(days=7)
PARKED_KEPT = timedelta(days=30)
EMPTIED_AT_ONCE = 1000
# The server will never take it: 5xx, by RFC 5321. Everything else may be better in a while.
FOR_EVER = range(500, 600)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed, in words that name no address, and whether another may help."""

    why: str
    for_ever: bool


def deliver_next() -> int:
    """Deliver some due mails, oldest first, over one connection. Returns how many rows were worked on."""
    with across_tenants(reason="lease due mails"):
        rows = Mail.lease_next(limit=AT_ONCE, seconds=LEASE_S)
    if not rows:
        return 0
    forbid_inside_transaction()
    connection = get_connection()
    try:
        for row in rows:
            _deliver(row, connection)
    finally:
        _close(connection)
    return len(rows)


def message_of(row: Mail) -> EmailMultiAlternatives:
    """Return the mail as it is sent; the same for every try."""
    content: dict[str, str] = sealed_field(Mail, "content_sealed").open_from(row)
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=content["subject"],
        body=content["text"],
        from_email=formataddr((content["sender_name"], address)),
        to=[sealed_field(Mail, "to_sealed").open_from(row)],
        reply_to=[content["reply_to"]] if content["reply_to"] else None,
        headers={
            "Message-ID": f"<{row.public_id}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",  # asks out-of-office replies to stay away (RFC 3834)
        },
    )
    message.attach_alternative(content["html"], "text/html")
    if attachment := content.get("attachment", ""):
        _attach(message, attachment)
    return message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along with a mail."""

    name: str
    content: bytes
    media_type: str


def _attach(message: EmailMultiAlternatives, named: str) -> None:
    """Make the file that a mail names and add it; what is not there any more is left out, the mail says where to find it."""
    kind, _colon, key = named.partition(":")
    make: Callable[[str], Attachment | None] = import_string(settings.MAIL_ATTACHMENTS[kind])
    file = make(key)
    if file is not None:
        message.attach(file.name, file.content, file.media_type)


def _deliver(row: Mail, connection: BaseEmailBackend) -> None:
    with across_tenants(reason="make sure that a mail is still this worker's"):
        if not row.still_leased():
            return
    try:
        connection.send_messages([message_of(row)])
    except (CannotOpen, ValueError) as error:  # ValueError: a header that no mail may have
        _failed(row, Failure(_("This mail cannot be read or written (%(kind)s).") % {"kind": type(error).__name__}, for_ever=True))
        return
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)  # a conversation that went wrong is not continued
        _failed(row, failure_of(error))
        return
    with across_tenants(reason="settle a delivered mail"):
        row.settle(delivery=Delivery.ACCEPTED, accepted_at=now(), last_error="")
    log.info("mail_delivered", mail=row.public_id, template=row.template, attempts=row.attempts)


def _failed(row: Mail, failure: Failure) -> None:
    gives_up = failure.for_ever or row.attempts >= MOST_ATTEMPTS
    changes: dict[str, Any] = {"delivery": Delivery.PARKED} if gives_up else {"not_before": row.next_try()}
    with across_tenants(reason="settle a mail that was not delivered"):
        row.settle(last_error=failure.why, **changes)
    log.warning("mail_not_delivered", mail=row.public_id, template=row.template, attempts=row.attempts, parked=gives_up)


def failure_of(error: smtplib.SMTPException | OSError) -> Failure:
    """Read what went wrong. The server's words stay, without the address that they usually quote."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return Failure(_("The mail server does not take mail for this address: %(words)s") % {"words": _said(code, answer)}, code in FOR_EVER)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Failure(_("The mail server refused the hub's login. An operator must correct EMAIL_URL."), for_ever=False)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Failure(_("The mail server does not let the hub send from MAIL_FROM. An operator must correct it."), for_ever=False)
    if isinstance(error, smtplib.SMTPResponseException):
        words = _said(error.smtp_code, error.smtp_error)
        return Failure(
            _("The mail server refused this mail: %(words)s") % {"words": words},
            isinstance(error, smtplib.SMTPDataError) and error.smtp_code in FOR_EVER,
        )
    return Failure(_("The mail server did not answer (%(kind)s). It is tried again by itself.") % {"kind": type(error).__name__}, for_ever=False)


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return redact(f"{code} {text}")[:300]


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        log.info("mail_connection_not_closed", failure=type(error).__name__)


def try_again(*, mail_id: int) -> None:
    """Put a parked mail of this scope back to work, as a person asked; anything else is left as it is."""
    Mail.objects.filter(pk=mail_id, delivery=Delivery.PARKED, emptied_at=None).update(
        delivery=Delivery.PENDING, attempts=0, not_before=now(), last_error=""
    )


def drop(*, mail_id: int) -> None:
    """Withdraw a parked mail of this scope and remove what it said; anything else is left as it is."""
    Mail.objects.filter(pk=mail_id, delivery=Delivery.PARKED).update(
        delivery=Delivery.WITHDRAWN, to_sealed=None, content_sealed=None, emptied_at=now()
    )


def empty_old() -> int:
    """Remove address and content of mails delivered a week ago, and of undelivered ones of a month ago, which are withdrawn. Returns how many."""
    with across_tenants(reason="empty old mails"):
        delivered = Q(delivery=Delivery.ACCEPTED, accepted_at__lte=now() - CONTENT_KEPT)
        hopeless = ~Q(delivery=Delivery.ACCEPTED) & Q(created_at__lte=now() - PARKED_KEPT)
        old = Mail.objects.filter(delivered | hopeless, emptied_at=None).order_by("created_at", "pk").select_for_update(skip_locked=True)
        ids = list(old.values_list("pk", flat=True)[:EMPTIED_AT_ONCE])
        chosen = Mail.objects.filter(pk__in=ids)
        chosen.exclude(delivery=Delivery.ACCEPTED).update(delivery=Delivery.WITHDRAWN)
        return chosen.update(to_sealed=None, content_sealed=None, emptied_at=now())
