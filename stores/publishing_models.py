"""Products that are added to stores: the publication with its pictures; and the stock and prices that are told of listings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import CustomerProduct, Design, Mockup
from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.listing_models import Listing

LONGEST_TITLE = 255
LONGEST_SKU = 40  # what every channel takes
MOST_STOCK = 999_999
LEAST_PRICE = Decimal("0.01")


class Publication(OutboxRow):
    """A product on its way into a store (GA-28, GT-19): filled in by people, checked and made by workers, watched until it is live or rejected.

    ``state`` is where it stands for people; ``asks`` is what a worker is to ask the channel for, while ``delivery`` is pending. ``fields`` are the
    product type's, as the channel told them (``ProductField``), and ``values`` the answers by name. ``sent_at`` is written before the product goes
    out: whoever finds it asks the channel first. ``attempt`` is another one once a person changed something; ``checked_as`` is the attempt that
    passed the channel's own check. ``troubles`` are the channel's sentences with the fields they are about.
    """

    narrowed_by = Through("store")
    due_states = (Delivery.PENDING,)

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CHECKING = "checking", _("being checked")
        SUBMITTED = "submitted", _("submitted")
        LIVE = "live", _("live")
        REJECTED = "rejected", _("rejected")

    class Asks(models.TextChoices):
        NOTHING = "", _("nothing")
        TYPES = "types", _("product types")
        FIELDS = "fields", _("attributes")
        CHECK = "check", _("a check")
        PUBLISH = "publish", _("publishing")
        PROGRESS = "progress", _("progress")

    public_id = PublicIdField(prefix="pub")
    store = TenantForeignKey("stores.Store", related_name="publications")
    customer_product = TenantForeignKey(CustomerProduct, related_name="publications")
    design = TenantForeignKey(Design, related_name="publications", null=True)
    copied_from = TenantForeignKey(Listing, related_name="copies", null=True)
    listing = TenantForeignKey(Listing, related_name="publications", null=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    asks = models.CharField(max_length=12, choices=Asks, default=Asks.NOTHING, blank=True)

    title = models.CharField(_("name"), max_length=LONGEST_TITLE, blank=True)
    description = models.TextField(_("description"), max_length=10_000, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3)
    sku = models.CharField(_("SKU"), max_length=LONGEST_SKU, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=100, validators=[MaxValueValidator(MOST_STOCK)])
    handling_days = models.PositiveSmallIntegerField(
        _("handling time (days)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )

    type_words = models.CharField(max_length=100, blank=True)
    type_options: Any = models.JSONField(default=list)
    product_type = models.CharField(_("product type"), max_length=100, blank=True)
    product_type_name = models.CharField(max_length=200, blank=True)
    product_type_version = models.CharField(max_length=200, blank=True)
    longest_title = models.PositiveIntegerField(null=True)
    fields: Any = models.JSONField(default=list)
    values: Any = models.JSONField(_("attributes"), default=dict)

    attempt = models.UUIDField(null=True, editable=False)
    checked_as = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    live_at = models.DateTimeField(null=True)
    product_id = models.CharField(_("marketplace product id"), max_length=40, blank=True)
    channel_state = models.CharField(max_length=60, blank=True)
    troubles: Any = models.JSONField(default=list)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    started_at = models.DateTimeField(default=now)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    dropped_at = models.DateTimeField(_("given up"), null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("product that is added")
        constraints = [
            models.UniqueConstraint(fields=["store", "sku"], name="one_publication_per_sku", condition=~Q(sku="") & Q(dropped_at=None)),
            models.CheckConstraint(name="known_publication_state", condition=Q(state__in=["draft", "checking", "submitted", "live", "rejected"])),
        ]
        indexes = [
            models.Index("not_before", "id", name="publications_due", condition=Q(delivery="pending")),
            models.Index("psp", "store", F("started_at").desc(), F("id").desc(), name="publication_list", condition=Q(dropped_at=None)),
            models.Index("psp", "sku", name="publication_by_sku"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.customer_product_id)

    @property
    def is_open(self) -> bool:
        """Whether people may change it: not while the channel looks at it, and not once it is sold."""
        return self.dropped_at is None and self.state in {self.State.DRAFT, self.State.REJECTED}

    @property
    def is_waiting(self) -> bool:
        """Whether a worker has something to ask for it."""
        return bool(self.asks) and self.delivery == Delivery.PENDING

    @property
    def is_checked(self) -> bool:
        """Whether the channel's own check found nothing wrong with it as it is now."""
        return self.attempt is not None and self.checked_as == self.attempt


class PublicationVariant(TenantModel):
    """A further variant of a product that is added, beside the first, which is the publication itself: published with it as one product.

    A product of one unit has none of these, so that everything about it stands in its publication alone. Name, pictures, design and product type are
    those of the publication; what tells the variants apart is asked of the catalog (``stores.variant_options``).
    """

    narrowed_by = Through("publication")

    public_id = PublicIdField(prefix="pva")
    publication = TenantForeignKey(Publication, models.CASCADE, related_name="variants")
    store = TenantForeignKey("stores.Store", related_name="+", same_as="publication")  # so that the database knows one SKU per store
    customer_product = TenantForeignKey(CustomerProduct, related_name="+")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(_("SKU"), max_length=LONGEST_SKU, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    quantity = models.PositiveIntegerField(_("quantity"), default=100, validators=[MaxValueValidator(MOST_STOCK)])
    listing = TenantForeignKey(Listing, related_name="publication_variants", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("variant of a product that is added")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "customer_product"], name="one_variant_per_product"),
            models.UniqueConstraint(fields=["store", "sku"], name="one_publication_variant_per_sku", condition=~Q(sku="")),
        ]
        indexes = [models.Index("psp", "sku", name="publication_variant_by_sku")]

    def __str__(self) -> str:
        return f"{self.sku or self.position} of {self.publication_id}"


class PublicationPicture(OutboxRow):
    """One picture of a publication, in its order: the design drawn on a mockup by a worker, or a merchant's own.

    ``link_token`` is the unguessable part of its public address, which shows this picture alone, until ``link_until``; emptying it takes the link
    back. ``reference`` is what the channel's drafts name it by, once it was handed over.
    """

    narrowed_by = Through("publication")
    due_states = (Delivery.PENDING,)

    public_id = PublicIdField(prefix="ppi")
    publication = TenantForeignKey(Publication, models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    mockup = TenantForeignKey(Mockup, models.SET_NULL, related_name="publication_pictures", null=True)
    is_own = models.BooleanField(default=False)
    storage_name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    width_px = models.PositiveIntegerField(default=0)
    height_px = models.PositiveIntegerField(default=0)
    link_token = models.CharField(max_length=64, blank=True, editable=False)
    link_until = models.DateTimeField(null=True)
    reference = models.TextField(blank=True)
    added_at = models.DateTimeField(default=now)

    class Meta(OutboxRow.Meta):
        verbose_name = _("picture of a product that is added")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["link_token"], name="one_picture_per_link", condition=~Q(link_token="")),
        ]
        indexes = [
            models.Index("not_before", "id", name="publication_pictures_due", condition=Q(delivery="pending")),
            models.Index("publication", "position", "id", name="pictures_of_publication"),
        ]

    def __str__(self) -> str:
        return f"picture {self.position} of {self.publication_id}"


class ListingPush(OutboxRow):
    """Abstract: one fact that is wanted of a listing at the channel. One row for each listing and fact: the latest wish counts.

    Pending until it was told, accepted until it was read back.
    """

    wanted_at = models.DateTimeField(default=now)
    wanted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=120, blank=True)

    class Meta(OutboxRow.Meta):
        abstract = True


class StockPush(ListingPush):
    """How many of a listing the channel is to show, and how soon they are sent (DS-13, DS-14).

    ``batch`` names the document it went in, and ``batch_number`` its place there.
    """

    narrowed_by = Through("listing")

    public_id = PublicIdField(prefix="stk")
    listing = TenantOneToOneField(Listing, related_name="stock")
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MaxValueValidator(MOST_STOCK)])
    handling_days = models.PositiveSmallIntegerField(
        _("handling time (days)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    batch = models.CharField(max_length=120, blank=True)
    batch_number = models.PositiveIntegerField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("stock of a listing")
        indexes = [
            models.Index("not_before", "id", name="stock_pushes_due", condition=Q(delivery__in=["pending", "accepted"])),
            models.Index("batch", name="stock_pushes_by_batch", condition=~Q(batch="")),
            models.Index("psp", "wanted_at", "id", name="stock_pushes_parked", condition=Q(delivery="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.listing_id}"


class PricePush(ListingPush):
    """What the channel is to sell a listing for. ``before`` is what the listing cost when this was wanted, where that was known."""

    narrowed_by = Through("listing")

    public_id = PublicIdField(prefix="prc")
    listing = TenantOneToOneField(Listing, related_name="wanted_price")
    amount = models.DecimalField(_("price"), max_digits=12, decimal_places=2, validators=[MinValueValidator(LEAST_PRICE)])
    currency = models.CharField(max_length=3)
    before = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("price of a listing")
        indexes = [
            models.Index("not_before", "id", name="price_pushes_due", condition=Q(delivery__in=["pending", "accepted"])),
            models.Index("psp", "wanted_at", "id", name="price_pushes_parked", condition=Q(delivery="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.listing_id}"
