"""Looks at buyers by merchants and operators, and what narrowed scopes see of them."""

from django.db import migrations, models

from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_day")]
    operations = [
        migrations.AlterField(
            model_name="buyerlook",
            name="road",
            field=models.CharField(
                choices=[
                    ("page", "page"),
                    ("api", "API"),
                    ("paper", "packing slip or job ticket"),
                    ("portal", "portal"),
                    ("operator", "operator"),
                ],
                max_length=8,
                verbose_name="where",
            ),
        ),
        Narrow("orders.BuyerLook", Through("order")),
    ]
