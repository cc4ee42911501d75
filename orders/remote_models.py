"""Remote file storage (RF-01..10): where a customer puts print files, and each file that was found there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import Artwork, Design
from pod_hub.accounts.models import Customer
from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantForeignKey, TenantModel
from stores.models import Store

STANDARD_PATTERN = "{order_number}_{order_item_number}.{ext}"  # RF-05


class StorageKind(models.TextChoices):
    """Whose storage it is: they differ in how they are asked."""

    S3 = "s3", _("Amazon S3 or a compatible service")
    GOOGLE = "google", _("Google Cloud Storage")
    AZURE = "azure", _("Azure Blob Storage")


class FileSource(TenantModel):
    """A storage of a customer that is looked through every hour, for orders of one store or of all its stores.

    ``scan_*`` is the position inside an unfinished scan, which another worker may go on with. Keys are sealed; ``key_hint`` shows which they are.
    """

    narrowed_by = ByColumns(customer="customer_id")

    public_id = PublicIdField(prefix="fsr")
    customer = TenantForeignKey(Customer, related_name="file_sources")
    store = TenantForeignKey(Store, related_name="file_sources", null=True, blank=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("storage"), max_length=8, choices=StorageKind, default=StorageKind.S3)
    endpoint = models.CharField(_("endpoint"), max_length=300, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    bucket = models.CharField(_("bucket"), max_length=255)
    prefix = models.CharField(_("folder"), max_length=500, blank=True)
    keys_sealed = SealedJSON()  # {"id", "secret"}; of Azure {"id": "", "secret": account key or SAS token}; None for a public bucket
    key_hint = models.CharField(max_length=40, blank=True)
    pattern = models.CharField(_("file names"), max_length=120, default=STANDARD_PATTERN)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    next_scan_at = models.DateTimeField(default=now)
    scan_lease = models.UUIDField(null=True, editable=False)
    scan_leased_until = models.DateTimeField(null=True, editable=False)
    scan_started_at = models.DateTimeField(null=True)
    scan_page = models.TextField(blank=True)
    scan_seen = models.PositiveIntegerField(default=0)
    scan_new = models.PositiveIntegerField(default=0)
    scan_ignored = models.PositiveIntegerField(default=0)
    scan_failures = models.PositiveIntegerField(default=0)
    scanned_at = models.DateTimeField(_("last scan"), null=True)
    scan_result = models.JSONField(default=dict)  # of the last whole scan: seen, new, ignored
    last_error = models.TextField(blank=True)
    # A test that a person asked for: due from this moment on, None when none is.
    test_due_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    test_result = models.JSONField(default=dict)  # {"works", "said", "examples"}

    class Meta(TenantModel.Meta):
        verbose_name = _("remote file storage")
        constraints = [
            models.UniqueConstraint(fields=["customer", "name"], name="one_file_source_per_name", condition=Q(removed_at=None)),
            models.CheckConstraint(name="known_storage_kind", condition=Q(kind__in=[kind.value for kind in StorageKind])),
        ]
        indexes = [
            models.Index("next_scan_at", name="file_sources_due", condition=Q(is_active=True, removed_at=None)),
            models.Index("test_due_at", name="storage_tests_due", condition=Q(test_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_looked_through(self) -> bool:
        """Whether the hub looks through it: it is not paused, not removed, and its customer's plan has it. Reads ``customer``."""
        return self.is_active and self.removed_at is None and self.customer.remote_files_enabled

    def seal_mark(self) -> str:
        """Bind the keys to this storage."""
        return self.public_id


class FoundFile(OutboxRow):
    """A file that lies in a storage under a name with a print file's ending. One row for each name; ``etag`` is of the content last looked at.

    ``delivery`` is pending while the file is to be copied or attached. ``order_number`` and ``item_number`` are what its name says, empty when the
    name does not fit the pattern.
    """

    narrowed_by = Through("source")
    due_states = (Delivery.PENDING,)

    class State(models.TextChoices):
        UNMATCHED = "unmatched", _("no order waits for it")
        MATCHED = "matched", _("being copied")
        PREPARING = "preparing", _("print file is being made")
        ATTACHED = "attached", _("attached")
        MISNAMED = "misnamed", _("name does not fit")
        LATE = "late", _("came too late")
        DUPLICATE = "duplicate", _("line has a file already")
        REFUSED = "refused", _("cannot be printed")

    public_id = PublicIdField(prefix="ffl")
    source = TenantForeignKey(FileSource, models.CASCADE, related_name="files")
    name = models.CharField(_("file"), max_length=1024)
    etag = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size"), default=0)
    changed_at = models.DateTimeField(_("changed there"), null=True)
    found_at = models.DateTimeField(_("found"), default=now)
    order_number = models.CharField(_("order number"), max_length=80, blank=True)
    item_number = models.CharField(_("order item"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNMATCHED)
    message = models.TextField(blank=True)
    order = TenantForeignKey("orders.Order", related_name="found_files", null=True)
    line = TenantForeignKey("orders.OrderLine", related_name="found_files", null=True)
    artwork = TenantForeignKey(Artwork, related_name="+", null=True)
    design = TenantForeignKey(Design, related_name="+", null=True)
    attached_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("found file")
        constraints = [
            models.UniqueConstraint(fields=["source", "name"], name="one_found_file_per_name"),
            models.UniqueConstraint(fields=["line"], name="one_file_per_line", condition=Q(state__in=["matched", "preparing", "attached"])),
            models.CheckConstraint(name="known_found_state", condition=Q(state__in=[
                "unmatched", "matched", "preparing", "attached", "misnamed", "late", "duplicate", "refused",
            ])),
        ]  # fmt: skip
        indexes = [
            models.Index("not_before", "id", name="found_files_due", condition=Q(delivery="pending")),
            models.Index("source", "order_number", name="found_files_to_match", condition=Q(state="unmatched")),
            models.Index("psp", "source", F("found_at").desc(), F("id").desc(), name="found_file_list"),
            models.Index("source", "state", F("found_at").desc(), F("id").desc(), name="found_file_list_by_state"),
        ]

    def __str__(self) -> str:
        return self.name
