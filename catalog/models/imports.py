"""Tables of the catalog that somebody sent: checked first, then taken in whole or not at all."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Never
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField


class CatalogImport(OutboxRow):
    """One uploaded table. ``findings`` is a list of ``{"row", "outcome", "what", "why"}`` of what would change or is wrong, at most ``MOST_FINDINGS``.

    It is due while it is to be checked or applied; what a person has to decide in between is not due.
    """

    narrowed_by = Never()

    class Kind(models.TextChoices):
        MODELS = "models", _("product models with their print areas")
        VARIANTS = "variants", _("variants of product models")
        PRODUCTS = "products", _("customer products")
        PRICES = "prices", _("prices of single customers")

    class Stage(models.TextChoices):
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked, nothing changed yet")
        APPLYING = "applying", _("being taken in")
        APPLIED = "applied", _("taken in")
        REFUSED = "refused", _("cannot be taken in")

    MOST_FINDINGS = 1_000

    public_id = PublicIdField(prefix="imp")
    kind = models.CharField(max_length=12, choices=Kind)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CHECKING)
    file_name = models.CharField(_("file"), max_length=200)
    storage_name = models.CharField(max_length=200)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    count_new = models.PositiveIntegerField(default=0)
    count_changed = models.PositiveIntegerField(default=0)
    count_same = models.PositiveIntegerField(default=0)
    count_wrong = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    due_states = (Delivery.PENDING,)

    class Meta(OutboxRow.Meta):
        verbose_name = _("catalog import")
        indexes = [
            models.Index("not_before", "id", name="catalog_imports_due", condition=models.Q(delivery="pending")),
            models.Index("psp", F("id").desc(), name="catalog_import_list"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def may_apply(self) -> bool:
        """Whether a person may say yes now."""
        return self.stage == self.Stage.CHECKED and not self.count_wrong and bool(self.count_new or self.count_changed)
