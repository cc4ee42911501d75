"""An order's customer as a column of its own, held true by the reference to the store, and what narrowed scopes see of orders."""

import django.db.models.deletion
from django.db import migrations, models

import pod_hub.core.tenancy
from pod_hub.core.narrowing import ByColumns, Through, UsedBy
from pod_hub.core.walls import Narrow, RaiseWall

CUSTOMERS = "UPDATE orders_order SET customer_id = store.customer_id FROM stores_store store WHERE store.id = orders_order.store_id"
# Facilities at which earlier orders of a store print, so that their people still see the store.
PAST_FACILITIES = """
UPDATE stores_store SET past_facilities = past.ids
FROM (
    SELECT o.store_id, array_agg(DISTINCT o.facility_id) AS ids
    FROM orders_order o JOIN stores_store s ON s.id = o.store_id
    WHERE o.facility_id <> s.facility_id
    GROUP BY 1
) past
WHERE past.store_id = stores_store.id
"""


def customer(*, null: bool) -> models.Field:
    return pod_hub.core.tenancy.TenantForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="orders", same_as="store", to="accounts.customer"
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_events_by_time"), ("stores", "0004_narrowed"), ("accounts", "0004_people"), ("catalog", "0002_narrowed")]
    operations = [
        migrations.AddField("order", "customer", customer(null=True)),
        migrations.RunSQL([CUSTOMERS, PAST_FACILITIES], migrations.RunSQL.noop),
        migrations.AlterField("order", "customer", customer(null=False)),
        migrations.AddIndex(
            "order",
            models.Index(
                models.F("psp"),
                models.F("customer"),
                models.OrderBy(models.F("placed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="order_list_by_customer",
            ),
        ),
        RaiseWall("Order"),
        Narrow("orders.Order", ByColumns(customer="customer_id", facility="facility_id")),
        Narrow("orders.IntakeRecord", Through("order", "store", "authorization")),
        Narrow("orders.BuyerData", Through("order")),
        Narrow("orders.OrderLine", Through("order")),
        Narrow("orders.Personalisation", Through("line")),
        Narrow("orders.Hold", Through("order")),
        Narrow("orders.OrderEvent", Through("order")),
        Narrow("orders.PurgeRecord", Through("order", "store")),
        Narrow("orders.Reconciliation", Through("authorization")),
        Narrow(
            "catalog.PrintFile", UsedBy("catalog.Design.print_file", "stores.ListingMapping.print_file", "orders.OrderLine.print_file", writes=False)
        ),
    ]
