"""Buyers' wishes to cancel, at marketplaces that wait for an answer to each: what an answer is about, and the pushes that give it.

A wish has a number and may be about several lines, or about some units of one. It is answered as a whole, and until it is, the marketplace takes no
other cancellation of its lines. Elsewhere a wish is only a hold: cancelling or shipping is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from fulfillment.models import Push
from orders.models import Hold, HoldKind, Order, OrderLine
from orders.services.holds import release_holds
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.abilities import AnswersWishes, able
from stores.channels.errors import ChannelError
from stores.channels.registry import capabilities, channel_for, shipping_declines
from stores.channels.telling_types import DeclineReason
from stores.models import Connection
from stores.services.authorizations import account_of


class CannotAnswer(Exception):
    """The wish cannot be answered like this; nothing was written. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One open wish. ``part`` holds the lines of which only some units are meant; ``agreed`` is the push that agrees to it, if there is one."""

    reference: str
    lines: frozenset[int]
    part: frozenset[int]
    agreed: Push | None


def open_wishes(order: Order) -> list[Wish]:
    """Return the wishes of an order that take an answer."""
    if not capabilities(order.store.kind).answers_wishes:
        return []
    holds = Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None, line__isnull=False).exclude(reference="")
    found: dict[str, list[Hold]] = {}
    for hold in holds.order_by("pk"):
        found.setdefault(hold.reference, []).append(hold)
    agreed = {push.wish: push for push in Push.objects.filter(order=order, kind=Push.Kind.WISH_AGREED, wish__in=list(found)).order_by("pk")}
    return [
        Wish(
            reference,
            frozenset(hold.line_id for hold in waiting if hold.line_id),
            frozenset(hold.line_id for hold in waiting if hold.line_id and hold.quantity is not None),
            agreed.get(reference),
        )
        for reference, waiting in found.items()
    ]


def agree(order: Order, wish: Wish, lines: Sequence[OrderLine], *, connection_id: int, authorization_id: int) -> Push:
    """Write the push that agrees to a wish; ``lines`` are those of its lines that are cancelled whole."""
    return Push.objects.create(
        kind=Push.Kind.WISH_AGREED,
        order=order,
        wish=wish.reference,
        line_numbers=[line.external_line_id for line in lines],
        connection_id=connection_id,
        authorization_id=authorization_id,
        deadline=order.ship_by,
    )


@transaction.atomic
def decline_cancellation(*, order_id: int, actor: Actor, line_ids: Sequence[int] | None = None, channel_reason: str = "") -> int:
    """Decline wishes to cancel (all of the order by default), because the goods will be shipped. Returns how many holds were open.

    Where shipping is the answer, nothing is told; elsewhere a push declines by the marketplace's own call, with the ``channel_reason`` that a person
    chose among those the marketplace offers. A wish about several lines is declined for all of them. Raises ``CannotAnswer``.
    """
    order = Order.reread(order_id)
    waiting = Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None).order_by("pk")
    chosen = [hold for hold in waiting if line_ids is None or hold.line_id in line_ids]
    references = {hold.reference for hold in chosen} - {""}
    chosen += [hold for hold in waiting if hold.reference in references and hold not in chosen]
    if references and Push.objects.filter(order=order, kind=Push.Kind.WISH_AGREED, wish__in=references).exists():
        raise CannotAnswer(_("The marketplace was told already that the buyer's request is agreed to. Look at the history below."))
    words = _("the request to cancel was declined; the goods are shipped")
    if references and not shipping_declines(order.store.kind, order.marketplace):
        words = _("the request to cancel was declined, which the marketplace is being told")
        _tell(order, sorted(references), channel_reason)
    elif until := min((hold.answer_by for hold in chosen if hold.answer_by), default=None):
        when = date_format(localtime(until), "DATETIME_FORMAT")
        words = _("the request to cancel was declined; shipping before %(when)s is what tells the marketplace, which cancels it otherwise")
        words %= {"when": when}
        Order.objects.filter(Q(ship_by=None) | Q(ship_by__gt=until), pk=order.pk).update(ship_by=until)
    Hold.objects.filter(pk__in=[hold.pk for hold in chosen]).update(declined_at=now())
    if Push.objects.filter(order=order, kind=Push.Kind.PACKAGE_SHIPPED, delivery=Delivery.PENDING).update(not_before=now()):
        hint("fulfillment.push")  # a parcel that left before the buyer asked has waited for this
    return release_holds(chosen, actor=actor, reason=words)


def _tell(order: Order, references: Sequence[str], channel_reason: str) -> None:
    if not channel_reason.strip():
        raise CannotAnswer(_("The marketplace asks for a reason when a request is declined. Choose one."))
    connection = Connection.objects.filter(store=order.store_id).first()
    if connection is None or connection.authorization_id is None:
        raise CannotAnswer(_("Nobody can tell the marketplace: this store is not connected. Connect it again first."))
    for reference in references:
        Push.objects.create(
            kind=Push.Kind.WISH_DECLINED,
            order=order,
            wish=reference,
            decline_reason=channel_reason[:200],
            connection=connection,
            authorization_id=connection.authorization_id,
            deadline=order.ship_by,
        )
    hint("fulfillment.push")


def offered_declines(*, psp_id: int, order_id: int, reference: str) -> tuple[DeclineReason, ...]:
    """Ask the marketplace with which reasons a wish may be declined. Call outside any scope; raises ``CannotAnswer``."""
    with tenant(psp_id):
        order = Order.objects.select_related("store").get(pk=order_id)
        connection = Connection.objects.filter(store=order.store, authorization__isnull=False).select_related("authorization").first()
        if connection is None or connection.authorization is None:
            raise CannotAnswer(_("Nobody can ask the marketplace: this store is not connected. Connect it again first."))
        channel = able(channel_for(order.store.kind, account_of(connection.authorization)), AnswersWishes)
    try:
        return channel.decline_reasons(marketplace=order.store.place, wish=reference)
    except ChannelError as error:
        raise CannotAnswer(_("The marketplace did not say with which reasons the request can be declined: %(why)s") % {"why": error}) from None
