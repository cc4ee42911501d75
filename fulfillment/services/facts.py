"""The facts that a push may be about: each says how it is told to a channel, and how the channel shows it back.

A fact is read from its push in one scope and lives without the database afterwards: ``tell`` and ``look`` ask the channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from fulfillment.models import Package, Push
from orders.models import Hold, HoldKind, Order
from stores.channels.abilities import AnswersWishes, CancelsDirectly, able
from stores.channels.contract import Channel
from stores.channels.registry import capabilities
from stores.channels.telling_types import CancelNotice, CancelReason, PackageNotice, Receipt, WishAnswer
from stores.channels.types import SeenPackage
from stores.models import CarrierMapping


@dataclass(frozen=True, slots=True)
class Shown:
    """What the channel shows of a fact: its ``proof``, or None with ``words`` that say what it shows instead."""

    proof: dict[str, Any] | None
    words: str = ""
    package_id: str = ""


class Fact(Protocol):
    """One fact that is told and read back."""

    @property
    def external_id(self) -> str:
        """The order it is about."""

    def tell(self, channel: Channel) -> Receipt:
        """Tell it; repeating it is harmless."""

    def look(self, channel: Channel) -> Shown:
        """Look whether the channel shows it."""

    def confirmed(self) -> str:
        """Say that the channel shows it."""

    def refused(self, why: object) -> str:
        """Say that the channel refused it."""


def fact_of(push: Push) -> Fact:
    """Read the fact of a push, inside the tenant's scope."""
    if push.kind == Push.Kind.PACKAGE_SHIPPED:
        package = Package.objects.select_related("order__store").prefetch_related("items__line").get(push=push)
        return PackageLeft(notice_of(package), capabilities(package.order.store.kind).keeps_package_references)
    order = Order.objects.select_related("store").get(pk=push.order_id)
    if push.kind == Push.Kind.ORDER_CANCELLED:
        lines, place = tuple(push.line_numbers), order.store.place
        return LinesCancelled(CancelNotice(str(push.pk), order.external_id, lines, CancelReason(push.reason), place, order.marketplace))
    answer = WishAnswer(push.wish, order.external_id, order.store.place, push.public_id, push.decline_reason)
    return WishAnswered(answer, agreed=push.kind == Push.Kind.WISH_AGREED)


def notice_of(package: Package) -> PackageNotice:
    """Return what the channel is told of a package; the same for every try."""
    order = package.order
    mapped = ""
    if capabilities(order.store.kind).lists_carriers:
        name = package.carrier_name or package.carrier_code
        mapped = CarrierMapping.objects.filter(store=order.store, carrier__iexact=name).values_list("option_id", flat=True).first() or ""
    return PackageNotice(
        external_id=order.external_id,
        marketplace=order.store.place,
        reference=str(package.number),
        carrier_code=package.carrier_code,
        carrier_name=package.carrier_name,
        shipping_method=package.shipping_method,
        tracking_number=package.tracking_number,
        shipped_at=package.shipped_at,
        placed_at=order.placed_at,
        quantities={item.line.external_line_id: item.quantity for item in package.items.all()},
        carrier_id=mapped,
        declines_request=capabilities(order.store.kind).answers_wishes and _was_declined(order),
        package_id=package.channel_id if package.corrected_at else "",
    )


def _was_declined(order: Order) -> bool:
    """Whether a person decided to ship in spite of a wish to cancel, and no other wish came since."""
    wishes = Hold.objects.filter(order=order, kind=HoldKind.CANCEL_REQUEST)
    return wishes.filter(declined_at__isnull=False).exists() and not wishes.filter(released_at=None).exists()


@dataclass(frozen=True, slots=True)
class PackageLeft:
    """A package left. ``by_reference``: the channel shows it under our number; elsewhere it is recognised by its tracking number and contents."""

    notice: PackageNotice
    by_reference: bool

    @property
    def external_id(self) -> str:
        """The order it is about."""
        return self.notice.external_id

    def tell(self, channel: Channel) -> Receipt:
        """Tell it."""
        return channel.confirm_package(self.notice)

    def look(self, channel: Channel) -> Shown:
        """Look for the package among those the channel knows."""
        seen = channel.packages(self.notice.external_id, marketplace=self.notice.marketplace)
        if self.by_reference:
            mine = next((package for package in seen if package.reference == self.notice.reference), None)
        else:
            mine = next((package for package in seen if matches(package, self.notice)), None)
        if mine is not None and matches(mine, self.notice):
            return Shown(proof_of(mine), package_id=mine.package_id)
        return Shown(None, difference(mine, self.notice))

    def confirmed(self) -> str:
        """Say that the channel shows it."""
        return _("The marketplace shows package %(n)s.") % {"n": self.notice.reference}

    def refused(self, why: object) -> str:
        """Say that the channel refused it."""
        return _("The marketplace refused package %(n)s: %(why)s") % {"n": self.notice.reference, "why": why}


@dataclass(frozen=True, slots=True)
class LinesCancelled:
    """Lines were cancelled, at channels that are told directly."""

    notice: CancelNotice

    @property
    def external_id(self) -> str:
        """The order it is about."""
        return self.notice.external_id

    def tell(self, channel: Channel) -> Receipt:
        """Tell it."""
        return able(channel, CancelsDirectly).cancel(self.notice)

    def look(self, channel: Channel) -> Shown:
        """Look whether the channel shows every one of the lines as cancelled."""
        return _cancelled(channel, self.notice.external_id, self.notice.marketplace, self.notice.lines)

    def confirmed(self) -> str:
        """Say that the channel shows it."""
        return _("The marketplace shows the cancellation.")

    def refused(self, why: object) -> str:
        """Say that the channel refused it."""
        return _("The cancellation was not taken: %(why)s") % {"why": why}


def _cancelled(channel: Channel, external_id: str, marketplace: str, lines: tuple[str, ...]) -> Shown:
    shown = channel.cancelled_lines(external_id, marketplace=marketplace)
    if shown >= set(lines):
        return Shown({"cancelled": sorted(lines)})
    return Shown(None, _("The marketplace took the cancellation in but does not show it yet. Look at the order there if this stays."))


@dataclass(frozen=True, slots=True)
class WishAnswered:
    """A buyer's wish to cancel was answered."""

    answer: WishAnswer
    agreed: bool

    @property
    def external_id(self) -> str:
        """The order it is about."""
        return self.answer.external_id

    def tell(self, channel: Channel) -> Receipt:
        """Give the answer."""
        desk = able(channel, AnswersWishes)
        return desk.agree_to_cancel(self.answer) if self.agreed else desk.decline_to_cancel(self.answer)

    def look(self, channel: Channel) -> Shown:
        """Look whether the wish still waits for an answer."""
        waiting = able(channel, AnswersWishes).pending_wishes(self.answer.external_id, marketplace=self.answer.marketplace)
        if self.answer.wish not in waiting:
            return Shown({"answered": self.answer.wish})
        return Shown(None, _("The marketplace still shows the buyer's request as unanswered."))

    def confirmed(self) -> str:
        """Say that the channel shows it."""
        return _("The marketplace shows the buyer's request as answered.")

    def refused(self, why: object) -> str:
        """Say that the channel refused it."""
        return _("The answer to the buyer's request was not taken: %(why)s") % {"why": why}


def matches(seen: SeenPackage, notice: PackageNotice) -> bool:
    """Return whether the channel shows the package with its tracking number, carrier and quantities."""
    same_tracking = seen.tracking_number.replace(" ", "").upper() == notice.tracking_number
    return same_tracking and bool(seen.carrier) and (not seen.quantities or dict(seen.quantities) == dict(notice.quantities))


def difference(seen: SeenPackage | None, notice: PackageNotice) -> str:
    """Say what the channel shows instead of our package."""
    if seen is None:
        return _("The marketplace accepted package %(n)s but does not show it yet. Look at the order there if this stays.") % {"n": notice.reference}
    if not seen.carrier:
        return _("The marketplace shows the package without a carrier, so it dropped ours. Correct the carrier there.")
    return _("The marketplace shows other facts for package %(n)s (tracking “%(t)s”). Compare it there.") % {
        "n": notice.reference,
        "t": seen.tracking_number,
    }


def proof_of(seen: SeenPackage) -> dict[str, Any]:
    """Return the read-back as it is kept: no buyer data, just the package."""
    return {
        "reference": seen.reference,
        "carrier": seen.carrier,
        "tracking_number": seen.tracking_number,
        "shipped_at": seen.shipped_at.isoformat() if seen.shipped_at else None,
        "quantities": dict(seen.quantities),
        "status": seen.status,
    }
