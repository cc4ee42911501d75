"""Connecting a store: a trip to the channel's consent page and back, with a state that is bound, single-use and short-lived.

The row is written before the browser leaves. Coming back, the state is used up in a transaction of its own *before* anything else happens,
so a replayed answer finds nothing; then the code is exchanged and the marketplace is checked without any transaction open; then the grant
is attached, or kept for the wizard's last step.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Membership
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.consent_types import ConsentAnswer, Grant, Participation
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, Refused, TryLater
from stores.channels.keeping import InHand
from stores.channels.registry import channel_for, consent_for, marketplace_info
from stores.channels.types import Account, MarketplaceInfo
from stores.models import ConsentAttempt, ConsentLink, Store
from stores.services import consent_links, wizard
from stores.services.authorizations import ConnectedElsewhere, attach_grant
from stores.services.who_authorises import ways_to_authorise


class CannotConnect(Exception):
    """The store was not connected; the message says what happened, why, and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip that came back: for which store, in which wizard or by which link (their public ids, or empty)."""

    store_id: int
    wizard: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a permission turned out to cover: how the shop (or the account) is called, and its shops where they have numbers."""

    name: str
    shops: tuple[Participation, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelStart:
    """A trip that began at the channel's own store: how to answer it, and whom the channel named."""

    address: Callable[[str], str]
    account_id: str = ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def start_consent(
    *, store_id: int, membership: Membership, session_key: str, wizard_id: int | None = None, begun_there: ChannelStart | None = None
) -> str:
    """Write the attempt and return the address to send the browser to.

    Raises ``CannotConnect`` when the customer may not connect (GA-02) or this person may not authorise for it (DS-08).
    """
    store = Store.objects.select_related("customer").get(pk=store_id)
    _may_connect(store)
    ways = ways_to_authorise(kind=store.kind, customer=store.customer, membership=membership)
    if not ways.here:
        raise CannotConnect(ways.why_not)
    attempt = ConsentAttempt(started_by_id=membership.user_id, wizard_id=wizard_id, expected_account=begun_there.account_id if begun_there else "")
    return _leave(attempt, store, session_key, begun_there)


@transaction.atomic
def start_consent_by_link(*, link: ConsentLink, session_key: str) -> str:
    """Write the attempt of somebody who holds a link, and return the address to send the browser to. Earlier trips of the link end.

    Call in the tenant's scope. Raises ``CannotConnect`` when the link works no longer.
    """
    row = ConsentLink.objects.select_for_update(of=("self",)).select_related("store__customer", "wizard").get(pk=link.pk)
    if why := consent_links.why_useless(row):
        raise CannotConnect(why)
    _may_connect(row.store)
    ConsentAttempt.objects.filter(link=row, used_at=None).update(used_at=now(), outcome=_("started again, so this trip ended"))
    return _leave(ConsentAttempt(link=row, wizard_id=row.wizard_id), row.store, session_key, None)


def _may_connect(store: Store) -> None:
    if not store.customer.storefronts_enabled:
        raise CannotConnect(
            _(
                "“%(customer)s” has no storefronts access, so its stores cannot be connected. Turn on “Enable storefronts” on the customer's page first."
            )
            % {"customer": store.customer}
        )


def _leave(attempt: ConsentAttempt, store: Store, session_key: str, begun_there: ChannelStart | None) -> str:
    state = secrets.token_urlsafe(32)
    attempt.store, attempt.kind, attempt.marketplace = store, store.kind, store.marketplace
    attempt.region = _place(store.kind, store.marketplace).region
    attempt.state_hash, attempt.session_hash = _digest(state), _digest(session_key)
    attempt.save()
    if begun_there is not None:
        return begun_there.address(state)
    return consent_for(store.kind).consent_url(marketplace=store.marketplace, state=state)


def link_of_answer(state: str) -> tuple[int, str] | None:
    """Return (PSP, public id) of the link that an answer's trip began with; None for members' trips and for what nobody began."""
    with across_tenants(reason="find whose mailed link a consent answers; whoever comes back may have no account"):
        attempt = ConsentAttempt.objects.filter(state_hash=_digest(state), link__isnull=False).select_related("link").first()
        return (attempt.psp_id, attempt.link.public_id) if attempt else None


def finish_consent(*, psp_id: int, answer: ConsentAnswer, session_key: str, user_id: int | None) -> Trip:
    """Use the answer of a consent page. Raises ``CannotConnect``.

    Call outside any scope: the channel is asked in the middle. The attempt must belong to this tenant, this browser session and this
    person (nobody, for a mailed link), must not have been used, and must be younger than thirty minutes.
    """
    with tenant(psp_id):
        attempt = _use_up(answer.state, user_id=user_id, session_key=session_key)
    try:
        if not answer.code:
            with tenant(psp_id):
                if attempt.link_id is not None:
                    consent_links.decline(link_id=attempt.link_id)
            raise CannotConnect(
                _("Nothing was connected, because the permission was not given%(word)s. Start again when the seller is ready to confirm.")
                % {"word": f" ({answer.error[:60]})" if answer.error else ""}
            )
        place = _place(attempt.kind, attempt.marketplace)
        if attempt.expected_account and attempt.expected_account != answer.account_id:
            raise CannotConnect(_("The permission came from another seller than the one who started. Start again from the marketplace's page."))
        grant = _exchange(attempt, answer)
        found = check_place(attempt.kind, grant=grant, place=place, key=f"consent-{attempt.pk}")
        with tenant(psp_id):
            trip = _keep(attempt, grant, found)
    except (CannotConnect, ConnectedElsewhere, wizard.WizardOver) as error:
        with tenant(psp_id):
            ConsentAttempt.objects.filter(pk=attempt.pk).update(outcome=str(error)[:200])
        raise CannotConnect(str(error)) from None
    with tenant(psp_id):
        ConsentAttempt.objects.filter(pk=attempt.pk).update(outcome="connected")
    return trip


def _keep(attempt: ConsentAttempt, grant: Grant, found: Found) -> Trip:
    """Keep the grant where the trip began: in its wizard, or on the store at once. A link that was used is over."""
    link = ""
    if attempt.link_id is not None:
        row = ConsentLink.objects.select_for_update(of=("self",)).select_related("wizard").get(pk=attempt.link_id)
        if why := consent_links.why_useless(row):
            raise CannotConnect(why)
        consent_links.authorised(row)
        link = row.public_id
    if attempt.wizard_id is not None:
        open_wizard = wizard.grant_given(attempt=attempt, grant=grant, account_name=found.name, shops=found.shops)
        return Trip(open_wizard.store_id or attempt.store_id, open_wizard.public_id, link)
    attach_grant(store_id=attempt.store_id, grant=grant, region=attempt.region, account_name=found.name, shops=found.shops)
    return Trip(attempt.store_id, "", link)


def attempt_of(*, state: str, user_id: int) -> ConsentAttempt | None:
    """Return this person's attempt with store and wizard, so that a page can offer to try again; None for anybody else's."""
    rows = ConsentAttempt.objects.filter(state_hash=_digest(state), started_by_id=user_id)
    return rows.select_related("store", "wizard").first()


def use_existing_consent(*, psp_id: int, wizard_id: int, authorization_id: int) -> None:
    """Use a consent that the same customer gave for this region, instead of a second trip. Asks the channel, so call outside any scope.

    Raises ``CannotConnect`` when the seller does not sell on the wizard's marketplace.
    """
    with tenant(psp_id):
        row, account = wizard.consent_to_reuse(wizard_id=wizard_id, authorization_id=authorization_id)
        place, kind = _place(row.kind, row.store.marketplace if row.store else ""), row.kind
    found = check_account(kind, account=account, place=place)
    try:
        with tenant(psp_id):
            wizard.consent_chosen(wizard_id=wizard_id, authorization_id=authorization_id, account_name=found.name, shops=found.shops)
    except (ConnectedElsewhere, wizard.WizardOver) as error:
        raise CannotConnect(str(error)) from None


def _place(kind: str, marketplace: str) -> MarketplaceInfo:
    place = marketplace_info(kind, marketplace)
    if place is None:
        raise CannotConnect(_("Marketplace “%(id)s” is not one this hub knows. Choose the store's marketplace again.") % {"id": marketplace})
    return place


def _use_up(state: str, *, user_id: int | None, session_key: str) -> ConsentAttempt:
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
            _("The marketplace does not accept this permission's code: it is too old or was used before. Press “Authorize” again.")
        ) from None
    except Misconfigured:
        raise CannotConnect(
            _("The marketplace refuses this hub's own application, so no store can be connected now. The operator was told; try again later.")
        ) from None
    except TryLater:
        raise CannotConnect(_("The marketplace did not answer in time, so nothing was connected. Press “Authorize” again in a minute.")) from None
    except ChannelError as error:
        raise CannotConnect(_("The marketplace refused the permission: %(why)s Press “Authorize” again.") % {"why": error}) from None


def check_place(kind: str, *, grant: Grant, place: MarketplaceInfo, key: str) -> Found:
    """Refuse a marketplace the seller does not sell on, and a seller id that a fresh permission does not belong to; return what it covers.

    Where the seller id came with the browser, anybody can have changed it. Reading one page of that seller's listings with the fresh permission
    proves that the two belong together; otherwise somebody could occupy another company's seller id.
    """
    keeper = InHand(grant.pair) if grant.pair else None
    token = "" if grant.pair else grant.refresh_token
    account = Account(key=key, account_id=grant.account_id, region=place.region, refresh_token=token, keeper=keeper)
    found = check_account(kind, account=account, place=place)
    if grant.account_proven:
        return Found(grant.account_name or found.name, found.shops)
    try:
        channel_for(kind, account).listings_page(marketplace=place.id)
    except (ReconnectNeeded, Refused):
        raise CannotConnect(
            _("The permission does not belong to seller %(seller)s, whom the answer named. Press “Authorize” again and sign in as the right seller.")
            % {"seller": grant.account_id}
        ) from None
    except ChannelError as error:
        raise CannotConnect(_("The permission could not be checked: %(why)s Press “Authorize” again in a minute.") % {"why": error}) from None
    return found


def check_account(kind: str, *, account: Account, place: MarketplaceInfo) -> Found:
    """Refuse a marketplace the account does not sell on (``CannotConnect``); return how its shop is called there, and its shops."""
    try:
        places = channel_for(kind, account).participations()
    except ChannelError as error:
        raise CannotConnect(
            _("The permission was given, but the marketplace list could not be read: %(why)s Press “Authorize” again.") % {"why": error}
        ) from None
    mine = [one for one in places if (one.site or one.marketplace) == place.id]
    usable = [one for one in mine if one.participating]
    if not usable:
        if why := " ".join(dict.fromkeys(one.why_not for one in mine or places if one.why_not)):
            raise CannotConnect(_("This seller's shop cannot be connected. %(why)s") % {"why": why})
        others = ", ".join(sorted(one.country for one in places if one.participating)) or _("none")
        raise CannotConnect(
            _(
                "This seller does not sell on %(place)s (the account sells in: %(others)s). Choose one of those for the store, or enable %(place)s at the marketplace."
            )
            % {"place": place.name, "others": others}
        )
    if all(one.suspended for one in usable):
        raise CannotConnect(
            _("This seller's listings on %(place)s are suspended by the marketplace. Solve that there, then authorise again.") % {"place": place.name}
        )
    return Found(usable[0].store_name, tuple(one for one in places if one.site))
