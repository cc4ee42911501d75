"""Looks at buyers by merchants and operators, and what narrowed scopes see of them."""

from django.db import migrations, models

from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow

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
    dependencies = [("orders", "0007_day"), ("accounts", "0007_audit_people")]
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
        migrations.RunSQL(ATTACH, DETACH),
    ]
