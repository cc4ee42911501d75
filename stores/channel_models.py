"""What channels tell the hub by themselves, and what a store's people settle about its carriers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import NoTenant, TenantForeignKey, TenantModel, current_psp_or_none
from stores.channels.registry import ChannelKind


class StoreCarrier(TenantModel):
    """One carrier that a store's channel takes for one way of delivery, under the channel's own number; as it told last."""

    narrowed_by = Through("store")

    store = TenantForeignKey("stores.Store", models.CASCADE, related_name="carriers")
    delivery_option = models.CharField(max_length=40)
    option_id = models.CharField(max_length=40)
    name = models.CharField(_("carrier at the marketplace"), max_length=120)
    told_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = _("carrier of a marketplace")
        ordering: ClassVar[list[str]] = ["name", "option_id"]
        constraints = [models.UniqueConstraint(fields=["store", "delivery_option", "option_id"], name="one_row_per_store_carrier")]

    def __str__(self) -> str:
        return self.name


class CarrierMapping(TenantModel):
    """Which carrier of the marketplace is meant by one of ours, for one store; where nobody mapped it, the name decides."""

    narrowed_by = Through("store")

    public_id = PublicIdField(prefix="cam")
    store = TenantForeignKey("stores.Store", models.CASCADE, related_name="carrier_mappings")
    carrier = models.CharField(_("our carrier"), max_length=60)
    option_id = models.CharField(max_length=40)
    option_name = models.CharField(_("carrier at the marketplace"), max_length=120)
    mapped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    mapped_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = _("carrier mapping")
        ordering: ClassVar[list[str]] = ["carrier"]
        constraints = [models.UniqueConstraint(fields=["store", "carrier"], name="one_mapping_per_carrier")]

    def __str__(self) -> str:
        return f"{self.carrier} → {self.option_name}"


class ChannelNotice(OutboxRow):
    """Something a channel told us by itself (a webhook), kept before anybody reads it: its signature was right, and that is all we know.

    A notice says that an object changed, not what it is now: whoever handles it asks the channel. It may come twice, late, or out of order, so ``key``
    holds the channel's number of it, or a fingerprint where it has none. A notice about a shop nobody here has belongs to no tenant; it is written and
    read in the scope for all only. ``confirmed`` is handled, ``withdrawn`` means that nothing follows from it.
    """

    narrowed_by = Through("store")

    psp = models.ForeignKey("accounts.Psp", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False, null=True)  # type: ignore[assignment]
    kind = models.CharField(max_length=12, choices=ChannelKind)
    store = TenantForeignKey("stores.Store", models.CASCADE, related_name="notices", null=True)
    key = models.CharField(max_length=80)
    shop_number = models.CharField(_("shop number"), max_length=24, blank=True)
    topic = models.CharField(_("type"), max_length=60)
    subject = models.CharField(_("about"), max_length=80, blank=True)  # the number of the order, product, … it is about
    told_at = models.DateTimeField(null=True)  # by the channel's clock
    received_at = models.DateTimeField(default=now)
    content_sealed = SealedJSON()
    outcome = models.CharField(max_length=200, blank=True)
    handled_at = models.DateTimeField(null=True)

    due_states = (Delivery.PENDING,)

    class Meta(OutboxRow.Meta):
        verbose_name = _("notice of a marketplace")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_row_per_notice")]
        indexes = [
            models.Index("not_before", "id", name="notices_due", condition=Q(delivery="pending")),
            models.Index("received_at", "id", name="notices_by_time"),
            models.Index("psp", "store", F("received_at").desc(), F("id").desc(), name="notice_list"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}".strip()

    def seal_mark(self) -> str:
        """Bind the sealed content to this notice."""
        return f"{self.kind}|{self.key}"

    def check_tenant(self) -> None:
        """Check the tenant like any row's, but let the scope for all write notices that are no tenant's."""
        if self.psp_id is None:
            try:
                self.psp_id = current_psp_or_none()
            except NoTenant as error:
                raise NoTenant(f"A notice was written outside a scope: {error}") from None
            if self.psp_id is None:
                return
        super().check_tenant()
