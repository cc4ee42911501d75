"""What TikTok Shop tells of orders: units, clocks, wishes with an answer-by time, returns."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.tenancy
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_trading_name_sender"),
        ("orders", "0012_design_of_line"),
        ("stores", "0013_tiktok_shop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "order to read again",
                "abstract": False,
                "base_manager_name": "objects",
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
            ],
            options={
                "verbose_name": "return",
                "ordering": ["opened_at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="hold",
            name="known_hold_kind",
        ),
        migrations.AddField(
            model_name="hold",
            name="answer_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="declined_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="ends_about",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="quantity",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="reference",
            field=models.CharField(blank=True, db_default="", max_length=80),
        ),
        migrations.AddField(
            model_name="order",
            name="collect_by",
            field=models.DateTimeField(null=True, verbose_name="collected by"),
        ),
        migrations.AddField(
            model_name="order",
            name="delivery_option",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="order",
            name="label_by_channel",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="order",
            name="lapses_at",
            field=models.DateTimeField(null=True, verbose_name="cancelled by itself"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="quantity_labelled",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="orderline",
            name="units",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), db_default=[], default=list, size=None),
        ),
        migrations.AlterField(
            model_name="hold",
            name="kind",
            field=models.CharField(
                choices=[
                    ("unmapped", "listing is not mapped"),
                    ("artwork", "artwork missing"),
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
        migrations.AlterField(
            model_name="intakerecord",
            name="road",
            field=models.CharField(
                choices=[
                    ("poll", "poll"),
                    ("asked", "asked for by number"),
                    ("reconciliation", "reconciliation"),
                    ("notice", "read again after a notice"),
                    ("file", "file import"),
                    ("manual", "entered by hand"),
                ],
                default="poll",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["unmapped", "artwork", "approval", "personalisation", "cancel_request", "address", "channel_hold", "unreadable"])
                ),
                name="known_hold_kind",
            ),
        ),
        migrations.AddField(
            model_name="orderreading",
            name="authorization",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="stores.authorization"
            ),
        ),
        migrations.AddField(
            model_name="orderreading",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="orderreturn",
            name="order",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="orders.order"),
        ),
        migrations.AddField(
            model_name="orderreturn",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddIndex(
            model_name="orderreading",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="readings_due"),
        ),
        migrations.AddIndex(
            model_name="orderreading",
            index=models.Index(models.F("read_at"), models.F("id"), condition=models.Q(("read_at__isnull", False)), name="readings_done"),
        ),
        migrations.AddConstraint(
            model_name="orderreading",
            constraint=models.UniqueConstraint(
                condition=models.Q(("delivery", "pending")), fields=("authorization", "external_id"), name="one_waiting_reading"
            ),
        ),
        migrations.AddIndex(
            model_name="orderreturn",
            index=models.Index(
                models.F("psp"),
                models.OrderBy(models.F("changed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="return_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderreturn",
            constraint=models.UniqueConstraint(fields=("order", "number"), name="one_return_per_number"),
        ),
        RaiseWall("OrderReading", "OrderReturn"),
        Narrow("orders.OrderReading", Through("authorization")),
        Narrow("orders.OrderReturn", Through("order")),
    ]
