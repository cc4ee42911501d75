"""Shops of a permission, tokens in pairs, carriers as a channel knows them, and a channel's notices."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

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
        ("accounts", "0008_audit_portal_visits"),
        ("stores", "0009_audit_connecting"),
    ]

    operations = [
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
            field=models.CharField(blank=True, max_length=24, verbose_name="shop number"),
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
            model_name="grantedshop",
            name="authorization",
            field=pod_hub.core.tenancy.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="shops", to="stores.authorization"),
        ),
        migrations.AddField(
            model_name="grantedshop",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddIndex(
            model_name="grantedshop",
            index=models.Index(models.F("number"), name="granted_shops_by_number"),
        ),
        migrations.AddConstraint(
            model_name="grantedshop",
            constraint=models.UniqueConstraint(fields=("authorization", "number"), name="one_row_per_granted_shop"),
        ),
        RaiseWall("GrantedShop"),
        Narrow("stores.GrantedShop", Through("authorization")),
        Audit("Authorization", label="account_id", ignored=POLLING),
        Audit("Store", label="name", ignored=("created_at", *SYNCING)),
    ]
