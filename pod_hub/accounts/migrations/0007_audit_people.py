"""Invitations stand in the audit trail; to whom is hidden."""

from django.db import migrations

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_operator_visit")]
    operations = [
        Audit("Invitation", hidden=("email", "first_name", "last_name"), ignored=("invited_at", "sent_times")),
    ]
