"""The second wall: row-level security and composite foreign keys, made by the migration that makes the table.

Roles (``pod_hub/core/sql/roles.sql``): ``hub_owner`` owns the tables and migrates, through a policy of its own; ``hub_app`` is what web
and workers connect as, sees one tenant; ``hub_everyone`` is put on for a transaction by ``across_tenants``, ``hub_narrowed`` by a narrowed
``tenant()``. None of them is superuser or may bypass row security, and ``FORCE`` makes the policies hold for the owner too.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from pod_hub.core.narrowing import Never, Sight
from pod_hub.core.tenancy import EVERYONE_ROLE, NARROWED_ROLE, SETTING, TenantForeignKey, TenantOneToOneField

APP_ROLE = "hub_app"
SEEN = f"psp_id = NULLIF(current_setting('{SETTING}', true), '')::bigint"

# Tables without a tenant: people, sessions and frameworks, looked up before a scope opens. A test holds this list.
GLOBAL_TABLES = frozenset(
    {
        "accounts_psp",
        "accounts_user",
        "accounts_user_groups",
        "accounts_user_user_permissions",
        "accounts_membership",
        "accounts_operatorvisit",
        "account_emailaddress",
        "account_emailconfirmation",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
        "django_admin_log",
        "django_content_type",
        "django_migrations",
        "django_session",
        "mfa_authenticator",
        "usersessions_usersession",
    }
)


# Tables of which a row may belong to no tenant. Such a row is seen and written in the scope for all only: NULL equals no setting.
ALSO_WITHOUT_TENANT = frozenset({"mail_mail", "stores_channelnotice"})


def policy_statements(table: str) -> list[str]:
    """Return the statements that put one table behind the wall; safe to repeat."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS one_tenant ON "{table}"',
        f'CREATE POLICY one_tenant ON "{table}" TO {APP_ROLE} USING ({SEEN}) WITH CHECK ({SEEN})',
        f'DROP POLICY IF EXISTS all_tenants ON "{table}"',
        f'CREATE POLICY all_tenants ON "{table}" TO {EVERYONE_ROLE} USING (true) WITH CHECK (true)',
        f'DROP POLICY IF EXISTS owner ON "{table}"',
        f'CREATE POLICY owner ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)',
    ]


def _foreign_keys(model: type[models.Model]) -> list[tuple[str, list[str], str, list[str]]]:
    """Return (constraint name, columns, target table, target columns) for each reference inside the tenant."""
    found = []
    copies: dict[str, list[str]] = {}
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey) and field.same_as:
            copies.setdefault(field.same_as, []).append(str(field.column))
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey | TenantOneToOneField) and not getattr(field, "same_as", ""):
            target, also = field.remote_field.model, copies.get(field.name, [])
            columns, targets = ["psp_id", str(field.column), *also], ["psp_id", str(target._meta.pk.column), *also]
            found.append((f"{model._meta.db_table}_{field.column}_wall"[:63], columns, target._meta.db_table, targets))
    return found


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


DROP_TENANT_REFERENCE = """
DO $drop$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = '"{table}"'::regclass AND contype = 'f' AND confrelid = 'accounts_psp'::regclass AND cardinality(conkey) = 1
    LOOP
        EXECUTE format('ALTER TABLE "{table}" DROP CONSTRAINT %I', name);
    END LOOP;
END
$drop$
"""


def _makes_reference(sql: Any) -> bool:
    return isinstance(sql, Statement) and "FOREIGN KEY" in sql.template


def _names_tenant(sql: Statement, tables: set[str]) -> bool:
    return any(sql.references_column(table, "psp_id") for table in tables)


def _tenant_is_implied(model: type[models.Model]) -> bool:
    """Return whether a row cannot be stored without a reference that names its tenant too, so that the tenant needs none of its own."""
    return any(isinstance(field, TenantForeignKey | TenantOneToOneField) and not field.null for field in model._meta.local_fields)


class RaiseWall(Operation):
    """Put a model's table behind the second wall; list it last in the migration that makes or changes the table.

    Repeat it in a later migration that adds a ``TenantForeignKey``: it adds what is missing and leaves the rest. The plain reference to
    the PSP goes where a composite one says the same: checking it again would cost intake a quarter of its commit.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *model_names: str) -> None:
        self.model_names = model_names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Name the models again."""
        return type(self).__name__, list(self.model_names), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that the ORM can see changes."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Make the pair index, the composite references and the policies."""
        apps: Apps = to_state.apps
        implied = {model._meta.db_table for name in self.model_names if _tenant_is_implied(model := apps.get_model(app_label, name))}
        # A table made in this migration gets its references at the migration's end, an older one has them.
        schema_editor.deferred_sql = [sql for sql in schema_editor.deferred_sql if not (_makes_reference(sql) and _names_tenant(sql, implied))]
        for table in sorted(implied):
            schema_editor.execute(DROP_TENANT_REFERENCE.format(table=table), params=None)
        for statement in (s for name in self.model_names for s in self._unique_pair(apps.get_model(app_label, name))):
            schema_editor.execute(statement)
        for name in self.model_names:
            model = apps.get_model(app_label, name)
            for statement in self._references(model) + policy_statements(model._meta.db_table):
                schema_editor.execute(statement)

    @staticmethod
    def _unique_pair(model: type[models.Model]) -> list[str]:
        table, key = model._meta.db_table, model._meta.pk.column
        return [f'CREATE UNIQUE INDEX IF NOT EXISTS "{table}_wall" ON "{table}" (psp_id, "{key}")']

    @staticmethod
    def _references(model: type[models.Model]) -> list[str]:
        table = model._meta.db_table
        statements = []
        for name, columns, target, targets in _foreign_keys(model):
            if len(targets) > 2:  # what is referred to must be unique
                index = f"{target}_{'_'.join(targets[2:])}_wall"[:63]
                statements.append(f'CREATE UNIQUE INDEX IF NOT EXISTS "{index}" ON "{target}" ({_listed(targets)})')
            statements += [
                f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
                (
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ({_listed(columns)}) '
                    f'REFERENCES "{target}" ({_listed(targets)}) DEFERRABLE INITIALLY DEFERRED'
                ),
            ]
        return statements

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Stop forcing the policies, so that an earlier state can be reached."""
        for name in self.model_names:
            table = from_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')

    def describe(self) -> str:
        """Say it for the migration plan."""
        return f"Raise the tenant wall around {', '.join(self.model_names)}"


def narrowing_statements(model: type[models.Model], sight: Sight, state: Apps) -> list[str]:
    """Return the statements that let narrowed scopes see a table as ``sight`` says; safe to repeat."""
    table, condition = model._meta.db_table, f"{SEEN} AND {sight.policy(model, state)}"
    drop = f'DROP POLICY IF EXISTS narrowed ON "{table}"'
    if isinstance(sight, Never):
        return [drop]
    if sight.writes:
        return [drop, f'CREATE POLICY narrowed ON "{table}" TO {NARROWED_ROLE} USING ({condition}) WITH CHECK ({condition})']
    return [drop, f'CREATE POLICY narrowed ON "{table}" FOR SELECT TO {NARROWED_ROLE} USING ({condition})']


class Narrow(Operation):
    """Let narrowed scopes see a table, as its model's ``narrowed_by`` says; a table without this is empty to them.

    ``label`` is ``app.Model``, so that the upper app's migration can do it for a table whose sight asks the upper app's tables.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, label: str, sight: Sight) -> None:
        self.label, self.sight = label, sight

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Name table and sight again."""
        return type(self).__name__, [self.label, self.sight], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that the ORM can see changes."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Make the policy."""
        apps: Apps = to_state.apps
        for statement in narrowing_statements(apps.get_model(self.label), self.sight, apps):
            # Not through params: a policy's text may hold a percent sign.
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Show narrowed scopes nothing."""
        schema_editor.execute(f'DROP POLICY IF EXISTS narrowed ON "{from_state.apps.get_model(self.label)._meta.db_table}"')

    def describe(self) -> str:
        """Say it for the migration plan."""
        return f"Let narrowed scopes see {self.label}"


def missing_walls(cursor: Any) -> list[str]:
    """Return one sentence for each table that should stand behind the wall and does not, by the database's own catalog."""
    cursor.execute(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
               (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname IN ('one_tenant', 'all_tenants', 'owner')),
               (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'psp_id' AND (a.attnotnull OR c.relname = ANY(%s)))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
        """,
        [sorted(ALSO_WITHOUT_TENANT)],
    )
    complaints = []
    for table, enabled, forced, policies, has_psp in cursor.fetchall():
        if table in GLOBAL_TABLES:
            continue
        if not has_psp:
            complaints.append(f"{table} has no psp_id column and is not in GLOBAL_TABLES")
        elif not (enabled and forced and policies == 3):
            complaints.append(f"{table} has no complete row-level security: add RaiseWall to its migration")
    cursor.execute(
        """
        SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'psp_id')
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.confrelid AND a.attname = 'psp_id')
          AND c.confrelid <> 'accounts_membership'::regclass
        """
    )
    complaints += [f"{table}.{name} references a tenant's table without its psp_id: use TenantForeignKey" for table, name in cursor.fetchall()]
    cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f'")
    made = {name for (name,) in cursor.fetchall()}
    expected = [(model._meta.db_table, name) for model in installed.get_models() for name, *_ in _foreign_keys(model)]
    return complaints + [
        f"{table} lacks the reference {name}: repeat RaiseWall after the field was added" for table, name in expected if name not in made
    ]
