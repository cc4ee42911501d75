"""Print areas, variants, mockups and customers' prices; artwork, and the sheets that designs put on print areas."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import catalog.models.products
import pod_hub.core.public_ids
import pod_hub.core.tenancy
import pod_hub.core.walls
from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import Always, ByColumns, Through
from pod_hub.core.public_ids import new_public_id
from pod_hub.core.walls import Narrow


def make_areas(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Turn the one area that each product model had into a row, and each design's print file into its sheet."""
    using = schema_editor.connection.alias
    models_, areas = apps.get_model("catalog", "ProductModel"), apps.get_model("catalog", "PrintArea")
    sheets, designs = apps.get_model("catalog", "DesignSheet"), apps.get_model("catalog", "Design")
    made = areas.objects.using(using).bulk_create(
        areas(
            psp_id=model.psp_id,
            product_model_id=model.pk,
            public_id=new_public_id("are"),
            key="front",
            name="Front",
            width_mm=model.print_width_mm,
            height_mm=model.print_height_mm,
            bleed_mm=min(model.bleed_mm, 50),
            min_dpi=min(model.min_dpi, model.target_dpi),
            target_dpi=model.target_dpi,
        )
        for model in models_.objects.using(using).filter(needs_design=True).order_by("pk")
    )
    of_model = {area.product_model_id: area.pk for area in made}
    sheets.objects.using(using).bulk_create(
        sheets(
            psp_id=one.psp_id,
            design_id=one.pk,
            print_area_id=of_model[one.product_model_id],
            print_file_id=one.print_file_id,
            public_id=new_public_id("she"),
        )
        for one in designs.objects.using(using).exclude(print_file=None)
        if one.product_model_id in of_model
    )
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # columns cannot be dropped while checks are waiting


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_audit_portal_visits"),
        ("catalog", "0003_audit"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="picture_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="customerproduct",
            name="active_from",
            field=models.DateField(blank=True, null=True, verbose_name="offered from"),
        ),
        migrations.AddField(
            model_name="customerproduct",
            name="active_until",
            field=models.DateField(blank=True, null=True, verbose_name="offered until"),
        ),
        migrations.AddField(
            model_name="design",
            name="fits_revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="design",
            name="replaces",
            field=pod_hub.core.tenancy.TenantForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="catalog.design"
            ),
        ),
        migrations.AddField(
            model_name="design",
            name="saved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="design",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("rendering", "print files are being made"),
                    ("ready", "ready"),
                    ("failed", "print files could not be made"),
                ],
                default="ready",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="printfile",
            name="colour_mode",
            field=models.CharField(
                choices=[("rgb", "RGB"), ("cmyk", "CMYK"), ("grey", "greyscale")], default="rgb", max_length=8, verbose_name="colour mode"
            ),
        ),
        migrations.AddField(
            model_name="printfile",
            name="findings",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="productmodel",
            name="height_mm",
            field=models.PositiveIntegerField(default=0, verbose_name="packed height (mm)"),
        ),
        migrations.AddField(
            model_name="productmodel",
            name="length_mm",
            field=models.PositiveIntegerField(default=0, verbose_name="packed length (mm)"),
        ),
        migrations.AddField(
            model_name="productmodel",
            name="revision",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="productmodel",
            name="width_mm",
            field=models.PositiveIntegerField(default=0, verbose_name="packed width (mm)"),
        ),
        migrations.CreateModel(
            name="Artwork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="art")),
                ("storage_name", models.CharField(max_length=200)),
                ("preview_name", models.CharField(blank=True, max_length=200)),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("content_type", models.CharField(max_length=60)),
                ("size_bytes", models.PositiveBigIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("width_px", models.PositiveIntegerField(verbose_name="width (px)")),
                ("height_px", models.PositiveIntegerField(verbose_name="height (px)")),
                (
                    "colour_mode",
                    models.CharField(
                        choices=[("rgb", "RGB"), ("cmyk", "CMYK"), ("grey", "greyscale")], default="rgb", max_length=8, verbose_name="colour mode"
                    ),
                ),
                ("has_transparency", models.BooleanField(default=False, verbose_name="transparent")),
                ("findings", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="artwork", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "artwork",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CustomerPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=4, max_digits=12, validators=[django.core.validators.MinValueValidator(0)], verbose_name="price"
                    ),
                ),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="product_prices", to="accounts.customer"
                    ),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="customer_prices", to="catalog.customerproduct"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "customer price",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PrintArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="are")),
                (
                    "key",
                    models.CharField(
                        default="front",
                        max_length=30,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,29}$", "Use lower-case letters, digits and underscores, beginning with a letter."
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                ("name", models.CharField(default="Front", max_length=60, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                (
                    "width_mm",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5000)],
                        verbose_name="print width (mm)",
                    ),
                ),
                (
                    "height_mm",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5000)],
                        verbose_name="print height (mm)",
                    ),
                ),
                (
                    "bleed_mm",
                    models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(50)], verbose_name="bleed (mm)"),
                ),
                (
                    "safe_mm",
                    models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name="safe zone (mm)"),
                ),
                (
                    "min_dpi",
                    models.PositiveIntegerField(
                        default=150,
                        validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(1200)],
                        verbose_name="smallest resolution (dpi)",
                    ),
                ),
                (
                    "target_dpi",
                    models.PositiveIntegerField(
                        default=300,
                        validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(1200)],
                        verbose_name="target resolution (dpi)",
                    ),
                ),
                (
                    "colour_modes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("rgb", "RGB"), ("cmyk", "CMYK"), ("grey", "greyscale")], max_length=8),
                        default=catalog.models.products.default_colour_modes,
                        size=None,
                        verbose_name="colour modes",
                    ),
                ),
                (
                    "file_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("png", "PNG"), ("jpeg", "JPEG"), ("pdf", "PDF")], max_length=8),
                        default=catalog.models.products.default_file_types,
                        size=None,
                        verbose_name="file types",
                    ),
                ),
                ("output", models.CharField(choices=[("png", "PNG"), ("pdf", "PDF")], default="png", max_length=8, verbose_name="print file")),
                ("icc_profile", models.CharField(blank=True, max_length=60, verbose_name="colour profile")),
                (
                    "product_model",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="print_areas", to="catalog.productmodel"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "print area",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DesignSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="she")),
                ("scene", models.JSONField(default=dict)),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="sheets", to="catalog.design"),
                ),
                (
                    "print_file",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="catalog.printfile"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "print_area",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="catalog.printarea"),
                ),
            ],
            options={
                "verbose_name": "design sheet",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RenderJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("pending", "waiting to be sent"),
                            ("accepted", "accepted, not read back yet"),
                            ("confirmed", "read back"),
                            ("parked", "needs a person"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "sheet",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="render_jobs", to="catalog.designsheet"
                    ),
                ),
            ],
            options={
                "verbose_name": "render job",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SheetArtwork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "artwork",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="placed_on", to="catalog.artwork"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "sheet",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placed", to="catalog.designsheet"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="var")),
                ("size", models.CharField(blank=True, max_length=40, verbose_name="size")),
                ("colour", models.CharField(blank=True, max_length=40, verbose_name="colour")),
                (
                    "colour_code",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$", "Use a code such as #1f6f54.")],
                        verbose_name="colour on pictures",
                    ),
                ),
                ("sku", models.CharField(max_length=60, verbose_name="blank SKU")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                ("weight_g", models.PositiveIntegerField(default=0, verbose_name="weight (g)")),
                ("length_mm", models.PositiveIntegerField(default=0, verbose_name="packed length (mm)")),
                ("width_mm", models.PositiveIntegerField(default=0, verbose_name="packed width (mm)")),
                ("height_mm", models.PositiveIntegerField(default=0, verbose_name="packed height (mm)")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "product_model",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="variants", to="catalog.productmodel"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "variant",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Mockup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="moc")),
                ("picture_name", models.CharField(max_length=200)),
                ("width_px", models.PositiveIntegerField()),
                ("height_px", models.PositiveIntegerField()),
                ("left", models.PositiveIntegerField(default=2500, validators=[django.core.validators.MaxValueValidator(10000)])),
                ("top", models.PositiveIntegerField(default=2500, validators=[django.core.validators.MaxValueValidator(10000)])),
                (
                    "width",
                    models.PositiveIntegerField(
                        default=5000, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)]
                    ),
                ),
                (
                    "height",
                    models.PositiveIntegerField(
                        default=5000, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)]
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "product_model",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mockups", to="catalog.productmodel"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "print_area",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mockups", to="catalog.printarea"
                    ),
                ),
                (
                    "variant",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="mockups", to="catalog.variant"
                    ),
                ),
            ],
            options={
                "verbose_name": "mockup",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="customerproduct",
            name="model_variant",
            field=pod_hub.core.tenancy.TenantForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="customer_products", to="catalog.variant"
            ),
        ),
        migrations.AddConstraint(
            model_name="artwork",
            constraint=models.UniqueConstraint(fields=("customer", "sha256"), name="one_artwork_per_content"),
        ),
        migrations.AddConstraint(
            model_name="customerprice",
            constraint=models.UniqueConstraint(fields=("customer_product", "customer"), name="one_price_per_customer"),
        ),
        migrations.AddConstraint(
            model_name="customerprice",
            constraint=models.CheckConstraint(condition=models.Q(("price__gte", 0)), name="customer_price_is_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="printarea",
            constraint=models.UniqueConstraint(fields=("product_model", "key"), name="one_print_area_per_key"),
        ),
        migrations.AddConstraint(
            model_name="printarea",
            constraint=models.CheckConstraint(condition=models.Q(("min_dpi__lte", models.F("target_dpi"))), name="least_dpi_is_not_above_target"),
        ),
        migrations.AddConstraint(
            model_name="designsheet",
            constraint=models.UniqueConstraint(fields=("design", "print_area"), name="one_sheet_per_area"),
        ),
        migrations.AddIndex(
            model_name="renderjob",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="renders_due"),
        ),
        migrations.AddConstraint(
            model_name="sheetartwork",
            constraint=models.UniqueConstraint(fields=("sheet", "artwork"), name="one_use_per_sheet"),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(fields=("psp", "sku"), name="one_variant_per_sku"),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(fields=("product_model", "size", "colour"), name="one_variant_per_size_and_colour"),
        ),
        pod_hub.core.walls.RaiseWall(
            "CustomerProduct", "Design", "Artwork", "CustomerPrice", "PrintArea", "Variant", "Mockup", "DesignSheet", "SheetArtwork", "RenderJob"
        ),
        Narrow("catalog.PrintArea", Always()),
        Narrow("catalog.Variant", Always()),
        Narrow("catalog.Mockup", Always()),
        Narrow("catalog.CustomerPrice", ByColumns(customer="customer_id", writes=False)),
        Narrow("catalog.Artwork", ByColumns(customer="customer_id")),
        Narrow("catalog.DesignSheet", Through("design")),
        Narrow("catalog.SheetArtwork", Through("sheet")),
        Narrow("catalog.RenderJob", Through("sheet")),
        migrations.RunPython(make_areas, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="productmodel",
            name="bleed_mm",
        ),
        migrations.RemoveField(
            model_name="productmodel",
            name="min_dpi",
        ),
        migrations.RemoveField(
            model_name="productmodel",
            name="print_height_mm",
        ),
        migrations.RemoveField(
            model_name="productmodel",
            name="print_width_mm",
        ),
        migrations.RemoveField(
            model_name="productmodel",
            name="target_dpi",
        ),
        Audit("Category", label="name"),
        Audit("ProductModel", label="name"),
        Audit("CustomerProduct", label="name"),
        Audit("CustomerPrice"),
        Audit("PrintArea", label="name"),
        Audit("Variant", label="sku"),
        Audit("Mockup"),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state")),
    ]
