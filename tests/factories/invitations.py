"""Invitations as somebody gets them: by the link in a mail."""

from __future__ import annotations

import re

from pod_hub.accounts.models import Invitation, Membership, Role, User
from pod_hub.accounts.services.invitations import Place, invite
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.mail.models import Mail
from tests.factories.cast import House


def place_of(user: User) -> Membership:
    """The one membership of a person."""
    return Membership.objects.select_related("psp", "user").get(user=user)


def newest_link() -> str:
    """The path of the link in the newest mail, as a mail program would open it."""
    with across_tenants(reason="read the newest mail"):
        mail = Mail.objects.order_by("-pk")[0]
        content = sealed_field(Mail, "content_sealed").open_from(mail)
    found = re.search(r"https?://[^/\s]+(/invitation/\S+)", content["text"])
    assert found, content
    return found[1]


def invited(house: House, *, email: str = "new@shop.test", role: Role = Role.MERCHANT) -> tuple[Invitation, str]:
    """Invite somebody as the owner; return the invitation and its link's path."""
    customer = house.customer if role == Role.MERCHANT else None
    with tenant(house.psp.pk):
        row = invite(email=email, first_name="Ada", last_name="Newton", place=Place(role, customer), by=place_of(house.owner))
    return row, newest_link()
