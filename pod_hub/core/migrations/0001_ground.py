"""The ground under all tables: what the application roles may do with tables that the owner makes, and two index extensions."""

from django.db import migrations

GRANTS = [
    "GRANT USAGE ON SCHEMA public TO hub_app, hub_everyone",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hub_app, hub_everyone",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hub_app, hub_everyone",
    # Django's own table of migrations stands already; /readyz reads it.
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO hub_app, hub_everyone",
]


class Migration(migrations.Migration):
    """Runs before every other migration, so that default privileges reach the frameworks' tables too."""

    initial = True
    run_before = [
        ("auth", "0001_initial"),
        ("axes", "0001_initial"),
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
    ]
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        # Both are trusted extensions: the owner of the database may create them without being superuser.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gin", migrations.RunSQL.noop),
    ]
