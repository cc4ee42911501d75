"""A line may have a design that was chosen for its order alone, whose print file may still be in the making."""

import django.db.models.deletion
from django.db import migrations

import pod_hub.core.tenancy
from pod_hub.core.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_not_ours"), ("catalog", "0005_checked_files")]

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
