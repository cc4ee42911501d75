"""Drop the plain reference to the PSP from the tables whose composite references imply it."""

from django.db import migrations

import pod_hub.core.walls


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_working_day")]
    operations = [
        pod_hub.core.walls.RaiseWall("Order", "BuyerData", "OrderLine", "OrderEvent", "Hold", "Personalisation"),
    ]
