"""Tables of product models, products, designs and print files. Their walls stand in 0002."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import catalog.models.products
import pod_hub.core.public_ids
import pod_hub.core.tenancy


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_narrowed"),
        ("catalog", "0003_audit"),
        ("catalog", "0004_artwork"),
        ("catalog", "0005_checked_files"),
        ("catalog", "0006_edits"),
        ("catalog", "0007_imports"),
        ("catalog", "0008_areas_used"),
        ("catalog", "0009_designs_that_misfit"),
        ("catalog", "0010_sizes_of_print_files"),
        ("catalog", "0011_designs_begun_for"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Artwork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="art")),
                ("storage_name", models.CharField(max_length=200)),
                ("preview_name", models.CharField(blank=True, max_length=200)),
                ("screen_name", models.CharField(blank=True, max_length=200)),
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
                ("prints_as_is", models.BooleanField(default=False)),
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
                "constraints": [models.UniqueConstraint(fields=("customer", "sha256"), name="one_artwork_per_content")],
            },
        ),
        migrations.CreateModel(
            name="CatalogImport",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="imp")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("models", "product models with their print areas"),
                            ("variants", "variants of product models"),
                            ("products", "customer products"),
                            ("prices", "prices of single customers"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("checking", "being checked"),
                            ("checked", "checked, nothing changed yet"),
                            ("applying", "being taken in"),
                            ("applied", "taken in"),
                            ("refused", "cannot be taken in"),
                        ],
                        default="checking",
                        max_length=12,
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("storage_name", models.CharField(max_length=200)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("count_new", models.PositiveIntegerField(default=0)),
                ("count_changed", models.PositiveIntegerField(default=0)),
                ("count_same", models.PositiveIntegerField(default=0)),
                ("count_wrong", models.PositiveIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "catalog import",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="catalog_imports_due"),
                    models.Index(models.F("psp"), models.OrderBy(models.F("id"), descending=True), name="catalog_import_list"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="cat")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                ("picture_name", models.CharField(blank=True, max_length=200)),
                (
                    "parent",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="catalog.category"
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
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("psp", "parent", "name"), name="one_category_per_name", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="CustomerProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="prd")),
                (
                    "uid",
                    models.CharField(
                        max_length=60,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$", "Use 3 to 60 letters, digits, dots, dashes or underscores."
                            )
                        ],
                        verbose_name="product UID",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("variant", models.CharField(blank=True, max_length=80, verbose_name="variant")),
                ("price", models.DecimalField(decimal_places=4, max_digits=12, verbose_name="price")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("for_all_customers", models.BooleanField(default=False, verbose_name="every customer may use it")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("active_from", models.DateField(blank=True, null=True, verbose_name="offered from")),
                ("active_until", models.DateField(blank=True, null=True, verbose_name="offered until")),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "customer product",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("psp", "uid"), name="one_customer_product_per_uid"),
                    models.CheckConstraint(condition=models.Q(("price__gte", 0)), name="price_is_not_negative"),
                ],
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
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="customer_prices", to="catalog.customerproduct"
                    ),
                ),
            ],
            options={
                "verbose_name": "customer price",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("customer_product", "customer"), name="one_price_per_customer"),
                    models.CheckConstraint(condition=models.Q(("price__gte", 0)), name="customer_price_is_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Design",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="des")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "state",
                    models.CharField(
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
                ("judged_revision", models.PositiveIntegerField(default=1)),
                ("misfits", models.JSONField(default=list)),
                ("kept_misfits", models.JSONField(default=list)),
                ("kept_because", models.TextField(blank=True, verbose_name="kept as it is because")),
                ("areas_used", models.PositiveSmallIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("saved_at", models.DateTimeField(null=True)),
                ("begun_for", models.CharField(blank=True, max_length=40)),
                ("edits", models.PositiveIntegerField(default=0)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="designs", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "replaces",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="catalog.design"
                    ),
                ),
            ],
            options={
                "verbose_name": "design",
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
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("min_dpi__lte", models.F("target_dpi"))), name="least_dpi_is_not_above_target")
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="prf")),
                ("storage_name", models.CharField(max_length=200)),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("content_type", models.CharField(max_length=60)),
                ("size_bytes", models.PositiveBigIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("width_px", models.PositiveIntegerField(verbose_name="width (px)")),
                ("height_px", models.PositiveIntegerField(verbose_name="height (px)")),
                ("dpi", models.PositiveIntegerField(verbose_name="resolution (dpi)")),
                ("area_name", models.CharField(blank=True, max_length=60, verbose_name="print area")),
                ("width_mm", models.PositiveIntegerField(null=True, verbose_name="print width (mm)")),
                ("height_mm", models.PositiveIntegerField(null=True, verbose_name="print height (mm)")),
                ("bleed_mm", models.PositiveIntegerField(null=True, verbose_name="bleed (mm)")),
                ("preview_name", models.CharField(blank=True, max_length=200)),
                (
                    "colour_mode",
                    models.CharField(
                        choices=[("rgb", "RGB"), ("cmyk", "CMYK"), ("grey", "greyscale")], default="rgb", max_length=8, verbose_name="colour mode"
                    ),
                ),
                ("findings", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("trouble", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "print file",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), condition=models.Q(("trouble", ""), _negated=True), name="print_files_in_trouble")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("psp", "sha256", "dpi", "area_name", "width_mm", "height_mm", "bleed_mm"), name="one_print_file_per_content_and_area"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DesignSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="she")),
                ("scene", models.JSONField(default=dict)),
                ("made_for", models.JSONField(default=dict)),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="sheets", to="catalog.design"),
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
                (
                    "print_file",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="catalog.printfile"
                    ),
                ),
            ],
            options={
                "verbose_name": "design sheet",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("design", "print_area"), name="one_sheet_per_area")],
            },
        ),
        migrations.AddField(
            model_name="design",
            name="print_file",
            field=pod_hub.core.tenancy.TenantForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="designs", to="catalog.printfile"
            ),
        ),
        migrations.CreateModel(
            name="ProductFacility",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="made_at", to="catalog.customerproduct"
                    ),
                ),
                (
                    "facility",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.facility"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("customer_product", "facility"), name="one_product_per_facility")],
            },
        ),
        migrations.CreateModel(
            name="ProductGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="product_grants", to="accounts.customer"
                    ),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="catalog.customerproduct"
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
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("customer_product", "customer"), name="one_grant_per_customer")],
            },
        ),
        migrations.CreateModel(
            name="ProductModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="mod")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("sku", models.CharField(max_length=60, verbose_name="blank SKU")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("needs_design", models.BooleanField(default=True, verbose_name="needs a design file")),
                ("weight_g", models.PositiveIntegerField(default=0, verbose_name="weight (g)")),
                ("length_mm", models.PositiveIntegerField(default=0, verbose_name="packed length (mm)")),
                ("width_mm", models.PositiveIntegerField(default=0, verbose_name="packed width (mm)")),
                ("height_mm", models.PositiveIntegerField(default=0, verbose_name="packed height (mm)")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("judged_revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "category",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="product_models", to="catalog.category"
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
                "verbose_name": "product model",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("psp", "sku"), name="one_product_model_per_sku")],
            },
        ),
        migrations.AddField(
            model_name="printarea",
            name="product_model",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="print_areas", to="catalog.productmodel"
            ),
        ),
        migrations.AddField(
            model_name="design",
            name="product_model",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="designs", to="catalog.productmodel"
            ),
        ),
        migrations.AddField(
            model_name="customerproduct",
            name="product_model",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="customer_products", to="catalog.productmodel"
            ),
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
                "indexes": [models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="renders_due")],
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
                "constraints": [models.UniqueConstraint(fields=("sheet", "artwork"), name="one_use_per_sheet")],
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
                "constraints": [
                    models.UniqueConstraint(fields=("psp", "sku"), name="one_variant_per_sku"),
                    models.UniqueConstraint(fields=("product_model", "size", "colour"), name="one_variant_per_size_and_colour"),
                ],
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
                    "product_model",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mockups", to="catalog.productmodel"
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
            model_name="printarea",
            constraint=models.UniqueConstraint(fields=("product_model", "key"), name="one_print_area_per_key"),
        ),
        migrations.AddIndex(
            model_name="design",
            index=models.Index(
                models.F("product_model"),
                models.F("judged_revision"),
                condition=models.Q(("state__in", ["ready", "rendering"])),
                name="designs_to_judge",
            ),
        ),
        migrations.AddIndex(
            model_name="design",
            index=models.Index(models.F("product_model"), condition=models.Q(("misfits", []), _negated=True), name="designs_that_misfit"),
        ),
    ]
