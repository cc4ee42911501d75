"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.walls import RaiseWall


class Migration(migrations.Migration):
    replaces = [("mail", "0001_mail")]
    dependencies = [("mail", "0001_tables"), ("accounts", "0002_walls")]
    operations = [
        RaiseWall(
            "Mail",
        ),
    ]
