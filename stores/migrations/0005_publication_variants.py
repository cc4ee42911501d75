"""Further variants of a product that is added, published with it as one product."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.tenancy
from pod_hub.core.audit import Audit
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("catalog", "0003_print_files_without_size"),
        ("stores", "0004_audit_of_publications"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicationVariant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="pva")),
                ("position", models.PositiveSmallIntegerField()),
                ("sku", models.CharField(blank=True, max_length=40, verbose_name="SKU")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name="price"
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(default=100, validators=[django.core.validators.MaxValueValidator(999999)], verbose_name="quantity"),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.customerproduct"
                    ),
                ),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="publication_variants", to="stores.listing"
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="variants", to="stores.publication"
                    ),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", same_as="publication", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "variant of a product that is added",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("publication", "customer_product"), name="one_variant_per_product"),
                    models.UniqueConstraint(
                        condition=models.Q(("sku", ""), _negated=True), fields=("store", "sku"), name="one_publication_variant_per_sku"
                    ),
                ],
            },
        ),
        RaiseWall("PublicationVariant"),
        Narrow("stores.PublicationVariant", Through("publication")),
        Audit("PublicationVariant", label="sku", ignored=("store", "position", "listing")),
    ]
