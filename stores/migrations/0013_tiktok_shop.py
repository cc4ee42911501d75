"""Shops of a permission, tokens in pairs, carriers as a channel knows them, and a channel's notices."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.sealing
import pod_hub.core.tenancy
from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall

# What the hub notes while it works. An update of nothing else writes no entry (as in 0009).
POLLING = (
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
    # Tokens that a channel renews in pairs change every few days without anybody's doing.
    "access_token_sealed",
    "access_ends_at",
    "token_lease",
    "token_leased_until",
    "returns_cursor",
    "next_returns_at",
    "next_carriers_at",
)
SYNCING = (
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
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_trading_name_sender"),
        ("stores", "0012_authorizations_by_seller"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CarrierMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="cam")),
                ("carrier", models.CharField(max_length=60, verbose_name="our carrier")),
                ("option_id", models.CharField(max_length=40)),
                ("option_name", models.CharField(max_length=120, verbose_name="carrier at the marketplace")),
                ("mapped_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "carrier mapping",
                "ordering": ["carrier"],
                "abstract": False,
                "base_manager_name": "objects",
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
            ],
            options={
                "verbose_name": "notice of a marketplace",
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
            ],
            options={
                "verbose_name": "shop of a permission",
                "abstract": False,
                "base_manager_name": "objects",
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
            ],
            options={
                "verbose_name": "carrier of a marketplace",
                "ordering": ["name", "option_id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="store",
            name="one_store_per_shop",
        ),
        migrations.AddField(
            model_name="authorization",
            name="access_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="authorization",
            name="access_token_sealed",
            field=pod_hub.core.sealing.SealedJSON(null=True),
        ),
        migrations.AddField(
            model_name="authorization",
            name="next_carriers_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="authorization",
            name="next_returns_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="authorization",
            name="returns_cursor",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="authorization",
            name="token_lease",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="authorization",
            name="token_leased_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="store",
            name="shop_number",
            field=models.CharField(blank=True, db_default="", max_length=24, verbose_name="shop number"),
        ),
        migrations.AddIndex(
            model_name="store",
            index=models.Index(models.F("shop_number"), condition=models.Q(("shop_number", ""), _negated=True), name="stores_by_shop_number"),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account_id", ""), _negated=True),
                fields=("psp", "kind", "account_id", "marketplace", "shop_number"),
                name="one_store_per_shop",
            ),
        ),
        migrations.AddField(
            model_name="carriermapping",
            name="mapped_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="carriermapping",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="carriermapping",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="carrier_mappings", to="stores.store"
            ),
        ),
        migrations.AddField(
            model_name="channelnotice",
            name="psp",
            field=models.ForeignKey(
                db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
            ),
        ),
        migrations.AddField(
            model_name="channelnotice",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="stores.store"
            ),
        ),
        migrations.AddField(
            model_name="grantedshop",
            name="authorization",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="shops", to="stores.authorization"),
        ),
        migrations.AddField(
            model_name="grantedshop",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="storecarrier",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="storecarrier",
            name="store",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="carriers", to="stores.store"),
        ),
        migrations.AddConstraint(
            model_name="carriermapping",
            constraint=models.UniqueConstraint(fields=("store", "carrier"), name="one_mapping_per_carrier"),
        ),
        migrations.AddIndex(
            model_name="channelnotice",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="notices_due"),
        ),
        migrations.AddIndex(
            model_name="channelnotice",
            index=models.Index(models.F("received_at"), models.F("id"), name="notices_by_time"),
        ),
        migrations.AddIndex(
            model_name="channelnotice",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="notice_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelnotice",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="one_row_per_notice"),
        ),
        migrations.AddIndex(
            model_name="grantedshop",
            index=models.Index(models.F("number"), name="granted_shops_by_number"),
        ),
        migrations.AddConstraint(
            model_name="grantedshop",
            constraint=models.UniqueConstraint(fields=("authorization", "number"), name="one_row_per_granted_shop"),
        ),
        migrations.AddConstraint(
            model_name="storecarrier",
            constraint=models.UniqueConstraint(fields=("store", "delivery_option", "option_id"), name="one_row_per_store_carrier"),
        ),
        RaiseWall("CarrierMapping", "ChannelNotice", "GrantedShop", "StoreCarrier"),
        Narrow("stores.CarrierMapping", Through("store")),
        Narrow("stores.ChannelNotice", Through("store")),
        Narrow("stores.GrantedShop", Through("authorization")),
        Narrow("stores.StoreCarrier", Through("store")),
        Audit("Authorization", label="account_id", ignored=POLLING),
        Audit("Store", label="name", ignored=("created_at", *SYNCING)),
        Audit("CarrierMapping", label="carrier"),
    ]
