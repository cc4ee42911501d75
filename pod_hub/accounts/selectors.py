"""Reads of the pages about customers and settings."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower

from pod_hub.accounts.models import ApiKey, Customer, Facility, Membership
from pod_hub.core.keyset import Page, page_of, starts_with

MOST_MEMBERS = 50


def customer_page(*, name: str = "", token: str = "") -> Page[Customer]:
    """Return customers by name, with ``store_count``. ``name`` is how the name begins, in any case of letters."""
    rows = Customer.objects.annotate(folded=Lower("name"), store_count=Count("stores", filter=Q(stores__removed_at=None)))
    if name:
        rows = rows.filter(starts_with("folded", name.lower()))
    return page_of(rows, by=("folded", "id"), token=token)


def facilities() -> QuerySet[Facility]:
    """Return the PSP's facilities by name, the active ones first."""
    return Facility.objects.order_by("-is_active", Lower("name"))


def members(*, psp_id: int) -> QuerySet[Membership]:
    """Return who works for the PSP, with their users. Memberships are a global table, so the PSP is named."""
    staff = Membership.objects.filter(psp_id=psp_id, customer=None, is_active=True).select_related("user")
    return staff.order_by("user__first_name", "user__last_name", "pk")[:MOST_MEMBERS]


def api_keys() -> list[ApiKey]:
    """Return the PSP's API keys with who made them, the live ones first, then the newest."""
    return list(ApiKey.objects.select_related("created_by").order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk"))
