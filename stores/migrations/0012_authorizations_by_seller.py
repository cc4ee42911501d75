"""Operators find out which print provider holds a seller that another one wants to connect."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0011_mapping_parts_alone")]
    operations = [migrations.AddIndex("Authorization", models.Index("account_id", name="authorizations_by_seller"))]
