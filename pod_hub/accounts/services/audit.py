"""Writing into the audit trail what no trigger sees: things looked at, exported, and done to an account."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from pod_hub.accounts.audit_log import Action, AuditEntry
from pod_hub.accounts.models import Membership, User
from pod_hub.core.acting import who_acts
from pod_hub.core.tenancy import narrowed, tenant, whole_psp


def note(
    *, action: Action, kind: str, object_id: int | None = None, public_id: str = "", label: str = "", after: dict[str, Any] | None = None
) -> None:
    """Write an entry in the open scope, by who acts. ``after`` is shown to people and must hold no secret and nothing personal."""
    who = who_acts()
    with whole_psp(reason="the audit trail is the print provider's, whoever acts") if narrowed() else nullcontext():
        AuditEntry.objects.create(
            action=action,
            kind=kind,
            object_id=object_id,
            public_id=public_id,
            label=label[:200],
            after=after or {},
            actor_user_id=who.user_id,
            actor_label=who.label,
            request_id=who.request_id,
            address=who.address,
        )


def note_for_person(user: User, *, text: str) -> None:
    """Write what happened to somebody's account into the trail of every PSP they belong to."""
    for psp_id in Membership.objects.filter(user_id=user.pk, is_active=True).order_by("psp_id").values_list("psp_id", flat=True).distinct():
        with tenant(psp_id):
            note(action=Action.ACCOUNT, kind=User._meta.label_lower, object_id=user.pk, after={"event": text})
