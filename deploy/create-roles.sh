#!/bin/sh
# Runs once, when the PostgreSQL container makes its database: the roles of pod_hub/core/sql/roles.sql, and their passwords.
set -eu
psql --set ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /hub/roles.sql
# psql reads the passwords from its environment, so that they stand in no process list.
psql --set ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv owner_password HUB_OWNER_PASSWORD
\getenv app_password HUB_APP_PASSWORD
ALTER ROLE hub_owner PASSWORD :'owner_password';
ALTER ROLE hub_app PASSWORD :'app_password';
SQL
