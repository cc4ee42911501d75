"""Taking a seller away from the PSP that holds it, so that another one can connect it: the takeover that an operator makes (Part B)."""

from __future__ import annotations

from django.db import transaction

from pod_hub.accounts.audit_log import Action
from pod_hub.accounts.models import Membership, Role
from pod_hub.accounts.services.audit import note
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection, ConnectionWizard
from stores.services import mails
from stores.services.authorizations import let_go
from stores.services.removing import disconnect


class NotReleased(ValueError):
    """Nothing was released: there is no reason, or nobody holds the seller any more."""


@transaction.atomic
def release_seller(*, authorization: Authorization, reason: str) -> int:
    """Disconnect every store that uses this consent, forget its token, and return how many stores that were.

    The stores keep mappings, orders and history, so their PSP reconnects them if the seller consents again. The reason stands in that PSP's
    audit trail, and its owners and managers get a mail. Opens the scope of the consent's own PSP. Raises ``NotReleased``.
    """
    why = reason.strip()
    with tenant(authorization.psp_id):
        row = Authorization.reread(authorization.pk)
        if not why or row.state == Authorization.State.REVOKED:
            raise NotReleased
        stores = [connection.store for connection in Connection.objects.filter(authorization=row).select_related("store").order_by("store_id")]
        waiting = ConnectionWizard.objects.filter(authorization=row, cancelled_at=None).exclude(step=ConnectionWizard.Step.DONE)
        waiting.update(authorization=None, step=ConnectionWizard.Step.AUTHORIZE)
        for store in stores:
            disconnect(store_id=store.pk)
        let_go(authorization_id=row.pk)
        told = {"released by an operator": why, "stores": [store.name for store in stores]}
        note(action=Action.REMOVED, kind=row._meta.label_lower, object_id=row.pk, public_id=row.public_id, label=row.account_id, after=told)
        staff = Membership.objects.filter(psp_id=row.psp_id, role__in=[Role.OWNER, Role.MANAGER], is_active=True).select_related("user")
        for member in staff.order_by("pk"):
            mails.tell_of_release(authorization=row, stores=[store.name for store in stores], to=member.user.email, number=member.pk)
    return len(stores)
