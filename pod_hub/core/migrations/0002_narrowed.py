"""What the role of narrowed scopes may do with tables; which rows it sees there is said by each table's policy."""

from typing import Any

from django.db import migrations

GRANTS = """
GRANT USAGE ON SCHEMA public TO hub_narrowed;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hub_narrowed;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hub_narrowed;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hub_narrowed;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hub_narrowed;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM hub_narrowed;
"""


def role_is_there(_apps: Any, schema_editor: Any) -> None:
    """Say what to do on a database whose roles are older than this migration."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'hub_narrowed'")
        if cursor.fetchone()[0] == 0:
            raise RuntimeError(
                "The role hub_narrowed is missing. Run pod_hub/core/sql/roles.sql on this database as its superuser, then migrate again."
            )


class Migration(migrations.Migration):
    dependencies = [("core", "0001_ground")]
    operations = [
        migrations.RunPython(role_is_there, migrations.RunPython.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
