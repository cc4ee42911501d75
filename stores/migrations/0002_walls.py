"""The walls around these tables: tenants, what narrowed scopes see, and what the audit trail keeps."""

from django.db import migrations

from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import ByColumns, Through, UsedBy
from pod_hub.core.walls import Narrow, RaiseWall

# Searching listings by a part of their title or SKU, under row-level security, with an index. A policy's condition must hold before any other that
# is not leakproof, and LIKE is not: under the policy it cannot use its index. This function is the owner's, whose policy lets it see every row, so it
# asks the settings of the transaction itself. It plans anew for every needle: a plan for any needle walks the whole store by title.
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
        OR found.sku ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        OR (found.product_id = upper(needle) AND found.product_id <> ''))
    ORDER BY found.sorted_by, found.family, found.sorted_within, found.id
    LIMIT greatest(most, 0)
$search$
"""


class Migration(migrations.Migration):
    replaces = [
        ("stores", "0001_initial"),
        ("stores", "0002_listing_search"),
        ("stores", "0003_working_day"),
        ("stores", "0004_narrowed"),
        ("stores", "0005_breaker"),
        ("stores", "0006_audit"),
        ("stores", "0007_connecting"),
        ("stores", "0008_connecting_narrowed"),
        ("stores", "0009_audit_connecting"),
        ("stores", "0010_listings"),
        ("stores", "0011_mapping_parts_alone"),
        ("stores", "0012_authorizations_by_seller"),
        ("stores", "0013_tiktok_shop"),
        ("stores", "0014_publishing"),
        ("stores", "0015_variants"),
    ]
    dependencies = [("stores", "0001_tables"), ("catalog", "0002_walls")]
    operations = [
        RaiseWall(
            "Authorization",
            "Listing",
            "ListingMapping",
            "Store",
            "ConsentAttempt",
            "Connection",
            "ConnectionWizard",
            "ConsentLink",
            "ConsentByStaff",
            "ConnectedPeriod",
            "SelfTest",
            "SelfTestStep",
            "MappingPart",
            "ListingSync",
            "ListingChange",
            "SuggestionRun",
            "CarrierMapping",
            "ChannelNotice",
            "GrantedShop",
            "StoreCarrier",
            "Publication",
            "PublicationPicture",
            "StockPush",
        ),
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
                "GRANT EXECUTE ON FUNCTION search_listings(text, bigint, int) TO hub_app, hub_everyone, hub_narrowed",
            ],
            ["DROP FUNCTION search_listings(text, bigint, int)"],
        ),
        Narrow("stores.Authorization", ByColumns(customer="customer_id")),
        Narrow("stores.Store", ByColumns(customer="customer_id", facility="facility_id", past_facilities="past_facilities")),
        Narrow("stores.Connection", Through("store")),
        Narrow("stores.ConsentAttempt", Through("store")),
        Narrow("stores.Listing", Through("store")),
        Narrow("stores.ListingMapping", Through("listing")),
        Narrow("stores.ConnectionWizard", ByColumns(customer="customer_id")),
        Narrow("stores.ConsentLink", Through("store")),
        Narrow("stores.ConsentByStaff", ByColumns(customer="customer_id")),
        Narrow("stores.ConnectedPeriod", Through("store")),
        Narrow("stores.SelfTest", Through("store")),
        Narrow("stores.SelfTestStep", Through("test")),
        Narrow("stores.MappingPart", Through("mapping")),
        Narrow("stores.ListingSync", Through("store")),
        Narrow("stores.ListingChange", Through("listing")),
        Narrow("stores.SuggestionRun", Through("store")),
        Narrow(
            "catalog.CustomerProduct",
            UsedBy("catalog.ProductGrant.customer_product", "stores.MappingPart.customer_product", shared="for_all_customers", writes=False),
        ),
        Narrow("stores.CarrierMapping", Through("store")),
        Narrow("stores.ChannelNotice", Through("store")),
        Narrow("stores.GrantedShop", Through("authorization")),
        Narrow("stores.StoreCarrier", Through("store")),
        Narrow("stores.Publication", Through("store")),
        Narrow("stores.PublicationPicture", Through("publication")),
        Narrow("stores.StockPush", Through("listing")),
        Audit("Connection", ignored=("last_import_at",)),
        Audit("ConsentByStaff"),
        Audit("ListingMapping"),
        Audit("MappingPart"),
        Audit(
            "Authorization",
            label="account_id",
            ignored=(
                "orders_cursor",
                "next_poll_at",
                "last_poll_started_at",
                "last_poll_ok_at",
                "poll_lease",
                "poll_leased_until",
                "poll_since",
                "poll_page",
                "poll_high_water",
                "poll_marketplaces",
                "poll_failures",
                "poll_waits_for",
                "last_error",
                "last_error_at",
                "calls_unanswered",
                "resting_since",
                "reminded_days",
                "access_token_sealed",
                "access_ends_at",
                "token_lease",
                "token_leased_until",
                "returns_cursor",
                "next_returns_at",
                "next_carriers_at",
            ),
        ),
        Audit(
            "Store",
            label="name",
            ignored=(
                "created_at",
                "listings_synced_at",
                "listing_sync_state",
                "listing_sync_page",
                "listing_sync_started_at",
                "listing_sync_seen",
                "listing_sync_total",
                "listing_sync_error",
                "listing_sync_not_before",
                "listing_sync_lease",
                "listing_sync_leased_until",
            ),
        ),
        Audit("CarrierMapping", label="carrier"),
    ]
