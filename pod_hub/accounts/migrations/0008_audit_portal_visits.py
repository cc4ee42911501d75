"""Who of a print provider looked into a customer's portal stands in the audit trail (GT-08)."""

from django.db import migrations

from pod_hub.core.audit import Audit


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_audit_people")]
    operations = [Audit("PortalVisit")]
