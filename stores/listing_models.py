"""What stores sell and what it is printed as: listing, mapping and its parts; the syncs that read listings, and suggestions that were accepted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Left, Lower, NullIf
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import CustomerProduct, Design, PrintFile
from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel

SORTED_BY_LENGTH = 200


class OnlyLettersAndDigits(models.Func):
    """A text without everything else, as the database knows it: what two spellings of one SKU have in common."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, '[^A-Za-z0-9]', '', 'g')"
    output_field = models.CharField()


class Listing(TenantModel):
    """What the store sells, in the channel's words; synced from the store or first met in an order.

    ``key`` is the SKU, or ``asin:…`` for a listing without one. Rows are never deleted: ``gone_at`` says since when the store lacks it.
    ``variant`` is what the channel says tells it from its siblings ("Black, L"); empty where the title says it, or nothing does.
    ``family`` joins the variants of one product: the parent's key, or the channel's number of the product; ``is_parent`` marks a heading that
    nobody buys. Both are known only where the channel tells them. ``state`` is written by ``stores.services.mappings`` alone, together with
    what it tells of.
    """

    narrowed_by = Through("store")

    class State(models.TextChoices):
        UNMAPPED = "unmapped", _("waits for a product")
        MAPPED = "mapped", _("connected")
        IGNORED = "ignored", _("not made here")

    public_id = PublicIdField(prefix="lst")
    store = TenantForeignKey("stores.Store", related_name="listings")
    key = models.CharField(max_length=200)
    sku = models.CharField(_("SKU"), max_length=200, blank=True)
    product_id = models.CharField(_("marketplace product id"), max_length=40, blank=True)
    title = models.TextField(_("title"))
    family = models.CharField(max_length=200, blank=True)
    family_title = models.CharField(max_length=SORTED_BY_LENGTH, blank=True)
    is_parent = models.BooleanField(default=False)
    channel_state = models.CharField(_("state on the marketplace"), max_length=60, blank=True)
    problem = models.TextField(_("what is wrong on the marketplace"), blank=True)  # its own words, a line each
    image_url = models.URLField(max_length=500, blank=True)
    variant = models.CharField(_("variant"), max_length=200, blank=True, db_default="")
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quantity = models.IntegerField(_("quantity"), null=True)
    seen_at = models.DateTimeField(default=now)  # when an order or a sync last told something new of it
    gone_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.UNMAPPED)
    decided_at = models.DateTimeField(null=True)  # when it was last said that it is not made here, or is after all
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    # What lists are ordered by: variants stand under their parent. Made by the database, so that no writer can forget them.
    sorted_by: Any = models.GeneratedField(
        expression=Left(Coalesce(NullIf("family_title", Value("")), "title"), SORTED_BY_LENGTH),
        output_field=models.CharField(max_length=SORTED_BY_LENGTH),
        db_persist=True,
    )
    sorted_within: Any = models.GeneratedField(
        expression=models.Case(models.When(is_parent=True, then=Value("")), default=Left("title", SORTED_BY_LENGTH)),
        output_field=models.CharField(max_length=SORTED_BY_LENGTH),
        db_persist=True,
    )
    sku_key: Any = models.GeneratedField(
        expression=Lower(OnlyLettersAndDigits("sku")), output_field=models.CharField(max_length=200), db_persist=True
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("listing")
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="one_listing_per_key"),
            models.CheckConstraint(name="known_listing_state", condition=Q(state__in=["unmapped", "mapped", "ignored"])),
        ]
        indexes = [
            models.Index("psp", "store", "sorted_by", "family", "sorted_within", "id", name="listing_list"),
            models.Index(
                "psp",
                "store",
                "state",
                "sorted_by",
                "family",
                "sorted_within",
                "id",
                name="listing_list_by_state",
                condition=Q(gone_at=None, is_parent=False),
            ),
            models.Index("psp", "store", "sorted_by", "family", "sorted_within", "id", name="listing_list_gone", condition=Q(gone_at__isnull=False)),
            models.Index(
                "psp", "store", "sorted_by", "family", "sorted_within", "id", name="listing_list_wrong", condition=Q(gone_at=None) & ~Q(problem="")
            ),
            # Earlier choices are found by what a listing has in common with those of other stores, and by its family.
            models.Index("psp", "sku_key", name="listing_by_sku_key", condition=~Q(sku_key="")),
            models.Index("psp", "product_id", name="listing_by_product_id", condition=~Q(product_id="")),
            models.Index("store", "family", name="listing_by_family", condition=~Q(family="")),
            models.Index("decided_at", name="listings_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.sku or self.title

    @property
    def named(self) -> str:
        """What people call it: its title with its variant, as a line of an order has them."""
        return ", ".join(filter(None, (self.title, self.variant))) or self.key


class ListingMapping(TenantModel):
    """Listing → what is made of it, as ``parts``. Versioned: a line knows the version it was printed from; the active one has no ``retired_at``.

    ``because`` says in words why it was made when nobody chose it by hand: a suggestion that was accepted, a version that was restored.
    """

    narrowed_by = Through("listing")

    public_id = PublicIdField(prefix="map")
    listing = TenantForeignKey(Listing, related_name="mappings")
    version = models.PositiveIntegerField()
    mapped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    mapped_at = models.DateTimeField(default=now)
    because = models.TextField(blank=True)
    run = TenantForeignKey("stores.SuggestionRun", related_name="mappings", null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("mapping")
        constraints = [
            models.UniqueConstraint(fields=["listing", "version"], name="one_mapping_per_version"),
            models.UniqueConstraint(fields=["listing"], name="one_active_mapping", condition=Q(retired_at=None)),
        ]
        indexes = [
            models.Index("retired_at", name="mappings_retired", condition=Q(retired_at__isnull=False)),
            models.Index("run", "id", name="mappings_of_run", condition=Q(run__isnull=False)),
        ]
        ordering: ClassVar[list[str]] = ["-version"]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.version}"


class MappingPart(TenantModel):
    """One product that a mapping makes of one unit sold, with how many pieces of it; a bundle has several, in the order in which people put them.

    ``print_file`` is the design's, and is missing while that is still being made. Otherwise a part never changes: another one is another version.
    """

    narrowed_by = Through("mapping")

    mapping = TenantForeignKey(ListingMapping, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    customer_product = TenantForeignKey(CustomerProduct, related_name="mapping_parts")
    design = TenantForeignKey(Design, related_name="mapping_parts", null=True)
    print_file = TenantForeignKey(PrintFile, related_name="+", null=True)
    quantity = models.PositiveIntegerField(_("pieces per unit sold"), default=1, validators=[MinValueValidator(1)])

    class Meta(TenantModel.Meta):
        verbose_name = _("part of a mapping")
        constraints = [
            models.UniqueConstraint(fields=["mapping", "position"], name="one_part_per_position"),
            models.CheckConstraint(name="a_part_has_pieces", condition=Q(quantity__gte=1)),
        ]
        indexes = [models.Index("design", name="parts_waiting_for_file", condition=Q(print_file=None, design__isnull=False))]
        ordering: ClassVar[list[str]] = ["position"]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.customer_product_id}"

    @property
    def lacks_file(self) -> bool:
        """Whether it cannot be printed yet; reads the product's model, so fetch it with the part."""
        return self.print_file_id is None and bool(self.customer_product.product_model.needs_design)


class ListingSync(OutboxRow):
    """One reading of a store's listings, page by page (GA-21); kept as the list of what was new, changed and gone.

    Pending while it runs, confirmed once it is through, parked when it stopped, withdrawn when somebody cancelled it. ``last_error`` is what a
    running one waits for. ``unreadable`` are rows that could not be read: then nothing is called gone, because it may be one of them. ``met`` holds
    the listings that a running one has met: a note on each of them would cost more than all that has changed.
    """

    narrowed_by = Through("store")

    public_id = PublicIdField(prefix="syn")
    store = TenantForeignKey("stores.Store", related_name="listing_syncs")
    page = models.TextField(blank=True)
    seen = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    unreadable = models.TextField(blank=True)
    met = ArrayField(models.BigIntegerField(), default=list, editable=False)
    started_at = models.DateTimeField(default=now)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("listing sync")
        constraints = [models.UniqueConstraint(fields=["store"], name="one_running_sync", condition=Q(delivery="pending"))]
        indexes = [
            models.Index("not_before", "id", name="syncs_due", condition=Q(delivery="pending")),
            models.Index("psp", "store", F("started_at").desc(), name="sync_list"),
        ]

    def __str__(self) -> str:
        return f"{self.seen} of {self.total} listings of {self.store_id}"


class ListingChange(TenantModel):
    """What one sync found different about one listing. ``before`` holds the old values of what changed."""

    narrowed_by = Through("listing")

    class Kind(models.TextChoices):
        ADDED = "added", _("new")
        CHANGED = "changed", _("changed")
        GONE = "gone", _("gone")

    sync = TenantForeignKey(ListingSync, models.CASCADE, related_name="changes")
    listing = TenantForeignKey(Listing, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind)
    before = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        verbose_name = _("listing change")
        constraints = [models.UniqueConstraint(fields=["sync", "listing"], name="one_change_per_sync")]
        indexes = [models.Index("psp", "sync", "kind", "listing", name="changes_of_sync")]

    def __str__(self) -> str:
        return f"{self.kind} {self.listing_id}"


class SuggestionRun(OutboxRow):
    """Accepting every suggestion of a store from a level on, a few at a time; or, while ``undoing``, taking that back.

    Pending while it works, confirmed once it is through, withdrawn when somebody stopped it: what is connected stays, and can be undone.
    ``after`` is the last listing (or mapping) that was looked at.
    """

    narrowed_by = Through("store")

    public_id = PublicIdField(prefix="sug")
    store = TenantForeignKey("stores.Store", related_name="suggestion_runs")
    level = models.PositiveSmallIntegerField(_("confidence"), validators=[MinValueValidator(1), MaxValueValidator(100)])
    undoing = models.BooleanField(default=False)
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=now)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("accepted suggestions")
        constraints = [
            models.UniqueConstraint(fields=["store"], name="one_running_suggestion_run", condition=Q(delivery="pending")),
            models.CheckConstraint(name="level_is_a_percentage", condition=Q(level__gte=1, level__lte=100)),
        ]
        indexes = [
            models.Index("not_before", "id", name="suggestion_runs_due", condition=Q(delivery="pending")),
            models.Index("psp", "store", F("started_at").desc(), name="suggestion_run_list"),
        ]

    def __str__(self) -> str:
        return f"suggestions from {self.level} % on, {self.accepted} accepted"
