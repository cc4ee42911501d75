"""Write on a design how many print areas it uses; the audit trail does not note what follows from its sheets."""

from django.db import migrations, models

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_imports")]

    operations = [
        migrations.AddField(model_name="design", name="areas_used", field=models.PositiveSmallIntegerField(default=1)),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state", "edits", "areas_used")),
    ]
