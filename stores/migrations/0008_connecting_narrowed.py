"""What narrowed scopes see of connecting a store: a merchant walks through the wizard too."""

from django.db import migrations

from pod_hub.core.narrowing import ByColumns, Through
from pod_hub.core.walls import Narrow


class Migration(migrations.Migration):
    dependencies = [("stores", "0007_connecting"), ("stores", "0004_narrowed")]
    operations = [
        Narrow("stores.ConnectionWizard", ByColumns(customer="customer_id")),
        Narrow("stores.ConsentLink", Through("store")),
        Narrow("stores.ConsentByStaff", ByColumns(customer="customer_id")),
        Narrow("stores.ConnectedPeriod", Through("store")),
        Narrow("stores.SelfTest", Through("store")),
        Narrow("stores.SelfTestStep", Through("test")),
    ]
