"""Shipments and pushes for operators."""

from __future__ import annotations

from django.contrib import admin

from fulfillment.models import Label, Package, PackageItem, Push, PushAttempt, PushBatch, Shipment
from pod_hub.accounts.operators import TenantAdmin


@admin.register(Shipment)
class ShipmentAdmin(TenantAdmin[Shipment]):
    """What left for one order at one time."""

    list_display = ("public_id", "order", "facility", "shipped_at")
    search_fields = ("public_id",)


@admin.register(Package)
class PackageAdmin(TenantAdmin[Package]):
    """Parcels."""

    list_display = ("tracking_number", "carrier_code", "order", "number", "shipped_at")
    search_fields = ("tracking_number", "public_id")


@admin.register(PackageItem)
class PackageItemAdmin(TenantAdmin[PackageItem]):
    """What is in which parcel."""

    list_display = ("package", "line", "quantity")


@admin.register(Push)
class PushAdmin(TenantAdmin[Push]):
    """What the channels must be told."""

    list_display = ("public_id", "order", "kind", "delivery", "attempts", "not_before", "deadline", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)
    order_in_psp = ("-created_at", "-pk")


@admin.register(PushAttempt)
class PushAttemptAdmin(TenantAdmin[PushAttempt]):
    """Every exchange of a push."""

    list_display = ("push", "at", "step", "outcome", "request_id", "duration_ms")


@admin.register(PushBatch)
class PushBatchAdmin(TenantAdmin[PushBatch]):
    """Cancellations on their way to a marketplace together."""

    list_display = ("public_id", "authorization", "marketplace", "channel_id", "delivery", "attempts", "submitted_at")
    list_filter = ("delivery",)


@admin.register(Label)
class LabelAdmin(TenantAdmin[Label]):
    """Shipping labels that were bought at a marketplace; the documents themselves are not shown."""

    list_display = ("public_id", "order", "service_name", "carrier", "tracking_number", "delivery", "asked_at", "bought_at", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)
