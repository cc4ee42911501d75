"""A seller's consent: keeping its token sealed, handing it to adapters, and what follows when it is lost."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.sealing import sealed_field
from stores.channels.consent_types import Grant, Participation
from stores.channels.registry import capabilities
from stores.channels.types import Account
from stores.models import Authorization, ConnectedPeriod, Connection, ConnectionWizard, Store
from stores.services.granted_shops import NoSuchShop, keep_shops, shop_of
from stores.services.token_keeping import RowKeeper, pair_on, seal_pair


class ConnectedElsewhere(Exception):
    """The seller is connected to another PSP of this hub; the message stays neutral about whom."""


def account_of(row: Authorization) -> Account:
    """Return what an adapter needs to speak for this seller; tokens are opened only here."""
    pair = pair_on(row)
    if pair is not None:
        keeper = RowKeeper(authorization_id=row.pk, psp_id=row.psp_id, pair=pair, lost=permission_lost)
        return Account(key=row.public_id, account_id=row.account_id, region=row.region, refresh_token="", keeper=keeper)
    return Account(
        key=row.public_id,
        account_id=row.account_id,
        region=row.region,
        refresh_token=sealed_field(Authorization, "refresh_token_sealed").open_from(row) or "",
    )


@transaction.atomic
def attach_grant(*, store_id: int, grant: Grant, region: str, account_name: str = "", shops: Sequence[Participation] = ()) -> Connection:
    """Keep a fresh grant and connect the store with it. A renewed consent replaces the token and touches neither store nor mappings.

    Raises ``ConnectedElsewhere`` when the seller is not the store's, is another store of ours, or belongs to another PSP.
    """
    row = keep_grant(store_id=store_id, grant=grant, region=region, account_name=account_name, shops=shops)
    return connect_store(store_id=store_id, authorization_id=row.pk)


@transaction.atomic
def keep_grant(*, store_id: int, grant: Grant, region: str, account_name: str = "", shops: Sequence[Participation] = ()) -> Authorization:
    """Keep a fresh grant for a store's seller without connecting the store yet. Raises ``ConnectedElsewhere`` as ``attach_grant`` does.

    Stores that use this seller's consent already, and lost it, come back at once.
    """
    store = Store.objects.select_for_update().get(pk=store_id)
    _fits(store, grant.account_id, store.shop_number)
    row = (
        Authorization.objects.select_for_update().filter(kind=store.kind, account_id=grant.account_id, region=region).exclude(state="revoked").first()
    )
    if row is not None and row.customer_id != store.customer_id:
        raise ConnectedElsewhere(
            _("Seller %(seller)s is connected under another customer of yours. Move or disconnect that store first, then authorise again.")
            % {"seller": grant.account_id}
        )
    if row is None:
        row = Authorization(customer_id=store.customer_id, kind=store.kind, account_id=grant.account_id, region=region)
    row.check_tenant()
    lifetime = capabilities(store.kind).consent_lifetime
    row.expires_at = now() + lifetime if lifetime else None
    if grant.pair is not None:
        seal_pair(row, grant.pair)
        row.token_lease = row.token_leased_until = None
    else:
        sealed_field(Authorization, "refresh_token_sealed").seal_into(row, grant.refresh_token)
    row.state, row.granted_at, row.last_error, row.poll_failures, row.poll_waits_for = Authorization.State.ACTIVE, now(), "", 0, ""
    row.account_name = account_name[:120] or row.account_name
    row.calls_unanswered, row.resting_since = 0, None
    row.reminded_days = None
    row.next_poll_at = now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ConnectedElsewhere(
            _("Seller %(seller)s is already connected to this hub by another company. If that is a mistake, ask support to move the connection.")
            % {"seller": grant.account_id}
        ) from None
    # Other stores of the same seller that lost their permission come back with it.
    Connection.objects.filter(authorization=row).exclude(state=Connection.State.DISABLED).update(state=Connection.State.CONNECTED, state_reason="")
    keep_shops(row, shops)
    return row


@transaction.atomic
def connect_store(*, store_id: int, authorization_id: int, shop: str = "") -> Connection:
    """Let a store use a consent that is kept, and import its orders from now on. Raises ``ConnectedElsewhere`` when the two do not fit.

    ``shop`` is the number that somebody chose, where the consent covers several shops.
    """
    store = Store.objects.select_for_update().get(pk=store_id)
    row = Authorization.reread(authorization_id)
    if row.state == Authorization.State.REVOKED or row.customer_id != store.customer_id or row.kind != store.kind:
        raise ConnectedElsewhere(_("This permission is no longer valid for the store. Authorise again."))
    try:
        number = shop_of(store, row.pk, chosen=shop)
    except NoSuchShop as error:
        raise ConnectedElsewhere(str(error)) from None
    _fits(store, row.account_id, number)
    if (store.account_id, store.shop_number) != (row.account_id, number) or store.removed_at is not None:
        store.account_id, store.shop_number, store.removed_at = row.account_id, number, None
        store.save(update_fields=["account_id", "shop_number", "removed_at"])
    connection, _made = Connection.objects.get_or_create(store=store)
    if connection.authorization_id != row.pk:
        if row.orders_cursor is not None:
            # The seller's other stores moved the cursor; this one's earlier orders lie behind it. Known orders change nothing.
            row.orders_cursor, row.poll_page, row.poll_since, row.poll_high_water = None, "", None, None
        row.next_poll_at = now()
        row.save(update_fields=["orders_cursor", "poll_page", "poll_since", "poll_high_water", "next_poll_at"])
    connection.authorization, connection.state, connection.state_reason = row, Connection.State.CONNECTED, ""
    connection.connected_at, connection.disconnected_at = connection.connected_at or now(), None
    connection.save()
    if not ConnectedPeriod.objects.filter(store=store, ended_at=None).exists():
        ConnectedPeriod.objects.create(store=store, began_at=now())
    return connection


def _fits(store: Store, account_id: str, shop_number: str) -> None:
    """Refuse a seller who is not the store's, or whose shop on this marketplace is another store of ours."""
    if store.account_id and store.account_id != account_id:
        raise ConnectedElsewhere(
            _(
                "This store belongs to seller %(known)s, but the permission came from seller %(seller)s. Sign in as the right seller and authorise again."
            )
            % {"known": store.account_id, "seller": account_id}
        )
    if capabilities(store.kind).shops_have_numbers and not shop_number:
        return  # which shop it is to be is chosen in the last step
    same = Store.objects.filter(kind=store.kind, account_id=account_id, marketplace=store.marketplace, shop_number=shop_number)
    twin = same.exclude(pk=store.pk).first()
    if twin is not None:
        raise ConnectedElsewhere(
            _("This seller's shop on this marketplace is your store “%(name)s” already. Reconnect that one; its mappings are kept.")
            % {"name": twin.name}
        )


def locked_connection(store_id: int) -> Connection:
    """Return a store's connection locked, its authorization locked before it: polls take the two in this order. Made where there is none yet."""
    connection, _made = Connection.objects.get_or_create(store_id=store_id)
    if connection.authorization_id is not None:
        Authorization.reread(connection.authorization_id)
    return Connection.reread(connection.pk)


@transaction.atomic
def let_go(*, authorization_id: int) -> None:
    """Give a consent up when no store uses it and no wizard waits with it: its token is removed, so nobody can use it any more."""
    row = Authorization.reread(authorization_id)
    used = Connection.objects.filter(authorization=row).exists()
    if not used and not ConnectionWizard.objects.filter(authorization=row, cancelled_at=None).exclude(step=ConnectionWizard.Step.DONE).exists():
        row.state, row.refresh_token_sealed, row.access_token_sealed = Authorization.State.REVOKED, None, None
        row.save(update_fields=["state", "refresh_token_sealed", "access_token_sealed"])
        row.shops.all().delete()


def permission_lost(row: Authorization, reason: str) -> None:
    """Pause an authorization whose permission is gone, and say so on its connections: as expired when its time was over."""
    row.state, row.last_error, row.last_error_at = Authorization.State.RECONNECT, reason, now()
    row.save(update_fields=["state", "last_error", "last_error_at"])
    over = row.expires_at is not None and row.expires_at <= now()
    lost = Connection.State.EXPIRED if over else Connection.State.REVOKED
    Connection.objects.filter(authorization=row).exclude(state=Connection.State.DISABLED).update(state=lost, state_reason=reason)
