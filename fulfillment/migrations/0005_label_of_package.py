"""The label of a package is one of the same print service provider: the database holds it, as with every other reference."""

from django.db import migrations

from pod_hub.core.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0004_tiktok_shop")]
    operations = [RaiseWall("Package")]
