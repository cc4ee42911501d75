"""Print files of no sheet, kept for a mapping or for one order alone, are told the area they were kept for: the product's first, as it is today.

The road of a record says why it was read again.
"""

from django.db import migrations, models

FROM_USES = """
UPDATE catalog_printfile SET area_name = area.name, width_mm = area.width_mm, height_mm = area.height_mm, bleed_mm = area.bleed_mm
  FROM (
    SELECT DISTINCT ON (print_file_id) print_file_id, customer_product_id
      FROM (
        SELECT print_file_id, customer_product_id FROM stores_mappingpart
        UNION ALL SELECT print_file_id, customer_product_id FROM orders_orderline
      ) used
     WHERE print_file_id IS NOT NULL AND customer_product_id IS NOT NULL
     ORDER BY print_file_id, customer_product_id
  ) used
  JOIN catalog_customerproduct product ON product.id = used.customer_product_id
  JOIN LATERAL (
    SELECT * FROM catalog_printarea WHERE product_model_id = product.product_model_id ORDER BY position, id LIMIT 1
  ) area ON true
 WHERE used.print_file_id = catalog_printfile.id AND catalog_printfile.width_mm IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_sizes_of_print_files"), ("orders", "0015_line_of_listing"), ("stores", "0014_publishing")]

    operations = [
        migrations.RunSQL([FROM_USES, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="intakerecord",
            name="road",
            field=models.CharField(
                choices=[
                    ("poll", "poll"),
                    ("asked", "asked for by number"),
                    ("reconciliation", "reconciliation"),
                    ("notice", "read again, because it had changed at the marketplace"),
                    ("file", "file import"),
                    ("manual", "entered by hand"),
                ],
                default="poll",
                max_length=16,
            ),
        ),
    ]
