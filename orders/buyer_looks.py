"""Who saw which buyer's data, when and by which road: one row for each person or program, order, road and day."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, models
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import User
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, current_psp_id


class BuyerLook(TenantModel):
    """Somebody was shown an order's buyer: name, address or own text. It holds none of it."""

    class Road(models.TextChoices):
        PAGE = "page", _("page")
        API = "api", _("API")
        PAPER = "paper", _("packing slip or job ticket")

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


def remember_look(order_ids: Iterable[int], *, actor: Actor, road: BuyerLook.Road) -> None:
    """Count a look at the buyers of these orders. One statement; the first look of a day makes the row, the others count it up."""
    rows = [[current_psp_id(), pk, actor.user_id, actor.label[:200], road.value, localdate(), now(), now()] for pk in sorted(set(order_ids))]
    if not rows:
        return
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, 1)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_buyerlook AS look (psp_id, order_id, actor_id, actor_label, road, day, first_at, last_at, times) VALUES {places} "  # noqa: S608 - placeholders only
            "ON CONFLICT (order_id, actor_id, actor_label, road, day) DO UPDATE SET times = look.times + 1, last_at = excluded.last_at",
            [value for row in rows for value in row],
        )
