"""Where customers sell: store, authorization, connection, listing and its mapping to a customer product."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import CustomerProduct, Design, PrintFile
from pod_hub.accounts.models import Customer, Facility, TradingName, User
from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.channels.registry import ChannelKind
from stores.channels.types import ChannelState, FulfilledBy


class Authorization(TenantModel):
    """A seller's consent: one per channel, seller and region. Serves one or more connections; polled as one (the quota is per seller).

    Tokens are sealed and change only under this row's lock. ``orders_cursor`` never passes what is stored: it moves with the commit of a
    poll's last page. ``poll_*`` fields are the position inside an unfinished poll, so that a worker that dies or runs out of quota
    leaves a poll that another one finishes.
    """

    narrowed_by = ByColumns(customer="customer_id")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        RECONNECT = "reconnect", _("needs the merchant's permission again")
        REVOKED = "revoked", _("revoked")

    public_id = PublicIdField(prefix="aut")
    customer = TenantForeignKey(Customer, related_name="authorizations")
    kind = models.CharField(max_length=12, choices=ChannelKind)
    account_id = models.CharField(_("seller id"), max_length=64)
    account_name = models.CharField(_("seller"), max_length=120, blank=True)  # how the channel calls the seller; for people to recognise
    region = models.CharField(_("region"), max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    refresh_token_sealed = SealedJSON()
    granted_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True)
    # The last reminder that was sent for this consent: so many days before its end. A renewal empties it.
    reminded_days = models.PositiveSmallIntegerField(null=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    orders_cursor = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(default=now)
    last_poll_started_at = models.DateTimeField(null=True)
    last_poll_ok_at = models.DateTimeField(null=True)
    poll_lease = models.UUIDField(null=True)
    poll_leased_until = models.DateTimeField(null=True)
    poll_since = models.DateTimeField(null=True)
    poll_page = models.TextField(blank=True)
    poll_high_water = models.DateTimeField(null=True)
    poll_marketplaces = ArrayField(models.CharField(max_length=24), default=list)
    poll_failures = models.PositiveIntegerField(default=0)
    poll_waits_for = models.CharField(max_length=120, blank=True)
    # The breaker (stores/services/breaker.py): calls of any kind that went unanswered in a row, and since when the seller's work rests for it.
    calls_unanswered = models.PositiveIntegerField(default=0)
    resting_since = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("authorization")
        constraints = [
            # Over all tenants: a seller is connected to one PSP at a time (requirements B, "trading names").
            models.UniqueConstraint(fields=["kind", "account_id", "region"], name="one_live_authorization_per_seller", condition=~Q(state="revoked")),
        ]
        indexes = [
            models.Index("next_poll_at", name="authorizations_due", condition=Q(state="active")),
            models.Index("expires_at", name="authorizations_expiring", condition=Q(state="active", expires_at__isnull=False)),
            models.Index("account_id", name="authorizations_by_seller"),  # an operator asks who holds a seller
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account_id} ({self.region})"

    def seal_mark(self) -> str:
        """Bind the sealed token to this authorization."""
        return self.public_id


class Store(TenantModel):
    """A shop on one marketplace. Keeps its mappings for life, whatever happens to connection and consent (P12).

    ``past_facilities`` are row ids of facilities where earlier orders print: who is narrowed to one of them sees the store of their orders.
    """

    narrowed_by = ByColumns(customer="customer_id", facility="facility_id", past_facilities="past_facilities")

    public_id = PublicIdField(prefix="sto")
    customer = TenantForeignKey(Customer, related_name="stores")
    facility = TenantForeignKey(Facility, related_name="stores")
    past_facilities = ArrayField(models.BigIntegerField(), default=list, editable=False)
    trading_name = TenantForeignKey(TradingName, related_name="stores", null=True, blank=True)
    kind = models.CharField(max_length=12, choices=ChannelKind)
    name = models.CharField(_("name"), max_length=120)
    account_id = models.CharField(_("seller id"), max_length=64, blank=True)
    marketplace = models.CharField(_("marketplace"), max_length=24, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)  # deleted by a person: in no list, but mappings and history stay for a reconnect
    listings_synced_at = models.DateTimeField(null=True)
    listing_sync_state = models.CharField(max_length=12, blank=True)  # "", running, failed
    listing_sync_page = models.TextField(blank=True)
    listing_sync_started_at = models.DateTimeField(null=True)
    listing_sync_seen = models.PositiveIntegerField(default=0)
    listing_sync_total = models.PositiveIntegerField(null=True)
    listing_sync_error = models.TextField(blank=True)
    listing_sync_not_before = models.DateTimeField(null=True)
    listing_sync_lease = models.UUIDField(null=True)
    listing_sync_leased_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("store")
        constraints = [
            models.UniqueConstraint(fields=["psp", "kind", "account_id", "marketplace"], name="one_store_per_shop", condition=~Q(account_id="")),
        ]

    def __str__(self) -> str:
        return self.name


def default_import_states() -> list[str]:
    """DS-12: Unshipped and PartiallyShipped."""
    return [ChannelState.UNSHIPPED.value, ChannelState.PARTIALLY_SHIPPED.value]


class Approval(models.TextChoices):
    """Whether new orders of a store wait for somebody's yes before they may go to production."""

    NONE = "none", _("no approval: orders go on at once")
    MANUAL = "manual", _("a person approves each order")
    AFTER_1_H = "after_1_h", _("approved by itself after one hour")
    AFTER_24_H = "after_24_h", _("approved by itself after 24 hours")


class Connection(TenantModel):
    """One store's use of an authorization, with its settings (DS-11..14, CS-07, CS-14) and pauses."""

    narrowed_by = Through("store")

    class State(models.TextChoices):
        PENDING = "pending", _("connecting")
        CONNECTED = "connected", _("connected")
        ATTENTION = "attention", _("needs attention")
        EXPIRED = "expired", _("permission expired")
        REVOKED = "revoked", _("permission withdrawn")
        DISABLED = "disabled", _("disconnected")

    public_id = PublicIdField(prefix="con")
    store = TenantOneToOneField(Store, related_name="connection")
    authorization = TenantForeignKey(Authorization, related_name="connections", null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    state_reason = models.TextField(blank=True)
    fulfilled_by = models.CharField(
        _("import orders fulfilled by"),
        max_length=12,
        choices=[(FulfilledBy.MERCHANT.value, _("the merchant")), (FulfilledBy.CHANNEL.value, _("the marketplace"))],
        default=FulfilledBy.MERCHANT.value,
    )
    import_states = ArrayField(models.CharField(max_length=24), default=default_import_states, verbose_name=_("import orders in status"))
    max_order_age_days = models.PositiveIntegerField(
        _("maximum order age (days)"), default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    handling_days = models.PositiveIntegerField(
        _("fulfillment latency (days)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    inventory_channel_code = models.CharField(_("fulfillment channel code"), max_length=40, default="DEFAULT")
    mark_as_despatched = models.BooleanField(_("mark orders as despatched"), default=True)
    approval = models.CharField(_("approval of new orders"), max_length=12, choices=Approval, default=Approval.NONE)
    import_paused = models.BooleanField(_("import paused"), default=False)
    push_paused = models.BooleanField(_("push paused"), default=False)
    inventory_paused = models.BooleanField(_("inventory paused"), default=False)
    connected_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)
    last_import_at = models.DateTimeField(_("last import"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("connection")

    def __str__(self) -> str:
        return f"{self.store_id} ({self.state})"

    @property
    def max_order_age(self) -> timedelta:
        """The maximum order age as a duration (CS-14)."""
        return timedelta(days=self.max_order_age_days)


class ConsentAttempt(TenantModel):
    """One trip of a browser to a channel's consent page. Single-use, thirty minutes, bound to the browser session and the store.

    Either a member started it (``started_by``) or somebody who holds a mailed link (``link``). With a ``wizard`` the grant waits there for
    "Add connection"; without one the store is connected at once, which is how a permission is renewed. Only the hash of ``state`` is kept.
    """

    narrowed_by = Through("store")

    LIFETIME = timedelta(minutes=30)

    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    store = TenantForeignKey(Store, related_name="consent_attempts")
    kind = models.CharField(max_length=12, choices=ChannelKind)
    region = models.CharField(max_length=12)
    marketplace = models.CharField(max_length=24)
    expected_account = models.CharField(max_length=64, blank=True)  # whom the channel named when it started the trip itself
    wizard = TenantForeignKey("ConnectionWizard", models.CASCADE, related_name="consent_attempts", null=True)
    link = TenantForeignKey("ConsentLink", models.CASCADE, related_name="consent_attempts", null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    started_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("consent attempt")
        constraints = [
            models.CheckConstraint(
                name="attempts_have_one_beginner",
                condition=Q(started_by__isnull=False, link__isnull=True) | Q(started_by__isnull=True, link__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"consent for store {self.store_id}"


class Listing(TenantModel):
    """What the store sells, in the channel's words; synced from the store or first met in an order.

    ``key`` is the SKU, or ``asin:…`` for a listing without one. Rows are never deleted: ``gone_at`` says since when the store lacks it.
    """

    narrowed_by = Through("store")

    public_id = PublicIdField(prefix="lst")
    store = TenantForeignKey(Store, related_name="listings")
    key = models.CharField(max_length=200)
    sku = models.CharField(_("SKU"), max_length=200, blank=True)
    product_id = models.CharField(_("marketplace product id"), max_length=40, blank=True)
    title = models.TextField(_("title"))
    channel_state = models.CharField(_("state on the marketplace"), max_length=60, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quantity = models.IntegerField(_("quantity"), null=True)
    seen_at = models.DateTimeField(default=now)
    gone_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("listing")
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="one_listing_per_key")]
        indexes = [models.Index("psp", "store", "title", "id", name="listing_list")]

    def __str__(self) -> str:
        return self.sku or self.title

    def is_mapped(self) -> bool:
        """Whether an active mapping exists (costs a query unless prefetched)."""
        return self.mappings.filter(retired_at=None).exists()


class ListingMapping(TenantModel):
    """Listing → customer product (+ design). Versioned: a line knows the version it was printed from; the active one has no ``retired_at``."""

    narrowed_by = Through("listing")

    public_id = PublicIdField(prefix="map")
    listing = TenantForeignKey(Listing, related_name="mappings")
    version = models.PositiveIntegerField()
    customer_product = TenantForeignKey(CustomerProduct, related_name="mappings")
    design = TenantForeignKey(Design, related_name="mappings", null=True, blank=True)
    print_file = TenantForeignKey(PrintFile, related_name="+", null=True, blank=True)
    quantity = models.PositiveIntegerField(_("pieces per listing unit"), default=1, validators=[MinValueValidator(1)])
    mapped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    mapped_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("mapping")
        constraints = [
            models.UniqueConstraint(fields=["listing", "version"], name="one_mapping_per_version"),
            models.UniqueConstraint(fields=["listing"], name="one_active_mapping", condition=Q(retired_at=None)),
        ]
        indexes = [models.Index("retired_at", name="mappings_retired", condition=Q(retired_at__isnull=False))]
        ordering: ClassVar[list[str]] = ["-version"]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.version}"


# Models of one folder have to be found here; these live in a file of their own.
from stores.connecting_models import (  # noqa: E402
    ConnectedPeriod,
    ConnectionWizard,
    ConsentByStaff,
    ConsentLink,
    SelfTest,
    SelfTestStep,
)

__all__ = [
    "Approval",
    "Authorization",
    "ConnectedPeriod",
    "Connection",
    "ConnectionWizard",
    "ConsentAttempt",
    "ConsentByStaff",
    "ConsentLink",
    "Listing",
    "ListingMapping",
    "SelfTest",
    "SelfTestStep",
    "Store",
    "default_import_states",
]
