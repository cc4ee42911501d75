"""What is offered: category, product model with its print areas, variants and mockups, customer product with its prices and leaves."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from catalog.colour_profiles import ColourProfile, profiles
from pod_hub.accounts.models import Customer, Facility
from pod_hub.core.narrowing import Always, ByColumns, UsedBy
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.tenancy import TenantForeignKey, TenantModel


class Category(TenantModel):
    """A shelf of the catalog, as a tree; merchants see it exactly so (GA-24)."""

    narrowed_by = Always()

    public_id = PublicIdField(prefix="cat")
    name = models.CharField(_("name"), max_length=80)
    parent = TenantForeignKey("self", related_name="children", null=True, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    picture_name = models.CharField(max_length=200, blank=True)  # where Django's storage keeps its picture

    class Meta(TenantModel.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.UniqueConstraint(fields=["psp", "parent", "name"], name="one_category_per_name", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.name


class ProductModel(TenantModel):
    """A blank thing the PSP can print on. Its print areas, variants and mockups are rows of their own."""

    narrowed_by = Always()

    public_id = PublicIdField(prefix="mod")
    category = TenantForeignKey(Category, related_name="product_models")
    name = models.CharField(_("name"), max_length=120)
    sku = models.CharField(_("blank SKU"), max_length=60)
    description = models.TextField(_("description"), blank=True)
    needs_design = models.BooleanField(_("needs a design file"), default=True)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    length_mm = models.PositiveIntegerField(_("packed length (mm)"), default=0)
    width_mm = models.PositiveIntegerField(_("packed width (mm)"), default=0)
    height_mm = models.PositiveIntegerField(_("packed height (mm)"), default=0)
    # Grows with every change of what a design has to fit: areas, sizes, resolutions. Until every design is judged for it, the second lags behind.
    revision = models.PositiveIntegerField(default=1, editable=False)
    judged_revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("product model")
        constraints = [models.UniqueConstraint(fields=["psp", "sku"], name="one_product_model_per_sku")]

    def __str__(self) -> str:
        return self.name

    @property
    def main_area(self) -> PrintArea | None:
        """The first print area; None where nothing is printed (a query unless ``print_areas`` is prefetched)."""
        return next(iter(self.print_areas.all()), None)


class ColourMode(models.TextChoices):
    """How a picture holds its colours."""

    RGB = "rgb", _("RGB")
    CMYK = "cmyk", _("CMYK")
    GREY = "grey", _("greyscale")


class FileType(models.TextChoices):
    """What a file of artwork may be."""

    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    PDF = "pdf", "PDF"


class PrintOutput(models.TextChoices):
    """What the plant's machines take."""

    PNG = "png", "PNG"
    PDF = "pdf", "PDF"


def default_colour_modes() -> list[str]:
    """Every mode; the print file is converted to the area's profile."""
    return [mode.value for mode in ColourMode]


def default_file_types() -> list[str]:
    """Every type."""
    return [kind.value for kind in FileType]


area_key = RegexValidator(r"^[a-z][a-z0-9_]{0,29}$", _("Use lower-case letters, digits and underscores, beginning with a letter."))


class PrintArea(TenantModel):
    """One place of a product model that is printed, in millimetres. The print file covers the area and its bleed on every side.

    What lies within ``safe_mm`` of the edge may be cut off; ``icc_profile`` names a profile of ``catalog.colour_profiles``, empty for sRGB.
    """

    narrowed_by = Always()

    public_id = PublicIdField(prefix="are")
    product_model = TenantForeignKey(ProductModel, models.CASCADE, related_name="print_areas")
    key = models.CharField(_("key"), max_length=30, default="front", validators=[area_key])
    name = models.CharField(_("name"), max_length=60, default="Front")
    position = models.PositiveIntegerField(_("position"), default=0)
    width_mm = models.PositiveIntegerField(_("print width (mm)"), validators=[MinValueValidator(1), MaxValueValidator(5000)])
    height_mm = models.PositiveIntegerField(_("print height (mm)"), validators=[MinValueValidator(1), MaxValueValidator(5000)])
    bleed_mm = models.PositiveIntegerField(_("bleed (mm)"), default=0, validators=[MaxValueValidator(50)])
    safe_mm = models.PositiveIntegerField(_("safe zone (mm)"), default=0, validators=[MaxValueValidator(100)])
    min_dpi = models.PositiveIntegerField(_("smallest resolution (dpi)"), default=150, validators=[MinValueValidator(20), MaxValueValidator(1200)])
    target_dpi = models.PositiveIntegerField(_("target resolution (dpi)"), default=300, validators=[MinValueValidator(20), MaxValueValidator(1200)])
    colour_modes = ArrayField(models.CharField(max_length=8, choices=ColourMode), default=default_colour_modes, verbose_name=_("colour modes"))
    file_types = ArrayField(models.CharField(max_length=8, choices=FileType), default=default_file_types, verbose_name=_("file types"))
    output = models.CharField(_("print file"), max_length=8, choices=PrintOutput, default=PrintOutput.PNG)
    icc_profile = models.CharField(_("colour profile"), max_length=60, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("print area")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product_model", "key"], name="one_print_area_per_key"),
            models.CheckConstraint(name="least_dpi_is_not_above_target", condition=Q(min_dpi__lte=F("target_dpi"))),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse CMYK in a kind of file that holds none."""
        profile = self.profile
        if profile is not None and profile.colours == ColourMode.CMYK and self.output == PrintOutput.PNG:
            raise ValidationError({"icc_profile": _("A PNG holds no CMYK. Choose PDF as the print file, or a profile of RGB colours.")})

    @property
    def profile(self) -> ColourProfile | None:
        """The colours that it is printed in; None when the profile's file is not here any more."""
        return profiles().get(self.icc_profile)

    @property
    def full_width_mm(self) -> int:
        """Width with the bleed of both sides: what the print file covers."""
        return self.width_mm + 2 * self.bleed_mm

    @property
    def full_height_mm(self) -> int:
        """Height with the bleed of both sides."""
        return self.height_mm + 2 * self.bleed_mm

    @property
    def safe_width_mm(self) -> int:
        """Width of what is never cut off."""
        return self.width_mm - 2 * self.safe_mm

    @property
    def safe_height_mm(self) -> int:
        """Height of what is never cut off."""
        return self.height_mm - 2 * self.safe_mm

    @property
    def has_safe_zone(self) -> bool:
        """Whether there is a safe zone that is not all of the area, or nothing."""
        return bool(self.safe_mm) and self.safe_width_mm > 0 and self.safe_height_mm > 0


class Variant(TenantModel):
    """One kind of a product model, such as a size and colour. Zero weight and measures mean: the model's own."""

    narrowed_by = Always()

    public_id = PublicIdField(prefix="var")
    product_model = TenantForeignKey(ProductModel, models.CASCADE, related_name="variants")
    size = models.CharField(_("size"), max_length=40, blank=True)
    colour = models.CharField(_("colour"), max_length=40, blank=True)
    colour_code = models.CharField(
        _("colour on pictures"), max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("Use a code such as #1f6f54."))]
    )
    sku = models.CharField(_("blank SKU"), max_length=60)
    position = models.PositiveIntegerField(_("position"), default=0)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    length_mm = models.PositiveIntegerField(_("packed length (mm)"), default=0)
    width_mm = models.PositiveIntegerField(_("packed width (mm)"), default=0)
    height_mm = models.PositiveIntegerField(_("packed height (mm)"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("variant")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["psp", "sku"], name="one_variant_per_sku"),
            models.UniqueConstraint(fields=["product_model", "size", "colour"], name="one_variant_per_size_and_colour"),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.colour, self.size) if part) or self.sku


class Place(NamedTuple):
    """A rectangle on a picture, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Mockup(TenantModel):
    """A picture of the blank with a print area's place on it, for previews. Places are hundredths of a percent of the picture (0 to 10,000)."""

    narrowed_by = Always()

    public_id = PublicIdField(prefix="moc")
    product_model = TenantForeignKey(ProductModel, models.CASCADE, related_name="mockups")
    print_area = TenantForeignKey(PrintArea, models.CASCADE, related_name="mockups")
    variant = TenantForeignKey(Variant, models.CASCADE, related_name="mockups", null=True, blank=True)
    picture_name = models.CharField(max_length=200)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    left = models.PositiveIntegerField(default=2500, validators=[MaxValueValidator(10_000)])
    top = models.PositiveIntegerField(default=2500, validators=[MaxValueValidator(10_000)])
    width = models.PositiveIntegerField(default=5000, validators=[MinValueValidator(1), MaxValueValidator(10_000)])
    height = models.PositiveIntegerField(default=5000, validators=[MinValueValidator(1), MaxValueValidator(10_000)])
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        verbose_name = _("mockup")
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return f"mockup of {self.print_area_id}"

    @property
    def place(self) -> Place:
        """Where the print area is, in pixels of the picture."""
        across, down = self.width_px / 10_000, self.height_px / 10_000
        return Place(round(self.left * across), round(self.top * down), round(self.width * across), round(self.height * down))


class Packed(NamedTuple):
    """Weight and size of one piece, packed; 0 where nobody has entered it."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


product_uid = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$", _("Use 3 to 60 letters, digits, dots, dashes or underscores."))


class CustomerProduct(TenantModel):
    """A product model as offered to given customers, with the product UID that people type."""

    # What a customer's listings print from stays visible when the leave to use it has ended.
    narrowed_by = UsedBy("catalog.ProductGrant.customer_product", "stores.MappingPart.customer_product", shared="for_all_customers", writes=False)

    public_id = PublicIdField(prefix="prd")
    product_model = TenantForeignKey(ProductModel, related_name="customer_products")
    uid = models.CharField(_("product UID"), max_length=60, validators=[product_uid])
    name = models.CharField(_("name"), max_length=120)
    variant = models.CharField(_("variant"), max_length=80, blank=True)
    model_variant = TenantForeignKey(Variant, related_name="customer_products", null=True, blank=True)  # which blank the plant takes
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    for_all_customers = models.BooleanField(_("every customer may use it"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    active_from = models.DateField(_("offered from"), null=True, blank=True)
    active_until = models.DateField(_("offered until"), null=True, blank=True)  # the last day

    class Meta(TenantModel.Meta):
        verbose_name = _("customer product")
        constraints = [
            models.UniqueConstraint(fields=["psp", "uid"], name="one_customer_product_per_uid"),
            models.CheckConstraint(name="price_is_not_negative", condition=models.Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.variant}".strip()

    @property
    def packed(self) -> Packed:
        """Weight and size of one piece: its variant's own, else the model's."""
        model, variant = self.product_model, self.model_variant
        return Packed(*(getattr(variant, name, 0) or getattr(model, name) for name in Packed._fields))

    @property
    def is_offered(self) -> bool:
        """Whether it may be used for new orders today."""
        today = localdate()
        return self.is_active and (self.active_from or today) <= today <= (self.active_until or today)


def offered_today(prefix: str = "") -> Q:
    """Return the condition "a customer product may be used for new orders today"; ``prefix`` leads to it from another table, such as ``"customer_product__"``."""
    today = localdate()
    begun = Q(**{f"{prefix}active_from": None}) | Q(**{f"{prefix}active_from__lte": today})
    going_on = Q(**{f"{prefix}active_until": None}) | Q(**{f"{prefix}active_until__gte": today})
    return Q(**{f"{prefix}is_active": True}) & begun & going_on


class ProductGrant(TenantModel):
    """Leave for one customer to use one customer product (GA-12)."""

    narrowed_by = ByColumns(customer="customer_id", writes=False)

    customer_product = TenantForeignKey(CustomerProduct, models.CASCADE, related_name="grants")
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="product_grants")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["customer_product", "customer"], name="one_grant_per_customer")]

    def __str__(self) -> str:
        return f"{self.customer_product_id} for {self.customer_id}"


class CustomerPrice(TenantModel):
    """What one customer pays for one piece of a customer product, in the product's currency, in place of its list price."""

    narrowed_by = ByColumns(customer="customer_id", writes=False)

    customer_product = TenantForeignKey(CustomerProduct, models.CASCADE, related_name="customer_prices")
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="product_prices")
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=4, validators=[MinValueValidator(0)])

    class Meta(TenantModel.Meta):
        verbose_name = _("customer price")
        constraints = [
            models.UniqueConstraint(fields=["customer_product", "customer"], name="one_price_per_customer"),
            models.CheckConstraint(name="customer_price_is_not_negative", condition=Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.price} for {self.customer_id}"


class ProductFacility(TenantModel):
    """A facility that makes a customer product."""

    narrowed_by = ByColumns(facility="facility_id", writes=False)

    customer_product = TenantForeignKey(CustomerProduct, models.CASCADE, related_name="made_at")
    facility = TenantForeignKey(Facility, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["customer_product", "facility"], name="one_product_per_facility")]

    def __str__(self) -> str:
        return f"{self.customer_product_id} at {self.facility_id}"
