"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    replaces = [
        ("fulfillment", "0001_initial"),
        ("fulfillment", "0002_working_day"),
        ("fulfillment", "0003_narrowed"),
        ("fulfillment", "0004_tiktok_shop"),
        ("fulfillment", "0005_label_of_package"),
    ]
    dependencies = [("fulfillment", "0001_tables"), ("orders", "0002_walls")]
    operations = [
        RaiseWall(
            "Package",
            "Push",
            "PushAttempt",
            "Shipment",
            "PackageItem",
            "PushBatch",
            "Label",
        ),
        Narrow("fulfillment.Shipment", Through("order")),
        Narrow("fulfillment.Package", Through("order")),
        Narrow("fulfillment.PackageItem", Through("package")),
        Narrow("fulfillment.PushBatch", Through("authorization")),
        Narrow("fulfillment.Push", Through("order")),
        Narrow("fulfillment.PushAttempt", Through("push")),
        Narrow("fulfillment.Label", Through("order")),
    ]
