"""What narrowed scopes see of shipments and pushes."""

from django.db import migrations

from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0002_working_day"), ("orders", "0005_narrowed")]
    operations = [
        Narrow("fulfillment.Shipment", Through("order")),
        Narrow("fulfillment.Package", Through("order")),
        Narrow("fulfillment.PackageItem", Through("package")),
        Narrow("fulfillment.PushBatch", Through("authorization")),
        Narrow("fulfillment.Push", Through("order")),
        Narrow("fulfillment.PushAttempt", Through("push")),
    ]
