"""Where customers sell: store, authorization, connection; listings and their mappings in ``listing_models``."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Customer, Facility, TradingName, User
from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.channels.registry import ChannelKind
from stores.channels.types import ChannelState, FulfilledBy


class Authorization(TenantModel):
    """A seller's consent: one per channel, seller and region. Serves one or more connections; polled as one (the quota is per seller).

    Tokens are sealed and change only under this row's lock. Where a channel renews them in pairs, the access token is kept too, and ``token_lease``
    says which worker is asking for the next pair: a lock cannot be held while the channel is asked. ``orders_cursor`` never passes what is stored: it moves with the commit of a
    poll's last page. ``poll_*`` fields are the position inside an unfinished poll, so that a worker that dies or runs out of quota
    leaves a poll that another one finishes.
    """

    narrowed_by = ByColumns(customer="customer_id")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        RECONNECT = "reconnect", _("needs the merchant's permission again")
        REVOKED = "revoked", _("revoked")

    # From so long before its end on a permission waits for somebody to renew it.
    ENDS_SOON = timedelta(days=30)

    public_id = PublicIdField(prefix="aut")
    customer = TenantForeignKey(Customer, related_name="authorizations")
    kind = models.CharField(max_length=12, choices=ChannelKind)
    account_id = models.CharField(_("seller id"), max_length=64)
    account_name = models.CharField(_("seller"), max_length=120, blank=True)  # how the channel calls the seller; for people to recognise
    region = models.CharField(_("region"), max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    refresh_token_sealed = SealedJSON()
    access_token_sealed = SealedJSON()
    access_ends_at = models.DateTimeField(null=True)
    token_lease = models.UUIDField(null=True, editable=False)
    token_leased_until = models.DateTimeField(null=True, editable=False)
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
    # Returns are told apart from orders (orders/services/returning.py).
    returns_cursor = models.DateTimeField(null=True)
    next_returns_at = models.DateTimeField(default=now, db_default=Now())
    next_carriers_at = models.DateTimeField(default=now, db_default=Now())  # fulfillment/services/carriers.py
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


class GrantedShop(TenantModel):
    """One shop that a seller's consent covers, as the channel told: a consent may cover several, and each becomes a store of its own.

    Only where shops have numbers. The key is what the channel wants beside the number in every call (TikTok Shop's cipher).
    """

    narrowed_by = Through("authorization")

    authorization = TenantForeignKey(Authorization, models.CASCADE, related_name="shops")
    number = models.CharField(_("shop number"), max_length=24)
    name = models.CharField(_("shop"), max_length=120, blank=True)
    marketplace = models.CharField(_("marketplace"), max_length=24)
    seller_type = models.CharField(max_length=20, blank=True)
    why_not = models.TextField(blank=True)  # why it cannot be connected although it is covered
    key_sealed = SealedJSON()
    told_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = _("shop of a permission")
        constraints = [models.UniqueConstraint(fields=["authorization", "number"], name="one_row_per_granted_shop")]
        indexes = [models.Index("number", name="granted_shops_by_number")]

    def __str__(self) -> str:
        return f"{self.name or self.number} ({self.marketplace})"

    def seal_mark(self) -> str:
        """Bind the sealed key to this shop of this permission."""
        return f"{self.authorization_id}|{self.number}"


class Store(TenantModel):
    """A shop on one marketplace. Keeps its mappings for life, whatever happens to connection and consent (P12).

    ``shop_number`` is the channel's own number of the shop, where a seller may have several on one marketplace; empty where seller and marketplace
    name it.

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
    shop_number = models.CharField(_("shop number"), max_length=24, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)  # deleted by a person: in no list, but mappings and history stay for a reconnect

    class Meta(TenantModel.Meta):
        verbose_name = _("store")
        constraints = [
            models.UniqueConstraint(
                fields=["psp", "kind", "account_id", "marketplace", "shop_number"], name="one_store_per_shop", condition=~Q(account_id="")
            ),
        ]
        indexes = [
            models.Index("shop_number", name="stores_by_shop_number", condition=~Q(shop_number="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """How the channel names the shop in every call: by its own number, or by the marketplace where the seller has one shop on it."""
        return self.shop_number or self.marketplace


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


# Models of one folder have to be found here; these live in files of their own.
from stores.channel_models import CarrierMapping, ChannelNotice, StoreCarrier  # noqa: E402
from stores.connecting_models import (  # noqa: E402
    ConnectedPeriod,
    ConnectionWizard,
    ConsentByStaff,
    ConsentLink,
    SelfTest,
    SelfTestStep,
)
from stores.listing_models import (  # noqa: E402
    Listing,
    ListingChange,
    ListingMapping,
    ListingSync,
    MappingPart,
    SuggestionRun,
)
from stores.publishing_models import PricePush, Publication, PublicationPicture, PublicationVariant, StockPush  # noqa: E402

__all__ = [
    "Approval",
    "Authorization",
    "CarrierMapping",
    "ChannelNotice",
    "ConnectedPeriod",
    "Connection",
    "ConnectionWizard",
    "ConsentAttempt",
    "ConsentByStaff",
    "ConsentLink",
    "GrantedShop",
    "Listing",
    "ListingChange",
    "ListingMapping",
    "ListingSync",
    "MappingPart",
    "PricePush",
    "Publication",
    "PublicationPicture",
    "PublicationVariant",
    "SelfTest",
    "SelfTestStep",
    "StockPush",
    "Store",
    "StoreCarrier",
    "SuggestionRun",
    "default_import_states",
]
