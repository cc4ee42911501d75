"""Connecting many listings by a file: the import, its rows with one verdict each, and the design files that its links lead to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import Artwork, CustomerProduct
from pod_hub.accounts.models import User
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import Delivery, OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel
from stores.models import Listing, ListingMapping, Store


class BulkImport(OutboxRow):
    """One uploaded file that connects listings of a store. Read and checked first; nothing is connected before a person says so.

    ``delivery`` is pending while a worker has something to do and confirmed while a person has, or nobody. ``counts`` maps verdicts to rows and is
    counted again after each portion of work, for the page. The uploaded file itself is deleted once its rows are stored.
    """

    narrowed_by = Through("store")
    due_states = (Delivery.PENDING,)

    class Stage(models.TextChoices):
        READING = "reading", _("reading the file")
        CHECKED = "checked", _("checked, waits for your yes")
        APPLYING = "applying", _("connecting")
        DONE = "done", _("done")
        FAILED = "failed", _("could not be read")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    public_id = PublicIdField(prefix="imp")
    store = TenantForeignKey(Store, related_name="bulk_imports")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.READING)
    file_name = models.CharField(_("file"), max_length=200)
    storage_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(_("result goes to"))
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=now)
    last_row = models.PositiveIntegerField(default=0)  # of the file, as far as it is stored
    rows_total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    apply_from = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("bulk import")
        constraints = [
            models.UniqueConstraint(fields=["store"], name="one_running_bulk_import", condition=Q(stage__in=["reading", "applying", "undoing"]))
        ]
        indexes = [
            models.Index("not_before", "id", name="bulk_imports_due", condition=Q(delivery="pending")),
            models.Index("psp", "store", F("started_at").desc(), F("id").desc(), name="bulk_import_list"),
        ]

    def __str__(self) -> str:
        return self.file_name


class BulkImportFile(OutboxRow):
    """A design file that rows of an import link to: fetched once, however many rows name it. Parked with the reason when it cannot be used."""

    narrowed_by = Through("bulk_import")
    due_states = (Delivery.PENDING,)

    bulk_import = TenantForeignKey(BulkImport, models.CASCADE, related_name="files")
    link = models.TextField()
    link_hash = models.CharField(max_length=64)
    artwork = TenantForeignKey(Artwork, related_name="+", null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("linked design file")
        constraints = [models.UniqueConstraint(fields=["bulk_import", "link_hash"], name="one_file_per_link")]
        indexes = [models.Index("bulk_import", "not_before", "id", name="bulk_files_due", condition=Q(delivery="pending"))]

    def __str__(self) -> str:
        return f"file of import {self.bulk_import_id}"


class Verdict(models.TextChoices):
    """What became, or will become, of one row."""

    READY = "ready", _("will be connected")
    CONNECTED = "connected", _("connected")
    UNCHANGED = "unchanged", _("already so")
    BLANK = "blank", _("nothing filled in")
    NO_LISTING = "no_listing", _("product of the store not found")
    NO_PRODUCT = "no_product", _("Product UID not usable")
    TWICE = "twice", _("named twice")
    NO_DESIGN = "no_design", _("design file missing")
    BAD_LINK = "bad_link", _("link not usable")
    BAD_FILE = "bad_file", _("design file refused")
    REFUSED = "refused", _("not connected")
    CANCELLED = "cancelled", _("not done, cancelled")
    UNDONE = "undone", _("undone")
    KEPT = "kept", _("changed since, left alone")


class BulkImportRow(TenantModel):
    """One row of the file. ``number`` is the one that a spreadsheet shows beside it; the message says what happened and what to do."""

    narrowed_by = Through("bulk_import")

    bulk_import = TenantForeignKey(BulkImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    sku = models.CharField(_("SKU"), max_length=200, blank=True)
    uid = models.CharField(_("Product UID"), max_length=200, blank=True)
    link = models.TextField(_("Design File URL"), blank=True)
    listing = TenantForeignKey(Listing, related_name="+", null=True)
    customer_product = TenantForeignKey(CustomerProduct, related_name="+", null=True)
    file = TenantForeignKey(BulkImportFile, related_name="rows", null=True)
    mapping = TenantForeignKey(ListingMapping, related_name="+", null=True)
    verdict = models.CharField(_("result"), max_length=12, choices=Verdict, default=Verdict.READY)
    message = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("row of a bulk import")
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["bulk_import", "number"], name="one_verdict_per_row"),
            models.CheckConstraint(name="known_bulk_verdict", condition=Q(verdict__in=[verdict.value for verdict in Verdict])),
        ]
        indexes = [
            models.Index("bulk_import", "verdict", "number", name="bulk_rows_by_verdict"),
            models.Index("bulk_import", "listing", name="bulk_rows_by_listing"),
            models.Index("bulk_import", "number", name="bulk_rows_to_do", condition=Q(verdict="ready")),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"
