"""Tables of connections, stores, listings, mappings and publications. Their walls stand in 0002."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.sealing
import pod_hub.core.tenancy
import stores.listing_models
import stores.models


class Migration(migrations.Migration):
    initial = True
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

    dependencies = [
        ("accounts", "0001_tables"),
        ("catalog", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="aut")),
                (
                    "kind",
                    models.CharField(
                        choices=[("amazon", "Amazon"), ("tiktok", "TikTok Shop"), ("csv", "CSV import"), ("manual", "manual")], max_length=12
                    ),
                ),
                ("account_id", models.CharField(max_length=64, verbose_name="seller id")),
                ("account_name", models.CharField(blank=True, max_length=120, verbose_name="seller")),
                ("region", models.CharField(max_length=12, verbose_name="region")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("reconnect", "needs the merchant's permission again"), ("revoked", "revoked")],
                        default="active",
                        max_length=12,
                    ),
                ),
                ("refresh_token_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("access_token_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("access_ends_at", models.DateTimeField(null=True)),
                ("token_lease", models.UUIDField(editable=False, null=True)),
                ("token_leased_until", models.DateTimeField(editable=False, null=True)),
                ("granted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(null=True)),
                ("reminded_days", models.PositiveSmallIntegerField(null=True)),
                ("last_error", models.TextField(blank=True)),
                ("last_error_at", models.DateTimeField(null=True)),
                ("orders_cursor", models.DateTimeField(null=True)),
                ("next_poll_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_poll_started_at", models.DateTimeField(null=True)),
                ("last_poll_ok_at", models.DateTimeField(null=True)),
                ("poll_lease", models.UUIDField(null=True)),
                ("poll_leased_until", models.DateTimeField(null=True)),
                ("poll_since", models.DateTimeField(null=True)),
                ("poll_page", models.TextField(blank=True)),
                ("poll_high_water", models.DateTimeField(null=True)),
                ("poll_marketplaces", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ("poll_failures", models.PositiveIntegerField(default=0)),
                ("poll_waits_for", models.CharField(blank=True, max_length=120)),
                ("returns_cursor", models.DateTimeField(null=True)),
                ("next_returns_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                ("next_carriers_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                ("calls_unanswered", models.PositiveIntegerField(default=0)),
                ("resting_since", models.DateTimeField(null=True)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="authorizations", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "authorization",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("next_poll_at"), condition=models.Q(("state", "active")), name="authorizations_due"),
                    models.Index(
                        models.F("expires_at"), condition=models.Q(("expires_at__isnull", False), ("state", "active")), name="authorizations_expiring"
                    ),
                    models.Index(models.F("account_id"), name="authorizations_by_seller"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "revoked"), _negated=True),
                        fields=("kind", "account_id", "region"),
                        name="one_live_authorization_per_seller",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConnectionWizard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="wiz")),
                (
                    "kind",
                    models.CharField(
                        choices=[("amazon", "Amazon"), ("tiktok", "TikTok Shop"), ("csv", "CSV import"), ("manual", "manual")], max_length=12
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[("setup", "store setup"), ("authorize", "authorize"), ("finish", "finish"), ("done", "done")],
                        default="setup",
                        max_length=12,
                    ),
                ),
                ("makes_store", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="wizards", to="stores.authorization"
                    ),
                ),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="connection_wizards", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "connection wizard",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(models.Q(("step", "done"), _negated=True), ("cancelled_at", None)),
                        fields=["psp", "-changed_at"],
                        name="wizards_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentByStaff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("allowed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("allowed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consent_by_staff", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "consent by staff",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="GrantedShop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, verbose_name="shop number")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="shop")),
                ("marketplace", models.CharField(max_length=24, verbose_name="marketplace")),
                ("seller_type", models.CharField(blank=True, max_length=20)),
                ("why_not", models.TextField(blank=True)),
                ("key_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shops", to="stores.authorization"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "shop of a permission",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("number"), name="granted_shops_by_number")],
                "constraints": [models.UniqueConstraint(fields=("authorization", "number"), name="one_row_per_granted_shop")],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="lst")),
                ("key", models.CharField(max_length=200)),
                ("sku", models.CharField(blank=True, max_length=200, verbose_name="SKU")),
                ("product_id", models.CharField(blank=True, max_length=40, verbose_name="marketplace product id")),
                ("title", models.TextField(verbose_name="title")),
                ("family", models.CharField(blank=True, max_length=200)),
                ("family_title", models.CharField(blank=True, max_length=200)),
                ("is_parent", models.BooleanField(default=False)),
                ("channel_state", models.CharField(blank=True, max_length=60, verbose_name="state on the marketplace")),
                ("problem", models.TextField(blank=True, verbose_name="what is wrong on the marketplace")),
                ("image_url", models.URLField(blank=True, max_length=500)),
                ("variant", models.CharField(blank=True, db_default="", max_length=200, verbose_name="variant")),
                ("price", models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="price")),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("quantity", models.IntegerField(null=True, verbose_name="quantity")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("unmapped", "waits for a product"), ("mapped", "connected"), ("ignored", "not made here")],
                        default="unmapped",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "sorted_by",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Left(
                            django.db.models.functions.comparison.Coalesce(
                                django.db.models.functions.comparison.NullIf("family_title", models.Value("")), "title"
                            ),
                            200,
                        ),
                        output_field=models.CharField(max_length=200),
                    ),
                ),
                (
                    "sorted_within",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(is_parent=True, then=models.Value("")), default=django.db.models.functions.text.Left("title", 200)
                        ),
                        output_field=models.CharField(max_length=200),
                    ),
                ),
                (
                    "sku_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(stores.listing_models.OnlyLettersAndDigits("sku")),
                        output_field=models.CharField(max_length=200),
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "listing",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("sku_key"), condition=models.Q(("sku_key", ""), _negated=True), name="listing_by_sku_key"),
                    models.Index(
                        models.F("psp"), models.F("product_id"), condition=models.Q(("product_id", ""), _negated=True), name="listing_by_product_id"
                    ),
                    models.Index(models.F("decided_at"), condition=models.Q(("decided_at__isnull", False)), name="listings_decided"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", ["unmapped", "mapped", "ignored"])), name="known_listing_state")
                ],
            },
        ),
        migrations.CreateModel(
            name="ListingMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="map")),
                ("version", models.PositiveIntegerField()),
                ("mapped_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("because", models.TextField(blank=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="stores.listing"),
                ),
                (
                    "mapped_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "mapping",
                "ordering": ["-version"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("retired_at"), condition=models.Q(("retired_at__isnull", False)), name="mappings_retired")],
                "constraints": [
                    models.UniqueConstraint(fields=("listing", "version"), name="one_mapping_per_version"),
                    models.UniqueConstraint(condition=models.Q(("retired_at", None)), fields=("listing",), name="one_active_mapping"),
                ],
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
                ("met", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "listing sync",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="syncs_due")],
            },
        ),
        migrations.CreateModel(
            name="ListingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("added", "new"), ("changed", "changed"), ("gone", "gone")], max_length=12)),
                ("before", models.JSONField(default=dict)),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="stores.listing"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "sync",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="stores.listingsync"
                    ),
                ),
            ],
            options={
                "verbose_name": "listing change",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("sync"), models.F("kind"), models.F("listing"), name="changes_of_sync")],
                "constraints": [models.UniqueConstraint(fields=("sync", "listing"), name="one_change_per_sync")],
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
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mapping_parts", to="catalog.customerproduct"
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mapping_parts", to="catalog.design"
                    ),
                ),
                (
                    "mapping",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="stores.listingmapping"
                    ),
                ),
                (
                    "print_file",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.printfile"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a mapping",
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("design"), condition=models.Q(("design__isnull", False), ("print_file", None)), name="parts_waiting_for_file"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("mapping", "position"), name="one_part_per_position"),
                    models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="a_part_has_pieces"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="pub")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("checking", "being checked"),
                            ("submitted", "submitted"),
                            ("live", "live"),
                            ("rejected", "rejected"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "asks",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "nothing"),
                            ("types", "product types"),
                            ("fields", "attributes"),
                            ("check", "a check"),
                            ("publish", "publishing"),
                            ("progress", "progress"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=255, verbose_name="name")),
                ("description", models.TextField(blank=True, max_length=10000, verbose_name="description")),
                ("brand", models.CharField(blank=True, max_length=100, verbose_name="brand")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name="price"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("sku", models.CharField(blank=True, max_length=40, verbose_name="SKU")),
                (
                    "quantity",
                    models.PositiveIntegerField(default=100, validators=[django.core.validators.MaxValueValidator(999999)], verbose_name="quantity"),
                ),
                (
                    "handling_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                        verbose_name="handling time (days)",
                    ),
                ),
                ("type_words", models.CharField(blank=True, max_length=100)),
                ("type_options", models.JSONField(default=list)),
                ("product_type", models.CharField(blank=True, max_length=100, verbose_name="product type")),
                ("product_type_name", models.CharField(blank=True, max_length=200)),
                ("product_type_version", models.CharField(blank=True, max_length=200)),
                ("longest_title", models.PositiveIntegerField(null=True)),
                ("fields", models.JSONField(default=list)),
                ("values", models.JSONField(default=dict)),
                ("attempt", models.UUIDField(editable=False, null=True)),
                ("checked_as", models.UUIDField(editable=False, null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("live_at", models.DateTimeField(null=True)),
                ("product_id", models.CharField(blank=True, max_length=40, verbose_name="marketplace product id")),
                ("channel_state", models.CharField(blank=True, max_length=60)),
                ("troubles", models.JSONField(default=list)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "copied_from",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="stores.listing"
                    ),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="catalog.customerproduct"
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="catalog.design"
                    ),
                ),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="stores.listing"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "started_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "product that is added",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="publications_due"),
                    models.Index(models.F("psp"), models.F("sku"), name="publication_by_sku"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "checking", "submitted", "live", "rejected"])), name="known_publication_state"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicationPicture",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="ppi")),
                ("position", models.PositiveSmallIntegerField()),
                ("is_own", models.BooleanField(default=False)),
                ("storage_name", models.CharField(blank=True, max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=60)),
                ("width_px", models.PositiveIntegerField(default=0)),
                ("height_px", models.PositiveIntegerField(default=0)),
                ("link_token", models.CharField(blank=True, editable=False, max_length=64)),
                ("link_until", models.DateTimeField(null=True)),
                ("reference", models.TextField(blank=True)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "mockup",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="publication_pictures", to="catalog.mockup"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "publication",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="stores.publication"
                    ),
                ),
            ],
            options={
                "verbose_name": "picture of a product that is added",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="publication_pictures_due"
                    ),
                    models.Index(models.F("publication"), models.F("position"), models.F("id"), name="pictures_of_publication"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("link_token", ""), _negated=True), fields=("link_token",), name="one_picture_per_link"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="tst")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("waits_for", models.CharField(blank=True, max_length=200)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "self-test",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("not_before"), condition=models.Q(("finished_at", None)), name="self_tests_due")],
            },
        ),
        migrations.CreateModel(
            name="SelfTestStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                (
                    "outcome",
                    models.CharField(choices=[("ok", "works"), ("failed", "does not work"), ("unknown", "cannot be told yet")], max_length=12),
                ),
                ("detail", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "test",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="stores.selftest"),
                ),
            ],
            options={
                "verbose_name": "self-test step",
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("test", "step"), name="one_result_per_step")],
            },
        ),
        migrations.CreateModel(
            name="StockPush",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="stk")),
                ("quantity", models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(999999)], verbose_name="quantity")),
                (
                    "handling_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                        verbose_name="handling time (days)",
                    ),
                ),
                ("wanted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=120)),
                ("batch", models.CharField(blank=True, max_length=120)),
                ("batch_number", models.PositiveIntegerField(null=True)),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantOneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="stock", to="stores.listing"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "wanted_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "stock of a listing",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="stock_pushes_due"
                    ),
                    models.Index(models.F("batch"), condition=models.Q(("batch", ""), _negated=True), name="stock_pushes_by_batch"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="sto")),
                (
                    "past_facilities",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("amazon", "Amazon"), ("tiktok", "TikTok Shop"), ("csv", "CSV import"), ("manual", "manual")], max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("account_id", models.CharField(blank=True, max_length=64, verbose_name="seller id")),
                ("marketplace", models.CharField(blank=True, max_length=24, verbose_name="marketplace")),
                ("shop_number", models.CharField(blank=True, db_default="", max_length=24, verbose_name="shop number")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="accounts.customer"),
                ),
                (
                    "facility",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="accounts.facility"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "trading_name",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="accounts.tradingname"
                    ),
                ),
            ],
            options={
                "verbose_name": "store",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("shop_number"), condition=models.Q(("shop_number", ""), _negated=True), name="stores_by_shop_number")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("account_id", ""), _negated=True),
                        fields=("psp", "kind", "account_id", "marketplace", "shop_number"),
                        name="one_store_per_shop",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="selftest",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="self_tests", to="stores.store"),
        ),
        migrations.AddField(
            model_name="publication",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="stores.store"),
        ),
        migrations.AddField(
            model_name="listingsync",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="listing_syncs", to="stores.store"),
        ),
        migrations.AddField(
            model_name="listing",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="listings", to="stores.store"),
        ),
        migrations.CreateModel(
            name="ConsentLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="lnk")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for the merchant"),
                            ("authorised", "authorised"),
                            ("declined", "declined"),
                            ("revoked", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("email_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                ("sent_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "wizard",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="links", to="stores.connectionwizard"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consent_links", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "consent link",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("state", "waiting")), fields=("store",), name="one_waiting_link_per_store")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state_hash", models.CharField(max_length=64, unique=True)),
                ("session_hash", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[("amazon", "Amazon"), ("tiktok", "TikTok Shop"), ("csv", "CSV import"), ("manual", "manual")], max_length=12
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("marketplace", models.CharField(max_length=24)),
                ("expected_account", models.CharField(blank=True, max_length=64)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=200)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "wizard",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="consent_attempts", to="stores.connectionwizard"
                    ),
                ),
                (
                    "link",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="consent_attempts", to="stores.consentlink"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_attempts", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "consent attempt",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("link__isnull", True), ("started_by__isnull", False)),
                            models.Q(("link__isnull", False), ("started_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="attempts_have_one_beginner",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="connectionwizard",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="wizards", to="stores.store"
            ),
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="con")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "connecting"),
                            ("connected", "connected"),
                            ("attention", "needs attention"),
                            ("expired", "permission expired"),
                            ("revoked", "permission withdrawn"),
                            ("disabled", "disconnected"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("state_reason", models.TextField(blank=True)),
                (
                    "fulfilled_by",
                    models.CharField(
                        choices=[("merchant", "the merchant"), ("channel", "the marketplace")],
                        default="merchant",
                        max_length=12,
                        verbose_name="import orders fulfilled by",
                    ),
                ),
                (
                    "import_states",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24),
                        default=stores.models.default_import_states,
                        size=None,
                        verbose_name="import orders in status",
                    ),
                ),
                (
                    "max_order_age_days",
                    models.PositiveIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)],
                        verbose_name="maximum order age (days)",
                    ),
                ),
                (
                    "handling_days",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                        verbose_name="fulfillment latency (days)",
                    ),
                ),
                ("inventory_channel_code", models.CharField(default="DEFAULT", max_length=40, verbose_name="fulfillment channel code")),
                ("mark_as_despatched", models.BooleanField(default=True, verbose_name="mark orders as despatched")),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("none", "no approval: orders go on at once"),
                            ("manual", "a person approves each order"),
                            ("after_1_h", "approved by itself after one hour"),
                            ("after_24_h", "approved by itself after 24 hours"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="approval of new orders",
                    ),
                ),
                ("import_paused", models.BooleanField(default=False, verbose_name="import paused")),
                ("push_paused", models.BooleanField(default=False, verbose_name="push paused")),
                ("inventory_paused", models.BooleanField(default=False, verbose_name="inventory paused")),
                ("connected_at", models.DateTimeField(null=True)),
                ("disconnected_at", models.DateTimeField(null=True)),
                ("last_import_at", models.DateTimeField(null=True, verbose_name="last import")),
                (
                    "authorization",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="connections", to="stores.authorization"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantOneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="connection", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "connection",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ConnectedPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="connected_periods", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "connected period",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("began_at"), name="periods_by_month")],
                "constraints": [models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("store",), name="one_open_period_per_store")],
            },
        ),
        migrations.CreateModel(
            name="ChannelNotice",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("amazon", "Amazon"), ("tiktok", "TikTok Shop"), ("csv", "CSV import"), ("manual", "manual")], max_length=12
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("shop_number", models.CharField(blank=True, max_length=24, verbose_name="shop number")),
                ("topic", models.CharField(max_length=60, verbose_name="type")),
                ("subject", models.CharField(blank=True, max_length=80, verbose_name="about")),
                ("told_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("content_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("outcome", models.CharField(blank=True, max_length=200)),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice of a marketplace",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="notices_due"),
                    models.Index(models.F("received_at"), models.F("id"), name="notices_by_time"),
                    models.Index(
                        models.F("psp"),
                        models.F("store"),
                        models.OrderBy(models.F("received_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="notice_list",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="one_row_per_notice")],
            },
        ),
        migrations.CreateModel(
            name="CarrierMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="cam")),
                ("carrier", models.CharField(max_length=60, verbose_name="our carrier")),
                ("option_id", models.CharField(max_length=40)),
                ("option_name", models.CharField(max_length=120, verbose_name="carrier at the marketplace")),
                ("mapped_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "mapped_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="carrier_mappings", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "carrier mapping",
                "ordering": ["carrier"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("store", "carrier"), name="one_mapping_per_carrier")],
            },
        ),
        migrations.CreateModel(
            name="StoreCarrier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery_option", models.CharField(max_length=40)),
                ("option_id", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=120, verbose_name="carrier at the marketplace")),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="carriers", to="stores.store"),
                ),
            ],
            options={
                "verbose_name": "carrier of a marketplace",
                "ordering": ["name", "option_id"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("store", "delivery_option", "option_id"), name="one_row_per_store_carrier")],
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
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="suggestion_runs", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "accepted suggestions",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="suggestion_runs_due"),
                    models.Index(
                        models.F("psp"), models.F("store"), models.OrderBy(models.F("started_at"), descending=True), name="suggestion_run_list"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("delivery", "pending")), fields=("store",), name="one_running_suggestion_run"),
                    models.CheckConstraint(condition=models.Q(("level__gte", 1), ("level__lte", 100)), name="level_is_a_percentage"),
                ],
            },
        ),
        migrations.AddField(
            model_name="listingmapping",
            name="run",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="stores.suggestionrun"
            ),
        ),
        migrations.AddConstraint(
            model_name="selftest",
            constraint=models.UniqueConstraint(condition=models.Q(("finished_at", None)), fields=("store",), name="one_running_test_per_store"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.OrderBy(models.F("started_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("dropped_at", None)),
                name="publication_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("sku", ""), _negated=True), ("dropped_at", None)),
                fields=("store", "sku"),
                name="one_publication_per_sku",
            ),
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
            index=models.Index(models.F("store"), models.F("family"), condition=models.Q(("family", ""), _negated=True), name="listing_by_family"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(fields=("store", "key"), name="one_listing_per_key"),
        ),
        migrations.AddIndex(
            model_name="listingmapping",
            index=models.Index(models.F("run"), models.F("id"), condition=models.Q(("run__isnull", False)), name="mappings_of_run"),
        ),
    ]
