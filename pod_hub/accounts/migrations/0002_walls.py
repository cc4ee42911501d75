"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.audit import PROTECT, Audit
from pod_hub.core.narrowing import ByColumns
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_paper"),
        ("accounts", "0003_api"),
        ("accounts", "0004_people"),
        ("accounts", "0005_safety"),
        ("accounts", "0006_operator_visit"),
        ("accounts", "0007_audit_people"),
        ("accounts", "0008_audit_portal_visits"),
        ("accounts", "0009_remote_files"),
        ("accounts", "0010_trading_name_sender"),
    ]
    dependencies = [("accounts", "0001_tables")]
    operations = [
        RaiseWall(
            "Facility",
            "Customer",
            "TradingName",
            "ApiKey",
            "KeptAnswer",
            "Invitation",
            "PortalVisit",
            "AuditEntry",
        ),
        # The table is global and has no wall, so RaiseWall does not make this one.
        migrations.RunSQL(
            "ALTER TABLE accounts_membership ADD CONSTRAINT accounts_membership_customer_id_wall FOREIGN KEY (psp_id, customer_id) "
            "REFERENCES accounts_customer (psp_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE accounts_membership DROP CONSTRAINT accounts_membership_customer_id_wall",
        ),
        # The record of operators' visits may be added to and read, and nothing else.
        migrations.RunSQL("REVOKE UPDATE, DELETE ON accounts_operatorvisit FROM hub_app, hub_everyone", migrations.RunSQL.noop),
        migrations.RunSQL(PROTECT, migrations.RunSQL.noop),
        Narrow("accounts.Facility", ByColumns(facility="id", writes=False)),
        Narrow("accounts.Customer", ByColumns(customer="id")),
        Narrow("accounts.TradingName", ByColumns(customer="customer_id")),
        Narrow("accounts.Invitation", ByColumns(customer="customer_id")),
        Narrow("accounts.PortalVisit", ByColumns(customer="customer_id")),
        Audit("Psp", label="name", ignored=("created_at",), tenant="id"),
        Audit("Facility", label="name"),
        Audit("Membership", ignored=("created_at",)),
        Audit("ApiKey", label="name", ignored=("last_used_at", "created_at")),
        Audit("Invitation", hidden=("email", "first_name", "last_name"), ignored=("invited_at", "sent_times")),
        Audit("PortalVisit"),
        Audit("Customer", label="name", ignored=("created_at",)),
        Audit("TradingName", label="name"),
    ]
