"""Who starts, changes, publishes and gives up products that are added to stores stands in the audit trail."""

from django.db import migrations, models

from pod_hub.core.audit import Audit

# What workers write while they ask the channel, and what the channel says of a product type.
BOOKKEEPING = (
    "asks",
    "delivery",
    "not_before",
    "attempts",
    "last_error",
    "lease",
    "leased_until",
    "type_words",
    "type_options",
    "product_type_version",
    "longest_title",
    "fields",
    "attempt",
    "checked_as",
    "sent_at",
    "submitted_at",
    "live_at",
    "channel_state",
    "troubles",
    "started_at",
)


class Migration(migrations.Migration):
    dependencies = [("stores", "0003_prices_of_listings")]

    operations = [
        migrations.AlterField("publication", "dropped_at", models.DateTimeField(null=True, verbose_name="given up")),
        migrations.AlterField("publication", "values", models.JSONField(default=dict, verbose_name="attributes")),
        Audit("Publication", label="title", ignored=BOOKKEEPING),
    ]
