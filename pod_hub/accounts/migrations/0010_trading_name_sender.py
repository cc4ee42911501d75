"""A trading name may say who sends: what buyers read beneath it on the packing slip (CS-03)."""

from django.db import migrations, models

import pod_hub.accounts.models
from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_remote_files")]
    operations = [
        migrations.AddField(
            "TradingName",
            "sender",
            models.TextField("sender on the packing slip", blank=True, default="", validators=[pod_hub.accounts.models.few_short_lines]),
            preserve_default=False,
        ),
        migrations.AddField(
            "TradingName", "sender_email", models.EmailField("e-mail for buyers", blank=True, default="", max_length=254), preserve_default=False
        ),
        migrations.AddField(
            "TradingName", "sender_phone", models.CharField("telephone for buyers", blank=True, default="", max_length=40), preserve_default=False
        ),
        Audit("TradingName", label="name"),
    ]
