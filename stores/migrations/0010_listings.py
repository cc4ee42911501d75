"""Mappings of several products, syncs as rows with what they found, the state of listings, and suggestions that were accepted together."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce, Left, Lower, NullIf

import pod_hub.core.public_ids
import pod_hub.core.tenancy
import stores.listing_models
from pod_hub.core.narrowing import Through, UsedBy
from pod_hub.core.walls import Narrow, RaiseWall

PARTS = """
INSERT INTO stores_mappingpart (psp_id, mapping_id, position, customer_product_id, design_id, print_file_id, quantity)
SELECT psp_id, id, 0, customer_product_id, design_id, print_file_id, quantity FROM stores_listingmapping
"""
STATES = """
UPDATE stores_listing SET state = 'mapped'
WHERE EXISTS (SELECT FROM stores_listingmapping m WHERE m.listing_id = stores_listing.id AND m.retired_at IS NULL)
"""
SYNCS = """
INSERT INTO stores_listingsync
    (psp_id, public_id, store_id, delivery, not_before, attempts, last_error, page, seen, total, added, changed, gone, unreadable, met, started_at, finished_at)
SELECT psp_id, 'syn_' || substr(md5(random()::text || id), 1, 16), id, 'confirmed', listings_synced_at, 1, '', '', listing_sync_seen, listing_sync_total,
    0, 0, 0, listing_sync_error, '{}', coalesce(listing_sync_started_at, listings_synced_at), listings_synced_at
FROM stores_store WHERE listings_synced_at IS NOT NULL
"""
# As in 0004; a marketplace's number of the product is found by equality, in the order of the list.
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
        OR found.sku ILIKE '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        OR (found.product_id = upper(needle) AND found.product_id <> ''))
    ORDER BY found.sorted_by, found.family, found.sorted_within, found.id
    LIMIT greatest(most, 0)
$search$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_audit_portal_visits"),
        ("catalog", "0004_artwork"),
        ("orders", "0009_print_files_of_sheets"),
        ("stores", "0009_audit_connecting"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("added", "new"), ("changed", "changed"), ("gone", "gone")], max_length=12)),
                ("before", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "listing change",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ListingSync",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("pending", "waiting to be sent"),
                            ("accepted", "accepted, not read back yet"),
                            ("confirmed", "read back"),
                            ("parked", "needs a person"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.TextField(blank=True)),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="syn")),
                ("page", models.TextField(blank=True)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("added", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("unreadable", models.TextField(blank=True)),
                (
                    "met",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "listing sync",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="MappingPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name="pieces per unit sold"
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a mapping",
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SuggestionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("pending", "waiting to be sent"),
                            ("accepted", "accepted, not read back yet"),
                            ("confirmed", "read back"),
                            ("parked", "needs a person"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.TextField(blank=True)),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="sug")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                        verbose_name="confidence",
                    ),
                ),
                ("undoing", models.BooleanField(default=False)),
                ("after", models.BigIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("undone", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "accepted suggestions",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveIndex(
            model_name="listing",
            name="listing_list",
        ),
        migrations.AddField(
            model_name="listing",
            name="decided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="listing",
            name="decided_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="listing",
            name="family",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="listing",
            name="family_title",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="listing",
            name="is_parent",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="listing",
            name="problem",
            field=models.TextField(blank=True, verbose_name="what is wrong on the marketplace"),
        ),
        migrations.AddField(
            model_name="listingmapping",
            name="retired_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="listing",
            name="state",
            field=models.CharField(
                choices=[("unmapped", "waits for a product"), ("mapped", "connected"), ("ignored", "not made here")],
                default="unmapped",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="listingmapping",
            name="because",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="listingchange",
            name="listing",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="stores.listing"),
        ),
        migrations.AddField(
            model_name="listingchange",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="listingsync",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="listingsync",
            name="started_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="listingsync",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="listing_syncs", to="stores.store"),
        ),
        migrations.AddField(
            model_name="listingchange",
            name="sync",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="stores.listingsync"),
        ),
        migrations.AddField(
            model_name="mappingpart",
            name="customer_product",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="mapping_parts", to="catalog.customerproduct"
            ),
        ),
        migrations.AddField(
            model_name="mappingpart",
            name="design",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mapping_parts", to="catalog.design"
            ),
        ),
        migrations.AddField(
            model_name="mappingpart",
            name="mapping",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="stores.listingmapping"
            ),
        ),
        migrations.AddField(
            model_name="mappingpart",
            name="print_file",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.printfile"
            ),
        ),
        migrations.AddField(
            model_name="mappingpart",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="suggestionrun",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="suggestionrun",
            name="started_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="suggestionrun",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="suggestion_runs", to="stores.store"
            ),
        ),
        migrations.AddField(
            model_name="listingmapping",
            name="run",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="stores.suggestionrun"
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="sku_key",
            field=models.GeneratedField(
                db_persist=True, expression=Lower(stores.listing_models.OnlyLettersAndDigits("sku")), output_field=models.CharField(max_length=200)
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="sorted_by",
            field=models.GeneratedField(
                db_persist=True,
                expression=Left(Coalesce(NullIf("family_title", models.Value("")), "title"), 200),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="sorted_within",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(models.When(is_parent=True, then=models.Value("")), default=Left("title", 200)),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.F("sorted_by"),
                models.F("family"),
                models.F("sorted_within"),
                models.F("id"),
                name="listing_list",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.F("state"),
                models.F("sorted_by"),
                models.F("family"),
                models.F("sorted_within"),
                models.F("id"),
                condition=models.Q(("gone_at", None), ("is_parent", False)),
                name="listing_list_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.F("sorted_by"),
                models.F("family"),
                models.F("sorted_within"),
                models.F("id"),
                condition=models.Q(("gone_at__isnull", False)),
                name="listing_list_gone",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.F("sorted_by"),
                models.F("family"),
                models.F("sorted_within"),
                models.F("id"),
                condition=models.Q(("gone_at", None), models.Q(("problem", ""), _negated=True)),
                name="listing_list_wrong",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(models.F("psp"), models.F("sku_key"), condition=models.Q(("sku_key", ""), _negated=True), name="listing_by_sku_key"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                models.F("psp"), models.F("product_id"), condition=models.Q(("product_id", ""), _negated=True), name="listing_by_product_id"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(models.F("store"), models.F("family"), condition=models.Q(("family", ""), _negated=True), name="listing_by_family"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(models.F("decided_at"), condition=models.Q(("decided_at__isnull", False)), name="listings_decided"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(condition=models.Q(("state__in", ["unmapped", "mapped", "ignored"])), name="known_listing_state"),
        ),
        migrations.AddIndex(
            model_name="listingmapping",
            index=models.Index(models.F("run"), models.F("id"), condition=models.Q(("run__isnull", False)), name="mappings_of_run"),
        ),
        migrations.AddIndex(
            model_name="listingsync",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="syncs_due"),
        ),
        migrations.AddIndex(
            model_name="listingsync",
            index=models.Index(models.F("psp"), models.F("store"), models.OrderBy(models.F("started_at"), descending=True), name="sync_list"),
        ),
        migrations.AddConstraint(
            model_name="listingsync",
            constraint=models.UniqueConstraint(condition=models.Q(("delivery", "pending")), fields=("store",), name="one_running_sync"),
        ),
        migrations.AddIndex(
            model_name="listingchange",
            index=models.Index(models.F("psp"), models.F("sync"), models.F("kind"), models.F("listing"), name="changes_of_sync"),
        ),
        migrations.AddConstraint(
            model_name="listingchange",
            constraint=models.UniqueConstraint(fields=("sync", "listing"), name="one_change_per_sync"),
        ),
        migrations.AddIndex(
            model_name="mappingpart",
            index=models.Index(
                models.F("design"), condition=models.Q(("design__isnull", False), ("print_file", None)), name="parts_waiting_for_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="mappingpart",
            constraint=models.UniqueConstraint(fields=("mapping", "position"), name="one_part_per_position"),
        ),
        migrations.AddConstraint(
            model_name="mappingpart",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="a_part_has_pieces"),
        ),
        migrations.AddIndex(
            model_name="suggestionrun",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="suggestion_runs_due"),
        ),
        migrations.AddIndex(
            model_name="suggestionrun",
            index=models.Index(
                models.F("psp"), models.F("store"), models.OrderBy(models.F("started_at"), descending=True), name="suggestion_run_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestionrun",
            constraint=models.UniqueConstraint(condition=models.Q(("delivery", "pending")), fields=("store",), name="one_running_suggestion_run"),
        ),
        migrations.AddConstraint(
            model_name="suggestionrun",
            constraint=models.CheckConstraint(condition=models.Q(("level__gte", 1), ("level__lte", 100)), name="level_is_a_percentage"),
        ),
        migrations.RunSQL([PARTS, STATES, SYNCS, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        RaiseWall("Listing", "ListingMapping", "MappingPart", "ListingSync", "ListingChange", "SuggestionRun"),
        Narrow("stores.MappingPart", Through("mapping")),
        Narrow("stores.ListingSync", Through("store")),
        Narrow("stores.ListingChange", Through("listing")),
        Narrow("stores.SuggestionRun", Through("store")),
        Narrow(
            "catalog.CustomerProduct",
            UsedBy("catalog.ProductGrant.customer_product", "stores.MappingPart.customer_product", shared="for_all_customers", writes=False),
        ),
        migrations.RunSQL([SEARCH], migrations.RunSQL.noop),
    ]
