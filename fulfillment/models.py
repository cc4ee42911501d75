"""From "ready to print" to "the channel knows": shipment, package and push."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine
from pod_hub.accounts.models import Facility, User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.channels.registry import CANCEL_REASONS
from stores.models import Authorization, Connection


class Shipment(TenantModel):
    """What left the facility for one order at one time, in one or more packages."""

    narrowed_by = Through("order")

    public_id = PublicIdField(prefix="shp")
    order = TenantForeignKey(Order, related_name="shipments")
    facility = TenantForeignKey(Facility, related_name="shipments")
    shipped_at = models.DateTimeField(default=now)
    shipped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("shipment")

    def __str__(self) -> str:
        return f"shipment of order {self.order_id}"


class Package(TenantModel):
    """One parcel with its own carrier and tracking; ``number`` counts from 1 within the order and names it to the channel.

    Append-only but for a correction of carrier or tracking number, which is an event on the timeline. ``channel_id`` is the channel's own number of
    the package, where it gives one; ``label`` is set when the shipping label was bought there.
    """

    narrowed_by = Through("order")

    public_id = PublicIdField(prefix="pkg")
    shipment = TenantForeignKey(Shipment, related_name="packages")
    order = TenantForeignKey(Order, related_name="packages")
    number = models.PositiveIntegerField()
    carrier_code = models.CharField(_("carrier"), max_length=60)
    carrier_name = models.CharField(_("carrier name"), max_length=60, blank=True)
    shipping_method = models.CharField(_("shipping method"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60)
    shipped_at = models.DateTimeField(default=now)
    channel_id = models.CharField(max_length=80, blank=True, db_default="")
    corrected_at = models.DateTimeField(null=True)
    label = TenantOneToOneField("fulfillment.Label", related_name="package", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("package")
        ordering: ClassVar[list[str]] = ["order_id", "number"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="one_package_per_number")]
        indexes = [models.Index("psp", "tracking_number", name="package_by_tracking")]

    def __str__(self) -> str:
        return f"{self.carrier_code} {self.tracking_number}"


class PackageItem(TenantModel):
    """How many units of a line are in a package."""

    narrowed_by = Through("package")

    package = TenantForeignKey(Package, related_name="items")
    line = TenantForeignKey(OrderLine, related_name="package_items")
    quantity = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["package", "line"], name="one_item_per_line"),
            models.CheckConstraint(name="no_empty_items", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"


class PushBatch(OutboxRow):
    """Several pushes that are told in one document, which the channel works through later (Amazon's feeds).

    Pending until the channel has taken the document in, then accepted until its report is read, then confirmed; parked when the channel gave it up.
    Each step is kept before the next begins: ``document_id`` once the content is uploaded, ``channel_id`` once the channel has named the batch,
    ``result_id`` once it is through. ``in_doubt`` means a batch may have been made whose name we did not get, so the next try looks for it first.
    One batch of a seller and marketplace is under way at a time, which makes that search unambiguous.
    """

    narrowed_by = Through("authorization")

    public_id = PublicIdField(prefix="bat")
    authorization = TenantForeignKey(Authorization, related_name="push_batches")
    marketplace = models.CharField(max_length=24)
    document_id = models.CharField(max_length=200, blank=True)
    channel_id = models.CharField(max_length=80, blank=True)
    result_id = models.CharField(max_length=200, blank=True)
    in_doubt = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("push batch")
        constraints = [
            models.UniqueConstraint(
                fields=["authorization", "marketplace"], name="one_batch_under_way", condition=Q(delivery__in=["pending", "accepted"])
            ),
            models.UniqueConstraint(fields=["authorization", "channel_id"], name="one_batch_per_channel_id", condition=~Q(channel_id="")),
        ]
        indexes = [models.Index("not_before", "id", name="batches_due", condition=Q(delivery__in=["pending", "accepted"]))]

    def __str__(self) -> str:
        return f"batch {self.public_id}"


class Push(OutboxRow):
    """Our duty to tell the channel one fact, and its history. Stays after success, because it is the proof.

    A package is told by itself; a cancellation names its ``line_numbers`` and ``reason``, and at some channels travels in a ``batch``. An answer to a
    buyer's wish to cancel names the ``wish`` and, when it is declined by a call, the channel's own ``decline_reason``. ``refusal`` is what a
    batch's report said against it; whether a push took effect is decided by reading the order back.

    ``delivery`` goes pending → accepted → confirmed (read back), or parked with the channel's words. ``deadline`` is the order's ship-by:
    waits never grow past it. ``in_doubt`` means the last try may have taken effect, so the next one reads back before it sends.
    """

    narrowed_by = Through("order")

    class Kind(models.TextChoices):
        PACKAGE_SHIPPED = "package_shipped", _("package shipped")
        ORDER_CANCELLED = "order_cancelled", _("order cancelled")
        WISH_AGREED = "wish_agreed", _("buyer's request agreed to")
        WISH_DECLINED = "wish_declined", _("buyer's request declined")

    public_id = PublicIdField(prefix="psh")
    kind = models.CharField(max_length=24, choices=Kind, default=Kind.PACKAGE_SHIPPED)
    order = TenantForeignKey(Order, related_name="pushes")
    package = TenantOneToOneField(Package, related_name="push", null=True)
    connection = TenantForeignKey(Connection, related_name="pushes")
    authorization = TenantForeignKey(Authorization, related_name="pushes")
    created_at = models.DateTimeField(default=now)
    deadline = models.DateTimeField(null=True)
    in_doubt = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    read_back_at = models.DateTimeField(null=True)
    read_back = models.JSONField(null=True)
    read_backs = models.PositiveIntegerField(default=0)
    line_numbers = ArrayField(models.CharField(max_length=80), default=list)
    reason = models.CharField(max_length=40, choices=CANCEL_REASONS, blank=True)
    wish = models.CharField(max_length=80, blank=True, db_default="")
    decline_reason = models.CharField(max_length=200, blank=True, db_default="")
    batch = TenantForeignKey(PushBatch, related_name="pushes", null=True)
    refusal = models.TextField(blank=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("push")
        constraints = [
            models.CheckConstraint(
                name="a_push_says_what_it_is_about",
                condition=Q(kind="package_shipped", package__isnull=False)
                | (Q(kind="order_cancelled", package=None) & ~Q(line_numbers=[]) & ~Q(reason=""))
                | (Q(kind__in=["wish_agreed", "wish_declined"], package=None) & ~Q(wish="")),
            ),
        ]
        indexes = [
            models.Index("psp", "order", name="pushes_of_order"),
            models.Index("not_before", "id", name="pushes_due", condition=Q(delivery__in=["pending", "accepted"])),
            models.Index("psp", F("created_at").desc(), F("id").desc(), name="push_list"),
            models.Index("psp", "delivery", F("created_at").desc(), F("id").desc(), name="push_list_by_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for order {self.order_id}"

    @property
    def title(self) -> str:
        """What is told, in a few words; reads ``package``, so fetch it with the push."""
        if self.package is not None:
            return gettext("Package %(n)s") % {"n": self.package.number}
        if self.kind == self.Kind.WISH_AGREED:
            return gettext("Agreement to the buyer's request to cancel")
        if self.kind == self.Kind.WISH_DECLINED:
            return gettext("No to the buyer's request to cancel")
        count = len(self.line_numbers)
        return ngettext("Cancellation of %(n)s line", "Cancellation of %(n)s lines", count) % {"n": count}


class PushAttempt(TenantModel):
    """One exchange of a push: what was tried, what came back. Append-only."""

    narrowed_by = Through("push")

    push = TenantForeignKey(Push, related_name="history")
    at = models.DateTimeField(default=now)
    step = models.CharField(max_length=12)  # send, read_back, person
    outcome = models.CharField(max_length=24)
    detail = models.TextField(blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes = [models.Index("psp", "push", "at", "id", name="attempts_of_push")]

    def __str__(self) -> str:
        return f"{self.step}: {self.outcome}"


# Models of one folder have to be found here; these live in a file of their own.
from fulfillment.label_models import Label  # noqa: E402

__all__ = ["Label", "Package", "PackageItem", "Push", "PushAttempt", "PushBatch", "Shipment"]
