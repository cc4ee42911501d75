"""A line may have a design that was chosen for its order alone, whose print file may still be in the making."""

import django.db.models.deletion
from django.db import migrations

import pod_hub.core.tenancy
from pod_hub.core.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_bulk_and_remote_files"), ("catalog", "0008_areas_used")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="design",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.design"
            ),
        ),
        RaiseWall("OrderLine"),
    ]
