"""Ending a store's connection, for a while or for good. Mappings, orders, settings and history always stay (P11, P12, CS-18 to CS-20)."""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from stores.models import ConnectedPeriod, Connection, ConnectionWizard, ConsentLink, Store
from stores.services.authorizations import let_go, locked_connection
from stores.services.setup import look_back

FLOWS = ("import", "push", "inventory")


class StillConnected(Exception):
    """A connected store cannot be deleted; the message says what to do first."""


@transaction.atomic
def disconnect(*, store_id: int) -> None:
    """End a store's connection (CS-18, CS-19): nothing is imported or pushed any more; mappings and history stay for a reconnect."""
    connection = locked_connection(store_id)
    authorization_id = connection.authorization_id
    connection.state, connection.state_reason, connection.authorization = Connection.State.DISABLED, "", None
    connection.disconnected_at = now()  # the purge of the store's buyer data reads it
    connection.save()
    ConsentLink.objects.filter(store_id=store_id, state=ConsentLink.State.WAITING).update(state=ConsentLink.State.REVOKED)
    ConnectedPeriod.objects.filter(store_id=store_id, ended_at=None).update(ended_at=now())
    if authorization_id is not None:
        let_go(authorization_id=authorization_id)


@transaction.atomic
def end_by_channel(*, store_id: int, reason: str) -> None:
    """End a store's connection because the seller ended it at the channel: as ``disconnect``, with the reason to be read. Its buyers' data go too."""
    disconnect(store_id=store_id)
    Connection.objects.filter(store=store_id).update(state_reason=reason)


@transaction.atomic
def delete_store(*, store_id: int) -> None:
    """Take a store that is not connected out of the lists. Connecting the same seller and marketplace again brings it back as it was."""
    store = Store.reread(store_id)
    if Connection.objects.filter(store=store, authorization__isnull=False).exists():
        raise StillConnected(_("“%(name)s” is connected. Disconnect it first, then delete it.") % {"name": store})
    store.removed_at = now()
    store.save(update_fields=["removed_at"])
    # A wizard that was under way for it would offer to go on with a store that is in no list.
    ConnectionWizard.objects.filter(store=store, cancelled_at=None, authorization=None).exclude(step=ConnectionWizard.Step.DONE).update(
        cancelled_at=now()
    )


@transaction.atomic
def pause(*, store_id: int, flow: str, paused: bool) -> Connection:
    """Pause one flow of a connection (``import``, ``push`` or ``inventory``), or let it go on; repeating it changes nothing.

    When the import goes on, the next poll looks back over the maximum order age, so that no order of the pause is lost.
    """
    if flow not in FLOWS:
        raise ValueError(f"There is no flow {flow!r}, only {', '.join(FLOWS)}.")
    connection = locked_connection(store_id)
    goes_on = flow == "import" and connection.import_paused and not paused
    setattr(connection, f"{flow}_paused", paused)
    connection.save(update_fields=[f"{flow}_paused"])
    if goes_on and connection.authorization_id is not None:
        look_back(authorization_id=connection.authorization_id)
    return connection
