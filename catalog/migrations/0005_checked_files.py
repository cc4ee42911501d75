"""Pictures of artwork to design with, whether a machine may get the very file, and when a print file was last compared with its checksum."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_artwork")]

    operations = [
        migrations.AddField(model_name="artwork", name="screen_name", field=models.CharField(blank=True, max_length=200)),
        migrations.AddField(model_name="artwork", name="prints_as_is", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="printfile", name="checked_at", field=models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddField(model_name="printfile", name="trouble", field=models.TextField(blank=True)),
    ]
