"""The audit trail's pen: triggers that write every change of a configuration table down, whoever makes it and by whichever code.

The migration that makes or changes such a table ends with ``Audit("Customer", label="name")``. Docs: ``docs/security.md``; why no library:
``docs/decisions/0006-audit-by-triggers.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from pod_hub.core.sealing import SealedJSON

TRAIL = "accounts_auditentry"
SECRET_ENDINGS = ("_hash", "_sealed")
HIDDEN = "[hidden]"

PEN = (Path(__file__).parent / "sql" / "audit.sql").read_text()
PROTECT = [
    # Entries are made and read, never altered: not by a fault in the application, and not by whoever has got hold of its connection.
    f"REVOKE UPDATE, DELETE, TRUNCATE ON {TRAIL} FROM hub_app, hub_everyone, hub_narrowed",
    PEN,
    "REVOKE ALL ON FUNCTION hub_audit() FROM PUBLIC",
]


def columns_of(model: type[models.Model], *, hidden: tuple[str, ...], ignored: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the columns whose values an entry shows, and those of which it only says that they changed. Sealed ones and hashes are never shown."""
    shown: list[str] = []
    secret: list[str] = []
    for field in model._meta.local_concrete_fields:
        if field.primary_key or field.name in {"psp", "public_id", *ignored}:
            continue
        is_secret = isinstance(field, SealedJSON) or field.name.endswith(SECRET_ENDINGS) or field.name in hidden
        (secret if is_secret else shown).append(str(field.column))
    return shown, secret


class Audit(Operation):
    """Have every change of a table's rows written into the audit trail. Repeat it in a later migration that adds a column.

    ``label`` names the column that people know the row by; ``hidden`` columns are personal, so only the fact of their change is kept;
    ``ignored`` ones are the hub's own bookkeeping, and an update of nothing else costs one comparison.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self, model_name: str, *, label: str = "", hidden: tuple[str, ...] = (), ignored: tuple[str, ...] = (), tenant: str = "psp_id"
    ) -> None:
        self.model_name, self.label, self.hidden, self.ignored, self.tenant = model_name, label, hidden, ignored, tenant

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Name the arguments again."""
        given = {"label": self.label, "hidden": self.hidden, "ignored": self.ignored, "tenant": self.tenant}
        return type(self).__name__, [self.model_name], given

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that the ORM can see changes."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Make the triggers, in place of earlier ones."""
        for statement in self.statements(to_state.apps.get_model(app_label, self.model_name)):
            schema_editor.execute(statement, params=None)

    def statements(self, model: type[models.Model]) -> list[str]:
        """Return the statements for a model as it is."""
        shown, secret = columns_of(model, hidden=self.hidden, ignored=self.ignored)
        fields = {field.name for field in model._meta.local_concrete_fields}
        arguments = [
            model._meta.label_lower,
            self.tenant,
            self.label,
            "public_id" if "public_id" in fields else "",
            ",".join(shown),
            ",".join(secret),
            ",".join(self.ignored),
        ]
        told = ", ".join(f"'{argument}'" for argument in arguments)
        changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in [*shown, *secret])
        table = model._meta.db_table
        return [
            f'DROP TRIGGER IF EXISTS audit_rows ON "{table}"',
            f'DROP TRIGGER IF EXISTS audit_changes ON "{table}"',
            f'CREATE TRIGGER audit_rows AFTER INSERT OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION hub_audit({told})',
            f'CREATE TRIGGER audit_changes AFTER UPDATE ON "{table}" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION hub_audit({told})',
        ]

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState) -> None:
        """Drop the triggers."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for name in ("audit_rows", "audit_changes"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')

    def describe(self) -> str:
        """Say it for the migration plan."""
        return f"Write changes of {self.model_name} into the audit trail"
