"""Tables of the catalog that people send."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
from pod_hub.core.narrowing import Never
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_audit_portal_visits"),
        ("catalog", "0006_edits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        RaiseWall("CatalogImport"),
        Narrow("catalog.CatalogImport", Never()),
    ]
