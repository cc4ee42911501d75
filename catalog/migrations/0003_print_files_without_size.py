"""A print file of no known size is one per content as well: two empty sizes are the same size."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("catalog", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="printfile",
            name="one_print_file_per_content_and_area",
        ),
        migrations.AddConstraint(
            model_name="printfile",
            constraint=models.UniqueConstraint(
                fields=("psp", "sha256", "dpi", "area_name", "width_mm", "height_mm", "bleed_mm"),
                name="one_print_file_per_content_and_area",
                nulls_distinct=False,
            ),
        ),
    ]
