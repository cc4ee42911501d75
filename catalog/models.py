"""What can be printed, and for whom: category, product model, customer product, design and print file."""

from __future__ import annotations

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

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

    class Meta(TenantModel.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.UniqueConstraint(fields=["psp", "parent", "name"], name="one_category_per_name", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.name


class ProductModel(TenantModel):
    """A blank thing the PSP can print on, with its print area in millimetres."""

    narrowed_by = Always()

    public_id = PublicIdField(prefix="mod")
    category = TenantForeignKey(Category, related_name="product_models")
    name = models.CharField(_("name"), max_length=120)
    sku = models.CharField(_("blank SKU"), max_length=60)
    description = models.TextField(_("description"), blank=True)
    needs_design = models.BooleanField(_("needs a design file"), default=True)
    print_width_mm = models.PositiveIntegerField(_("print width (mm)"), validators=[MinValueValidator(1)])
    print_height_mm = models.PositiveIntegerField(_("print height (mm)"), validators=[MinValueValidator(1)])
    bleed_mm = models.PositiveIntegerField(_("bleed (mm)"), default=0)
    min_dpi = models.PositiveIntegerField(_("smallest resolution (dpi)"), default=150)
    target_dpi = models.PositiveIntegerField(_("target resolution (dpi)"), default=300)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)

    class Meta(TenantModel.Meta):
        verbose_name = _("product model")
        constraints = [models.UniqueConstraint(fields=["psp", "sku"], name="one_product_model_per_sku")]

    def __str__(self) -> str:
        return self.name


product_uid = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$", _("Use 3 to 60 letters, digits, dots, dashes or underscores."))


class CustomerProduct(TenantModel):
    """A product model as offered to given customers, with the product UID that people type."""

    # What a customer's listings print from stays visible when the leave to use it has ended.
    narrowed_by = UsedBy("catalog.ProductGrant.customer_product", "stores.ListingMapping.customer_product", shared="for_all_customers", writes=False)

    public_id = PublicIdField(prefix="prd")
    product_model = TenantForeignKey(ProductModel, related_name="customer_products")
    uid = models.CharField(_("product UID"), max_length=60, validators=[product_uid])
    name = models.CharField(_("name"), max_length=120)
    variant = models.CharField(_("variant"), max_length=80, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    for_all_customers = models.BooleanField(_("every customer may use it"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("customer product")
        constraints = [
            models.UniqueConstraint(fields=["psp", "uid"], name="one_customer_product_per_uid"),
            models.CheckConstraint(name="price_is_not_negative", condition=models.Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.variant}".strip()


class ProductGrant(TenantModel):
    """Leave for one customer to use one customer product (GA-12)."""

    narrowed_by = ByColumns(customer="customer_id", writes=False)

    customer_product = TenantForeignKey(CustomerProduct, models.CASCADE, related_name="grants")
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="product_grants")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["customer_product", "customer"], name="one_grant_per_customer")]

    def __str__(self) -> str:
        return f"{self.customer_product_id} for {self.customer_id}"


class ProductFacility(TenantModel):
    """A facility that makes a customer product."""

    narrowed_by = ByColumns(facility="facility_id", writes=False)

    customer_product = TenantForeignKey(CustomerProduct, models.CASCADE, related_name="made_at")
    facility = TenantForeignKey(Facility, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["customer_product", "facility"], name="one_product_per_facility")]

    def __str__(self) -> str:
        return f"{self.customer_product_id} at {self.facility_id}"


class PrintFile(TenantModel):
    """A checked, stored file that a machine prints. Never changed: new content is a new row.

    ``storage_name`` is where Django's storage keeps it; ``sha256`` is over the stored bytes and is checked on each download. ``dpi`` is what
    the picture gives on the print area it was checked for, so the same content may have a row for each.
    """

    narrowed_by = UsedBy("catalog.Design.print_file", "stores.ListingMapping.print_file", "orders.OrderLine.print_file", writes=False)

    public_id = PublicIdField(prefix="prf")
    storage_name = models.CharField(max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    width_px = models.PositiveIntegerField(_("width (px)"))
    height_px = models.PositiveIntegerField(_("height (px)"))
    dpi = models.PositiveIntegerField(_("resolution (dpi)"))
    preview_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("print file")
        constraints = [models.UniqueConstraint(fields=["psp", "sha256", "dpi"], name="one_print_file_per_content")]

    def __str__(self) -> str:
        return self.file_name


class Design(TenantModel):
    """The artwork as the merchant means it, for one product model; its print file is what comes out."""

    narrowed_by = ByColumns(customer="customer_id")

    public_id = PublicIdField(prefix="des")
    customer = TenantForeignKey(Customer, related_name="designs")
    product_model = TenantForeignKey(ProductModel, related_name="designs")
    name = models.CharField(_("name"), max_length=120)
    print_file = TenantForeignKey(PrintFile, related_name="designs", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("design")

    def __str__(self) -> str:
        return self.name
