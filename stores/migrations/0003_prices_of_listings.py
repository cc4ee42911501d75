"""Prices that are told of listings, and the walls around them."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.tenancy
from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("stores", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PricePush",
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
                ("wanted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=120)),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="prc")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal("0.01"))], verbose_name="price"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("before", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="wanted_price", to="stores.listing"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "wanted_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "price of a listing",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="price_pushes_due"
                    )
                ],
            },
        ),
        RaiseWall("PricePush"),
        Narrow("stores.PricePush", Through("listing")),
        Audit(
            "PricePush",
            ignored=(
                "delivery",
                "not_before",
                "attempts",
                "lease",
                "leased_until",
                "last_error",
                "wanted_at",
                "wanted_by",
                "told_at",
                "confirmed_at",
                "request_id",
            ),
        ),
    ]
