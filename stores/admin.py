"""Stores and their connections for operators; tokens and consent states are never shown."""

from __future__ import annotations

from django.contrib import admin

from pod_hub.accounts.operators import TenantAdmin
from stores.models import (
    Authorization,
    ConnectedPeriod,
    Connection,
    ConnectionWizard,
    ConsentAttempt,
    ConsentByStaff,
    ConsentLink,
    GrantedShop,
    Listing,
    ListingMapping,
    SelfTest,
    SelfTestStep,
    Store,
)


@admin.register(Store)
class StoreAdmin(TenantAdmin[Store]):
    """Shops."""

    list_display = ("name", "customer", "kind", "marketplace", "account_id", "listing_sync_state", "listings_synced_at")
    list_filter = ("kind", "listing_sync_state")
    search_fields = ("public_id",)


@admin.register(Authorization)
class AuthorizationAdmin(TenantAdmin[Authorization]):
    """Consents of sellers and where their polls stand."""

    list_display = (
        "account_id",
        "region",
        "kind",
        "customer",
        "state",
        "last_poll_ok_at",
        "next_poll_at",
        "poll_failures",
        "resting_since",
        "expires_at",
    )
    list_filter = ("state", "kind", "region")
    search_fields = ("public_id",)


@admin.register(GrantedShop)
class GrantedShopAdmin(TenantAdmin[GrantedShop]):
    """Shops that consents cover, where a consent may cover several."""

    list_display = ("number", "name", "marketplace", "seller_type", "authorization", "told_at")
    list_filter = ("marketplace",)
    search_fields = ("number",)


@admin.register(Connection)
class ConnectionAdmin(TenantAdmin[Connection]):
    """Stores' use of a consent."""

    list_display = ("store", "authorization", "state", "import_paused", "push_paused", "last_import_at")
    list_filter = ("state", "import_paused", "push_paused")
    search_fields = ("public_id",)


@admin.register(ConsentAttempt)
class ConsentAttemptAdmin(TenantAdmin[ConsentAttempt]):
    """Trips to consent pages."""

    list_display = ("store", "kind", "region", "started_by", "started_at", "used_at", "outcome")


@admin.register(Listing)
class ListingAdmin(TenantAdmin[Listing]):
    """What stores sell."""

    list_display = ("__str__", "product_id", "title", "store", "channel_state", "seen_at", "gone_at")
    search_fields = ("public_id",)


@admin.register(ListingMapping)
class ListingMappingAdmin(TenantAdmin[ListingMapping]):
    """Which listing is printed as what, by version."""

    list_display = ("listing", "version", "customer_product", "design", "mapped_by", "mapped_at", "retired_at")


@admin.register(ConnectionWizard)
class ConnectionWizardAdmin(TenantAdmin[ConnectionWizard]):
    """Connectings of stores and how far they got."""

    list_display = ("public_id", "kind", "step", "customer", "store", "started_by", "started_at", "changed_at", "cancelled_at")
    list_filter = ("kind", "step")


@admin.register(ConsentLink)
class ConsentLinkAdmin(TenantAdmin[ConsentLink]):
    """Links that were mailed to merchants; neither token nor address."""

    list_display = ("public_id", "store", "state", "sent_by", "sent_at", "expires_at", "answered_at")
    list_filter = ("state",)


@admin.register(ConsentByStaff)
class ConsentByStaffAdmin(TenantAdmin[ConsentByStaff]):
    """Customers for whom the PSP's staff may authorise."""

    list_display = ("customer", "allowed_by", "allowed_at")


@admin.register(ConnectedPeriod)
class ConnectedPeriodAdmin(TenantAdmin[ConnectedPeriod]):
    """When stores were connected."""

    list_display = ("store", "began_at", "ended_at")


@admin.register(SelfTest)
class SelfTestAdmin(TenantAdmin[SelfTest]):
    """Tests of connections."""

    list_display = ("public_id", "store", "started_by", "started_at", "finished_at", "waits_for", "tries")


@admin.register(SelfTestStep)
class SelfTestStepAdmin(TenantAdmin[SelfTestStep]):
    """What tests found."""

    list_display = ("test", "step", "outcome", "detail", "at")
