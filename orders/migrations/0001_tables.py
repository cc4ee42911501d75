"""Tables of orders with lines, holds and history, readings, imports and found files. Their walls stand in 0002."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.sealing
import pod_hub.core.tenancy


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_working_day"),
        ("orders", "0003_tenant_by_reference"),
        ("orders", "0004_events_by_time"),
        ("orders", "0005_narrowed"),
        ("orders", "0006_lists_counted_by_index"),
        ("orders", "0007_day"),
        ("orders", "0008_looks_of_all_roads"),
        ("orders", "0009_print_files_of_sheets"),
        ("orders", "0010_not_ours"),
        ("orders", "0011_bulk_and_remote_files"),
        ("orders", "0012_design_of_line"),
        ("orders", "0013_tiktok_shop"),
        ("orders", "0014_file_checks"),
        ("orders", "0015_line_of_listing"),
        ("orders", "0016_sizes_of_print_files"),
        ("orders", "0017_artwork_causes"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
        ("catalog", "0001_tables"),
        ("stores", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkImport",
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
                    "stage",
                    models.CharField(
                        choices=[
                            ("reading", "reading the file"),
                            ("checked", "checked, waits for your yes"),
                            ("applying", "connecting"),
                            ("done", "done"),
                            ("failed", "could not be read"),
                            ("cancelled", "cancelled"),
                            ("undoing", "being undone"),
                            ("undone", "undone"),
                        ],
                        default="reading",
                        max_length=12,
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("storage_name", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(max_length=254, verbose_name="result goes to")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_row", models.PositiveIntegerField(default=0)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("apply_from", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulk_imports", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk import",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="bulk_imports_due"),
                    models.Index(
                        models.F("psp"),
                        models.F("store"),
                        models.OrderBy(models.F("started_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="bulk_import_list",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["reading", "applying", "undoing"])), fields=("store",), name="one_running_bulk_import"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkImportFile",
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
                ("link", models.TextField()),
                ("link_hash", models.CharField(max_length=64)),
                ("fetched_at", models.DateTimeField(null=True)),
                (
                    "artwork",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.artwork"
                    ),
                ),
                (
                    "bulk_import",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="orders.bulkimport"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "linked design file",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("bulk_import"),
                        models.F("not_before"),
                        models.F("id"),
                        condition=models.Q(("delivery", "pending")),
                        name="bulk_files_due",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("bulk_import", "link_hash"), name="one_file_per_link")],
            },
        ),
        migrations.CreateModel(
            name="BulkImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("sku", models.CharField(blank=True, max_length=200, verbose_name="SKU")),
                ("uid", models.CharField(blank=True, max_length=200, verbose_name="Product UID")),
                ("link", models.TextField(blank=True, verbose_name="Design File URL")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("ready", "will be connected"),
                            ("connected", "connected"),
                            ("unchanged", "already so"),
                            ("blank", "nothing filled in"),
                            ("no_listing", "product of the store not found"),
                            ("no_product", "Product UID not usable"),
                            ("twice", "named twice"),
                            ("no_design", "design file missing"),
                            ("bad_link", "link not usable"),
                            ("bad_file", "design file refused"),
                            ("refused", "not connected"),
                            ("cancelled", "not done, cancelled"),
                            ("undone", "undone"),
                            ("kept", "changed since, left alone"),
                        ],
                        default="ready",
                        max_length=12,
                        verbose_name="result",
                    ),
                ),
                ("message", models.TextField(blank=True)),
                (
                    "bulk_import",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="orders.bulkimport"),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.customerproduct"
                    ),
                ),
                (
                    "file",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="orders.bulkimportfile"
                    ),
                ),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stores.listing"
                    ),
                ),
                (
                    "mapping",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stores.listingmapping"
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
                "verbose_name": "row of a bulk import",
                "ordering": ["number"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("bulk_import"), models.F("verdict"), models.F("number"), name="bulk_rows_by_verdict"),
                    models.Index(models.F("bulk_import"), models.F("listing"), name="bulk_rows_by_listing"),
                    models.Index(models.F("bulk_import"), models.F("number"), condition=models.Q(("verdict", "ready")), name="bulk_rows_to_do"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("bulk_import", "number"), name="one_verdict_per_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verdict__in",
                                [
                                    "ready",
                                    "connected",
                                    "unchanged",
                                    "blank",
                                    "no_listing",
                                    "no_product",
                                    "twice",
                                    "no_design",
                                    "bad_link",
                                    "bad_file",
                                    "refused",
                                    "cancelled",
                                    "undone",
                                    "kept",
                                ],
                            )
                        ),
                        name="known_bulk_verdict",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DigestSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wanted",
                    models.CharField(
                        choices=[("daily", "every day on which something waits"), ("urgent", "only when something is urgent"), ("off", "never")],
                        default="daily",
                        help_text="Urgent is: a ship-by within a day, a buyer's request to cancel, a refused package, or a seller's permission that is gone.",
                        max_length=8,
                        verbose_name="send the digest",
                    ),
                ),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="0 to 23, in your time zone.",
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="hour of the day",
                    ),
                ),
                ("done_on", models.DateField(editable=False, null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "digest setting",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("psp",), name="one_digest_setting_per_psp")],
            },
        ),
        migrations.CreateModel(
            name="FileCheck",
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
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "print_file",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="check_row", to="catalog.printfile"
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
                "verbose_name": "check of a print file",
                "verbose_name_plural": "checks of print files",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="file_checks_due")
                ],
            },
        ),
        migrations.CreateModel(
            name="FileSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="fsr")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("s3", "Amazon S3 or a compatible service"), ("google", "Google Cloud Storage"), ("azure", "Azure Blob Storage")],
                        default="s3",
                        max_length=8,
                        verbose_name="storage",
                    ),
                ),
                ("endpoint", models.CharField(blank=True, max_length=300, verbose_name="endpoint")),
                ("region", models.CharField(blank=True, max_length=40, verbose_name="region")),
                ("bucket", models.CharField(max_length=255, verbose_name="bucket")),
                ("prefix", models.CharField(blank=True, max_length=500, verbose_name="folder")),
                ("keys_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("key_hint", models.CharField(blank=True, max_length=40)),
                ("pattern", models.CharField(default="{order_number}_{order_item_number}.{ext}", max_length=120, verbose_name="file names")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("next_scan_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("scan_lease", models.UUIDField(editable=False, null=True)),
                ("scan_leased_until", models.DateTimeField(editable=False, null=True)),
                ("scan_started_at", models.DateTimeField(null=True)),
                ("scan_page", models.TextField(blank=True)),
                ("scan_seen", models.PositiveIntegerField(default=0)),
                ("scan_new", models.PositiveIntegerField(default=0)),
                ("scan_ignored", models.PositiveIntegerField(default=0)),
                ("scan_failures", models.PositiveIntegerField(default=0)),
                ("scanned_at", models.DateTimeField(null=True, verbose_name="last scan")),
                ("scan_result", models.JSONField(default=dict)),
                ("last_error", models.TextField(blank=True)),
                ("test_due_at", models.DateTimeField(null=True)),
                ("tested_at", models.DateTimeField(null=True)),
                ("test_result", models.JSONField(default=dict)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="file_sources", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="file_sources", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "remote file storage",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("next_scan_at"), condition=models.Q(("is_active", True), ("removed_at", None)), name="file_sources_due"),
                    models.Index(models.F("test_due_at"), condition=models.Q(("test_due_at__isnull", False)), name="storage_tests_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("removed_at", None)), fields=("customer", "name"), name="one_file_source_per_name"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["s3", "google", "azure"])), name="known_storage_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="ord")),
                ("external_id", models.CharField(max_length=80, verbose_name="order number")),
                ("revision", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("released", "released to production"),
                            ("printing", "printing"),
                            ("packing", "packing"),
                            ("partially_shipped", "partially shipped"),
                            ("shipped", "shipped"),
                            ("cancelled", "cancelled"),
                            ("not_ours", "not made here"),
                        ],
                        default="received",
                        max_length=20,
                    ),
                ),
                ("channel_state", models.CharField(max_length=20)),
                ("channel_status", models.CharField(max_length=40, verbose_name="status on the marketplace")),
                ("marketplace", models.CharField(max_length=24)),
                ("placed_at", models.DateTimeField(verbose_name="placed")),
                ("ship_by", models.DateTimeField(null=True, verbose_name="ship by")),
                ("ship_from", models.DateTimeField(null=True)),
                ("deliver_by", models.DateTimeField(null=True, verbose_name="deliver by")),
                ("collect_by", models.DateTimeField(null=True, verbose_name="collected by")),
                ("lapses_at", models.DateTimeField(null=True, verbose_name="cancelled by itself")),
                ("service_level", models.CharField(blank=True, max_length=40)),
                ("delivery_option", models.CharField(blank=True, db_default="", max_length=40)),
                ("label_by_channel", models.BooleanField(db_default=False, default=False)),
                ("programs", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ("total", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="total")),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("replaces", models.CharField(blank=True, max_length=80)),
                ("ship_to_country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("open_holds", models.PositiveIntegerField(default=0)),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="imported")),
                ("last_shipped_at", models.DateTimeField(null=True, verbose_name="shipped")),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", same_as="store", to="accounts.customer"
                    ),
                ),
                (
                    "facility",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="accounts.facility"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="stores.store"),
                ),
            ],
            options={
                "verbose_name": "order",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="order_list",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("state"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="order_list_by_state",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("store"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="order_list_by_store",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("customer"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="order_list_by_customer",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("open_holds__gt", 0)),
                        include=("state",),
                        name="order_list_held",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("placed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("channel_state__in", ["unshipped", "partially_shipped"]), ("open_holds", 0), ("state", "received")),
                        name="order_list_ready",
                    ),
                    models.Index(models.F("psp"), models.F("external_id"), name="order_by_number"),
                    models.Index(
                        models.F("psp"), models.F("replaces"), condition=models.Q(("replaces", ""), _negated=True), name="order_by_replaced"
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("ship_by"),
                        models.F("id"),
                        condition=models.Q(("state__in", ["shipped", "cancelled", "not_ours"]), _negated=True),
                        name="order_by_deadline",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("store", "external_id"), name="one_order_per_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["received", "released", "printing", "packing", "partially_shipped", "shipped", "cancelled", "not_ours"])
                        ),
                        name="known_order_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IntakeRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=80, verbose_name="order number")),
                ("revision", models.DateTimeField()),
                ("marketplace", models.CharField(blank=True, max_length=24)),
                (
                    "road",
                    models.CharField(
                        choices=[
                            ("poll", "poll"),
                            ("asked", "asked for by number"),
                            ("reconciliation", "reconciliation"),
                            ("notice", "read again, because it had changed at the marketplace"),
                            ("file", "file import"),
                            ("manual", "entered by hand"),
                        ],
                        default="poll",
                        max_length=16,
                    ),
                ),
                ("payload_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("pending", "waiting to be read"),
                            ("imported", "imported"),
                            ("skipped", "skipped"),
                            ("superseded", "superseded by a newer revision"),
                            ("unreadable", "could not be read"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="intake_records", to="stores.authorization"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="intake_records", to="stores.store"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="intake_records", to="orders.order"
                    ),
                ),
            ],
            options={
                "verbose_name": "intake record",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("authorization"),
                        models.F("not_before"),
                        models.F("id"),
                        condition=models.Q(("verdict", "pending")),
                        name="intake_due",
                    ),
                    models.Index(models.F("psp"), models.F("external_id"), name="intake_by_number"),
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("seen_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="intake_list",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("verdict"),
                        models.OrderBy(models.F("seen_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="intake_list_by_verdict",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authorization", "external_id", "revision"), name="one_record_per_revision", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["pending", "imported", "skipped", "superseded", "unreadable"])), name="known_verdict"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BuyerLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_label", models.CharField(max_length=200, verbose_name="who")),
                (
                    "road",
                    models.CharField(
                        choices=[
                            ("page", "page"),
                            ("api", "API"),
                            ("paper", "packing slip or job ticket"),
                            ("portal", "portal"),
                            ("operator", "operator"),
                        ],
                        max_length=8,
                        verbose_name="where",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("first_at", models.DateTimeField(verbose_name="first")),
                ("last_at", models.DateTimeField(verbose_name="last")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="times")),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="buyer_looks", to="orders.order"),
                ),
            ],
            options={
                "verbose_name": "look at a buyer",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("last_at"), models.F("id"), name="looks_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "actor", "actor_label", "road", "day"), name="one_look_per_day", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="BuyerData",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("postcode_hash", models.CharField(blank=True, max_length=32)),
                ("email_hash", models.CharField(blank=True, max_length=32)),
                ("surname_hash", models.CharField(blank=True, max_length=32)),
                ("purged_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="buyer_data", to="orders.order"
                    ),
                ),
            ],
            options={
                "verbose_name": "buyer data",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("order"), condition=models.Q(("purged_at", None)), name="buyers_to_purge"),
                    models.Index(
                        models.F("psp"), models.F("postcode_hash"), condition=models.Q(("postcode_hash", ""), _negated=True), name="buyer_by_postcode"
                    ),
                    models.Index(
                        models.F("psp"), models.F("email_hash"), condition=models.Q(("email_hash", ""), _negated=True), name="buyer_by_email"
                    ),
                    models.Index(
                        models.F("psp"), models.F("surname_hash"), condition=models.Q(("surname_hash", ""), _negated=True), name="buyer_by_surname"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="lin")),
                ("external_line_id", models.CharField(max_length=80)),
                (
                    "units",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), db_default=[], default=list, size=None),
                ),
                ("sku", models.CharField(blank=True, max_length=200, verbose_name="SKU")),
                ("product_id", models.CharField(blank=True, max_length=40, verbose_name="marketplace product id")),
                ("title", models.TextField(verbose_name="title")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("quantity_told", models.PositiveIntegerField(null=True)),
                ("quantity_shipped", models.PositiveIntegerField(default=0, verbose_name="shipped")),
                ("quantity_labelled", models.PositiveIntegerField(db_default=0, default=0)),
                ("pieces_each", models.PositiveIntegerField(default=1, verbose_name="pieces per unit")),
                ("unit_price", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="unit price")),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("released", "released to production"),
                            ("printing", "printing"),
                            ("packing", "packing"),
                            ("shipped", "shipped"),
                            ("cancelled", "cancelled"),
                            ("not_ours", "not made here"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("is_personalised", models.BooleanField(default=False)),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="catalog.customerproduct"
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.design"
                    ),
                ),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="stores.listing"
                    ),
                ),
                (
                    "mapping",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="stores.listingmapping"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.order"),
                ),
                (
                    "print_file",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="catalog.printfile"
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
                "verbose_name": "order line",
                "ordering": ["id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("sku"), name="line_by_sku"),
                    models.Index(
                        models.F("psp"),
                        models.F("listing"),
                        condition=models.Q(("mapping", None), ("state__in", ["received", "released"])),
                        name="line_waiting_for_mapping",
                    ),
                    models.Index(
                        models.F("listing"),
                        models.F("state"),
                        condition=models.Q(("state__in", ["received", "released", "not_ours"])),
                        name="line_of_listing",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("state"),
                        models.F("id"),
                        condition=models.Q(("state__in", ["released", "printing", "packing"])),
                        name="line_by_state",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "external_line_id"), name="one_line_per_number"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["received", "released", "printing", "packing", "shipped", "cancelled", "not_ours"])),
                        name="known_line_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity_shipped__lte", models.F("quantity"))), name="never_more_shipped_than_ordered"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_label", models.CharField(max_length=120)),
                ("summary", models.TextField()),
                ("facts", models.JSONField(default=dict)),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.order"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "line",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.orderline"
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "ordering": ["at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("order"), models.F("at"), models.F("id"), name="events_of_order"),
                    models.Index(models.F("psp"), models.F("at"), models.F("order"), name="events_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="hld")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unmapped", "listing is not mapped"),
                            ("artwork", "artwork not ready"),
                            ("approval", "waits for approval"),
                            ("personalisation", "personalisation to review"),
                            ("cancel_request", "cancellation requested"),
                            ("address", "address missing"),
                            ("channel_hold", "held by the marketplace"),
                            ("unreadable", "change could not be read"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("released_at", models.DateTimeField(null=True)),
                ("release_reason", models.TextField(blank=True)),
                ("release_at", models.DateTimeField(null=True)),
                ("ends_about", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, db_default="", max_length=80)),
                ("answer_by", models.DateTimeField(null=True)),
                ("quantity", models.PositiveIntegerField(null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_design", "design missing"),
                            ("in_making", "print file is being made"),
                            ("failed", "print file could not be made"),
                            ("damaged", "print file damaged or lost"),
                            ("misfit", "design no longer fits"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="catalog.design"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="orders.order"),
                ),
                (
                    "line",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="orders.orderline"
                    ),
                ),
            ],
            options={
                "verbose_name": "hold",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("psp"), models.F("kind"), models.F("opened_at"), condition=models.Q(("released_at", None)), name="holds_open"
                    ),
                    models.Index(
                        models.F("release_at"),
                        models.F("id"),
                        condition=models.Q(("release_at__isnull", False), ("released_at", None)),
                        name="holds_that_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("order", "line", "kind"),
                        name="one_open_hold_per_reason",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["unmapped", "artwork", "approval", "personalisation", "cancel_request", "address", "channel_hold", "unreadable"],
                            )
                        ),
                        name="known_hold_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["", "no_design", "in_making", "failed", "damaged", "misfit"])), name="known_artwork_cause"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundFile",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="ffl")),
                ("name", models.CharField(max_length=1024, verbose_name="file")),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("size_bytes", models.PositiveBigIntegerField(default=0, verbose_name="size")),
                ("changed_at", models.DateTimeField(null=True, verbose_name="changed there")),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
                ("order_number", models.CharField(blank=True, max_length=80, verbose_name="order number")),
                ("item_number", models.CharField(blank=True, max_length=80, verbose_name="order item")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unmatched", "no order waits for it"),
                            ("matched", "being copied"),
                            ("preparing", "print file is being made"),
                            ("attached", "attached"),
                            ("misnamed", "name does not fit"),
                            ("late", "came too late"),
                            ("duplicate", "line has a file already"),
                            ("refused", "cannot be printed"),
                        ],
                        default="unmatched",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("message", models.TextField(blank=True)),
                ("attached_at", models.DateTimeField(null=True)),
                (
                    "artwork",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.artwork"
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.design"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "source",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="orders.filesource"),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="found_files", to="orders.order"
                    ),
                ),
                (
                    "line",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="found_files", to="orders.orderline"
                    ),
                ),
            ],
            options={
                "verbose_name": "found file",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="found_files_due"),
                    models.Index(
                        models.F("source"), models.F("order_number"), condition=models.Q(("state", "unmatched")), name="found_files_to_match"
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("source"),
                        models.OrderBy(models.F("found_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="found_file_list",
                    ),
                    models.Index(
                        models.F("source"),
                        models.F("state"),
                        models.OrderBy(models.F("found_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="found_file_list_by_state",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "name"), name="one_found_file_per_name"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["matched", "preparing", "attached"])), fields=("line",), name="one_file_per_line"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["unmatched", "matched", "preparing", "attached", "misnamed", "late", "duplicate", "refused"])
                        ),
                        name="known_found_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderReading",
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
                ("place", models.CharField(blank=True, max_length=24)),
                ("external_id", models.CharField(max_length=80, verbose_name="order number")),
                ("why", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="stores.authorization"
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
                "verbose_name": "order to read again",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="readings_due"),
                    models.Index(models.F("read_at"), models.F("id"), condition=models.Q(("read_at__isnull", False)), name="readings_done"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("delivery", "pending")), fields=("authorization", "external_id"), name="one_waiting_reading"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=80, verbose_name="return number")),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("status", models.CharField(max_length=60)),
                ("reason", models.TextField(blank=True)),
                ("lines", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ("tracking_number", models.CharField(blank=True, max_length=80, verbose_name="tracking number")),
                ("carrier", models.CharField(blank=True, max_length=80, verbose_name="carrier")),
                ("answer_by", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="orders.order"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "return",
                "ordering": ["opened_at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("changed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="return_list",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("order", "number"), name="one_return_per_number")],
            },
        ),
        migrations.CreateModel(
            name="Personalisation",
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
                ("address_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("content_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="personalisations", to="stores.authorization"
                    ),
                ),
                (
                    "line",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="personalisation", to="orders.orderline"
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
                "verbose_name": "personalisation",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="personalisations_due")
                ],
            },
        ),
        migrations.CreateModel(
            name="PurgeRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="pur")),
                ("external_id", models.CharField(max_length=80, verbose_name="order number")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("delivered", "30 days after delivery"),
                            ("forgotten", "never shipped, long after its delivery date"),
                            ("disconnected", "the store was disconnected"),
                            ("permission_gone", "the seller's permission has been gone for 30 days"),
                            ("not_imported", "never imported, 30 days after it was decided"),
                            ("requested", "on request"),
                            ("seen_again", "the marketplace told it again after the purge"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("removed", models.JSONField(default=dict)),
                ("actor_label", models.CharField(max_length=120)),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="purges", to="orders.order"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "purge record",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("external_id"), name="purges_by_number"),
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="purge_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
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
                ("window_from", models.DateTimeField()),
                ("window_to", models.DateTimeField(null=True)),
                ("marketplaces", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ("page", models.TextField(blank=True)),
                ("checked", models.PositiveIntegerField(default=0)),
                ("missing", models.PositiveIntegerField(default=0)),
                ("different", models.PositiveIntegerField(default=0)),
                ("repaired", models.PositiveIntegerField(default=0)),
                ("numbers", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("asked_by", models.CharField(max_length=120)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reconciliations", to="stores.authorization"
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
                "verbose_name": "reconciliation",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="reconciliations_due"),
                    models.Index(
                        models.F("psp"),
                        models.F("authorization"),
                        models.OrderBy(models.F("started_at"), descending=True),
                        name="reconciliation_list",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("delivery", "pending")), fields=("authorization",), name="one_running_reconciliation")
                ],
            },
        ),
    ]
