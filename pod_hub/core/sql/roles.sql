-- The four roles of the hub. Run as a superuser, connected to the hub's own database; running it again changes nothing.
-- `make demo` runs it through psycopg and docker-compose.yml through psql, so it holds plain SQL only. Passwords are set by whoever runs it.
--
-- hub_owner     owns the database and its tables; only migrations use it. CREATEDB is for test databases.
-- hub_app       what the web server and the workers connect as. It owns nothing and obeys every row-level policy.
-- hub_everyone  sees the rows of all tenants. hub_app inherits nothing from it and becomes it only by SET LOCAL ROLE,
--               for the few jobs that must look across tenants (docs/tenancy.md).
-- hub_narrowed  sees some customers or facilities of one tenant; hub_app becomes it in the same way, for people who may not see all of it.
DO $roles$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['hub_owner', 'hub_app', 'hub_everyone', 'hub_narrowed'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
    END LOOP;
END
$roles$;

ALTER ROLE hub_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION CREATEDB INHERIT;
ALTER ROLE hub_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB NOINHERIT;
ALTER ROLE hub_everyone NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB;
ALTER ROLE hub_narrowed NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB;
GRANT hub_everyone, hub_narrowed TO hub_app WITH ADMIN FALSE, INHERIT FALSE, SET TRUE;

DO $database$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO hub_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- TEMPORARY: intake copies pages of orders into a staging table.
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO hub_app, hub_narrowed', current_database());
END
$database$;
