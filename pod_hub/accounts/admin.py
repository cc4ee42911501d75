"""People and tenants for operators."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from pod_hub.accounts.models import (
    ApiKey,
    AuditEntry,
    Customer,
    Facility,
    Invitation,
    KeptAnswer,
    Membership,
    OperatorVisit,
    PortalVisit,
    Psp,
    TradingName,
    User,
)
from pod_hub.accounts.operator_choice import choice_of
from pod_hub.accounts.operators import OperatorPage, TenantAdmin
from pod_hub.mail.models import Mail


@admin.register(Psp)
class PspAdmin(OperatorPage[Psp]):
    """PSPs are made and changed here; they are never deleted, because every row belongs to one."""

    list_display = ("name", "slug", "public_id", "time_zone", "created_at")
    search_fields = ("slug", "public_id")

    def has_delete_permission(self, request: Any, obj: Psp | None = None) -> bool:
        """Never."""
        return False


class MembershipInline(TabularInline):  # type: ignore[misc]
    """A person's places, to look at; they are changed on their own page, inside the PSP's scope."""

    model = Membership
    extra = 0
    fields = readonly_fields = ("psp", "role", "is_active", "created_at")
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the PSPs too."""
        return super().get_queryset(request).select_related("psp")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not here."""
        return False


@admin.register(User)
class HubUserAdmin(OperatorPage[User], UserAdmin[User]):  # type: ignore[misc]  # the stubs' bases disagree
    """People, known by their e-mail address. Not even the shape of a password's hash is shown."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email",)
    filter_horizontal = ()
    inlines = (MembershipInline,)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email",)}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def has_delete_permission(self, request: Any, obj: User | None = None) -> bool:
        """Never: timelines name people. Switch "active" off instead."""
        return False


@admin.register(Membership)
class MembershipAdmin(TenantAdmin[Membership]):
    """Who may do what where: the first people of a PSP, and help in need. Needs the scope, because merchants' places name a customer."""

    list_display = ("user", "role", "customer", "is_active", "created_at")
    list_filter = ("role", "is_active")
    raw_id_fields = ("user", "customer")

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """What may be chosen."""
        return ("user", "psp", "role", "customer", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Who and where stay; another place is another membership."""
        return ("user", "psp", "customer") if obj else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those of the chosen PSP: the table is a global one, so no wall narrows it."""
        choice = choice_of(request)
        rows = super().get_queryset(request)
        return rows.filter(psp_id=choice.psp_id) if choice is not None and choice.psp_id is not None else rows

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any] | None:
        """Offer the chosen PSP alone."""
        choice = choice_of(request)
        if db_field.name == "psp" and choice is not None and choice.psp_id is not None:
            kwargs["queryset"] = Psp.objects.filter(pk=choice.psp_id)
            kwargs["initial"] = choice.psp_id
        field: ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the theme's menu of links beside a choice, which needs a script."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "psp":
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The first people of a PSP are made here."""
        return bool(self.admin_site.has_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """A role may be changed and a place ended."""
        return bool(self.admin_site.has_permission(request))


@admin.register(OperatorVisit)
class OperatorVisitAdmin(OperatorPage[OperatorVisit]):
    """Whose rows operators opened, and why."""

    list_display = ("at", "operator", "psp", "reason")
    list_select_related = ("operator", "psp")
    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Written by choosing."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: OperatorVisit | None = None) -> bool:
        """Never: it is a record."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OperatorVisit | None = None) -> bool:
        """Never: it is a record."""
        return False


@admin.register(AccessAttempt)
class AccessAttemptAdmin(OperatorPage[AccessAttempt]):
    """Failed sign-ins; deleting one ends its lock-out. What was typed and the address's query, which may hold a link's secret, are not shown."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username",)
    fields = readonly_fields = ("attempt_time", "username", "ip_address", "user_agent", "path_info", "failures_since_start")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Written by failing."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        """Nothing to change."""
        return False


@admin.register(EmailAddress)
class EmailAddressAdmin(OperatorPage[EmailAddress]):
    """Addresses that sign-in knows, to look at."""

    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: EmailAddress | None = None) -> bool:
        """Not here."""
        return False


@admin.register(Facility)
class FacilityAdmin(TenantAdmin[Facility]):
    """Plants."""

    list_display = ("name", "city", "country", "time_zone", "is_active")
    search_fields = ("public_id",)


@admin.register(Customer)
class CustomerAdmin(TenantAdmin[Customer]):
    """Merchants."""

    list_display = ("name", "public_id", "storefronts_enabled", "created_at")
    list_filter = ("storefronts_enabled",)
    search_fields = ("public_id", "name")
    order_in_psp = ("name", "pk")


@admin.register(TradingName)
class TradingNameAdmin(TenantAdmin[TradingName]):
    """Names that merchants sell under."""

    list_display = ("name", "customer", "public_id")
    search_fields = ("public_id",)


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin[ApiKey]):
    """Keys of programs; what would open anything is not there to be shown."""

    list_display = ("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("public_id", "prefix")


@admin.register(KeptAnswer)
class KeptAnswerAdmin(TenantAdmin[KeptAnswer]):
    """Requests with an idempotency key; their answers are sealed."""

    list_display = ("kept_at", "api_key")


@admin.register(Mail)
class MailAdmin(TenantAdmin[Mail]):
    """Mails that are owed or were sent. To whom, and what they say, is sealed: their links open accounts."""

    list_display = ("template", "public_id", "delivery", "attempts", "created_at", "accepted_at", "last_error")
    list_filter = ("delivery", "template")
    search_fields = ("public_id",)


@admin.register(AuditEntry)
class AuditEntryAdmin(TenantAdmin[AuditEntry]):
    """Who changed what. Read here, as everywhere."""

    list_display = ("at", "actor_user", "actor_label", "kind", "action", "label")
    list_filter = ("action", "kind")
    search_fields = ("label", "public_id", "request_id")


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
