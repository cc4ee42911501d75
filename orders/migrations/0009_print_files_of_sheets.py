"""Narrowed scopes see a print file that a design's sheet was made to, also where the design is a draft."""

from django.db import migrations

from pod_hub.core.narrowing import UsedBy
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_looks_of_all_roads"), ("catalog", "0004_artwork")]
    operations = [
        Narrow(
            "catalog.PrintFile",
            UsedBy(
                "catalog.Design.print_file",
                "catalog.DesignSheet.print_file",
                "stores.ListingMapping.print_file",
                "orders.OrderLine.print_file",
                writes=False,
            ),
        ),
    ]
