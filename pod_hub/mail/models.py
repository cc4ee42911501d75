"""One mail to one person: what it says, sealed, and where its delivery stands."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import NoTenant, current_psp_or_none

LONGEST_KEY = 200


class Mail(OutboxRow):
    """A mail that is owed to somebody. It stays after delivery as the proof that it went out; what it said is emptied a week later.

    ``key`` names what the mail is about, so that asking for it again sends nothing: it is unique within the PSP and holds neither a secret
    nor an address. A mail without ``psp`` belongs to no tenant (a password reset); it is written and read in the scope for all only.
    ``accepted`` is the end of the road: the mail server has taken it.
    """

    public_id = PublicIdField(prefix="mal")
    psp = models.ForeignKey("accounts.Psp", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False, null=True)  # type: ignore[assignment]
    key = models.CharField(max_length=LONGEST_KEY)
    template = models.CharField(_("template"), max_length=80)
    to_sealed = SealedJSON()
    content_sealed = SealedJSON()  # {"subject", "text", "html", "sender_name", "reply_to"}; links in it carry secrets
    created_at = models.DateTimeField(default=now)
    accepted_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)

    due_states = (Delivery.PENDING,)

    class Meta(OutboxRow.Meta):
        verbose_name = _("mail")
        constraints = [models.UniqueConstraint(fields=["psp", "key"], name="one_mail_per_key", nulls_distinct=False)]
        indexes = [
            models.Index("not_before", "id", name="mails_due", condition=models.Q(delivery=Delivery.PENDING)),
            models.Index("created_at", "id", name="mails_to_empty", condition=models.Q(emptied_at=None)),
            models.Index("psp", "created_at", "id", name="mails_parked", condition=models.Q(delivery=Delivery.PARKED)),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.public_id}"

    def seal_mark(self) -> str:
        """Bind address and content to this mail."""
        return self.public_id

    def check_tenant(self) -> None:
        """Check the tenant like any row's, but let the scope for all write mails that are no tenant's."""
        if self.psp_id is None:
            try:
                self.psp_id = current_psp_or_none()
            except NoTenant as error:
                raise NoTenant(f"Mail was written outside a scope: {error}") from None
            if self.psp_id is None:
                return
        super().check_tenant()
