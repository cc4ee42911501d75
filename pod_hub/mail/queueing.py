"""Asking for a mail: it is rendered and stored at once, in the caller's transaction, and delivered by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template

from pod_hub.core.hints import hint
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, current_psp_or_none, narrowed, scope_is_open, whole_psp
from pod_hub.mail.brand import Brand, brand_of
from pod_hub.mail.models import LONGEST_KEY, Mail


def queue_mail(
    *, to: str, template: str, context: Mapping[str, object], key: str, sender_name: str = "", reply_to: str = "", attachment: str = ""
) -> None:
    """Owe one mail to one address. Written in the caller's transaction: rolled back with it, and sent by a worker soon after its commit.

    ``template`` names ``templates/mail/<template>.subject.txt``, ``.txt`` and ``.html``; ``context`` is all they get, beside ``brand`` and
    ``hub_url``. A second call with the same ``key`` in the same PSP does nothing, so a repeated request mails once: put what the mail is
    about into it (``invite:inv_7m3k:2``), never a secret or an address. ``attachment`` is ``kind:id`` of a file that is made when the mail is
    sent, by the function that ``settings.MAIL_ATTACHMENTS`` names for the kind.

    Inside a tenant's scope the mail is that PSP's, with its name, colour, sender and reply address unless others are given. Outside any
    scope, and in the scope for all, it is the hub's own. Raises ``ValueError`` for an unusable address or key.
    """
    _check(to, key, reply_to)
    scope: AbstractContextManager[None] = nullcontext()
    if not scope_is_open():
        scope = across_tenants(reason="a mail that is no tenant's")
    elif narrowed():
        scope = whole_psp(reason="a mail is the print provider's, whoever caused it")
    with scope:
        psp_id = current_psp_or_none()
        brand = brand_of(psp_id)
        content = rendered(template, context, brand=brand)
        row = Mail(psp_id=psp_id, key=key, template=template)
        sealed_field(Mail, "to_sealed").seal_into(row, to)
        names: dict[str, str] = {"attachment": attachment} if attachment else {}
        names |= {"sender_name": " ".join((sender_name or brand.sender_name or brand.name).split()), "reply_to": reply_to or brand.reply_to}
        sealed_field(Mail, "content_sealed").seal_into(row, content | names)
        Mail.objects.bulk_create([row], ignore_conflicts=True)
        hint("mail.deliver")


def _check(to: str, key: str, reply_to: str) -> None:
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"The key of a mail has 1 to {LONGEST_KEY} characters.")
    for address in filter(None, (to, reply_to)):
        try:
            validate_email(address)
        except ValidationError:
            raise ValueError("A mail needs one usable address.") from None  # the address itself stays out of logs
    if not to:
        raise ValueError("A mail needs one usable address.")


def rendered(template: str, context: Mapping[str, object], *, brand: Brand) -> dict[str, str]:
    """Return subject, text and HTML of a mail. Only the HTML is escaped; the subject is one line."""
    values = {"brand": brand, "hub_url": settings.PUBLIC_URL, **context}
    return {
        "subject": " ".join(_plain(f"mail/{template}.subject.txt", values).split()),
        "text": _plain(f"mail/{template}.txt", values).strip() + "\n",
        "html": get_template(f"mail/{template}.html").render(dict(values)),
    }


def _plain(name: str, values: Mapping[str, object]) -> str:
    found = get_template(name)
    assert isinstance(found, Template)  # noqa: S101 - the project has no other engine
    # Text is no HTML: "Müller & Söhne" must not arrive as "Müller &amp; Söhne".
    return str(found.template.render(Context(dict(values), autoescape=False)))
