"""Lines and orders that are not ours to make; narrowed scopes see the print files of all parts of their mappings."""

from django.db import migrations, models

from pod_hub.core.narrowing import UsedBy
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_print_files_of_sheets"), ("stores", "0010_listings")]

    operations = [
        migrations.RemoveConstraint(
            model_name="order",
            name="known_order_state",
        ),
        migrations.RemoveConstraint(
            model_name="orderline",
            name="known_line_state",
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_by_deadline",
        ),
        migrations.AlterField(
            model_name="order",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("released", "released to production"),
                    ("printing", "printing"),
                    ("packing", "packing"),
                    ("partially_shipped", "partially shipped"),
                    ("shipped", "shipped"),
                    ("cancelled", "cancelled"),
                    ("not_ours", "not made here"),
                ],
                default="received",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("released", "released to production"),
                    ("printing", "printing"),
                    ("packing", "packing"),
                    ("shipped", "shipped"),
                    ("cancelled", "cancelled"),
                    ("not_ours", "not made here"),
                ],
                default="received",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("psp"),
                models.F("ship_by"),
                models.F("id"),
                condition=models.Q(("state__in", ["shipped", "cancelled", "not_ours"]), _negated=True),
                name="order_by_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["received", "released", "printing", "packing", "partially_shipped", "shipped", "cancelled", "not_ours"])
                ),
                name="known_order_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["received", "released", "printing", "packing", "shipped", "cancelled", "not_ours"])),
                name="known_line_state",
            ),
        ),
        Narrow(
            "catalog.PrintFile",
            UsedBy(
                "catalog.Design.print_file",
                "catalog.DesignSheet.print_file",
                "stores.MappingPart.print_file",
                "orders.OrderLine.print_file",
                writes=False,
            ),
        ),
    ]
