"""Tables of print service providers, people, facilities, customers, API keys and the audit trail. Their walls stand in 0002."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
from django.conf import settings
from django.db import migrations, models

import pod_hub.accounts.colours
import pod_hub.accounts.models
import pod_hub.core.public_ids
import pod_hub.core.sealing
import pod_hub.core.tenancy


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_paper"),
        ("accounts", "0003_api"),
        ("accounts", "0004_people"),
        ("accounts", "0005_safety"),
        ("accounts", "0006_operator_visit"),
        ("accounts", "0007_audit_people"),
        ("accounts", "0008_audit_portal_visits"),
        ("accounts", "0009_remote_files"),
        ("accounts", "0010_trading_name_sender"),
    ]

    dependencies = [
        ("core", "0002_narrowed"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="cus")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("storefronts_enabled", models.BooleanField(default=False, verbose_name="enable storefronts")),
                ("remote_files_enabled", models.BooleanField(default=False, verbose_name="remote file storage")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "customer",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Psp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="psp")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Berlin", max_length=64, validators=[pod_hub.accounts.models.known_time_zone], verbose_name="time zone"
                    ),
                ),
                (
                    "second_factor_for_all",
                    models.BooleanField(
                        default=False,
                        help_text="Members without a second step are sent to set one up and see nothing else until they have.",
                        verbose_name="everybody signs in with two steps",
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=120, verbose_name="name shown to customers")),
                ("colour", models.CharField(blank=True, max_length=7, validators=[pod_hub.accounts.colours.readable_colour], verbose_name="colour")),
                ("logo_name", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "mail_sender_name",
                    models.CharField(
                        blank=True,
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator('\\A[^\\r\\n<>\\"]*\\Z', "Use one line without quotation marks and angle brackets.")
                        ],
                        verbose_name="sender of mails",
                    ),
                ),
                ("reply_to", models.EmailField(blank=True, max_length=254, verbose_name="replies go to")),
                ("print_file_pattern", models.CharField(default="{order_number}_{line}.{ext}", max_length=120, verbose_name="names of print files")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "print service provider",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status"
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="one_user_per_email")],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="key")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("prefix", models.CharField(editable=False, max_length=16, unique=True)),
                ("secret_hash", models.CharField(editable=False, max_length=64)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("orders:read", "read orders, print files, stores and products"),
                                ("orders:write", "enter orders, release them, move lines, release holds"),
                                ("packages:write", "ship packages"),
                                ("buyers:read", "see buyers' names, addresses and own texts"),
                                ("intake:read", "read the intake ledger"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="what it may do",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "created_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
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
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="portal_visits", to="accounts.customer"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "portal visit",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.F("psp"), models.F("customer"), models.OrderBy(models.F("entered_at"), descending=True), name="visits_of_customer"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="operator"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.psp",
                        verbose_name="print service provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "operator's visit",
                "verbose_name_plural": "operators' visits",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("psp__isnull", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="looking_at_everybody_has_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "only_customers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None, verbose_name="only these customers"
                    ),
                ),
                (
                    "only_facilities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None, verbose_name="only these facilities"
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_blocked", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL)),
                ("psp", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="accounts.psp")),
            ],
            options={
                "verbose_name": "membership",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "psp", "customer"), name="one_membership_per_place", nulls_distinct=False),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("role", "merchant")),
                            models.Q(models.Q(("role", "merchant"), _negated=True), ("customer__isnull", True)),
                            _connector="OR",
                        ),
                        name="merchants_have_a_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_active", True), ("is_blocked", True), _negated=True), name="blocked_is_not_active"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("only_customers", None), ("only_facilities", None)),
                            models.Q(("role__in", ["owner", "merchant"]), _negated=True),
                            _connector="OR",
                        ),
                        name="owners_and_merchants_are_not_narrowed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("only_customers", None), models.Q(("only_customers", []), _negated=True), _connector="OR"),
                            models.Q(("only_facilities", None), models.Q(("only_facilities", []), _negated=True), _connector="OR"),
                        ),
                        name="narrowed_to_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.CharField(max_length=64)),
                ("request_hash", models.CharField(max_length=64)),
                ("answer_sealed", pod_hub.core.sealing.SealedJSON(null=True)),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "api_key",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="kept_answers", to="accounts.apikey"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("kept_at"), name="kept_answers_by_age")],
                "constraints": [models.UniqueConstraint(fields=("api_key", "key_hash"), name="one_answer_per_idempotency_key")],
            },
        ),
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
                (
                    "accepted_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.customer"
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(models.F("psp"), models.F("customer"), models.F("invited_at"), name="invitation_list")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("psp"),
                        django.db.models.functions.text.Lower("email"),
                        models.F("customer"),
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        name="one_open_invitation_per_place",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("role", "merchant")),
                            models.Q(models.Q(("role", "merchant"), _negated=True), ("customer__isnull", True)),
                            _connector="OR",
                        ),
                        name="invited_merchants_have_a_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Facility",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="fac")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("address_lines", models.TextField(verbose_name="street address")),
                ("city", models.CharField(max_length=80, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="state or region")),
                ("postcode", models.CharField(max_length=20, verbose_name="postcode")),
                ("country", django_countries.fields.CountryField(max_length=2, verbose_name="country")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Berlin", max_length=64, validators=[pod_hub.accounts.models.known_time_zone], verbose_name="time zone"
                    ),
                ),
                (
                    "working_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[(1, "Monday"), (2, "Tuesday"), (3, "Wednesday"), (4, "Thursday"), (5, "Friday"), (6, "Saturday"), (7, "Sunday")]
                        ),
                        default=pod_hub.accounts.models.monday_to_friday,
                        size=None,
                        verbose_name="working days",
                    ),
                ),
                ("cut_off", models.TimeField(blank=True, null=True, verbose_name="cut-off time")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "facility",
                "verbose_name_plural": "facilities",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(models.F("psp"), django.db.models.functions.text.Lower("name"), name="one_facility_per_name")
                ],
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="psp",
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"),
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_label", models.CharField(blank=True, max_length=120)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("kind", models.CharField(max_length=60)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("added", "added"),
                            ("changed", "changed"),
                            ("removed", "removed"),
                            ("viewed", "viewed buyer data"),
                            ("exported", "exported"),
                            ("account", "account safety"),
                        ],
                        max_length=12,
                    ),
                ),
                ("object_id", models.BigIntegerField(null=True)),
                ("public_id", models.CharField(blank=True, max_length=40)),
                ("label", models.CharField(blank=True, max_length=200)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "actor_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(models.F("psp"), models.F("at"), models.F("id"), name="audit_by_time"),
                    models.Index(models.F("psp"), models.F("actor_user"), models.F("at"), name="audit_by_person"),
                    models.Index(models.F("psp"), models.F("kind"), models.F("at"), name="audit_by_kind"),
                    models.Index(
                        models.F("psp"),
                        models.F("public_id"),
                        models.F("at"),
                        condition=models.Q(("public_id", ""), _negated=True),
                        name="audit_by_object",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TradingName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", pod_hub.core.public_ids.PublicIdField(prefix="trn")),
                ("name", models.CharField(max_length=120, verbose_name="trading name")),
                ("logo_name", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "sender",
                    models.TextField(blank=True, validators=[pod_hub.accounts.models.few_short_lines], verbose_name="sender on the packing slip"),
                ),
                ("sender_email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail for buyers")),
                ("sender_phone", models.CharField(blank=True, max_length=40, verbose_name="telephone for buyers")),
                (
                    "customer",
                    pod_hub.core.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trading_names", to="accounts.customer"
                    ),
                ),
                (
                    "psp",
                    models.ForeignKey(
                        db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.psp"
                    ),
                ),
            ],
            options={
                "verbose_name": "trading name",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(models.F("customer"), django.db.models.functions.text.Lower("name"), name="one_trading_name_per_customer")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(models.F("psp"), models.F("name"), models.F("id"), name="customer_list"),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(models.F("psp"), django.db.models.functions.text.Lower("name"), name="one_customer_per_name"),
        ),
    ]
