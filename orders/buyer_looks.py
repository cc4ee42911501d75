"""Who saw which buyer's data, when and by which road: one row for each person or program, order, road and day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.tenancy import TenantForeignKey, TenantModel


class BuyerLook(TenantModel):
    """Somebody was shown an order's buyer: name, address or own text. It holds none of it."""

    class Road(models.TextChoices):
        PAGE = "page", _("page")
        API = "api", _("API")
        PAPER = "paper", _("packing slip or job ticket")
        PORTAL = "portal", _("portal")
        OPERATOR = "operator", _("operator")

    narrowed_by = Through("order")

    order = TenantForeignKey("orders.Order", related_name="buyer_looks")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    actor_label = models.CharField(_("who"), max_length=200)
    road = models.CharField(_("where"), max_length=8, choices=Road)
    day = models.DateField(_("day"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1)

    class Meta(TenantModel.Meta):
        verbose_name = _("look at a buyer")
        constraints = [
            models.UniqueConstraint(fields=["order", "actor", "actor_label", "road", "day"], name="one_look_per_day", nulls_distinct=False)
        ]
        indexes = [models.Index("psp", "last_at", "id", name="looks_by_time")]

    def __str__(self) -> str:
        return f"{self.actor_label} looked at order {self.order_id}"
