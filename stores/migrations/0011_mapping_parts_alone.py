"""What a mapping makes stands in its parts alone, and what a sync reads in its own row."""

from django.db import migrations

from pod_hub.core.audit import Audit

# Narrowed scopes saw products and print files by these columns; from here on they do by the parts' (stores 0010, orders 0010).


class Migration(migrations.Migration):
    dependencies = [("stores", "0010_listings"), ("orders", "0010_not_ours")]

    operations = [
        migrations.RemoveField(
            model_name="listingmapping",
            name="customer_product",
        ),
        migrations.RemoveField(
            model_name="listingmapping",
            name="design",
        ),
        migrations.RemoveField(
            model_name="listingmapping",
            name="print_file",
        ),
        migrations.RemoveField(
            model_name="listingmapping",
            name="quantity",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_error",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_lease",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_leased_until",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_not_before",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_page",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_seen",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_started_at",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_state",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listing_sync_total",
        ),
        migrations.RemoveField(
            model_name="store",
            name="listings_synced_at",
        ),
        Audit("Store", label="name", ignored=("created_at",)),
        Audit("ListingMapping"),
        Audit("MappingPart"),
    ]
