"""The columns that connecting and resting added stand in the audit trail, or are left out of it as the hub's own notes."""

from django.db import migrations

from pod_hub.core.audit import Audit

# What the hub notes while it works. An update of nothing else writes no entry.
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
    dependencies = [("stores", "0008_connecting_narrowed")]
    operations = [
        Audit("Authorization", label="account_id", ignored=POLLING),
        Audit("Store", label="name", ignored=("created_at", *SYNCING)),
        Audit("Connection", ignored=("last_import_at",)),
        Audit("ConsentByStaff"),
    ]
