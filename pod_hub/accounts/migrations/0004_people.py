"""Memberships narrowed to some customers or facilities, and the constraint that keeps a merchant's customer inside the PSP."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import pod_hub.core.tenancy
from pod_hub.core.narrowing import ByColumns
from pod_hub.core.walls import Narrow

OWNERS_AND_MERCHANTS = models.CheckConstraint(
    condition=models.Q(("only_customers", None), ("only_facilities", None)) | models.Q(("role__in", ["owner", "merchant"]), _negated=True),
    name="owners_and_merchants_are_not_narrowed",
)
TO_SOMETHING = models.CheckConstraint(
    condition=models.Q(
        models.Q(("only_customers", None), models.Q(("only_customers", []), _negated=True), _connector="OR"),
        models.Q(("only_facilities", None), models.Q(("only_facilities", []), _negated=True), _connector="OR"),
    ),
    name="narrowed_to_something",
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_api"), ("core", "0002_narrowed")]
    operations = [
        migrations.AddField(
            "membership",
            "only_customers",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, null=True, size=None, verbose_name="only these customers"
            ),
        ),
        migrations.AddField(
            "membership",
            "only_facilities",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, null=True, size=None, verbose_name="only these facilities"
            ),
        ),
        migrations.AlterField(
            "membership",
            "customer",
            pod_hub.core.tenancy.TenantForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
            ),
        ),
        migrations.AddConstraint("membership", OWNERS_AND_MERCHANTS),
        migrations.AddConstraint("membership", TO_SOMETHING),
        # The table is global and has no wall, so RaiseWall does not make this one.
        migrations.RunSQL(
            "ALTER TABLE accounts_membership ADD CONSTRAINT accounts_membership_customer_id_wall FOREIGN KEY (psp_id, customer_id) "
            "REFERENCES accounts_customer (psp_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE accounts_membership DROP CONSTRAINT accounts_membership_customer_id_wall",
        ),
        Narrow("accounts.Facility", ByColumns(facility="id", writes=False)),
        Narrow("accounts.Customer", ByColumns(customer="id")),
        Narrow("accounts.TradingName", ByColumns(customer="customer_id")),
    ]
