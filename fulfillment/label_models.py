"""Shipping labels that are bought at the marketplace, for orders whose delivery it arranges itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey
from stores.models import Authorization


class Label(OutboxRow):
    """One label: what is in the parcel, what was chosen, and how far it got.

    Pending until it is bought, accepted until its document is here, then confirmed; parked when the marketplace refuses. Buying is the ambiguous
    write: ``in_doubt`` means a label may have been bought whose answer we did not get, so the next try looks for it first. ``quantities`` maps row ids
    of lines to units. The document shows the buyer's address, so it is stored sealed and goes with the buyer's data.
    """

    narrowed_by = Through("order")

    public_id = PublicIdField(prefix="lbl")
    order = TenantForeignKey(Order, related_name="labels")
    authorization = TenantForeignKey(Authorization, related_name="labels")
    quantities = models.JSONField(default=dict)
    weight_g = models.PositiveIntegerField(_("weight (g)"))
    length_mm = models.PositiveIntegerField(_("length (mm)"))
    width_mm = models.PositiveIntegerField(_("width (mm)"))
    height_mm = models.PositiveIntegerField(_("height (mm)"))
    service_id = models.CharField(max_length=80)
    service_name = models.CharField(_("service"), max_length=120)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    in_doubt = models.BooleanField(default=False)
    channel_id = models.CharField(max_length=80, blank=True)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    document_name = models.CharField(max_length=200, blank=True)
    document_type = models.CharField(max_length=60, blank=True)
    bought_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField(default=now)
    bought_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("shipping label")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["authorization", "channel_id"], name="one_label_per_package", condition=~Q(channel_id="")),
        ]
        indexes = [models.Index("not_before", "id", name="labels_due", condition=Q(delivery__in=["pending", "accepted"]))]

    def __str__(self) -> str:
        return f"label {self.public_id}"

    def seal_mark(self) -> str:
        """Bind the sealed document to this label."""
        return self.public_id
