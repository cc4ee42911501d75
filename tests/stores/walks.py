"""Short cuts through the wizard, over the same addresses that a browser uses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core import mail
from django.test import Client
from django.urls import reverse

from pod_hub.core.tenancy import tenant
from pod_hub.mail.tasks import deliver
from stores.models import ConnectionWizard
from stores.sandbox.amazon import consent
from stores.sandbox.amazon.server import ImitationAmazon
from tests.factories.cast import UNITED_KINGDOM, House

SETTINGS = {
    "fulfilled_by": "merchant",
    "import_states": "unshipped,partially_shipped",
    "max_order_age_days": "7",
    "inventory_channel_code": "DEFAULT",
    "mark_as_despatched": "on",
    "approval": "none",
}


def begin(browser: Client) -> str:
    """Choose Amazon; return the wizard's id."""
    answer = browser.post(reverse("stores:wizard_start"), {"kind": "amazon"})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"]).split("/")[3]


def set_up(browser: Client, house: House, wizard: str, **changed: Any) -> Any:
    """Take the second step: a British store of Ada."""
    data = {
        "customer": str(house.customer.pk),
        "facility": str(house.facility.pk),
        "place": UNITED_KINGDOM,
        "trading_name": "",
        "name": "British shop",
    }
    return browser.post(reverse("stores:wizard_setup", args=[wizard]), SETTINGS | data | changed)


def wizard_of(house: House, public_id: str) -> ConnectionWizard:
    """The wizard as it is stored now."""
    with tenant(house.psp.pk):
        return ConnectionWizard.objects.select_related("store__connection", "authorization").get(public_id=public_id)


def confirmed(amazon: ImitationAmazon, address: str, *, seller_id: str) -> str:
    """The seller presses "Confirm"; return the path and query with which the browser comes back."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    asked = consent.checked(
        amazon.world,
        application_id=query["application_id"],
        state=query["state"],
        redirect_uri=query["redirect_uri"],
        version=query.get("version", ""),
    )
    return path_of(consent.confirmed(amazon.world, asked, seller_id=seller_id))


def declined(address: str) -> str:
    """The seller presses "Decline"."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return path_of(consent.declined(consent.ConsentRequest(query["state"], query["redirect_uri"])))


def path_of(address: str) -> str:
    """Drop scheme and host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def link_in_mail(number: int = -1) -> str:
    """Deliver what is owed and return the path of the link in a mail."""
    deliver()
    body = str(mail.outbox[number].body)
    return path_of(next(word for word in body.split() if "/stores/" in word))
