"""Stored print files are looked at again while orders wait to be printed from them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import pod_hub.core.tenancy
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import Delivery
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_trading_name_sender"), ("catalog", "0009_designs_that_misfit"), ("orders", "0013_tiktok_shop")]

    operations = [
        migrations.CreateModel(
            name="FileCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery", models.CharField(choices=Delivery.choices, default="pending", max_length=12)),
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
                "indexes": [models.Index("not_before", "id", name="file_checks_due", condition=models.Q(("delivery", "pending")))],
            },
        ),
        RaiseWall("FileCheck"),
        Narrow("orders.FileCheck", Through("print_file", writes=False)),
    ]
