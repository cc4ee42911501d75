from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="psp",
            name="print_file_pattern",
            field=models.CharField(default="{order_number}_{line}.{ext}", max_length=120, verbose_name="names of print files"),
        ),
        migrations.AddField(
            model_name="tradingname",
            name="logo_name",
            field=models.CharField(blank=True, editable=False, max_length=200),
        ),
    ]
