"""What a marketplace is asked again about an order, and what it tells of goods that come back."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.tenancy import TenantForeignKey, TenantModel
from stores.models import Authorization


class OrderReading(OutboxRow):
    """One order number to ask the marketplace about once more: it said that something changed, or the time has come at which it was to change.

    Asking twice for the same number is one row while it waits; ``why`` says in a few words what made us ask.
    """

    narrowed_by = Through("authorization")

    authorization = TenantForeignKey(Authorization, models.CASCADE, related_name="readings")
    place = models.CharField(max_length=24, blank=True)  # where to ask, as the channel names it; empty: wherever the account sells
    external_id = models.CharField(_("order number"), max_length=80)
    why = models.CharField(max_length=120)
    asked_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)

    due_states = (Delivery.PENDING,)

    class Meta(OutboxRow.Meta):
        verbose_name = _("order to read again")
        constraints = [
            models.UniqueConstraint(fields=["authorization", "external_id"], name="one_waiting_reading", condition=Q(delivery="pending")),
        ]
        indexes = [
            models.Index("not_before", "id", name="readings_due", condition=Q(delivery="pending")),
            models.Index("read_at", "id", name="readings_done", condition=Q(read_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"read {self.external_id} again"


class OrderReturn(TenantModel):
    """Goods that come back, or money that goes back, as the marketplace tells it: shown beside the order; deciding happens there.

    ``kind``, ``status`` and ``reason`` are the marketplace's words; ``lines`` are row ids of the order's lines, as far as they are known.
    """

    narrowed_by = Through("order")

    order = TenantForeignKey("orders.Order", related_name="returns")
    number = models.CharField(_("return number"), max_length=80)
    kind = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    lines = ArrayField(models.BigIntegerField(), default=list)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    answer_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("return")
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="one_return_per_number")]
        indexes = [models.Index("psp", F("changed_at").desc(), F("id").desc(), name="return_list")]

    def __str__(self) -> str:
        return f"return {self.number} ({self.status})"
