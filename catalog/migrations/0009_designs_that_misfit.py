"""Designs are compared with a product model that was changed, sheets remember what their print file was made for."""

from django.db import migrations, models

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_areas_used")]

    operations = [
        migrations.RenameField(model_name="design", old_name="fits_revision", new_name="judged_revision"),
        migrations.AddField(model_name="design", name="misfits", field=models.JSONField(default=list)),
        migrations.AddField(model_name="design", name="kept_misfits", field=models.JSONField(default=list)),
        migrations.AddField(model_name="design", name="kept_because", field=models.TextField(blank=True, verbose_name="kept as it is because")),
        migrations.AddField(model_name="designsheet", name="made_for", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="productmodel", name="judged_revision", field=models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddIndex(
            model_name="design",
            index=models.Index(
                "product_model", "judged_revision", name="designs_to_judge", condition=models.Q(("state__in", ["ready", "rendering"]))
            ),
        ),
        migrations.AddIndex(
            model_name="design",
            index=models.Index("product_model", name="designs_that_misfit", condition=models.Q(("misfits", []), _negated=True)),
        ),
        migrations.AddIndex(
            model_name="printfile",
            index=models.Index("psp", name="print_files_in_trouble", condition=models.Q(("trouble", ""), _negated=True)),
        ),
        Audit("ProductModel", label="name", ignored=("judged_revision",)),
        Audit("Design", label="name", ignored=("created_at", "saved_at", "state", "edits", "areas_used", "judged_revision", "misfits")),
    ]
