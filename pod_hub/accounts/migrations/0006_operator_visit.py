"""What operators asked to see. The application may add to the record and read it, and nothing else."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table and takes away what would falsify it."""

    dependencies = [("accounts", "0005_safety")]
    operations = [
        migrations.CreateModel(
            name="OperatorVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="operator"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.psp",
                        verbose_name="print service provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "operator's visit",
                "verbose_name_plural": "operators' visits",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("psp__isnull", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="looking_at_everybody_has_a_reason",
                    )
                ],
            },
        ),
        migrations.RunSQL("REVOKE UPDATE, DELETE ON accounts_operatorvisit FROM hub_app, hub_everyone", migrations.RunSQL.noop),
    ]
