"""Searching listings by a part of their title or SKU, under row-level security, with an index.

A policy's condition must hold before any other that is not leakproof, and LIKE is not: under the policy it cannot use its index. This
function is the owner's, whose policy lets it see every row, and filters by the tenant of the transaction itself. It plans anew for every
needle: a plan for any needle walks the whole store by title.
"""

from django.db import migrations, models

SEARCH = r"""
CREATE FUNCTION search_listings(needle text, store bigint, most int) RETURNS SETOF bigint
LANGUAGE sql STABLE STRICT SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan
AS $search$
    SELECT found.id
    FROM public.stores_listing AS found
    WHERE found.psp_id = NULLIF(current_setting('app.psp_id', true), '')::bigint
      AND found.store_id = store
      AND (found.title ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        OR found.sku ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%')
    ORDER BY found.title, found.id
    LIMIT greatest(most, 0)
$search$
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [
                "CREATE INDEX listing_by_title ON stores_listing USING gin (psp_id, title gin_trgm_ops)",
                "CREATE INDEX listing_by_sku ON stores_listing USING gin (psp_id, sku gin_trgm_ops)",
            ],
            ["DROP INDEX listing_by_title", "DROP INDEX listing_by_sku"],
        ),
        migrations.RunSQL(
            [
                SEARCH,
                # Functions may be called by everybody unless that is taken back.
                "REVOKE ALL ON FUNCTION search_listings(text, bigint, int) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION search_listings(text, bigint, int) TO hub_app, hub_everyone",
            ],
            ["DROP FUNCTION search_listings(text, bigint, int)"],
        ),
        # Lines that hold a version retired a moment ago are looked for every half minute (orders.services.mapping.sweep_mapped).
        migrations.AddIndex("listingmapping", models.Index("retired_at", name="mappings_retired", condition=models.Q(("retired_at__isnull", False)))),
    ]
