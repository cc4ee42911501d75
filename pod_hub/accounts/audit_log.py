"""The audit trail's table: who did what to what, when and from where, with what was there before and after."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.core.narrowing import Never
from pod_hub.core.tenancy import TenantModel


class Action(models.TextChoices):
    """What was done."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    REMOVED = "removed", _("removed")
    VIEWED = "viewed", _("viewed buyer data")
    EXPORTED = "exported", _("exported")
    ACCOUNT = "account", _("account safety")


class AuditEntry(TenantModel):
    """One thing that was done to the configuration of a PSP. Written by triggers (``pod_hub.core.audit``) and ``services.audit.note``.

    The application may make and read entries and nothing else; the database refuses to change or delete one. A person is named by id, so that
    the trail holds no name of its own; ``actor_label`` names what is no person. ``kind`` is the model's label, such as ``stores.store``.
    """

    narrowed_by = Never()

    at = models.DateTimeField(default=now)
    # No constraint and no action: erasing a person must not touch the trail, and cannot.
    actor_user = models.ForeignKey("accounts.User", on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    actor_label = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True)
    kind = models.CharField(max_length=60)
    action = models.CharField(max_length=12, choices=Action)
    object_id = models.BigIntegerField(null=True)
    public_id = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index("psp", "at", "id", name="audit_by_time"),
            models.Index("psp", "actor_user", "at", name="audit_by_person"),
            models.Index("psp", "kind", "at", name="audit_by_kind"),
            models.Index("psp", "public_id", "at", name="audit_by_object", condition=~models.Q(public_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label or self.object_id} {self.action}"
