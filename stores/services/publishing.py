"""What workers ask the channel for products that are added: product types, attributes, a check, the publish itself, and how far it is.

A publish is written down as sent before it is sent. Whoever finds it so (after a crash, or an answer that was lost) asks the channel for the SKU
first, and sends only what did not arrive. From the moment the channel took it in, the listing exists here and is mapped, so the first order finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from catalog.models import CustomerProduct
from pod_hub.core.crash_points import crash_point
from pod_hub.core.hints import hint
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import Publishes, PublishesVariants, able
from stores.channels.errors import ChannelError, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.publishing_types import (
    PictureSource,
    ProductAnswer,
    ProductDraft,
    ProductProgress,
    ProductState,
    ProductTrouble,
    ProductType,
    ProductTypeOption,
    Severity,
    VariantDraft,
)
from stores.channels.registry import channel_for
from stores.channels.types import Account, Amount
from stores.measures import proposals
from stores.models import Authorization, Connection, Publication, PublicationPicture, Store
from stores.publishing_selectors import Unit, units_of
from stores.services import breaker
from stores.services.adding_products import TASK
from stores.services.authorizations import account_of, permission_lost
from stores.services.publication_listings import have_listings, show_as_live, take_back
from stores.services.publication_pictures import give_link, read_picture

log = structlog.get_logger(__name__)

LEASE_S = 60  # several calls may belong to one turn: pictures, then the product
LOOK_FIRST_S = 30
LOOK_LONGEST_S = 1800
LOOKS_FOR = timedelta(days=14)
State, Asks = Publication.State, Publication.Asks


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the call needs it."""

    pk: int
    source: PictureSource
    reference: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at one publication, read in one scope."""

    row: Publication
    kind: str
    place: str
    account: Account
    authorization_id: int
    stock_place: str
    pictures: tuple[Picture, ...] = ()
    units: tuple[Unit, ...] = ()


def publish_next() -> bool:
    """Take the publication that waits longest, over all tenants, and ask what it asks for. False when none waits."""
    resting = Q(store__connection__authorization__resting_since__isnull=False)
    with across_tenants(reason="find the product whose publishing waits longest"):
        leased = Publication.lease_next(limit=1, seconds=LEASE_S, only=~resting)
    if not leased:
        return False
    crash_point("publish.leased")
    turn = _begin(leased[0])
    if turn is not None:
        with structlog.contextvars.bound_contextvars(publication=turn.row.public_id, asks=turn.row.asks):
            _work(turn)
    return True


def look_again(*, store_id: int, product_ids: Sequence[str]) -> int:
    """Look now at products that wait for the channel's verdict, because it told that something happened to them. Call in the tenant's scope."""
    waiting = Publication.objects.filter(store=store_id, product_id__in=product_ids, asks=Asks.PROGRESS, delivery=Delivery.PENDING)
    looked = waiting.update(not_before=now())
    if looked:
        hint(TASK)
    return looked


def _begin(row: Publication) -> Turn | None:
    with tenant(row.psp_id):
        store = Store.objects.get(pk=row.store_id)
        connection = Connection.objects.filter(store=store).select_related("authorization").exclude(state=Connection.State.DISABLED).first()
        authorization = connection.authorization if connection else None
        if connection is None or authorization is None or authorization.state != Authorization.State.ACTIVE:
            row.settle(delivery=Delivery.PARKED, last_error=_("The store is not connected. Connect it, then press “Try again”."))
            return None
        account, is_draft = account_of(authorization), row.asks in {Asks.CHECK, Asks.PUBLISH}
        pictures, units = (_pictures(row), tuple(units_of(row))) if is_draft else ((), ())
        return Turn(row, store.kind, store.place, account, authorization.pk, connection.inventory_channel_code, pictures, units)


def _pictures(row: Publication) -> tuple[Picture, ...]:
    found = []
    for one in PublicationPicture.objects.filter(publication=row, delivery=Delivery.CONFIRMED):
        give_link(one)
        source = PictureSource(one.public_id, public_address(one), _reader(one.storage_name), one.content_type)
        found.append(Picture(one.pk, source, one.reference))
    return tuple(found)


def _reader(storage_name: str) -> Any:
    return lambda: read_picture(storage_name)


def public_address(picture: PublicationPicture) -> str:
    """Return the address at which anybody who has it sees this picture, while its link lasts."""
    return settings.PUBLIC_URL + reverse("product_picture", args=[picture.link_token])


def _work(turn: Turn) -> None:
    channel = able(channel_for(turn.kind, turn.account), Publishes)
    try:
        match turn.row.asks:
            case Asks.TYPES:
                _found_types(turn, channel.product_types(marketplace=turn.place, words=turn.row.type_words))
            case Asks.FIELDS:
                _found_fields(turn, channel.product_type(marketplace=turn.place, product_type=turn.row.product_type, language=_language()))
            case Asks.CHECK:
                _checked(turn, channel.check_product(_draft(turn, channel)))
            case Asks.PUBLISH:
                _publish(turn, channel)
            case _:
                _looked(turn, channel.product_progress(marketplace=turn.place, key=turn.row.sku, product_id=turn.row.product_id))
    except ChannelError as error:
        _failed(turn, error)
    except OSError as error:
        log.warning("picture_not_read", failure=type(error).__name__)
        with tenant(turn.row.psp_id):
            turn.row.settle(not_before=turn.row.next_try(longest_s=600), last_error=_("A picture could not be read from storage; it is tried again."))


def _language() -> str:
    return to_locale(settings.LANGUAGE_CODE).replace("_", "-")


def _draft(turn: Turn, channel: Publishes) -> ProductDraft:
    row = turn.row
    if row.price is None:
        raise Refused(_("The product has no price. Give one, then have it checked again."))
    if len(turn.units) > 1 and not turn.units[0].options:
        raise Refused(_("The catalog does not tell these variants apart any more. Choose others, or correct them in the catalog."))
    return ProductDraft(
        marketplace=turn.place,
        key=row.sku,
        attempt=str(row.attempt),
        product_type=row.product_type,
        product_type_version=row.product_type_version,
        values={name: tuple(value) if isinstance(value, list) else value for name, value in row.values.items()},
        title=row.title,
        description=row.description,
        brand=row.brand,
        price=Amount(row.price, row.currency),
        quantity=row.quantity,
        handling_days=row.handling_days,
        stock_place=turn.stock_place,
        pictures=tuple(_kept(turn, channel, picture) for picture in turn.pictures),
        language=_language(),
        product_id=row.product_id,
        variants=tuple(
            VariantDraft(unit.sku, unit.options, Amount(unit.price or row.price, row.currency), unit.quantity)
            for unit in (turn.units if len(turn.units) > 1 else ())
        ),
    )


def _kept(turn: Turn, channel: Publishes, picture: Picture) -> str:
    if picture.reference:
        return picture.reference
    reference = channel.keep_picture(picture.source, marketplace=turn.place)
    if reference != picture.source.link:  # links are made anew each time; uploads are not
        with tenant(turn.row.psp_id):
            PublicationPicture.objects.filter(pk=picture.pk).update(reference=reference)
    return reference


# --- answers ----------------------------------------------------------------------------------------------------------
def _idle(turn: Turn, **changes: Any) -> bool:
    """Settle a publication that has nothing more to ask for."""
    return turn.row.settle(asks=Asks.NOTHING, delivery=Delivery.CONFIRMED, attempts=0, last_error="", **changes)


def _found_types(turn: Turn, options: tuple[ProductTypeOption, ...]) -> None:
    with tenant(turn.row.psp_id):
        _idle(turn, type_options=[asdict(option) for option in options])
        breaker.note(turn.authorization_id)


def _found_fields(turn: Turn, found: ProductType) -> None:
    fields = [asdict(field) | {name: _text(getattr(field, name)) for name in ("smallest", "largest")} for field in found.fields]
    names = {field.name for field in found.fields}
    kept = {name: value for name, value in turn.row.values.items() if name in names}
    with tenant(turn.row.psp_id):
        product = CustomerProduct.objects.select_related("product_model", "model_variant").get(pk=turn.row.customer_product_id)
        _idle(
            turn,
            product_type_name=found.name[:200],
            product_type_version=found.version,
            longest_title=found.longest_title,
            fields=fields,
            values=proposals(found.fields, product) | kept,
        )
        breaker.note(turn.authorization_id)


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def told(troubles: tuple[ProductTrouble, ...]) -> list[dict[str, Any]]:
    """Return troubles as they are kept: errors first."""
    return [asdict(one) for one in sorted(troubles, key=lambda one: one.severity != Severity.ERROR)]


def _checked(turn: Turn, answer: ProductAnswer) -> None:
    crash_point("publish.checked")
    with tenant(turn.row.psp_id):
        _idle(turn, state=State.DRAFT, troubles=told(answer.troubles), checked_as=turn.row.attempt if answer.accepted else None)
        breaker.note(turn.authorization_id)


def _publish(turn: Turn, channel: Publishes) -> None:
    row = turn.row
    shown = _shown(turn, channel) if row.submitted_at is None else None
    if shown is not None and row.sent_at is not None:
        _accepted(turn, ProductAnswer(accepted=True, product_id=shown.product_id, listing_key=shown.listing_key))
        return
    if row.sent_at is None and (taken := _in_use(turn, shown)):
        words = _("The marketplace knows a product of this SKU already, so nothing was sent. Choose another SKU, then publish.")
        _rejected(turn, tuple(ProductTrouble(Severity.ERROR, words, "sku", variant=sku if len(turn.units) > 1 else "") for sku in taken))
        return
    draft = _draft(turn, channel)
    with tenant(row.psp_id):
        if not row.renew(seconds=LEASE_S, sent_at=now()):
            return
    crash_point("publish.sending")
    answer = channel.publish_product(draft)
    crash_point("publish.answered")
    if answer.accepted:
        _accepted(turn, answer)
    else:
        _rejected(turn, answer.troubles)


def _shown(turn: Turn, channel: Publishes) -> ProductProgress | None:
    try:
        return channel.product_progress(marketplace=turn.place, key=turn.row.sku, product_id=turn.row.product_id)
    except NotFound:
        return None


def _in_use(turn: Turn, shown: ProductProgress | None) -> list[str]:
    """Return the SKUs of what is to be new at the channel that somebody has there already. What is a listing here is ours."""
    if len(turn.units) == 1:
        return [turn.row.sku] if shown is not None else []
    new = [unit.sku for unit in turn.units if unit.listing is None]
    known = able(channel_for(turn.kind, turn.account), PublishesVariants).keys_in_use(marketplace=turn.place, keys=new) if new else frozenset()
    return [sku for sku in new if sku in known]


def _accepted(turn: Turn, answer: ProductAnswer) -> None:
    row = turn.row
    with tenant(row.psp_id):
        taken = row.settle(
            asks=Asks.PROGRESS,
            state=State.SUBMITTED,
            delivery=Delivery.PENDING,
            not_before=row.next_try(wait_s=scaled_s(LOOK_FIRST_S)),
            attempts=0,
            last_error="",
            submitted_at=now(),
            sent_at=None,
            product_id=answer.product_id[:40] or row.product_id,
            troubles=told(answer.troubles),
        )
        if taken:
            have_listings(row, turn.units, answer)
        crash_point("publish.settling")
        breaker.note(turn.authorization_id)


def _rejected(turn: Turn, troubles: tuple[ProductTrouble, ...]) -> None:
    row = turn.row
    with tenant(row.psp_id):
        if _idle(turn, state=State.REJECTED, troubles=told(troubles), checked_as=None, sent_at=None):
            take_back(row)
        breaker.note(turn.authorization_id)


def _looked(turn: Turn, progress: ProductProgress) -> None:
    if progress.state == ProductState.REJECTED:
        _rejected(turn, progress.troubles)
        return
    row = turn.row
    seen: dict[str, Any] = {"product_id": progress.product_id[:40] or row.product_id, "channel_state": progress.channel_state[:60]}
    with tenant(row.psp_id):
        if progress.state == ProductState.LIVE:
            if _idle(turn, state=State.LIVE, live_at=now(), troubles=told(progress.troubles), **seen):
                show_as_live(row, progress)
        elif row.submitted_at and row.submitted_at < now() - LOOKS_FOR:
            words = _("The marketplace has not said for two weeks whether the product can be sold. Look there, then press “Try again”.")
            row.settle(delivery=Delivery.PARKED, last_error=words, **seen)
        else:
            wait_s = min(LOOK_FIRST_S * 2 ** min(row.attempts, 10), LOOK_LONGEST_S)
            row.settle(not_before=row.next_try(wait_s=scaled_s(wait_s)), last_error="", **seen)
        breaker.note(turn.authorization_id)


def _failed(turn: Turn, error: ChannelError) -> None:
    row = turn.row
    log.warning("publish_failed", failure=type(error).__name__, status=error.status)
    if isinstance(error, NotFound) and row.asks == Asks.PROGRESS:
        error = TryLater(_("The marketplace does not show the product yet."))
    if isinstance(error, Refused):
        _refused(turn, error)
        return
    with tenant(row.psp_id):
        if isinstance(error, TryLater) and (error.throttled or row.attempts < MOST_ATTEMPTS):
            if row.settle(not_before=row.next_try(wait_s=error.wait_s, longest_s=900), last_error=str(error)):
                breaker.note(turn.authorization_id, error)
            return
        if row.settle(delivery=Delivery.PARKED, last_error=str(error)) and isinstance(error, ReconnectNeeded):
            permission_lost(Authorization.reread(turn.authorization_id), str(error))


def _refused(turn: Turn, error: Refused) -> None:
    """The channel declined a call as a whole: its words are about no field."""
    row, trouble = turn.row, ProductTrouble(Severity.ERROR, str(error), code=error.code)
    if row.asks in {Asks.PUBLISH, Asks.PROGRESS}:
        _rejected(turn, (trouble,))
        return
    with tenant(row.psp_id):
        if row.asks == Asks.CHECK:
            _idle(turn, state=State.DRAFT, troubles=told((trouble,)), checked_as=None)
        else:
            row.settle(asks=Asks.NOTHING, delivery=Delivery.CONFIRMED, last_error=str(error))
        breaker.note(turn.authorization_id)
