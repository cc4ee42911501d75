-- The pen of the audit trail (pod_hub/core/audit.py makes the triggers that call it; docs/security.md tells what it writes).
-- It belongs to the owner of the tables, so the application needs no right to write entries about changes, and cannot keep one from being written.
-- Arguments: the kind of thing; the columns of its tenant, name and public id; the columns that are shown, those of which only the fact of a
-- change is kept, and those left out (which the pen does not read: they are there for whoever asks what a trigger covers).
CREATE OR REPLACE FUNCTION hub_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $pen$
DECLARE
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    is_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    said jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    before jsonb := '{}';
    after jsonb := '{}';
    who jsonb := COALESCE(NULLIF(current_setting('app.actor', true), ''), '{}')::jsonb;
    name text;
BEGIN
    FOREACH name IN ARRAY string_to_array(TG_ARGV[4], ',') LOOP
        CONTINUE WHEN (was -> name) IS NOT DISTINCT FROM (is_now -> name);
        IF was ? name AND was -> name <> 'null' THEN before := before || jsonb_build_object(name, was -> name); END IF;
        IF is_now ? name AND is_now -> name <> 'null' THEN after := after || jsonb_build_object(name, is_now -> name); END IF;
    END LOOP;
    FOREACH name IN ARRAY string_to_array(TG_ARGV[5], ',') LOOP
        CONTINUE WHEN (was -> name) IS NOT DISTINCT FROM (is_now -> name);
        IF was ? name AND was -> name <> 'null' THEN before := before || jsonb_build_object(name, '[hidden]'); END IF;
        IF is_now ? name AND is_now -> name <> 'null' THEN after := after || jsonb_build_object(name, '[hidden]'); END IF;
    END LOOP;
    IF before = '{}' AND after = '{}' THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.accounts_auditentry (psp_id, at, actor_user_id, actor_label, request_id, address, kind, action, object_id, public_id, label, before, after)
    VALUES (
        (said ->> TG_ARGV[1])::bigint, clock_timestamp(), (who ->> 'user_id')::bigint, left(COALESCE(who ->> 'label', ''), 120),
        left(COALESCE(who ->> 'request_id', ''), 64), left(COALESCE(who ->> 'address', ''), 45), TG_ARGV[0],
        CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END, (said ->> 'id')::bigint,
        COALESCE(said ->> NULLIF(TG_ARGV[3], ''), ''), left(COALESCE(said ->> NULLIF(TG_ARGV[2], ''), ''), 200), before, after
    );
    RETURN NULL;
END
$pen$
