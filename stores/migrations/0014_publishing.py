"""Products that are added to stores, with their pictures; the stock that is told of listings."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.core.public_ids
import pod_hub.core.tenancy
from pod_hub.core.narrowing import Through
from pod_hub.core.walls import Narrow, RaiseWall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_trading_name_sender"),
        ("catalog", "0008_areas_used"),
        ("stores", "0013_tiktok_shop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Publication",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="pub")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("checking", "being checked"),
                            ("submitted", "submitted"),
                            ("live", "live"),
                            ("rejected", "rejected"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "asks",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "nothing"),
                            ("types", "product types"),
                            ("fields", "attributes"),
                            ("check", "a check"),
                            ("publish", "publishing"),
                            ("progress", "progress"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=255, verbose_name="name")),
                ("description", models.TextField(blank=True, max_length=10000, verbose_name="description")),
                ("brand", models.CharField(blank=True, max_length=100, verbose_name="brand")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name="price"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("sku", models.CharField(blank=True, max_length=40, verbose_name="SKU")),
                (
                    "quantity",
                    models.PositiveIntegerField(default=100, validators=[django.core.validators.MaxValueValidator(999999)], verbose_name="quantity"),
                ),
                (
                    "handling_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                        verbose_name="handling time (days)",
                    ),
                ),
                ("type_words", models.CharField(blank=True, max_length=100)),
                ("type_options", models.JSONField(default=list)),
                ("product_type", models.CharField(blank=True, max_length=100, verbose_name="product type")),
                ("product_type_name", models.CharField(blank=True, max_length=200)),
                ("product_type_version", models.CharField(blank=True, max_length=200)),
                ("longest_title", models.PositiveIntegerField(null=True)),
                ("fields", models.JSONField(default=list)),
                ("values", models.JSONField(default=dict)),
                ("attempt", models.UUIDField(editable=False, null=True)),
                ("checked_as", models.UUIDField(editable=False, null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("live_at", models.DateTimeField(null=True)),
                ("product_id", models.CharField(blank=True, max_length=40, verbose_name="marketplace product id")),
                ("channel_state", models.CharField(blank=True, max_length=60)),
                ("troubles", models.JSONField(default=list)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "copied_from",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="stores.listing"
                    ),
                ),
                (
                    "customer_product",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="catalog.customerproduct"
                    ),
                ),
                (
                    "design",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="catalog.design"
                    ),
                ),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="stores.listing"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "started_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "store",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="stores.store"
                    ),
                ),
            ],
            options={
                "verbose_name": "product that is added",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PublicationPicture",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="ppi")),
                ("position", models.PositiveSmallIntegerField()),
                ("is_own", models.BooleanField(default=False)),
                ("storage_name", models.CharField(blank=True, max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=60)),
                ("width_px", models.PositiveIntegerField(default=0)),
                ("height_px", models.PositiveIntegerField(default=0)),
                ("link_token", models.CharField(blank=True, editable=False, max_length=64)),
                ("link_until", models.DateTimeField(null=True)),
                ("reference", models.TextField(blank=True)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "mockup",
                    pod_hub.core.tenancy.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="publication_pictures", to="catalog.mockup"
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="stores.publication"
                    ),
                ),
            ],
            options={
                "verbose_name": "picture of a product that is added",
                "ordering": ["position", "id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="StockPush",
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
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="stk")),
                ("quantity", models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(999999)], verbose_name="quantity")),
                (
                    "handling_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                        verbose_name="handling time (days)",
                    ),
                ),
                ("wanted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=120)),
                ("batch", models.CharField(blank=True, max_length=120)),
                ("batch_number", models.PositiveIntegerField(null=True)),
                (
                    "listing",
                    pod_hub.core.tenancy.TenantOneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="stock", to="stores.listing"),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
                (
                    "wanted_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "stock of a listing",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="publications_due"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                models.F("psp"),
                models.F("store"),
                models.OrderBy(models.F("started_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("dropped_at", None)),
                name="publication_list",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(models.F("psp"), models.F("sku"), name="publication_by_sku"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("sku", ""), _negated=True), ("dropped_at", None)),
                fields=("store", "sku"),
                name="one_publication_per_sku",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "checking", "submitted", "live", "rejected"])), name="known_publication_state"
            ),
        ),
        migrations.AddIndex(
            model_name="publicationpicture",
            index=models.Index(models.F("not_before"), models.F("id"), condition=models.Q(("delivery", "pending")), name="publication_pictures_due"),
        ),
        migrations.AddIndex(
            model_name="publicationpicture",
            index=models.Index(models.F("publication"), models.F("position"), models.F("id"), name="pictures_of_publication"),
        ),
        migrations.AddConstraint(
            model_name="publicationpicture",
            constraint=models.UniqueConstraint(
                condition=models.Q(("link_token", ""), _negated=True), fields=("link_token",), name="one_picture_per_link"
            ),
        ),
        migrations.AddIndex(
            model_name="stockpush",
            index=models.Index(
                models.F("not_before"), models.F("id"), condition=models.Q(("delivery__in", ["pending", "accepted"])), name="stock_pushes_due"
            ),
        ),
        migrations.AddIndex(
            model_name="stockpush",
            index=models.Index(models.F("batch"), condition=models.Q(("batch", ""), _negated=True), name="stock_pushes_by_batch"),
        ),
        RaiseWall("Publication", "PublicationPicture", "StockPush"),
        Narrow("stores.Publication", Through("store")),
        Narrow("stores.PublicationPicture", Through("publication")),
        Narrow("stores.StockPush", Through("listing")),
    ]
