"""Buying labels and fetching their documents: lease, call without a lock, settle, as with pushes (docs/outbox.md).

After an answer that was lost the order's packages are looked at before anything is bought again. A document is fetched as soon as the marketplace has
drawn it, and kept sealed as a private file, because its address there lives for a day and is open to whoever has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Label, Package
from fulfillment.services.labelling import why_not_bought
from orders.models import Order, OrderLine
from orders.services.holds import record_event
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.sealing import column_context, open_sealed, seal
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import MakesLabels, able
from stores.channels.errors import ChannelError, ReconnectNeeded, TryLater
from stores.channels.registry import channel_for
from stores.channels.telling_types import LabelBought, Parcel
from stores.channels.types import Account
from stores.models import Authorization
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

PER_SELLER = 3
DRAWN_AFTER_S = 5
LOOK_AFTER_S = 150  # what a marketplace shows lags behind what it did
RECONNECT_LOOK_S = 900


@dataclass(frozen=True, slots=True)
class Leased:
    """A leased label with all that its call needs, read in one scope."""

    label: Label
    psp_id: int
    kind: str
    account: Account
    parcel: Parcel
    known: tuple[str, ...]  # the channel's numbers of the order's other packages


def work_next() -> int:
    """Work on due labels, a few of each seller in turn, over all tenants. Returns how many were worked on."""
    with across_tenants(reason="find sellers with due labels"):
        ready = Label.due().filter(breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE)
        sellers = list(dict.fromkeys(ready.values_list("authorization_id", "psp_id")[:200]))
    done = 0
    for authorization_id, psp_id in sellers:
        with tenant(psp_id):
            leased = [_prepare(label, psp_id) for label in Label.lease_next(limit=PER_SELLER, only=Q(authorization_id=authorization_id))]
        for one in leased:
            with structlog.contextvars.bound_contextvars(authorization=one.account.key, order=one.parcel.external_id, label=one.label.public_id):
                _work(one)
        done += len(leased)
    return done


def _prepare(label: Label, psp_id: int) -> Leased:
    order = Order.objects.select_related("store").get(pk=label.order_id)
    numbers = dict(order.lines.values_list("pk", "external_line_id"))
    authorization = Authorization.objects.get(pk=label.authorization_id)
    known = {
        *Package.objects.filter(order=order).values_list("channel_id", flat=True),
        *order.labels.exclude(pk=label.pk).values_list("channel_id", flat=True),
    }
    parcel = Parcel(
        order.external_id,
        order.store.place,
        {numbers[int(key)]: quantity for key, quantity in label.quantities.items()},
        label.weight_g,
        label.length_mm,
        label.width_mm,
        label.height_mm,
    )
    return Leased(label, psp_id, authorization.kind, account_of(authorization), parcel, tuple(sorted(known - {""})))


def _work(one: Leased) -> None:
    channel = able(channel_for(one.kind, one.account), MakesLabels)
    step = "fetch" if one.label.delivery == Delivery.ACCEPTED else "look" if one.label.in_doubt else "buy"
    try:
        {"fetch": _fetch, "look": _look, "buy": _buy}[step](one, channel)
    except ChannelError as error:
        with tenant(one.psp_id):
            _failed(one, step, error)
            breaker.note(one.label.authorization_id, error)


def _buy(one: Leased, channel: MakesLabels) -> None:
    with tenant(one.psp_id):
        # Marked before the call: whatever dies after this line, the next try looks before it buys again.
        if not one.label.still_leased():
            return
        # The order is locked from here to the mark, as cancelling locks it: a label is bought before the goods are cancelled, or not at all.
        if why := why_not_bought(one.label):
            _not_bought(one.label, why)
            return
        Label.objects.filter(pk=one.label.pk, lease=one.label.lease).update(in_doubt=True)
    bought = channel.buy_label(one.parcel, service_id=one.label.service_id)
    with tenant(one.psp_id):
        _bought(one, bought)


def _look(one: Leased, channel: MakesLabels) -> None:
    found = channel.find_label(one.parcel, known=one.known)
    with tenant(one.psp_id):
        if found is not None:
            _bought(one, found)
        else:
            one.label.settle(in_doubt=False, not_before=now())
        breaker.note(one.label.authorization_id)


def _bought(one: Leased, bought: LabelBought) -> None:
    label = one.label
    price = {"price": bought.price.value, "currency": bought.price.currency} if bought.price else {}
    settled = label.settle(
        delivery=Delivery.ACCEPTED,
        channel_id=bought.package_id[:80],
        carrier=(bought.carrier or label.carrier)[:80],
        tracking_number=(bought.tracking_number or label.tracking_number)[:60],
        bought_at=now(),
        in_doubt=False,
        attempts=0,
        last_error="",
        not_before=now() + scaled(DRAWN_AFTER_S),
        **price,
    )
    if settled:
        words = _("The label was bought: %(service)s. To the marketplace it is shipped and waits for the carrier from now on.")
        record_event(label.order_id, "label", words % {"service": label.service_name}, facts={"label": label.public_id})
        breaker.note(label.authorization_id)


def _fetch(one: Leased, channel: MakesLabels) -> None:
    content, told = channel.label_document(marketplace=one.parcel.marketplace, package_id=one.label.channel_id)
    name = _store(one.psp_id, one.label, content)
    with tenant(one.psp_id):
        settled = one.label.settle(
            delivery=Delivery.CONFIRMED,
            document_name=name,
            document_type="application/pdf",
            tracking_number=(told.tracking_number or one.label.tracking_number)[:60],
            carrier=(told.carrier or one.label.carrier)[:80],
            fetched_at=now(),
            last_error="",
        )
        if settled:
            record_event(one.label.order_id, "label", _("The label is here and can be printed."), facts={"label": one.label.public_id})
            breaker.note(one.label.authorization_id)
    if not settled:
        default_storage.delete(name)


def _store(psp_id: int, label: Label, content: bytes) -> str:
    return default_storage.save(f"psp-{psp_id}/labels/{label.public_id}", ContentFile(seal(content, context=_context(psp_id, label))))


def keep_document(label: Label, content: bytes) -> None:
    """Keep a document that somebody brought for a label, sealed like those that are fetched."""
    label.document_name, label.document_type, label.fetched_at = _store(label.psp_id, label, content), "application/pdf", now()
    label.save(update_fields=["document_name", "document_type", "fetched_at"])


def _context(psp_id: int, label: Label) -> str:
    return column_context(Label._meta.db_table, "document", psp_id, label.public_id)


def document_of(label: Label) -> bytes:
    """Return a label's document. ``OSError`` when the file is gone, ``CannotOpen`` when its key is."""
    with default_storage.open(label.document_name) as stored:
        return open_sealed(stored.read(), context=_context(label.psp_id, label))


def _failed(one: Leased, step: str, error: ChannelError) -> None:
    """Settle a try that ended in an error, by what happens next."""
    label = one.label
    # Only an answer to the purchase that got lost leaves a doubt; a look that failed leaves the one that was there.
    doubt = step == "look" or (step == "buy" and isinstance(error, TryLater) and error.ambiguous)
    if isinstance(error, TryLater) and error.throttled:
        label.settle(attempts=max(label.attempts - 1, 0), in_doubt=doubt, not_before=label.next_try(wait_s=error.wait_s))
        return
    if isinstance(error, ReconnectNeeded):
        permission_lost(Authorization.reread(label.authorization_id), str(error))
        label.settle(in_doubt=doubt, not_before=now() + scaled(RECONNECT_LOOK_S), last_error=str(error))
        return
    log.warning("label_failed", step=step, attempts=label.attempts, failure=type(error).__name__, request=error.request_id)
    if isinstance(error, TryLater) and label.attempts < MOST_ATTEMPTS:
        not_before = now() + scaled(LOOK_AFTER_S) if doubt else label.next_try(wait_s=error.wait_s)
        label.settle(in_doubt=doubt, not_before=not_before, last_error=str(error))
        return
    if step == "buy" and not doubt:
        _not_bought(label, str(error))
    elif label.settle(delivery=Delivery.PARKED, in_doubt=doubt, last_error=str(error)):
        _tell(label, str(error))


def _not_bought(label: Label, why: str) -> None:
    """Leave a label that was not bought to a person, and free its units."""
    if label.settle(delivery=Delivery.PARKED, in_doubt=False, last_error=why):
        _give_back(label)
        _tell(label, why)


def _tell(label: Label, why: str) -> None:
    record_event(label.order_id, "push_parked", _("No label: %(why)s") % {"why": why}, facts={"label": label.public_id})


def _give_back(label: Label) -> None:
    """Free the units of a label that was not bought."""
    Order.reread(label.order_id)
    for line in OrderLine.objects.select_for_update().filter(pk__in=[int(key) for key in label.quantities]).order_by("pk"):
        line.quantity_labelled = max(line.quantity_labelled - label.quantities[str(line.pk)], 0)
        line.save(update_fields=["quantity_labelled"])


def try_again(*, label_id: int, actor: Actor) -> Label:
    """Put a parked label back to work where something was or may have been bought; one that was refused is bought anew instead."""
    label = Label.reread(label_id)
    if label.delivery != Delivery.PARKED or not (label.channel_id or label.in_doubt):
        return label
    label.delivery = Delivery.ACCEPTED if label.channel_id else Delivery.PENDING
    label.attempts, label.not_before, label.last_error = 0, now(), ""
    label.save()
    record_event(label.order_id, "push_retried", _("The label is asked for again."), actor=actor, facts={"label": label.public_id})
    return label
