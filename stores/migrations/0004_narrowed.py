"""What narrowed scopes see of stores and all that hangs from them."""

import django.contrib.postgres.fields
from django.db import migrations, models

from pod_hub.core.narrowing import ByColumns, Through, UsedBy
from pod_hub.core.walls import Narrow

# As in 0002, and only for a store that a narrowed scope sees: the function is the owner's, so it asks the settings itself.
SEARCH = r"""
CREATE OR REPLACE FUNCTION search_listings(needle text, store bigint, most int) RETURNS SETOF bigint
LANGUAGE sql STABLE STRICT SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan
AS $search$
    SELECT found.id
    FROM public.stores_listing AS found
    WHERE found.psp_id = NULLIF(current_setting('app.psp_id', true), '')::bigint
      AND found.store_id = store
      AND EXISTS (
        SELECT FROM public.stores_store AS seen
        WHERE seen.id = store
          AND (
            COALESCE(current_setting('app.customer_ids', true), '') IN ('', '*')
            OR seen.customer_id = ANY (NULLIF(NULLIF(current_setting('app.customer_ids', true), '*'), '')::bigint[])
          )
          AND (
            COALESCE(current_setting('app.facility_ids', true), '') IN ('', '*')
            OR seen.facility_id = ANY (NULLIF(NULLIF(current_setting('app.facility_ids', true), '*'), '')::bigint[])
            OR seen.past_facilities && NULLIF(NULLIF(current_setting('app.facility_ids', true), '*'), '')::bigint[]
          )
      )
      AND (found.title ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        OR found.sku ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%')
    ORDER BY found.title, found.id
    LIMIT greatest(most, 0)
$search$
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0003_working_day"), ("catalog", "0002_narrowed"), ("accounts", "0004_people"), ("core", "0002_narrowed")]
    operations = [
        migrations.AddField(
            "store",
            "past_facilities",
            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None),
        ),
        migrations.RunSQL([SEARCH, "GRANT EXECUTE ON FUNCTION search_listings(text, bigint, int) TO hub_narrowed"], migrations.RunSQL.noop),
        Narrow("stores.Authorization", ByColumns(customer="customer_id")),
        Narrow("stores.Store", ByColumns(customer="customer_id", facility="facility_id", past_facilities="past_facilities")),
        Narrow("stores.Connection", Through("store")),
        Narrow("stores.ConsentAttempt", Through("store")),
        Narrow("stores.Listing", Through("store")),
        Narrow("stores.ListingMapping", Through("listing")),
        Narrow(
            "catalog.CustomerProduct",
            UsedBy("catalog.ProductGrant.customer_product", "stores.ListingMapping.customer_product", shared="for_all_customers", writes=False),
        ),
    ]
