"""A draft remembers what it was begun for."""

from django.db import migrations, models

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_sizes_of_print_files")]

    operations = [
        migrations.AddField(model_name="design", name="begun_for", field=models.CharField(blank=True, max_length=40)),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state", "edits", "areas_used", "judged_revision", "misfits", "begun_for")),
    ]
