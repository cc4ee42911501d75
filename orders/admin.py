"""The ledger and orders for operators; payloads, buyers and their texts are never shown."""

from __future__ import annotations

from django.contrib import admin

from orders.models import (
    BuyerData,
    BuyerLook,
    DigestSetting,
    Hold,
    IntakeRecord,
    Order,
    OrderEvent,
    OrderLine,
    Personalisation,
    PurgeRecord,
    Reconciliation,
)
from pod_hub.accounts.operators import TenantAdmin


@admin.register(IntakeRecord)
class IntakeRecordAdmin(TenantAdmin[IntakeRecord]):
    """What channels told us, with our verdict."""

    list_display = ("external_id", "store", "revision", "road", "verdict", "rule", "seen_at", "attempts")
    list_filter = ("verdict", "road")
    search_fields = ("external_id",)


@admin.register(Order)
class OrderAdmin(TenantAdmin[Order]):
    """Orders, without their buyers."""

    list_display = ("external_id", "store", "state", "channel_status", "open_holds", "ship_by", "imported_at")
    list_filter = ("state",)
    search_fields = ("external_id", "public_id")


@admin.register(OrderLine)
class OrderLineAdmin(TenantAdmin[OrderLine]):
    """Lines."""

    list_display = ("order", "sku", "quantity", "quantity_shipped", "state", "customer_product")
    list_filter = ("state",)
    search_fields = ("sku", "public_id")


@admin.register(BuyerData)
class BuyerDataAdmin(TenantAdmin[BuyerData]):
    """Whether an order still has its buyer's data; never the data."""

    list_display = ("order", "purged_at")


@admin.register(Personalisation)
class PersonalisationAdmin(TenantAdmin[Personalisation]):
    """Whether buyers' texts were fetched; never the texts."""

    list_display = ("line", "delivery", "attempts", "not_before", "fetched_at")
    list_filter = ("delivery",)


@admin.register(Hold)
class HoldAdmin(TenantAdmin[Hold]):
    """Reasons to wait."""

    list_display = ("order", "line", "kind", "opened_at", "released_at")
    list_filter = ("kind",)


@admin.register(OrderEvent)
class OrderEventAdmin(TenantAdmin[OrderEvent]):
    """What happened to orders."""

    list_display = ("order", "kind", "at", "actor_label", "summary")
    list_filter = ("kind",)


@admin.register(PurgeRecord)
class PurgeRecordAdmin(TenantAdmin[PurgeRecord]):
    """Which buyer data left, when and by which rule."""

    list_display = ("external_id", "at", "rule", "reason", "actor_label")
    list_filter = ("rule",)
    search_fields = ("external_id", "public_id")


@admin.register(Reconciliation)
class ReconciliationAdmin(TenantAdmin[Reconciliation]):
    """Comparisons of the ledger with what marketplaces list."""

    list_display = ("authorization", "started_at", "finished_at", "checked", "missing", "different", "repaired", "delivery")
    list_filter = ("delivery",)


@admin.register(BuyerLook)
class BuyerLookAdmin(TenantAdmin[BuyerLook]):
    """Who saw which buyer's data, when and by which road."""

    list_display = ("order", "actor_label", "road", "day", "times", "last_at")
    list_filter = ("road", "day")
    search_fields = ("order__public_id", "order__external_id", "actor_label")


@admin.register(DigestSetting)
class DigestSettingAdmin(TenantAdmin[DigestSetting]):
    """When PSPs get their digest."""

    list_display = ("wanted", "hour", "done_on")
    list_filter = ("wanted",)
