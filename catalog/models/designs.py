"""Artwork: what merchants upload, the design that arranges it on a product model, and the print file that comes out."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models.products import ColourMode, PrintArea, ProductModel
from pod_hub.accounts.models import Customer
from pod_hub.core.narrowing import ByColumns, Through, UsedBy
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel


class Artwork(TenantModel):
    """A file as a customer uploaded or linked it, checked and never changed. Designs place it; one row for each content of a customer.

    ``findings`` is what preflight said of the file alone (``catalog.services.preflight``); resolution depends on where a design places it. A PDF's
    size is counted at 300 dpi. ``preview_name`` is a small picture for pages, ``screen_name`` one that is sharp enough to design with; both stand
    upright and in sRGB. ``prints_as_is`` says that a machine may get the very file, where its shape fits a print area.
    """

    narrowed_by = ByColumns(customer="customer_id")

    public_id = PublicIdField(prefix="art")
    customer = TenantForeignKey(Customer, related_name="artwork")
    storage_name = models.CharField(max_length=200)
    preview_name = models.CharField(max_length=200, blank=True)
    screen_name = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    width_px = models.PositiveIntegerField(_("width (px)"))
    height_px = models.PositiveIntegerField(_("height (px)"))
    colour_mode = models.CharField(_("colour mode"), max_length=8, choices=ColourMode, default=ColourMode.RGB)
    prints_as_is = models.BooleanField(default=False)
    has_transparency = models.BooleanField(_("transparent"), default=False)
    findings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("artwork")
        constraints = [models.UniqueConstraint(fields=["customer", "sha256"], name="one_artwork_per_content")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_vector(self) -> bool:
        """Whether it is drawn anew at any size, so that no resolution is too small for it."""
        return self.content_type == "application/pdf"


class PrintFile(TenantModel):
    """A checked, stored file that a machine prints. Never changed: new content is a new row.

    ``storage_name`` is where Django's storage keeps it; ``sha256`` is over the stored bytes and is checked on each download. ``dpi`` is what
    the picture gives on the print area it was checked for, and the same content has a row for each. ``checked_at`` is when the stored bytes
    were last compared with the checksum; ``trouble`` says what was wrong then, and no order is printed from the file while it stands there.
    ``area_name`` and the millimetres are what that print area was, whatever becomes of it later; without bleed. Only files whose area was not known
    when this began to be noted have none.
    """

    narrowed_by = UsedBy(
        "catalog.Design.print_file", "catalog.DesignSheet.print_file", "stores.MappingPart.print_file", "orders.OrderLine.print_file", writes=False
    )

    public_id = PublicIdField(prefix="prf")
    storage_name = models.CharField(max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    width_px = models.PositiveIntegerField(_("width (px)"))
    height_px = models.PositiveIntegerField(_("height (px)"))
    dpi = models.PositiveIntegerField(_("resolution (dpi)"))
    area_name = models.CharField(_("print area"), max_length=60, blank=True)
    width_mm = models.PositiveIntegerField(_("print width (mm)"), null=True)
    height_mm = models.PositiveIntegerField(_("print height (mm)"), null=True)
    bleed_mm = models.PositiveIntegerField(_("bleed (mm)"), null=True)
    preview_name = models.CharField(max_length=200, blank=True)
    colour_mode = models.CharField(_("colour mode"), max_length=8, choices=ColourMode, default=ColourMode.RGB)
    findings = models.JSONField(default=list)  # what preflight said, for people; empty when nothing was found
    checked_at = models.DateTimeField(default=now)
    trouble = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("print file")
        constraints = [
            models.UniqueConstraint(
                fields=["psp", "sha256", "dpi", "area_name", "width_mm", "height_mm", "bleed_mm"],
                name="one_print_file_per_content_and_area",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index("psp", name="print_files_in_trouble", condition=~models.Q(trouble=""))]

    def __str__(self) -> str:
        return self.file_name


class Design(TenantModel):
    """The artwork as the merchant means it, for one product model; its print files are what comes out.

    A design that a mapping uses is never changed: changing it makes a new one that ``replaces`` it, and mappings move to that one as new versions.
    ``print_file`` is the first print area's; the others stand on the sheets. ``judged_revision`` is the model's revision that it was last compared
    with, and ``misfits`` (findings of ``catalog.services.preflight``) why it does not fit it: nothing new is printed from it while they stand there.
    ``kept_misfits`` are those that a person has decided to print all the same. ``begun_for`` names what a draft was wanted for (the public id of a
    listing, or of a product that is added), so that the editor goes on with it from there.
    """

    narrowed_by = ByColumns(customer="customer_id")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RENDERING = "rendering", _("print files are being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("print files could not be made")

    public_id = PublicIdField(prefix="des")
    customer = TenantForeignKey(Customer, related_name="designs")
    product_model = TenantForeignKey(ProductModel, related_name="designs")
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(max_length=12, choices=State, default=State.READY)
    replaces = TenantForeignKey("self", related_name="replaced_by", null=True, blank=True)
    judged_revision = models.PositiveIntegerField(default=1)
    misfits = models.JSONField(default=list)
    kept_misfits = models.JSONField(default=list)
    kept_because = models.TextField(_("kept as it is because"), blank=True)
    print_file = TenantForeignKey(PrintFile, related_name="designs", null=True, blank=True)
    areas_used = models.PositiveSmallIntegerField(default=1)  # how many sheets have a print file; saves a look at them where it is one
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(null=True)  # the editor's last autosave
    begun_for = models.CharField(max_length=40, blank=True)
    edits = models.PositiveIntegerField(default=0)  # grows with each; an editor that has not seen the newest may not save over it

    class Meta(TenantModel.Meta):
        verbose_name = _("design")
        indexes = [
            models.Index("product_model", "judged_revision", name="designs_to_judge", condition=models.Q(state__in=["ready", "rendering"])),
            models.Index("product_model", name="designs_that_misfit", condition=~models.Q(misfits=[])),
        ]

    def __str__(self) -> str:
        return self.name


class DesignSheet(TenantModel):
    """What a design puts on one print area: the scene of ``catalog/scenes.py``, and the print file that was made from it.

    An empty scene with a print file is a file that was uploaded as it is printed. ``made_for`` is what the area was when the file was made
    (``catalog.services.fitting.as_made``); it is empty for files older than this note.
    """

    narrowed_by = Through("design")

    public_id = PublicIdField(prefix="she")
    design = TenantForeignKey(Design, models.CASCADE, related_name="sheets")
    print_area = TenantForeignKey(PrintArea, related_name="sheets")
    scene: models.JSONField[Any, Any] = models.JSONField(default=dict)
    print_file = TenantForeignKey(PrintFile, related_name="sheets", null=True, blank=True)
    made_for: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        verbose_name = _("design sheet")
        constraints = [models.UniqueConstraint(fields=["design", "print_area"], name="one_sheet_per_area")]

    def __str__(self) -> str:
        return f"{self.design_id} on {self.print_area_id}"


class SheetArtwork(TenantModel):
    """That a sheet's scene places an artwork. Kept beside the scene, so that what is used can be found and is not deleted."""

    narrowed_by = Through("sheet")

    sheet = TenantForeignKey(DesignSheet, models.CASCADE, related_name="placed")
    artwork = TenantForeignKey(Artwork, related_name="placed_on")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["sheet", "artwork"], name="one_use_per_sheet")]

    def __str__(self) -> str:
        return f"{self.artwork_id} on {self.sheet_id}"


class RenderJob(OutboxRow):
    """The work of making one sheet's print file. Confirmed when the file stands in the storage; parked with the reason when it cannot be made."""

    narrowed_by = Through("sheet")

    sheet = TenantForeignKey(DesignSheet, models.CASCADE, related_name="render_jobs")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OutboxRow.Meta):
        verbose_name = _("render job")
        indexes = [models.Index("not_before", "id", name="renders_due", condition=models.Q(delivery="pending"))]

    def __str__(self) -> str:
        return f"render of {self.sheet_id}"
