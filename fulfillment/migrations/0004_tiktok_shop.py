"""Packages under the channel's number, labels that come from it, and answers to wishes."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.tenancy
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_trading_name_sender"),
        ("fulfillment", "0003_narrowed"),
        ("orders", "0013_tiktok_shop"),
        ("stores", "0013_tiktok_shop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
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
            ],
            options={
                "verbose_name": "shipping label",
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="push",
            name="a_push_says_what_it_is_about",
        ),
        migrations.AddField(
            model_name="package",
            name="channel_id",
            field=models.CharField(blank=True, db_default="", max_length=80),
        ),
        migrations.AddField(
            model_name="package",
            name="corrected_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="push",
            name="decline_reason",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="push",
            name="wish",
            field=models.CharField(blank=True, db_default="", max_length=80),
        ),
        migrations.AlterField(
            model_name="push",
            name="kind",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="push",
            name="reason",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="push",
            constraint=models.CheckConstraint(
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
            ),
        ),
        migrations.AddField(
            model_name="label",
            name="authorization",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="stores.authorization"
            ),
        ),
        migrations.AddField(
            model_name="label",
            name="bought_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="label",
            name="order",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="orders.order"),
        ),
        migrations.AddField(
            model_name="label",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="package",
            name="label",
            field=pod_hub.core.tenancy.TenantOneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="package", to="fulfillment.label"
            ),
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(
                models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="labels_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.UniqueConstraint(
                condition=models.Q(("channel_id", ""), _negated=True), fields=("authorization", "channel_id"), name="one_label_per_package"
            ),
        ),
        RaiseWall("Label"),
        Narrow("fulfillment.Label", Through("order")),
    ]
