"""From "seen" to "ready to print": intake record, order, line, buyer data, hold and event."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import CustomerProduct, Design, PrintFile
from orders.bulk_models import BulkImport as BulkImport
from orders.bulk_models import BulkImportFile as BulkImportFile
from orders.bulk_models import BulkImportRow as BulkImportRow
from orders.buyer_looks import BuyerLook as BuyerLook
from orders.channel_models import OrderReading as OrderReading
from orders.channel_models import OrderReturn as OrderReturn
from orders.digest_settings import DigestSetting as DigestSetting
from orders.file_check_models import FileCheck as FileCheck
from orders.remote_models import FileSource as FileSource
from orders.remote_models import FoundFile as FoundFile
from orders.states import NOT_MADE, LineState, OrderState
from pod_hub.accounts.models import Customer, Facility, User
from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel, TenantOneToOneField
from stores.channels.registry import capabilities
from stores.channels.types import ChannelState
from stores.models import Authorization, Listing, ListingMapping, Store


class IntakeRecord(TenantModel):
    """One order as the channel told it, at one revision, with our verdict. The ledger: every order a poll returns is a row here.

    ``external_id`` is the channel's order number, or ``unreadable:<hash>`` for an answer without one. The payload is sealed and is purged
    with the buyer data; verdict, rule and times stay.
    """

    narrowed_by = Through("order", "store", "authorization")

    class Verdict(models.TextChoices):
        PENDING = "pending", _("waiting to be read")
        IMPORTED = "imported", _("imported")
        SKIPPED = "skipped", _("skipped")
        SUPERSEDED = "superseded", _("superseded by a newer revision")
        UNREADABLE = "unreadable", _("could not be read")

    class Road(models.TextChoices):
        POLL = "poll", _("poll")
        ASKED = "asked", _("asked for by number")
        RECONCILIATION = "reconciliation", _("reconciliation")
        NOTICE = "notice", _("read again, because it had changed at the marketplace")
        FILE = "file", _("file import")
        MANUAL = "manual", _("entered by hand")

    authorization = TenantForeignKey(Authorization, related_name="intake_records", null=True)
    store = TenantForeignKey(Store, related_name="intake_records", null=True)
    external_id = models.CharField(_("order number"), max_length=80)
    revision = models.DateTimeField()
    marketplace = models.CharField(max_length=24, blank=True)
    road = models.CharField(max_length=16, choices=Road, default=Road.POLL)
    payload_sealed = SealedJSON()
    seen_at = models.DateTimeField(default=now)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.PENDING)
    rule = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=now)
    order = TenantForeignKey("orders.Order", related_name="intake_records", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("intake record")
        constraints = [
            models.UniqueConstraint(fields=["authorization", "external_id", "revision"], name="one_record_per_revision", nulls_distinct=False),
            models.CheckConstraint(name="known_verdict", condition=Q(verdict__in=["pending", "imported", "skipped", "superseded", "unreadable"])),
        ]
        indexes = [
            models.Index("authorization", "not_before", "id", name="intake_due", condition=Q(verdict="pending")),
            models.Index("psp", "external_id", name="intake_by_number"),
            models.Index("psp", F("seen_at").desc(), F("id").desc(), name="intake_list"),
            models.Index("psp", "verdict", F("seen_at").desc(), F("id").desc(), name="intake_list_by_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} @ {self.revision:%Y-%m-%d %H:%M:%S}"

    def seal_mark(self) -> str:
        """Bind the sealed payload to this order number at this revision."""
        return intake_mark(self.authorization_id, self.external_id)


def intake_mark(authorization_id: int | None, external_id: str) -> str:
    """Return the seal mark of an intake record, for rows that are sealed in bulk."""
    return f"{authorization_id}|{external_id}"


# Orders that may go to production as they are.
READY = Q(state=OrderState.RECEIVED.value, open_holds=0, channel_state__in=[ChannelState.UNSHIPPED.value, ChannelState.PARTIALLY_SHIPPED.value])


class Order(TenantModel):
    """Our promise to produce. Channel facts beside our state; buyer data stands in its own table and expires.

    With ``label_by_channel`` the shipping label is bought at the marketplace. ``collect_by`` is when the carrier must have scanned it, ``lapses_at``
    when the marketplace cancels it by itself; ``delivery_option`` is its number of the way of delivery, which says what carriers there are.
    """

    narrowed_by = ByColumns(customer="customer_id", facility="facility_id")

    public_id = PublicIdField(prefix="ord")
    store = TenantForeignKey(Store, related_name="orders")
    customer = TenantForeignKey(Customer, related_name="orders", same_as="store")
    facility = TenantForeignKey(Facility, related_name="orders")
    external_id = models.CharField(_("order number"), max_length=80)
    revision = models.DateTimeField()
    state = models.CharField(max_length=20, choices=OrderState, default=OrderState.RECEIVED)
    channel_state = models.CharField(max_length=20)
    channel_status = models.CharField(_("status on the marketplace"), max_length=40)
    marketplace = models.CharField(max_length=24)
    placed_at = models.DateTimeField(_("placed"))
    ship_by = models.DateTimeField(_("ship by"), null=True)
    ship_from = models.DateTimeField(null=True)
    deliver_by = models.DateTimeField(_("deliver by"), null=True)
    collect_by = models.DateTimeField(_("collected by"), null=True)
    lapses_at = models.DateTimeField(_("cancelled by itself"), null=True)
    service_level = models.CharField(max_length=40, blank=True)
    delivery_option = models.CharField(max_length=40, blank=True, db_default="")
    label_by_channel = models.BooleanField(default=False, db_default=False)
    programs = ArrayField(models.CharField(max_length=40), default=list)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    replaces = models.CharField(max_length=80, blank=True)
    ship_to_country = models.CharField(_("country"), max_length=2, blank=True)
    open_holds = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(_("imported"), default=now)
    last_shipped_at = models.DateTimeField(_("shipped"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="one_order_per_number"),
            models.CheckConstraint(name="known_order_state", condition=Q(state__in=[state.value for state in OrderState])),
        ]
        indexes = [
            models.Index("psp", F("placed_at").desc(), F("id").desc(), name="order_list"),
            models.Index("psp", "state", F("placed_at").desc(), F("id").desc(), name="order_list_by_state"),
            models.Index("psp", "store", F("placed_at").desc(), F("id").desc(), name="order_list_by_store"),
            models.Index("psp", "customer", F("placed_at").desc(), F("id").desc(), name="order_list_by_customer"),
            # With the state inside, so that "needs attention" is counted without visiting the orders; "ready to release" likewise.
            models.Index("psp", F("placed_at").desc(), F("id").desc(), name="order_list_held", condition=Q(open_holds__gt=0), include=["state"]),
            models.Index("psp", F("placed_at").desc(), F("id").desc(), name="order_list_ready", condition=READY),
            models.Index("psp", "external_id", name="order_by_number"),
            models.Index("psp", "replaces", name="order_by_replaced", condition=~Q(replaces="")),
            models.Index("psp", "ship_by", "id", name="order_by_deadline", condition=~Q(state__in=["shipped", "cancelled", "not_ours"])),
        ]

    @property
    def is_labelled_by_channel(self) -> bool:
        """Whether its label is bought at the marketplace, which prints the address on it and may keep it to itself. Asks for ``store``."""
        return self.label_by_channel and capabilities(self.store.kind).makes_labels

    def __str__(self) -> str:
        return self.external_id


class BuyerData(TenantModel):
    """The buyer's personal data for one order: sealed, found only by keyed hashes, purged on its date (P19).

    The sealed value is the dict that ``orders.buyer_data.Buyer`` describes.
    """

    narrowed_by = Through("order")

    order = TenantOneToOneField(Order, related_name="buyer_data")
    sealed = SealedJSON()
    postcode_hash = models.CharField(max_length=32, blank=True)
    email_hash = models.CharField(max_length=32, blank=True)
    surname_hash = models.CharField(max_length=32, blank=True)
    purged_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("buyer data")
        indexes = [
            models.Index("psp", "order", name="buyers_to_purge", condition=Q(purged_at=None)),
            models.Index("psp", "postcode_hash", name="buyer_by_postcode", condition=~Q(postcode_hash="")),
            models.Index("psp", "email_hash", name="buyer_by_email", condition=~Q(email_hash="")),
            models.Index("psp", "surname_hash", name="buyer_by_surname", condition=~Q(surname_hash="")),
        ]

    def __str__(self) -> str:
        return f"buyer of order {self.order_id}"

    def seal_mark(self) -> str:
        """Bind the sealed value to its order."""
        return str(self.order_id)


class OrderLine(TenantModel):
    """One thing that was sold, with its product and artwork. Carries the production state.

    Product and print file are those of its mapping's first part; what else a bundle needs stands in ``mapping.parts``. ``pieces_each`` counts the
    pieces of all parts for one unit. ``units`` are the marketplace's numbers of the single units, where it counts them one by one: the first names
    the line.
    """

    narrowed_by = Through("order")

    public_id = PublicIdField(prefix="lin")
    order = TenantForeignKey(Order, related_name="lines")
    external_line_id = models.CharField(max_length=80)
    units = ArrayField(models.CharField(max_length=80), default=list, db_default=[])
    listing = TenantForeignKey(Listing, related_name="order_lines", null=True)
    mapping = TenantForeignKey(ListingMapping, related_name="order_lines", null=True)
    customer_product = TenantForeignKey(CustomerProduct, related_name="order_lines", null=True)
    print_file = TenantForeignKey(PrintFile, related_name="order_lines", null=True)
    design = TenantForeignKey(Design, related_name="+", null=True)  # chosen for this order alone; None where the mapping's stands
    sku = models.CharField(_("SKU"), max_length=200, blank=True)
    product_id = models.CharField(_("marketplace product id"), max_length=40, blank=True)
    title = models.TextField(_("title"))
    quantity = models.PositiveIntegerField(_("quantity"))
    quantity_told = models.PositiveIntegerField(null=True)  # the channel's, while ours was changed by hand and differs
    quantity_shipped = models.PositiveIntegerField(_("shipped"), default=0)
    quantity_labelled = models.PositiveIntegerField(
        default=0, db_default=0
    )  # a label was bought here, so the marketplace calls them shipped; they have not left
    pieces_each = models.PositiveIntegerField(_("pieces per unit"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    state = models.CharField(max_length=12, choices=LineState, default=LineState.RECEIVED)
    is_personalised = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("order line")
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "external_line_id"], name="one_line_per_number"),
            models.CheckConstraint(name="known_line_state", condition=Q(state__in=[state.value for state in LineState])),
            models.CheckConstraint(name="never_more_shipped_than_ordered", condition=Q(quantity_shipped__lte=F("quantity"))),
        ]
        indexes = [
            models.Index("psp", "sku", name="line_by_sku"),
            models.Index("psp", "listing", name="line_waiting_for_mapping", condition=Q(mapping=None, state__in=["received", "released"])),
            models.Index("listing", "state", name="line_of_listing", condition=Q(state__in=["received", "released", "not_ours"])),
            models.Index("psp", "state", "id", name="line_by_state", condition=Q(state__in=["released", "printing", "packing"])),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku or self.title}"

    @property
    def quantity_open(self) -> int:
        """How many units have not been shipped and are ours to ship."""
        return 0 if self.state in NOT_MADE else self.quantity - self.quantity_shipped


class Personalisation(OutboxRow):
    """The buyer's own text for one line: an archive to fetch before its address expires, then a text to review.

    ``address_sealed`` is the download address, ``content_sealed`` the list of ``{"label", "text"}`` that was read from the archive.
    """

    narrowed_by = Through("line")

    line = TenantOneToOneField(OrderLine, related_name="personalisation")
    authorization = TenantForeignKey(Authorization, related_name="personalisations", null=True)
    address_sealed = SealedJSON()
    content_sealed = SealedJSON()
    fetched_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("personalisation")
        indexes = [models.Index("not_before", "id", name="personalisations_due", condition=Q(delivery="pending"))]

    def __str__(self) -> str:
        return f"personalisation of line {self.line_id}"

    def seal_mark(self) -> str:
        """Bind the sealed values to the line."""
        return str(self.line_id)


class HoldKind(models.TextChoices):
    """Why an order or line may not go on."""

    UNMAPPED = "unmapped", _("listing is not mapped")
    ARTWORK = "artwork", _("artwork missing")
    APPROVAL = "approval", _("waits for approval")
    PERSONALISATION = "personalisation", _("personalisation to review")
    CANCEL_REQUEST = "cancel_request", _("cancellation requested")
    ADDRESS = "address", _("address missing")
    CHANNEL_HOLD = "channel_hold", _("held by the marketplace")
    UNREADABLE = "unreadable", _("change could not be read")


class Hold(TenantModel):
    """A reason to wait, on an order or on one line. Open until released; released ones stay as history.

    ``release_at`` is when the hub releases it by itself; None waits for a person or for the cause to go away, which is expected at ``ends_about``.
    A buyer's wish to cancel may have a number at the marketplace (``reference``), a time until which it takes an answer, and a ``quantity`` where not
    all of the line is meant; ``declined_at`` is when a person decided to ship all the same.
    """

    narrowed_by = Through("order")

    public_id = PublicIdField(prefix="hld")
    order = TenantForeignKey(Order, related_name="holds")
    line = TenantForeignKey(OrderLine, related_name="holds", null=True)
    kind = models.CharField(max_length=20, choices=HoldKind)
    reason = models.TextField()
    opened_at = models.DateTimeField(default=now)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    release_reason = models.TextField(blank=True)
    release_at = models.DateTimeField(null=True)
    ends_about = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, blank=True, db_default="")
    answer_by = models.DateTimeField(null=True)
    quantity = models.PositiveIntegerField(null=True)
    declined_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("hold")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "line", "kind"], name="one_open_hold_per_reason", condition=Q(released_at=None), nulls_distinct=False
            ),
            models.CheckConstraint(name="known_hold_kind", condition=Q(kind__in=[kind.value for kind in HoldKind])),
        ]
        indexes = [
            models.Index("psp", "kind", "opened_at", name="holds_open", condition=Q(released_at=None)),
            models.Index("release_at", "id", name="holds_that_end", condition=Q(released_at=None, release_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on order {self.order_id}"


class OrderEvent(TenantModel):
    """One line of an order's timeline: what happened, who or what did it, by which rule. Append-only; holds no buyer data."""

    narrowed_by = Through("order")

    order = TenantForeignKey(Order, related_name="events")
    line = TenantForeignKey(OrderLine, related_name="events", null=True)
    kind = models.CharField(max_length=30)
    at = models.DateTimeField(default=now)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    actor_label = models.CharField(max_length=120)
    summary = models.TextField()
    facts = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        verbose_name = _("event")
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes = [
            models.Index("psp", "order", "at", "id", name="events_of_order"),
            models.Index("psp", "at", "order", name="events_by_time"),
        ]

    def __str__(self) -> str:
        return self.summary


class PurgeRecord(TenantModel):
    """The proof that buyer data of one order number was removed: what kinds, when, why, by which rule. Append-only; holds no buyer data.

    ``order`` is None for numbers that were skipped and never became an order. ``removed`` maps each kind to how many were removed.
    """

    narrowed_by = Through("order", "store")

    class Rule(models.TextChoices):
        DELIVERED = "delivered", _("30 days after delivery")
        FORGOTTEN = "forgotten", _("never shipped, long after its delivery date")
        DISCONNECTED = "disconnected", _("the store was disconnected")
        PERMISSION_GONE = "permission_gone", _("the seller's permission has been gone for 30 days")
        NOT_IMPORTED = "not_imported", _("never imported, 30 days after it was decided")
        REQUESTED = "requested", _("on request")
        SEEN_AGAIN = "seen_again", _("the marketplace told it again after the purge")

    public_id = PublicIdField(prefix="pur")
    order = TenantForeignKey(Order, related_name="purges", null=True)
    store = TenantForeignKey(Store, related_name="+", null=True)
    external_id = models.CharField(_("order number"), max_length=80)
    at = models.DateTimeField(default=now)
    rule = models.CharField(max_length=20, choices=Rule)
    reason = models.TextField()
    removed = models.JSONField(default=dict)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    actor_label = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        verbose_name = _("purge record")
        indexes = [
            models.Index("psp", "external_id", name="purges_by_number"),
            models.Index("psp", F("at").desc(), F("id").desc(), name="purge_list"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} purged {self.at:%Y-%m-%d}"


class Reconciliation(OutboxRow):
    """One comparison of everything the channel lists for a window with the ledger, page by page; kept as the proof of "0 missing of N".

    Pending while it runs, confirmed once it is through, parked when it could not be finished. ``missing`` counts orders that a poll should have
    brought and did not, ``different`` those whose status, lines or quantities differed; ``repaired`` how many of both were brought in.
    """

    narrowed_by = Through("authorization")

    authorization = TenantForeignKey(Authorization, related_name="reconciliations")
    window_from = models.DateTimeField()
    window_to = models.DateTimeField(null=True)
    marketplaces = ArrayField(models.CharField(max_length=24), default=list)
    page = models.TextField(blank=True)
    checked = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    different = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    numbers = ArrayField(models.CharField(max_length=80), default=list)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=120)

    class Meta(OutboxRow.Meta):
        verbose_name = _("reconciliation")
        constraints = [models.UniqueConstraint(fields=["authorization"], name="one_running_reconciliation", condition=Q(delivery="pending"))]
        indexes = [
            models.Index("not_before", "id", name="reconciliations_due", condition=Q(delivery="pending")),
            models.Index("psp", "authorization", F("started_at").desc(), name="reconciliation_list"),
        ]

    def __str__(self) -> str:
        return f"{self.missing} missing of {self.checked}"
