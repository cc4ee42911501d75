"""The wizard that connects a store, step by step: set up, authorize, finish. Each step is a short transaction on one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Customer, Facility, TradingName, User
from stores.channels.consent_types import Grant, Participation
from stores.channels.registry import capabilities, marketplace_info
from stores.channels.types import Account
from stores.models import Authorization, Connection, ConnectionWizard, ConsentAttempt, ConsentLink, Listing, Store
from stores.services.authorizations import ConnectedElsewhere, account_of, connect_store, keep_grant, let_go
from stores.services.granted_shops import keep_shops, shops_for
from stores.services.setup import ConnectionSettings, change_settings

Step = ConnectionWizard.Step


class WizardOver(Exception):
    """The step cannot be taken (any more); the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """What the second step says: an existing store, or what a new one is to be."""

    customer: Customer
    facility: Facility
    trading_name: TradingName | None
    marketplace: str
    name: str
    existing: Store | None = None


def start(*, kind: str, user: User, customer: Customer | None = None, store: Store | None = None) -> ConnectionWizard:
    """Begin to connect a store of this kind; for a store that is there already, at its authorization."""
    row: ConnectionWizard = ConnectionWizard.objects.create(
        kind=kind,
        started_by=user,
        customer=store.customer if store else customer,
        store=store,
        step=Step.AUTHORIZE if store else Step.SETUP,
    )
    return row


def _open(wizard_id: int) -> ConnectionWizard:
    row = ConnectionWizard.reread(wizard_id)
    if row.step == Step.DONE:
        raise WizardOver(_("This store is connected already; its wizard is finished."))
    if row.cancelled_at is not None:
        raise WizardOver(_("This wizard was given up, so nothing was connected. Start a new one."))
    return row


@transaction.atomic
def set_up(*, wizard_id: int, choice: StoreChoice, chosen: ConnectionSettings) -> ConnectionWizard:
    """Take the second step: add the store (or change the one this wizard added, or take an existing one) and keep its settings (DS-11 to DS-14).

    A consent that fits the store no longer is given back. Raises ``WizardOver``.
    """
    row = _open(wizard_id)
    before = row.store_id
    if choice.existing is not None:
        if Connection.objects.filter(store=choice.existing, authorization__isnull=False).exists():
            raise WizardOver(_("“%(name)s” is connected already. Choose another store.") % {"name": choice.existing})
        store = choice.existing
    elif row.store_id is not None and row.makes_store:
        store = Store.reread(row.store_id)
    else:
        store = Store(kind=row.kind)
    if choice.existing is None:
        store.customer, store.marketplace = choice.customer, choice.marketplace
        row.makes_store = True
    elif before != store.pk:
        _drop_store(row)
        row.makes_store = False
    store.facility, store.trading_name, store.name = choice.facility, choice.trading_name, choice.name
    store.save()
    Connection.objects.get_or_create(store=store)
    if choice.existing is None:  # a store that was here before keeps its settings
        change_settings(store_id=store.pk, chosen=chosen)
    row.store, row.customer = store, store.customer
    if row.authorization_id is not None and not _serves(row.authorization_id, store):
        _give_back(row)
    row.step = Step.FINISH if row.authorization_id else Step.AUTHORIZE
    row.save()
    _links_follow(row)
    return row


def _serves(authorization_id: int, store: Store) -> bool:
    place = marketplace_info(store.kind, store.marketplace)
    return place is not None and Authorization.objects.filter(pk=authorization_id, region=place.region, customer_id=store.customer_id).exists()


def _links_follow(row: ConnectionWizard) -> None:
    """Withdraw a waiting link for another store than the wizard's: what the merchant agreed to would not be what they were asked."""
    ConsentLink.objects.filter(wizard=row, state=ConsentLink.State.WAITING).exclude(store=row.store).update(state=ConsentLink.State.REVOKED)


def reusable_consents(row: ConnectionWizard) -> list[Authorization]:
    """Return the customer's live consents for the region of the wizard's marketplace: one trip may serve several stores (Part B)."""
    if row.store is None or (place := marketplace_info(row.kind, row.store.marketplace)) is None:
        return []
    found = Authorization.objects.filter(kind=row.kind, customer_id=row.store.customer_id, region=place.region, state=Authorization.State.ACTIVE)
    if row.store.account_id:
        found = found.filter(account_id=row.store.account_id)
    return list(found.order_by("account_id")[:20])


@transaction.atomic
def consent_to_reuse(*, wizard_id: int, authorization_id: int) -> tuple[ConnectionWizard, Account]:
    """Return the open wizard and the account behind one of its reusable consents. Raises ``WizardOver``."""
    row = _open(wizard_id)
    chosen = next((one for one in reusable_consents(row) if one.pk == authorization_id), None)
    if chosen is None:
        raise WizardOver(_("This permission can no longer be used. Choose another way to authorise."))
    return row, account_of(chosen)


@transaction.atomic
def consent_chosen(*, wizard_id: int, authorization_id: int, account_name: str, shops: Sequence[Participation] = ()) -> ConnectionWizard:
    """Wait with a consent that is there already for the last step. Raises ``WizardOver`` or ``ConnectedElsewhere``."""
    row = _open(wizard_id)
    authorization = Authorization.reread(authorization_id)
    keep_shops(authorization, shops)
    _take_twin(row, authorization.account_id, shop=_only_shop(row, authorization.pk))
    if account_name and not authorization.account_name:
        Authorization.objects.filter(pk=authorization.pk).update(account_name=account_name[:120])
    return _authorised(row, authorization)


@transaction.atomic
def grant_given(*, attempt: ConsentAttempt, grant: Grant, account_name: str, shops: Sequence[Participation] = ()) -> ConnectionWizard:
    """Keep the fresh grant of a wizard's trip for the last step. Raises ``WizardOver`` or ``ConnectedElsewhere``.

    What was asked must still be what the wizard is about: a permission for one store never serves another.
    """
    row = _open(attempt.wizard_id or 0)
    if row.store is None or row.store_id != attempt.store_id or row.store.marketplace != attempt.marketplace:
        raise WizardOver(_("The store of this wizard was changed while the permission was asked, so the answer was ignored. Authorise again."))
    if not shops:
        store_id = _take_twin(row, grant.account_id) or row.store_id
        return _authorised(row, keep_grant(store_id=store_id, grant=grant, region=attempt.region, account_name=account_name))
    kept = keep_grant(store_id=row.store_id, grant=grant, region=attempt.region, account_name=account_name, shops=shops)
    _take_twin(row, grant.account_id, shop=_only_shop(row, kept.pk))
    return _authorised(row, kept)


def _only_shop(row: ConnectionWizard, authorization_id: int) -> str:
    """Return the shop that the store can only be; empty while somebody has to choose, and where shops have no numbers."""
    possible = shops_for(row.store, authorization_id) if row.store else []
    return possible[0].number if len(possible) == 1 else ""


def _authorised(row: ConnectionWizard, authorization: Authorization) -> ConnectionWizard:
    row.authorization, row.step = authorization, Step.FINISH
    row.save()
    ConsentLink.objects.filter(wizard=row, state=ConsentLink.State.WAITING).update(state=ConsentLink.State.REVOKED)
    return row


def _take_twin(row: ConnectionWizard, account_id: str, *, shop: str = "") -> int | None:
    """Go on with the store that this seller's shop was before, so that its mappings and history come back (P12); return its id.

    Only where it is free: a twin that is connected, or another customer's, is refused afterwards with a sentence.
    """
    store = Store.reread(row.store_id) if row.store_id else None
    if store is None or not row.makes_store or (capabilities(store.kind).shops_have_numbers and not shop):
        return None
    same_shop = {"kind": store.kind, "account_id": account_id, "marketplace": store.marketplace, "shop_number": shop}
    twin = (
        Store.objects.filter(**same_shop, customer_id=store.customer_id)
        .filter(Q(connection=None) | Q(connection__authorization=None))
        .exclude(pk=store.pk)
        .first()
    )
    if twin is None:
        return None
    # Trips and links belong to the wizard; they must not go with the store that was added for it.
    row.consent_attempts.update(store=twin)
    row.links.update(store=twin)
    row.store, row.makes_store = twin, False
    row.save()
    _delete_unused(store.pk)
    return int(twin.pk)


@transaction.atomic
def finish(*, wizard_id: int, shop: str = "") -> ConnectionWizard:
    """Take the last step, "Add connection": the store imports from now on (DS-16). Raises ``WizardOver`` or ``ConnectedElsewhere``.

    ``shop`` is the number of the shop that was chosen, where the consent covers several.
    """
    row = _open(wizard_id)
    if row.store_id is None or row.authorization_id is None:
        raise WizardOver(_("The store is not authorised yet. Take the step before first."))
    if shop:
        _take_twin(row, Authorization.objects.get(pk=row.authorization_id).account_id, shop=shop)
    try:
        connect_store(store_id=row.store_id, authorization_id=row.authorization_id, shop=shop)
    except ConnectedElsewhere:
        authorization = Authorization.objects.get(pk=row.authorization_id)
        if authorization.state == Authorization.State.REVOKED:
            row.authorization, row.step = None, Step.AUTHORIZE
        raise
    row.step = Step.DONE
    row.save()
    return row


@transaction.atomic
def cancel(*, wizard_id: int) -> None:
    """Give up: the consent that waited is forgotten unless another store uses it, links are withdrawn, a store added here is removed."""
    row = _open(wizard_id)
    ConsentLink.objects.filter(wizard=row, state=ConsentLink.State.WAITING).update(state=ConsentLink.State.REVOKED)
    row.cancelled_at = now()
    row.save()
    _give_back(row)
    _drop_store(row)


def _give_back(row: ConnectionWizard) -> None:
    held, row.authorization = row.authorization_id, None
    row.save()
    if held is not None:
        let_go(authorization_id=held)


def _drop_store(row: ConnectionWizard) -> None:
    """Remove the store that this wizard added, if nothing ever happened in it."""
    if row.store_id is None or not row.makes_store:
        return
    store_id = row.store_id
    if Connection.objects.filter(store_id=store_id, connected_at=None).exists() and not Listing.objects.filter(store_id=store_id).exists():
        row.consent_attempts.all().delete()
        row.links.all().delete()
        row.store, row.makes_store = None, False
        row.save()
        _delete_unused(store_id)


def _delete_unused(store_id: int) -> None:
    ConsentLink.objects.filter(store_id=store_id).delete()
    Connection.objects.filter(store_id=store_id).delete()
    Store.objects.filter(pk=store_id).delete()
