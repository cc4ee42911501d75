"""Connecting a store: a trip to the channel's consent page and back, with a state that is bound, single-use and short-lived.

The row is written before the browser leaves. Coming back, the state is used up in a transaction of its own *before* anything else happens,
so a replayed answer finds nothing; then the code is exchanged and the marketplace is checked without any transaction open; then the grant
is attached.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import User
from pod_hub.core.tenancy import tenant
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for, consent_for, marketplace_info
from stores.channels.types import Account, ConsentAnswer, Grant, MarketplaceInfo
from stores.models import Authorization, Connection, ConsentAttempt, Store
from stores.services.authorizations import ConnectedElsewhere, attach_grant


class CannotConnect(Exception):
    """The store was not connected; the message says what happened, why, and what to do. Nothing was changed."""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def start_consent(*, store_id: int, user: User, session_key: str) -> str:
    """Write the attempt and return the address to send the browser to. Raises ``CannotConnect`` when the customer may not connect (GA-02)."""
    store = Store.objects.select_related("customer").get(pk=store_id)
    if not store.customer.storefronts_enabled:
        raise CannotConnect(
            _(
                "“%(customer)s” has no storefronts access, so its stores cannot be connected. Turn on “Enable storefronts” on the customer's page first."
            )
            % {"customer": store.customer}
        )
    state = secrets.token_urlsafe(32)
    place = _place(store.kind, store.marketplace)
    ConsentAttempt.objects.create(
        state_hash=_digest(state),
        session_hash=_digest(session_key),
        store=store,
        kind=store.kind,
        region=place.region,
        marketplace=store.marketplace,
        started_by=user,
    )
    return consent_for(store.kind).consent_url(marketplace=store.marketplace, state=state)


def finish_consent(*, psp_id: int, answer: ConsentAnswer, user_id: int, session_key: str) -> int:
    """Use the answer of a consent page; return the id of the store that is connected now. Raises ``CannotConnect``.

    Call outside any scope: the channel is asked in the middle. The attempt must belong to this tenant, this browser session and this
    person, must not have been used, and must be younger than thirty minutes.
    """
    with tenant(psp_id):
        attempt = _use_up(answer.state, user_id=user_id, session_key=session_key)
    try:
        if not answer.code:
            raise CannotConnect(
                _("Nothing was connected, because the permission was not given%(word)s. Start again when the seller is ready to confirm.")
                % {"word": f" ({answer.error[:60]})" if answer.error else ""}
            )
        place = _place(attempt.kind, attempt.marketplace)
        grant = _exchange(attempt, answer)
        _takes_part(attempt, grant, place)
        with tenant(psp_id):
            attach_grant(store_id=attempt.store_id, grant=grant, region=attempt.region)
    except (CannotConnect, ConnectedElsewhere) as error:
        with tenant(psp_id):
            ConsentAttempt.objects.filter(pk=attempt.pk).update(outcome=str(error)[:200])
        raise CannotConnect(str(error)) from None
    with tenant(psp_id):
        ConsentAttempt.objects.filter(pk=attempt.pk).update(outcome="connected")
    return attempt.store_id


def attempted_store(*, state: str, user_id: int) -> Store | None:
    """Return the store that this person's attempt was for, so that a page can offer to try again; None for anybody else's."""
    attempt = ConsentAttempt.objects.filter(state_hash=_digest(state), started_by_id=user_id).select_related("store").first()
    return attempt.store if attempt else None


def _place(kind: str, marketplace: str) -> MarketplaceInfo:
    place = marketplace_info(kind, marketplace)
    if place is None:
        raise CannotConnect(_("Marketplace “%(id)s” is not one this hub knows. Choose the store's marketplace again.") % {"id": marketplace})
    return place


def _use_up(state: str, *, user_id: int, session_key: str) -> ConsentAttempt:
    attempt = ConsentAttempt.objects.select_for_update().filter(state_hash=_digest(state)).first()
    mine = attempt is not None and hmac.compare_digest(attempt.session_hash, _digest(session_key)) and attempt.started_by_id == user_id
    if attempt is None or not mine:
        raise CannotConnect(
            _(
                "This answer does not belong to a connection you started in this browser, so it was ignored. Open the store and press “Authorize” again."
            )
        )
    if attempt.used_at is not None:
        raise CannotConnect(_("This answer was used already, so it was ignored. If the store is not connected, press “Authorize” again."))
    if now() - attempt.started_at > ConsentAttempt.LIFETIME:
        raise CannotConnect(_("The permission took longer than thirty minutes, so its answer is no longer accepted. Press “Authorize” again."))
    attempt.used_at = now()
    attempt.save(update_fields=["used_at"])
    return attempt


def _exchange(attempt: ConsentAttempt, answer: ConsentAnswer) -> Grant:
    try:
        return consent_for(attempt.kind).exchange(code=answer.code, account_id=answer.account_id, region=attempt.region)
    except ReconnectNeeded:
        raise CannotConnect(
            _("The marketplace does not accept this permission's code: it is older than five minutes or was used before. Press “Authorize” again.")
        ) from None
    except Misconfigured:
        raise CannotConnect(
            _("The marketplace refuses this hub's own application, so no store can be connected now. The operator was told; try again later.")
        ) from None
    except TryLater:
        raise CannotConnect(_("The marketplace did not answer in time, so nothing was connected. Press “Authorize” again in a minute.")) from None
    except ChannelError as error:
        raise CannotConnect(_("The marketplace refused the permission: %(why)s Press “Authorize” again.") % {"why": error}) from None


def _takes_part(attempt: ConsentAttempt, grant: Grant, place: MarketplaceInfo) -> None:
    """Refuse a marketplace the seller does not sell on, and a seller id that the permission does not belong to.

    The seller id came with the browser, where anybody can change it. Reading one page of that seller's listings with the fresh permission
    proves that the two belong together; otherwise somebody could occupy another company's seller id.
    """
    account = Account(key=f"consent-{attempt.pk}", account_id=grant.account_id, region=attempt.region, refresh_token=grant.refresh_token)
    try:
        channel = channel_for(attempt.kind, account)
        places = channel.participations()
    except ChannelError as error:
        raise CannotConnect(
            _("The permission was given, but the marketplace list could not be read: %(why)s Press “Authorize” again.") % {"why": error}
        ) from None
    mine = next((one for one in places if one.marketplace == place.id), None)
    if mine is None or not mine.participating:
        others = ", ".join(sorted(one.country for one in places if one.participating)) or _("none")
        raise CannotConnect(
            _(
                "This seller does not sell on %(place)s (the account sells in: %(others)s). Choose one of those for the store, or enable %(place)s at the marketplace."
            )
            % {"place": place.name, "others": others}
        )
    if mine.suspended:
        raise CannotConnect(
            _("This seller's listings on %(place)s are suspended by the marketplace. Solve that there, then authorise again.") % {"place": place.name}
        )
    try:
        channel.listings_page(marketplace=place.id)
    except (ReconnectNeeded, Refused):
        raise CannotConnect(
            _("The permission does not belong to seller %(seller)s, whom the answer named. Press “Authorize” again and sign in as the right seller.")
            % {"seller": grant.account_id}
        ) from None
    except ChannelError as error:
        raise CannotConnect(_("The permission could not be checked: %(why)s Press “Authorize” again in a minute.") % {"why": error}) from None


def disconnect(*, store_id: int) -> None:
    """End a store's connection (CS-18, CS-19): nothing is imported or pushed any more; mappings and history stay for a reconnect."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(store_id=store_id)
        authorization_id = connection.authorization_id
        connection.state, connection.state_reason, connection.authorization = Connection.State.DISABLED, "", None
        connection.disconnected_at = now()  # the purge of the store's buyer data reads it
        connection.save()
        if authorization_id is not None and not Connection.objects.filter(authorization_id=authorization_id).exists():
            Authorization.objects.filter(pk=authorization_id).update(state=Authorization.State.REVOKED, refresh_token_sealed=None)
