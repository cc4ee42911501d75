"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import ByColumns, Through, UsedBy
from pod_hub.core.walls import Narrow, RaiseWall

# The audit trail is the database's to write (pod_hub/core/sql/audit.sql). Rows that only count up fire no INSERT trigger, so a day has one entry.
PEN = """
CREATE OR REPLACE FUNCTION hub_audit_look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $pen$
DECLARE
    who jsonb := COALESCE(NULLIF(current_setting('app.actor', true), ''), '{}')::jsonb;
BEGIN
    INSERT INTO public.accounts_auditentry (psp_id, at, actor_user_id, actor_label, request_id, address, kind, action, object_id, public_id, label, before, after)
    SELECT NEW.psp_id, clock_timestamp(), COALESCE((who ->> 'user_id')::bigint, NEW.actor_id),
        left(COALESCE(who ->> 'label', CASE WHEN NEW.actor_id IS NULL THEN NEW.actor_label ELSE '' END), 120),
        left(COALESCE(who ->> 'request_id', ''), 64), left(COALESCE(who ->> 'address', ''), 45), 'orders.order', 'viewed',
        seen.id, seen.public_id, seen.external_id, '{}', jsonb_build_object('by', NEW.road)
    FROM public.orders_order AS seen WHERE seen.id = NEW.order_id;
    RETURN NULL;
END
$pen$
"""
ATTACH = [
    PEN,
    "REVOKE ALL ON FUNCTION hub_audit_look() FROM PUBLIC",
    "CREATE TRIGGER audit_looks AFTER INSERT ON orders_buyerlook FOR EACH ROW EXECUTE FUNCTION hub_audit_look()",
]
DETACH = ["DROP TRIGGER audit_looks ON orders_buyerlook", "DROP FUNCTION hub_audit_look()"]


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_working_day"),
        ("orders", "0003_tenant_by_reference"),
        ("orders", "0004_events_by_time"),
        ("orders", "0005_narrowed"),
        ("orders", "0006_lists_counted_by_index"),
        ("orders", "0007_day"),
        ("orders", "0008_looks_of_all_roads"),
        ("orders", "0009_print_files_of_sheets"),
        ("orders", "0010_not_ours"),
        ("orders", "0011_bulk_and_remote_files"),
        ("orders", "0012_design_of_line"),
        ("orders", "0013_tiktok_shop"),
        ("orders", "0014_file_checks"),
        ("orders", "0015_line_of_listing"),
        ("orders", "0016_sizes_of_print_files"),
        ("orders", "0017_artwork_causes"),
    ]
    dependencies = [("orders", "0001_tables"), ("stores", "0002_walls")]
    operations = [
        RaiseWall(
            "Order",
            "IntakeRecord",
            "BuyerData",
            "OrderLine",
            "OrderEvent",
            "Hold",
            "Personalisation",
            "PurgeRecord",
            "Reconciliation",
            "BuyerLook",
            "DigestSetting",
            "BulkImport",
            "BulkImportFile",
            "BulkImportRow",
            "FileSource",
            "FoundFile",
            "OrderReading",
            "OrderReturn",
            "FileCheck",
        ),
        migrations.RunSQL(ATTACH, DETACH),
        Narrow("orders.Order", ByColumns(customer="customer_id", facility="facility_id")),
        Narrow("orders.IntakeRecord", Through("order", "store", "authorization")),
        Narrow("orders.BuyerData", Through("order")),
        Narrow("orders.OrderLine", Through("order")),
        Narrow("orders.Personalisation", Through("line")),
        Narrow("orders.Hold", Through("order")),
        Narrow("orders.OrderEvent", Through("order")),
        Narrow("orders.PurgeRecord", Through("order", "store")),
        Narrow("orders.Reconciliation", Through("authorization")),
        Narrow("orders.BuyerLook", Through("order")),
        Narrow(
            "catalog.PrintFile",
            UsedBy(
                "catalog.Design.print_file",
                "catalog.DesignSheet.print_file",
                "stores.MappingPart.print_file",
                "orders.OrderLine.print_file",
                writes=False,
            ),
        ),
        Narrow("orders.BulkImport", Through("store")),
        Narrow("orders.BulkImportFile", Through("bulk_import")),
        Narrow("orders.BulkImportRow", Through("bulk_import")),
        Narrow("orders.FileSource", ByColumns(customer="customer_id")),
        Narrow("orders.FoundFile", Through("source")),
        Narrow("orders.OrderReading", Through("authorization")),
        Narrow("orders.OrderReturn", Through("order")),
        Narrow("orders.FileCheck", Through("print_file", writes=False)),
        Audit(
            "FileSource",
            label="name",
            ignored=(
                "next_scan_at",
                "scan_lease",
                "scan_leased_until",
                "scan_started_at",
                "scan_page",
                "scan_seen",
                "scan_new",
                "scan_ignored",
                "scan_failures",
                "scanned_at",
                "scan_result",
                "test_due_at",
                "tested_at",
                "test_result",
                "last_error",
                "created_at",
            ),
        ),
    ]
