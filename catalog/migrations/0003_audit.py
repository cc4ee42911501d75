"""Changes of the catalog stand in the audit trail."""

from django.db import migrations

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_safety"),
        ("catalog", "0002_narrowed"),
    ]

    operations = [
        Audit("Category", label="name"),
        Audit("ProductModel", label="name"),
        Audit("CustomerProduct", label="name"),
        Audit("ProductGrant"),
        Audit("ProductFacility"),
        Audit("Design", label="name", ignored=("created_at",)),
    ]
