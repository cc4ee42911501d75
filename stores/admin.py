"""Stores and their connections for operators; tokens and consent states are never shown. A seller is released here, for a recorded reason."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pod_hub.accounts.operators import TenantAdmin
from stores.models import (
    Authorization,
    CarrierMapping,
    ChannelNotice,
    ConnectedPeriod,
    Connection,
    ConnectionWizard,
    ConsentAttempt,
    ConsentByStaff,
    ConsentLink,
    GrantedShop,
    Listing,
    ListingChange,
    ListingMapping,
    ListingSync,
    MappingPart,
    PricePush,
    Publication,
    PublicationPicture,
    PublicationVariant,
    SelfTest,
    SelfTestStep,
    StockPush,
    Store,
    StoreCarrier,
    SuggestionRun,
)
from stores.services.releasing import release_seller


class ReleaseForm(forms.Form):
    """Why an operator takes a seller away from a PSP."""

    reason = forms.CharField(label=_("Why, and how did the seller prove it?"), max_length=200)


@admin.register(Store)
class StoreAdmin(TenantAdmin[Store]):
    """Shops."""

    list_display = ("name", "customer", "kind", "marketplace", "account_id", "created_at", "removed_at")
    list_filter = ("kind",)
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
    search_fields = ("public_id", "account_id")
    change_form_outer_before_template = "operator/_authorization_tools.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page that releases a seller."""
        found: list[URLPattern] = super().get_urls()
        return [path("<int:object_id>/release/", self.admin_site.admin_view(self.release), name="stores_authorization_release"), *found]

    def release(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask why, and end this PSP's hold on a seller, so that another one may connect it."""
        row = self.get_queryset(request).filter(pk=object_id).first()
        if row is None or row.state == Authorization.State.REVOKED:
            raise Http404
        form = ReleaseForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            count = release_seller(authorization=row, reason=form.cleaned_data["reason"])
            said = ngettext("Released. %(n)s store was disconnected.", "Released. %(n)s stores were disconnected.", count) % {"n": count}
            messages.success(request, said)
            return HttpResponseRedirect(reverse("admin:stores_authorization_change", args=[object_id]))
        context = self.admin_site.each_context(request) | {
            "title": _("Release %(seller)s") % {"seller": row.account_id},
            "row": row,
            "stores": list(Connection.objects.filter(authorization=row).select_related("store").order_by("store__name")),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "operator/release.html", context, status=422 if form.errors else 200)


@admin.register(GrantedShop)
class GrantedShopAdmin(TenantAdmin[GrantedShop]):
    """Shops that consents cover, where a consent may cover several."""

    list_display = ("number", "name", "marketplace", "seller_type", "authorization", "told_at")
    list_filter = ("marketplace",)
    search_fields = ("number",)


@admin.register(StoreCarrier)
class StoreCarrierAdmin(TenantAdmin[StoreCarrier]):
    """Carriers that marketplaces take, by way of delivery."""

    list_display = ("name", "option_id", "delivery_option", "store", "told_at")


@admin.register(CarrierMapping)
class CarrierMappingAdmin(TenantAdmin[CarrierMapping]):
    """Which carrier of a marketplace is meant by one of ours."""

    list_display = ("carrier", "option_name", "store", "mapped_by", "mapped_at")
    search_fields = ("public_id",)


@admin.register(ChannelNotice)
class ChannelNoticeAdmin(TenantAdmin[ChannelNotice]):
    """What channels told by themselves, and what followed; never the content."""

    list_display = ("topic", "subject", "store", "shop_number", "delivery", "outcome", "received_at", "handled_at")
    list_filter = ("delivery",)
    order_in_psp = ("-received_at", "-pk")


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

    list_display = ("__str__", "product_id", "title", "store", "state", "channel_state", "seen_at", "gone_at")
    list_filter = ("state",)
    search_fields = ("public_id",)


@admin.register(ListingMapping)
class ListingMappingAdmin(TenantAdmin[ListingMapping]):
    """Which listing is printed as what, by version."""

    list_display = ("listing", "version", "mapped_by", "mapped_at", "because", "retired_at")


@admin.register(MappingPart)
class MappingPartAdmin(TenantAdmin[MappingPart]):
    """What mappings make."""

    list_display = ("mapping", "position", "quantity", "customer_product", "design", "print_file")


@admin.register(ListingSync)
class ListingSyncAdmin(TenantAdmin[ListingSync]):
    """Readings of stores' listings and what they found."""

    list_display = ("store", "delivery", "started_at", "finished_at", "seen", "total", "added", "changed", "gone", "attempts", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)


@admin.register(ListingChange)
class ListingChangeAdmin(TenantAdmin[ListingChange]):
    """What syncs found different."""

    list_display = ("sync", "listing", "kind", "before")
    list_filter = ("kind",)


@admin.register(SuggestionRun)
class SuggestionRunAdmin(TenantAdmin[SuggestionRun]):
    """Suggestions that were accepted together."""

    list_display = (
        "store",
        "level",
        "delivery",
        "undoing",
        "started_by",
        "started_at",
        "finished_at",
        "seen",
        "total",
        "accepted",
        "undone",
        "last_error",
    )
    list_filter = ("delivery", "undoing")
    search_fields = ("public_id",)


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


@admin.register(Publication)
class PublicationAdmin(TenantAdmin[Publication]):
    """Products that are added to stores."""

    list_display = ("store", "title", "sku", "state", "asks", "delivery", "product_type", "product_id", "started_at", "attempts", "last_error")
    list_filter = ("state", "delivery")
    search_fields = ("public_id", "sku")


@admin.register(PublicationPicture)
class PublicationPictureAdmin(TenantAdmin[PublicationPicture]):
    """Pictures of products that are added; the keys of their links are not shown."""

    list_display = ("publication", "position", "is_own", "delivery", "width_px", "height_px", "link_until", "attempts", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)


@admin.register(PublicationVariant)
class PublicationVariantAdmin(TenantAdmin[PublicationVariant]):
    """Further variants of products that are added."""

    list_display = ("publication", "position", "customer_product", "sku", "price", "quantity", "listing")
    search_fields = ("public_id", "sku")


@admin.register(StockPush)
class StockPushAdmin(TenantAdmin[StockPush]):
    """What stock listings are to show."""

    list_display = ("listing", "quantity", "handling_days", "delivery", "wanted_at", "told_at", "confirmed_at", "attempts", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)


@admin.register(PricePush)
class PricePushAdmin(TenantAdmin[PricePush]):
    """What listings are to be sold for."""

    list_display = ("listing", "amount", "currency", "before", "delivery", "wanted_at", "told_at", "confirmed_at", "attempts", "last_error")
    list_filter = ("delivery",)
    search_fields = ("public_id",)
