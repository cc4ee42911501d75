"""What narrowed scopes see of the catalog; customer products and print files follow in the apps whose tables they ask."""

from django.db import migrations

from pod_hub.core.narrowing import Always, ByColumns
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0002_narrowed")]
    operations = [
        Narrow("catalog.Category", Always()),
        Narrow("catalog.ProductModel", Always()),
        Narrow("catalog.ProductGrant", ByColumns(customer="customer_id", writes=False)),
        Narrow("catalog.ProductFacility", ByColumns(facility="facility_id", writes=False)),
        Narrow("catalog.Design", ByColumns(customer="customer_id")),
    ]
