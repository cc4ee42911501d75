"""The mails about permissions: to the merchant who shall give one, to whoever asked, and before one runs out."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from pod_hub.mail.queueing import queue_mail
from stores.channels.registry import capabilities, marketplace_info
from stores.models import Authorization, ConsentLink, Store


def _address(name: str, *args: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"


def _about(store: Store) -> dict[str, object]:
    place = marketplace_info(store.kind, store.marketplace)
    return {
        "store": store.name,
        "customer": store.customer.name,
        "channel": capabilities(store.kind).label,
        "marketplace": _(place.name) if place else "",
    }


def ask_merchant(*, link: ConsentLink, token: str, to: str) -> None:
    """Mail the link by which a merchant authorises a store. The token stands in this mail and nowhere else."""
    asker = link.sent_by
    context = _about(link.store) | {
        "link": _address("stores:permission", token),
        "asker": str(asker) if asker else "",
        "expires": link.expires_at,
        "renewal": link.wizard_id is None,
    }
    queue_mail(to=to, template="consent_link", context=context, key=f"consent-link:{link.public_id}", reply_to=asker.email if asker else "")


def tell_sender(*, link: ConsentLink) -> None:
    """Tell whoever sent a link that it was answered, and what comes next. Nobody is told of a reminder's link."""
    if link.sent_by is None:
        return
    here = _address("stores:wizard", link.wizard.public_id) if link.wizard else _address("stores:connection", link.store.public_id)
    context = _about(link.store) | {"link": here, "given": link.state == ConsentLink.State.AUTHORISED, "finalize": link.wizard_id is not None}
    queue_mail(to=link.sent_by.email, template="consent_answer", context=context, key=f"consent-answer:{link.public_id}")


def remind_staff(*, authorization: Authorization, store: Store, to: str, days: int, number: int) -> None:
    """Tell one of the PSP's people that a permission runs out. Once for each of the four times."""
    _remind(authorization, store, to, days, _address("stores:connection", store.public_id), who=f"staff{number}", merchant=False)


def remind_merchant(*, authorization: Authorization, store: Store, to: str, days: int, token: str) -> None:
    """Tell the merchant that the permission runs out, with a link that renews it in one click."""
    _remind(authorization, store, to, days, _address("stores:permission", token), who="merchant", merchant=True)


def _remind(authorization: Authorization, store: Store, to: str, days: int, link: str, *, who: str, merchant: bool) -> None:
    context = _about(store) | {"link": link, "days": days, "expires": authorization.expires_at, "merchant": merchant}
    key = f"permission-ends:{authorization.public_id}:{authorization.granted_at:%Y%m%d}:{authorization.reminded_days}:{who}"
    queue_mail(to=to, template="permission_ends", context=context, key=key)


def tell_of_release(*, authorization: Authorization, stores: list[str], to: str, number: int) -> None:
    """Tell one of a PSP's people that an operator released a seller to another company."""
    text = _(
        "The seller %(seller)s at %(channel)s showed that it works with another company now, so the operator of the hub ended its permission here. "
        "Disconnected: %(stores)s. Nothing is imported from there or reported any more; mappings, orders and history are kept. "
        "Orders that you still have to ship must be confirmed at the marketplace by the seller. If this is a mistake, answer to this mail."
    ) % {"seller": authorization.account_id, "channel": authorization.get_kind_display(), "stores": ", ".join(stores) or _("no store")}
    subject = _("Seller %(seller)s was moved away") % {"seller": authorization.account_id}
    queue_mail(to=to, template="notice", context={"subject": subject, "text": text}, key=f"released:{authorization.public_id}:{number}")
