"""Prices and stock that marketplaces did not take are counted on every page, so they have an index of their own; and operators find variants by SKU."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("stores", "0005_publication_variants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="publicationvariant",
            index=models.Index(models.F("psp"), models.F("sku"), name="publication_variant_by_sku"),
        ),
        migrations.AddIndex(
            model_name="pricepush",
            index=models.Index(
                models.F("psp"), models.F("wanted_at"), models.F("id"), condition=models.Q(("delivery", "parked")), name="price_pushes_parked"
            ),
        ),
        migrations.AddIndex(
            model_name="stockpush",
            index=models.Index(
                models.F("psp"), models.F("wanted_at"), models.F("id"), condition=models.Q(("delivery", "parked")), name="stock_pushes_parked"
            ),
        ),
    ]
