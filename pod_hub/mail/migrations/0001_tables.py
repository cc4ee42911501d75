"""Tables of mails waiting to be sent. Their walls stand in 0002."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.sealing


class Migration(migrations.Migration):
    initial = True
    replaces = [("mail", "0001_mail")]

    dependencies = [
        ("accounts", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mail",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="mal")),
                ("key", models.CharField(max_length=200)),
                ("template", models.CharField(max_length=80, verbose_name="template")),
                ("to_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("content_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("emptied_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "mail",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="mails_due"),
                    models.Index(models.F("created_at"), models.F("id"), condition=models.Q(("emptied_at", None)), name="mails_to_empty"),
                    models.Index(
                        models.F("psp"), models.F("created_at"), models.F("id"), condition=models.Q(("delivery", "parked")), name="mails_parked"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("psp", "key"), name="one_mail_per_key", nulls_distinct=False)],
            },
        ),
    ]
