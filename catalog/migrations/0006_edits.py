"""Count a design's autosaves, so that two editors do not overwrite each other unseen; the audit trail does not note them."""

from django.db import migrations, models

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_checked_files")]

    operations = [
        migrations.AddField(model_name="design", name="edits", field=models.PositiveIntegerField(default=0)),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state", "edits")),
    ]
