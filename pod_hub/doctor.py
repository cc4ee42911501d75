"""Looks at everything the hub needs and says of each what it found, why that matters and what to do (``manage.py doctor``)."""

from __future__ import annotations

import os
import smtplib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from kombu.exceptions import OperationalError as BrokerFailure

from pod_hub.celery import QUEUES, app
from pod_hub.core.key_rotation import keys_in_use
from pod_hub.core.outbox import Delivery
from pod_hub.core.redis_client import redis_client
from pod_hub.core.sealing import active_key_id, key_ids
from pod_hub.core.tenancy import EVERYONE_ROLE, NARROWED_ROLE, across_tenants
from pod_hub.core.walls import APP_ROLE, missing_walls
from pod_hub.health import LATE_AFTER_S, oldest_due_s
from pod_hub.mail.models import Mail
from stores.models import Authorization

WORKERS_ANSWER_WITHIN_S = 2.0
# Beyond it a queue is not being read, or not fast enough: every message is a hint that expires within a minute.
LONG_QUEUE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at and found, and for a problem why it matters and what to do next."""

    what: str
    why: str = ""
    next: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether a person should act."""
        return bool(self.why)


def examine() -> Iterator[Finding]:
    """Yield findings, one examination after the other; one that fails does not stop those that can do without it."""
    yield from _settings()
    reachable = True
    for look in (_database, _roles, _walls, _migrations):
        if not reachable:
            break
        try:
            yield from look()
        except DatabaseFailure as error:
            reachable = False
            yield Finding(
                f"The database does not answer ({type(error).__name__}).",
                "Orders stay at the marketplaces until it does; nothing is lost, everything waits.",
                "Check that it runs and that DATABASE_URL names it, then run this again.",
            )
    for look in (_redis, _workers, _storage, _mail_server):
        yield from look()
    if not reachable:
        return
    for look in (_keys, _work, _mails, _sellers):
        try:
            yield from look()
        except DatabaseFailure as error:
            yield Finding(
                f"The tables could not be read ({type(error).__name__}).",
                "They are older than this version of the hub.",
                "Apply the migrations first.",
            )


def _settings() -> Iterator[Finding]:
    found = [message for message in run_checks(include_deployment_checks=settings.HUB_ENV == "production") if message.level >= WARNING]
    for message in found:
        yield Finding(f"Settings: {message.msg}", f"Django's check {message.id} warns of it.", message.hint or "Change the setting it names.")
    if not found:
        yield Finding(f"Settings: {settings.HUB_ENV}, no complaint.")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync'), current_setting('server_version_num')::int")
        version, fsync, number = cursor.fetchone()
    if number < 160000:
        yield Finding(f"PostgreSQL {version}.", "The hub's roles need version 16 or newer.", "Move to a newer server.")
    elif fsync != "on" and settings.HUB_ENV == "production":
        yield Finding(f"PostgreSQL {version} with fsync off.", "A power cut would lose orders that were confirmed.", "Switch fsync on.")
    else:
        yield Finding(f"PostgreSQL {version} answers.")


def _roles() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_user, rolsuper, rolbypassrls, "
            "ARRAY(SELECT name FROM unnest(%s::text[]) name WHERE NOT EXISTS (SELECT FROM pg_roles o WHERE o.rolname = name AND pg_has_role(o.oid, 'SET'))) "
            "FROM pg_roles WHERE rolname = session_user",
            [[EVERYONE_ROLE, NARROWED_ROLE]],
        )
        role, superuser, bypasses, missing = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = session_user::regrole AND relnamespace = 'public'::regnamespace")
        owned = cursor.fetchone()[0]
    if superuser or bypasses or owned:
        yield Finding(
            f"The hub is connected as {role}, which is superuser, may bypass row security or owns tables.",
            "The wall between tenants would not hold.",
            f"Let DATABASE_URL name {APP_ROLE}, as pod_hub/core/sql/roles.sql makes it.",
        )
    elif missing:
        yield Finding(
            f"{role} may not become {' or '.join(missing)}.",
            "Workers could not look for due rows over all tenants, or people with limited access could not sign in.",
            "Run pod_hub/core/sql/roles.sql again.",
        )
    else:
        yield Finding(f"Connected as {role}, which owns nothing and obeys every policy.")


def _walls() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        complaints = missing_walls(cursor)
    for complaint in complaints:
        yield Finding(f"Tenant wall: {complaint}.", "One tenant could see another's rows there.", "Stop the hub and repair it before anything else.")
    if not complaints:
        yield Finding("Every table stands behind the tenant wall.")


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = [f"{migration.app_label}.{migration.name}" for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        names = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        yield Finding(f"Not applied: {names}.", "The code expects tables that are not there.", "Run `manage.py migrate --database owner`.")
    else:
        yield Finding("All migrations are applied.")


def _redis() -> Iterator[Finding]:
    try:
        client = redis_client()
        facts = client.info("memory") | client.info("persistence")
        policy = str(facts.get("maxmemory_policy", ""))
        waiting = {queue: int(client.llen(queue)) for queue in QUEUES}
    except redis.RedisError as error:
        yield Finding(
            f"The broker does not answer ({type(error).__name__}).",
            "Workers get no hints and calls get no quota tokens, so nothing moves; what is due stands in the database.",
            "Check that it runs and that REDIS_URL names it.",
        )
        return
    if policy not in {"noeviction", ""}:
        yield Finding(
            f"The broker evicts keys ({policy}).", "Quota counters could vanish and sellers be throttled.", "Set maxmemory-policy noeviction."
        )
    else:
        yield Finding("The broker answers and evicts nothing.")
    for queue, length in waiting.items():
        if length > LONG_QUEUE:
            yield Finding(f"{length} messages wait in queue {queue}.", "No worker reads it, or too few do.", f"Start a worker with --queues {queue}.")


def _workers() -> Iterator[Finding]:
    try:
        served = app.control.inspect(timeout=WORKERS_ANSWER_WITHIN_S).active_queues() or {}
    except (BrokerFailure, redis.RedisError, OSError):
        return  # said already
    read = {queue["name"] for queues in served.values() for queue in queues}
    unread = [queue for queue in QUEUES if queue not in read]
    if unread:
        what = ", ".join(f"{queue} ({QUEUES[queue]})" for queue in unread)
        yield Finding(
            f"No worker answers for: {what}.", "That work is not done.", "Start `celery -A pod_hub.celery worker --queues …` for them, and beat."
        )
    else:
        yield Finding(f"{len(served)} workers read all {len(QUEUES)} queues.")


def _storage() -> Iterator[Finding]:
    name = f"doctor-{uuid.uuid4().hex}"
    try:
        stored = default_storage.save(name, ContentFile(b"doctor"))
        with default_storage.open(stored) as opened:
            intact = opened.read() == b"doctor"
        default_storage.delete(stored)
    except OSError as error:
        intact = False
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        yield Finding(
            f"Files cannot be stored ({reason}).", "No print file can be uploaded or kept.", "Check MEDIA_ROOT: its owner, its rights, its space."
        )
        return
    if intact:
        yield Finding("Files can be stored and read back.")
    else:
        yield Finding("A stored file came back changed.", "Print files could be damaged.", "Check the storage behind MEDIA_ROOT.")


def _mail_server() -> Iterator[Finding]:
    connection = get_connection()
    try:
        connection.open()
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        yield Finding(
            f"The mail server cannot be used ({type(error).__name__}).",
            "Invitations, password links and digests wait until it can; they are sent then by themselves.",
            "Check that EMAIL_URL names it, with the right login.",
        )
    else:
        yield Finding("The mail server lets the hub in.")


def _mails() -> Iterator[Finding]:
    with across_tenants(reason="doctor: mails by delivery"):
        counts = dict(Mail.objects.filter(emptied_at=None).order_by().values_list("delivery").annotate(n=Count("pk")))
        parked = Mail.objects.filter(delivery=Delivery.PARKED).order_by("created_at", "pk").values_list("public_id", flat=True)[:10]
        names = list(parked)
    if names:
        yield Finding(
            f"{counts.get(Delivery.PARKED, len(names))} mails could not be delivered: {', '.join(names)}.",
            "Somebody waits for a link or a digest that does not come.",
            "The reason stands at each in Django admin, Mails; the PSP sends its own again under Needs attention.",
        )
    else:
        yield Finding(f"{counts.get(Delivery.PENDING, 0)} mails wait to be sent, none was given up.")


def _keys() -> Iterator[Finding]:
    in_use = {key for keys in keys_in_use().values() for key in keys}
    gone, old = sorted(in_use - set(key_ids())), sorted(in_use & set(key_ids()) - {active_key_id()})
    if gone:
        yield Finding(
            f"Values are sealed with keys that FIELD_KEYS lacks: {', '.join(gone)}.",
            "Tokens or buyers' addresses cannot be read.",
            "Add those keys to FIELD_KEYS again.",
        )
    elif old:
        yield Finding(f"Sealed by {active_key_id()}, and some still by {', '.join(old)}: `manage.py rotate_keys` moves them.")
    else:
        yield Finding(f"Every sealed value opens with key {active_key_id()}.")


def _work() -> Iterator[Finding]:
    age = oldest_due_s()
    if age > LATE_AFTER_S:
        yield Finding(f"The oldest due row has waited {age} s.", "Workers do not keep up or do not run.", "Start more workers; look at their logs.")
    else:
        yield Finding(f"The oldest due row has waited {age} s.")


def _sellers() -> Iterator[Finding]:
    with across_tenants(reason="doctor: authorizations by state"):
        states = dict(Authorization.objects.order_by().values_list("state").annotate(n=Count("pk")))
        dead = list(Authorization.objects.filter(state=Authorization.State.RECONNECT).order_by("pk").values_list("public_id", flat=True)[:10])
    if dead:
        yield Finding(
            f"{states[Authorization.State.RECONNECT]} sellers' permission is gone: {', '.join(dead)}.",
            "Their orders are not imported and their packages not told.",
            "The PSP asks the merchant to authorise again on the store's page.",
        )
    else:
        yield Finding(f"{states.get(Authorization.State.ACTIVE, 0)} sellers are connected, none has lost its permission.")
