"""People and tenants for operators."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from pod_hub.accounts.models import ApiKey, Customer, Facility, Invitation, KeptAnswer, Membership, PortalVisit, Psp, TradingName, User
from pod_hub.accounts.operators import TenantAdmin
from pod_hub.mail.models import Mail


@admin.register(Psp)
class PspAdmin(admin.ModelAdmin[Psp]):
    """PSPs are made and changed here; they are never deleted, because every row belongs to one."""

    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug", "public_id")

    def has_delete_permission(self, request: Any, obj: Psp | None = None) -> bool:
        """Never."""
        return False


class MembershipInline(admin.TabularInline[Membership, User]):
    """A person's places."""

    model = Membership
    extra = 0
    raw_id_fields = ("customer",)


@admin.register(User)
class HubUserAdmin(UserAdmin[User]):
    """People, known by their e-mail address."""

    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "first_name", "last_name")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    """Who may do what where."""

    list_display = ("user", "psp", "role", "customer", "is_active", "created_at")
    list_filter = ("psp", "role", "is_active")
    list_select_related = ("user", "psp", "customer")
    search_fields = ("user__email",)
    raw_id_fields = ("user", "customer")


@admin.register(Facility)
class FacilityAdmin(TenantAdmin[Facility]):
    """Plants."""

    list_display = ("name", "city", "country", "time_zone", "is_active")
    search_fields = ("name", "public_id")


@admin.register(Customer)
class CustomerAdmin(TenantAdmin[Customer]):
    """Merchants."""

    list_display = ("name", "public_id", "storefronts_enabled", "created_at")
    list_filter = ("storefronts_enabled",)
    search_fields = ("name", "public_id")


@admin.register(TradingName)
class TradingNameAdmin(TenantAdmin[TradingName]):
    """Names that merchants sell under."""

    list_display = ("name", "customer")
    search_fields = ("name",)


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin[ApiKey]):
    """Keys of programs; what would open anything is not there to be shown."""

    list_display = ("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("name", "prefix", "public_id")


@admin.register(KeptAnswer)
class KeptAnswerAdmin(TenantAdmin[KeptAnswer]):
    """Requests with an idempotency key; their answers are sealed."""

    list_display = ("api_key", "kept_at")


@admin.register(Mail)
class MailAdmin(TenantAdmin[Mail]):
    """Mails that are owed or were sent. To whom, and what they say, is sealed: their links open accounts."""

    list_display = ("template", "public_id", "delivery", "attempts", "created_at", "accepted_at", "last_error")
    list_filter = ("delivery", "template")
    search_fields = ("public_id",)


@admin.register(Invitation)
class InvitationAdmin(TenantAdmin[Invitation]):
    """Invitations; what their links hold exists nowhere but in the mail."""

    list_display = ("public_id", "role", "customer", "invited_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role",)
    search_fields = ("public_id", "email")


@admin.register(PortalVisit)
class PortalVisitAdmin(TenantAdmin[PortalVisit]):
    """Who of a PSP looked into a customer's portal, and when."""

    list_display = ("customer", "user", "entered_at", "left_at")
