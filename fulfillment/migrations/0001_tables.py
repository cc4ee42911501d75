"""Tables of shipments, packages, labels and pushes. Their walls stand in 0002."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.tenancy


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("fulfillment", "0001_initial"),
        ("fulfillment", "0002_working_day"),
        ("fulfillment", "0003_narrowed"),
        ("fulfillment", "0004_tiktok_shop"),
        ("fulfillment", "0005_label_of_package"),
    ]

    dependencies = [
        ("accounts", "0001_tables"),
        ("orders", "0001_tables"),
        ("stores", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Label",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="lbl")),
                ("quantities", models.JSONField(default=dict)),
                ("weight_g", models.PositiveIntegerField(verbose_name="weight (g)")),
                ("length_mm", models.PositiveIntegerField(verbose_name="length (mm)")),
                ("width_mm", models.PositiveIntegerField(verbose_name="width (mm)")),
                ("height_mm", models.PositiveIntegerField(verbose_name="height (mm)")),
                ("service_id", models.CharField(max_length=80)),
                ("service_name", models.CharField(max_length=120, verbose_name="service")),
                ("price", models.DecimalField(decimal_places=2, max_digits=10, null=True, verbose_name="price")),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("in_doubt", models.BooleanField(default=False)),
                ("channel_id", models.CharField(blank=True, max_length=80)),
                ("carrier", models.CharField(blank=True, max_length=80, verbose_name="carrier")),
                ("tracking_number", models.CharField(blank=True, max_length=60, verbose_name="tracking number")),
                ("document_name", models.CharField(blank=True, max_length=200)),
                ("document_type", models.CharField(blank=True, max_length=60)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("bought_at", models.DateTimeField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="stores.authorization"
                    ),
                ),
                (
                    "bought_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="orders.order"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "shipping label",
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="labels_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("channel_id", ""), _negated=True), fields=("authorization", "channel_id"), name="one_label_per_package"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="pkg")),
                ("number", models.PositiveIntegerField()),
                ("carrier_code", models.CharField(max_length=60, verbose_name="carrier")),
                ("carrier_name", models.CharField(blank=True, max_length=60, verbose_name="carrier name")),
                ("shipping_method", models.CharField(blank=True, max_length=60, verbose_name="shipping method")),
                ("tracking_number", models.CharField(max_length=60, verbose_name="tracking number")),
                ("shipped_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("channel_id", models.CharField(blank=True, db_default="", max_length=80)),
                ("corrected_at", models.DateTimeField(null=True)),
                (
                    "label",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="package", to="fulfillment.label"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="packages", to="orders.order"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "package",
                "ordering": ["order_id", "number"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("tracking_number"), name="package_by_tracking")],
                "constraints": [models.UniqueConstraint(fields=("order", "number"), name="one_package_per_number")],
            },
        ),
        migrations.CreateModel(
            name="PackageItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField()),
                (
                    "line",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="package_items", to="orders.orderline"
                    ),
                ),
                (
                    "package",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="fulfillment.package"
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
                "constraints": [
                    models.UniqueConstraint(fields=("package", "line"), name="one_item_per_line"),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="no_empty_items"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Push",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="psh")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("package_shipped", "package shipped"),
                            ("order_cancelled", "order cancelled"),
                            ("wish_agreed", "buyer's request agreed to"),
                            ("wish_declined", "buyer's request declined"),
                        ],
                        default="package_shipped",
                        max_length=24,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deadline", models.DateTimeField(null=True)),
                ("in_doubt", models.BooleanField(default=False)),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("read_back_at", models.DateTimeField(null=True)),
                ("read_back", models.JSONField(null=True)),
                ("read_backs", models.PositiveIntegerField(default=0)),
                ("line_numbers", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("buyer_cancelled", "the buyer asked to cancel"),
                            ("no_stock", "not in stock"),
                            ("pricing_error", "the price was wrong"),
                            ("address_undeliverable", "the address cannot be delivered to"),
                            ("no_carrier", "no carrier delivers there"),
                            ("exchange", "the buyer exchanges it"),
                            ("return", "the buyer returns it"),
                            ("goods_not_received", "the goods were not received"),
                            ("credit_decision", "the carrier declined the credit"),
                            ("bad_risk_data", "data for the risk check is not valid"),
                            ("other", "another reason"),
                        ],
                        max_length=40,
                    ),
                ),
                ("wish", models.CharField(blank=True, db_default="", max_length=80)),
                ("decline_reason", models.CharField(blank=True, db_default="", max_length=200)),
                ("refusal", models.TextField(blank=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pushes", to="stores.authorization"
                    ),
                ),
                (
                    "connection",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="pushes", to="stores.connection"),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="pushes", to="orders.order"),
                ),
                (
                    "package",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="push", to="fulfillment.package"
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
                "verbose_name": "push",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("order"), name="pushes_of_order"),
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="pushes_due"
                    ),
                    models.Index(
                        models.F("psp"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="push_list",
                    ),
                    models.Index(
                        models.F("psp"),
                        models.F("delivery"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="push_list_by_delivery",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "package_shipped"), ("package__isnull", False)),
                            models.Q(
                                ("kind", "order_cancelled"),
                                ("package", None),
                                models.Q(("line_numbers", []), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(("kind__in", ["wish_agreed", "wish_declined"]), ("package", None), models.Q(("wish", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_push_says_what_it_is_about",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PushAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("step", models.CharField(max_length=12)),
                ("outcome", models.CharField(max_length=24)),
                ("detail", models.TextField(blank=True)),
                ("request_id", models.CharField(blank=True, max_length=80)),
                ("duration_ms", models.PositiveIntegerField(default=0)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "push",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="fulfillment.push"),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("push"), models.F("at"), models.F("id"), name="attempts_of_push")],
            },
        ),
        migrations.CreateModel(
            name="PushBatch",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="bat")),
                ("marketplace", models.CharField(max_length=24)),
                ("document_id", models.CharField(blank=True, max_length=200)),
                ("channel_id", models.CharField(blank=True, max_length=80)),
                ("result_id", models.CharField(blank=True, max_length=200)),
                ("in_doubt", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("submitted_at", models.DateTimeField(null=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="push_batches", to="stores.authorization"
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
                "verbose_name": "push batch",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="batches_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("delivery__in", ["pending", "accepted"])),
                        fields=("authorization", "marketplace"),
                        name="one_batch_under_way",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("channel_id", ""), _negated=True), fields=("authorization", "channel_id"), name="one_batch_per_channel_id"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="push",
            name="batch",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="pushes", to="fulfillment.pushbatch"
            ),
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="shp")),
                ("shipped_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "facility",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipments", to="accounts.facility"
                    ),
                ),
                (
                    "order",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="shipments", to="orders.order"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "shipped_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "shipment",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="package",
            name="shipment",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="packages", to="fulfillment.shipment"
            ),
        ),
    ]
