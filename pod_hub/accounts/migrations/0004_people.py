"""People: memberships narrowed to some customers or facilities, invitations, and how a PSP shows itself to its customers.

A constraint keeps a merchant's customer inside the PSP.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import pod_hub.accounts.colours
import pod_hub.accounts.models
import pod_hub.core.public_ids
import pod_hub.core.tenancy
from pod_hub.core.narrowing import ByColumns
from pod_hub.core.walls import Narrow, RaiseWall

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
    dependencies = [("accounts", "0003_api"), ("core", "0002_narrowed"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
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
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="inv")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="surname")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("manager", "manager"),
                            ("production", "production"),
                            ("reader", "accountant (read only)"),
                            ("merchant", "merchant"),
                        ],
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("only_customers", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ("only_facilities", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_times", django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, editable=False, size=None)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "invitation",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PortalVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("left_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "portal visit",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="facility",
            name="cut_off",
            field=models.TimeField(blank=True, null=True, verbose_name="cut-off time"),
        ),
        migrations.AddField(
            model_name="facility",
            name="working_days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(
                    choices=[(1, "Monday"), (2, "Tuesday"), (3, "Wednesday"), (4, "Thursday"), (5, "Friday"), (6, "Saturday"), (7, "Sunday")]
                ),
                default=pod_hub.accounts.models.monday_to_friday,
                size=None,
                verbose_name="working days",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="is_blocked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="psp",
            name="colour",
            field=models.CharField(blank=True, max_length=7, validators=[pod_hub.accounts.colours.readable_colour], verbose_name="colour"),
        ),
        migrations.AddField(
            model_name="psp",
            name="display_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="name shown to customers"),
        ),
        migrations.AddField(
            model_name="psp",
            name="logo_name",
            field=models.CharField(blank=True, editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="psp",
            name="mail_sender_name",
            field=models.CharField(
                blank=True,
                max_length=80,
                validators=[
                    django.core.validators.RegexValidator('\\A[^\\r\\n<>\\"]*\\Z', "Use one line without quotation marks and angle brackets.")
                ],
                verbose_name="sender of mails",
            ),
        ),
        migrations.AddField(
            model_name="psp",
            name="reply_to",
            field=models.EmailField(blank=True, max_length=254, verbose_name="replies go to"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "owner"),
                    ("manager", "manager"),
                    ("production", "production"),
                    ("reader", "accountant (read only)"),
                    ("merchant", "merchant"),
                ],
                max_length=12,
                verbose_name="role",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", True), ("is_blocked", True), _negated=True), name="blocked_is_not_active"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="accepted_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="invitation",
            name="customer",
            field=pod_hub.core.tenancy.TenantForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.customer"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="invitation",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="portalvisit",
            name="customer",
            field=pod_hub.core.tenancy.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="portal_visits", to="accounts.customer"
            ),
        ),
        migrations.AddField(
            model_name="portalvisit",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.AddField(
            model_name="portalvisit",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(models.F("psp"), models.F("customer"), models.F("invited_at"), name="invitation_list"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("psp"),
                django.db.models.functions.text.Lower("email"),
                models.F("customer"),
                condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                name="one_open_invitation_per_place",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", False), ("role", "merchant")),
                    models.Q(models.Q(("role", "merchant"), _negated=True), ("customer__isnull", True)),
                    _connector="OR",
                ),
                name="invited_merchants_have_a_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="portalvisit",
            index=models.Index(
                models.F("psp"), models.F("customer"), models.OrderBy(models.F("entered_at"), descending=True), name="visits_of_customer"
            ),
        ),
        RaiseWall("Invitation", "PortalVisit"),
        Narrow("accounts.Invitation", ByColumns(customer="customer_id")),
        Narrow("accounts.PortalVisit", ByColumns(customer="customer_id")),
    ]
