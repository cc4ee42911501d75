"""Print files remember the area they are printed on. Older ones are told what their sheet remembers of it, else what the area is today."""

from django.db import migrations, models

# What a sheet remembers has the bleed in its sides.
FROM_SHEETS = """
UPDATE catalog_printfile SET area_name = known.name, width_mm = known.width_mm, height_mm = known.height_mm, bleed_mm = known.bleed_mm
  FROM (
    SELECT DISTINCT ON (sheet.print_file_id)
           sheet.print_file_id, area.name, area.bleed_mm,
           COALESCE((sheet.made_for ->> 'width_mm')::int - 2 * area.bleed_mm, area.width_mm) AS width_mm,
           COALESCE((sheet.made_for ->> 'height_mm')::int - 2 * area.bleed_mm, area.height_mm) AS height_mm
      FROM catalog_designsheet sheet JOIN catalog_printarea area ON area.id = sheet.print_area_id
     WHERE sheet.print_file_id IS NOT NULL
     ORDER BY sheet.print_file_id, sheet.id
  ) known
 WHERE known.print_file_id = catalog_printfile.id AND known.width_mm > 0 AND known.height_mm > 0
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_designs_that_misfit")]

    operations = [
        migrations.AddField(
            model_name="printfile",
            name="area_name",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="print area"),
            preserve_default=False,
        ),
        migrations.AddField(model_name="printfile", name="width_mm", field=models.PositiveIntegerField(null=True, verbose_name="print width (mm)")),
        migrations.AddField(model_name="printfile", name="height_mm", field=models.PositiveIntegerField(null=True, verbose_name="print height (mm)")),
        migrations.AddField(model_name="printfile", name="bleed_mm", field=models.PositiveIntegerField(null=True, verbose_name="bleed (mm)")),
        migrations.RunSQL([FROM_SHEETS, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="printfile", name="one_print_file_per_content"),
        migrations.AddConstraint(
            model_name="printfile",
            constraint=models.UniqueConstraint(
                fields=("psp", "sha256", "dpi", "area_name", "width_mm", "height_mm", "bleed_mm"), name="one_print_file_per_content_and_area"
            ),
        ),
    ]
