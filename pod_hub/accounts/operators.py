"""Django admin for the hub's operators: superusers only, signed in like everybody else, looking across all tenants.

The tenant middleware opens the scope for all tenants for a superuser's admin requests. Rows of tenants are read only there: a change
belongs to the PSP's own pages and services, which keep histories. Sealed columns and buyer data have no place in it at all.
"""

from __future__ import annotations

from typing import Any, TypeVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from pod_hub.core.sealing import SealedJSON

Row = TypeVar("Row", bound=models.Model)
SECRET_ENDINGS = ("_sealed", "_hash", "_lease", "lease")


class OperatorSite(admin.AdminSite):
    """The admin site. Being Django "staff" is not enough: its pages show every tenant."""

    site_header = site_title = _("Hub operators")
    index_title = _("All tenants")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send visitors to the hub's own sign-in, with its limits on guessing; who is signed in and no operator gets a 403."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators are active superusers."""
        return bool(request.user.is_active and request.user.is_superuser)


class TenantAdmin(admin.ModelAdmin[Row]):
    """Read-only pages about a tenant's rows. Every list names the PSP first; related rows are fetched with it."""

    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> Any:
        """Put the PSP first."""
        return ("psp", *super().get_list_display(request))

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Link what names the row, not the PSP."""
        return super().get_list_display_links(request, list_display[1:])

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Choose a PSP first."""
        return ("psp", *super().get_list_filter(request))

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Show every column but the secret ones."""
        return [
            field.name
            for field in self.model._meta.concrete_fields
            if not isinstance(field, SealedJSON) and not field.name.endswith(SECRET_ENDINGS) and field.name not in (self.exclude or ())
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """All of them."""
        return self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Row]:
        """Fetch the PSP with each row, and leave secret columns in the database."""
        secret = [field.name for field in self.model._meta.concrete_fields if isinstance(field, SealedJSON)]
        return super().get_queryset(request).select_related("psp", *self._related()).defer(*secret)

    def _related(self) -> list[str]:
        shown = set(self.list_display)
        return [field.name for field in self.model._meta.concrete_fields if field.is_relation and field.name in shown]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nothing is deleted here."""
        return False
