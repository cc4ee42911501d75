"""The ledger and orders for operators; payloads and buyers' texts are never shown, a buyer on one page for a recorded reason."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from orders.models import (
    BulkImport,
    BulkImportFile,
    BulkImportRow,
    BuyerData,
    BuyerLook,
    DigestSetting,
    FileCheck,
    FileSource,
    FoundFile,
    Hold,
    HoldKind,
    IntakeRecord,
    Order,
    OrderEvent,
    OrderLine,
    OrderReading,
    OrderReturn,
    Personalisation,
    PurgeRecord,
    Reconciliation,
)
from orders.services.showing_buyers import show_buyer
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import User
from pod_hub.accounts.operators import TenantAdmin


class OpenHolds(admin.SimpleListFilter):
    """Holds that are open, by kind: the ones an index knows."""

    title = _("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """The kinds."""
        return HoldKind.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Open ones of the kind."""
        return queryset.filter(released_at=None, kind=self.value()) if self.value() in HoldKind.values else queryset


class ReasonForm(forms.Form):
    """Why an operator has to see a buyer."""

    reason = forms.CharField(label=_("Why do you need to see it?"), max_length=200)


@admin.register(IntakeRecord)
class IntakeRecordAdmin(TenantAdmin[IntakeRecord]):
    """What channels told us, with our verdict."""

    list_display = ("external_id", "store", "revision", "road", "verdict", "rule", "seen_at", "attempts")
    list_filter = ("verdict",)
    search_fields = ("external_id",)
    order_in_psp = ("-seen_at", "-pk")


@admin.register(Order)
class OrderAdmin(TenantAdmin[Order]):
    """Orders, without their buyers."""

    list_display = ("external_id", "store", "state", "channel_status", "open_holds", "ship_by", "imported_at")
    list_filter = ("state",)
    search_fields = ("external_id", "public_id")
    order_in_psp = ("-placed_at", "-pk")
    change_form_outer_before_template = "operator/_order_tools.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the buyer's page."""
        found: list[URLPattern] = super().get_urls()
        return [path("<int:object_id>/buyer/", self.admin_site.admin_view(self.buyer), name="orders_order_buyer"), *found]

    def buyer(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask why, write that on the order's timeline, and show the buyer once, to a POST."""
        order = self.get_queryset(request).filter(pk=object_id).first()
        if order is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        context = self.admin_site.each_context(request) | {
            "title": _("Buyer of %(order)s") % {"order": order},
            "order": order,
            "form": form,
            "opts": self.opts,
        }
        if form.is_valid():
            operator = cast("User", request.user)  # admin_view let only operators in
            who = Actor(operator.pk, _("%(name)s, operator of the hub") % {"name": operator})
            context |= {"asked": True, "buyer": show_buyer(order=order, actor=who, reason=form.cleaned_data["reason"])}
        return TemplateResponse(request, "operator/buyer.html", context, status=422 if form.errors else 200)


@admin.register(OrderLine)
class OrderLineAdmin(TenantAdmin[OrderLine]):
    """Lines."""

    list_display = ("order", "sku", "quantity", "quantity_shipped", "state", "customer_product")
    search_fields = ("sku", "public_id")


@admin.register(BuyerData)
class BuyerDataAdmin(TenantAdmin[BuyerData]):
    """Whether an order still has its buyer's data; never the data."""

    list_display = ("order", "purged_at")


@admin.register(Personalisation)
class PersonalisationAdmin(TenantAdmin[Personalisation]):
    """Whether buyers' texts were fetched; never the texts."""

    list_display = ("line", "delivery", "attempts", "not_before", "fetched_at")


@admin.register(Hold)
class HoldAdmin(TenantAdmin[Hold]):
    """Reasons to wait."""

    list_display = ("order", "line", "kind", "opened_at", "released_at")
    list_filter = (OpenHolds,)


@admin.register(OrderEvent)
class OrderEventAdmin(TenantAdmin[OrderEvent]):
    """What happened to orders."""

    list_display = ("order", "kind", "at", "actor_label", "summary")


@admin.register(PurgeRecord)
class PurgeRecordAdmin(TenantAdmin[PurgeRecord]):
    """Which buyer data left, when and by which rule."""

    list_display = ("external_id", "at", "rule", "reason", "actor_label")
    search_fields = ("public_id",)


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


@admin.register(DigestSetting)
class DigestSettingAdmin(TenantAdmin[DigestSetting]):
    """When PSPs get their digest."""

    list_display = ("wanted", "hour", "done_on")
    list_filter = ("wanted",)


@admin.register(BulkImport)
class BulkImportAdmin(TenantAdmin[BulkImport]):
    """Files by which people connect many listings."""

    list_display = ("file_name", "store", "stage", "delivery", "rows_total", "started_at", "finished_at", "attempts")
    search_fields = ("public_id",)


@admin.register(BulkImportRow)
class BulkImportRowAdmin(TenantAdmin[BulkImportRow]):
    """Their rows, one verdict each."""

    list_display = ("bulk_import", "number", "sku", "uid", "verdict", "message")


@admin.register(BulkImportFile)
class BulkImportFileAdmin(TenantAdmin[BulkImportFile]):
    """Design files that they link to."""

    list_display = ("bulk_import", "delivery", "attempts", "fetched_at", "last_error")


@admin.register(FileSource)
class FileSourceAdmin(TenantAdmin[FileSource]):
    """Customers' remote file storages, without their keys."""

    list_display = ("name", "customer", "kind", "bucket", "is_active", "scanned_at", "next_scan_at", "scan_failures", "last_error")
    search_fields = ("public_id",)


@admin.register(FoundFile)
class FoundFileAdmin(TenantAdmin[FoundFile]):
    """Files that were found there."""

    list_display = ("name", "source", "state", "delivery", "attempts", "found_at", "attached_at")
    search_fields = ("public_id",)


@admin.register(FileCheck)
class FileCheckAdmin(TenantAdmin[FileCheck]):
    """Looks at stored print files that orders wait for."""

    list_display = ("print_file", "delivery", "not_before", "asked_at", "attempts", "last_error")
    list_filter = ("delivery",)


@admin.register(OrderReading)
class OrderReadingAdmin(TenantAdmin[OrderReading]):
    """Orders to ask a marketplace about once more."""

    list_display = ("external_id", "authorization", "why", "delivery", "asked_at", "read_at", "attempts", "last_error")
    list_filter = ("delivery",)


@admin.register(OrderReturn)
class OrderReturnAdmin(TenantAdmin[OrderReturn]):
    """What comes back, as marketplaces tell it."""

    list_display = ("number", "order", "kind", "status", "answer_by", "opened_at", "changed_at")
