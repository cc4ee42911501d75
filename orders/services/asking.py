"""Asking a marketplace for one order by its number, for numbers that no poll has brought: import it on the spot, or say why not (P2).

The channel is asked outside any transaction, like every call. What comes back takes the same road as a poll's page: a record first, then intake.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import structlog
from django.utils.translation import gettext as _

from orders.models import IntakeRecord, Order
from orders.services.ledger import printable, record_orders
from orders.services.take_in import take_in
from pod_hub.accounts.models import Psp
from pod_hub.core.crash_points import crash_point
from pod_hub.core.tenancy import scope_is_open, tenant
from stores.channels.errors import ChannelError, Misconfigured, NotFound, ReconnectNeeded, Refused
from stores.channels.registry import capabilities, channel_for
from stores.channels.types import Account
from stores.models import Authorization
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

MOST_ASKED = 20  # sellers of one PSP asked for one number; each costs one call
LONGEST_NUMBER = 80
TURNS = 5


class Asked(enum.StrEnum):
    """What became of a question."""

    IMPORTED = "imported"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"  # no marketplace that was asked knows the number
    NO_PERMISSION = "no_permission"
    TRY_LATER = "try_later"
    NOBODY_TO_ASK = "nobody_to_ask"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome in one word and in a sentence for people. ``order_public_id`` is set when the order is in the hub."""

    outcome: Asked
    words: str
    rule: str = ""
    order_public_id: str = ""
    asked: tuple[str, ...] = ()  # the accounts that were asked, as people know them


@dataclass(frozen=True, slots=True)
class _Seller:
    authorization_id: int
    name: str
    kind: str
    account: Account
    active: bool


def ask_for(order_number: str, psp: Psp) -> Answer:
    """Ask the marketplaces of a PSP for an order number and take in what comes back. Call outside any scope; costs one call a seller.

    Sellers whose numbers look different are not asked. The first marketplace that knows the number ends the search.
    """
    if scope_is_open():
        raise RuntimeError("ask_for() asks marketplaces and must be called outside tenant()")
    number = printable(order_number).strip()[:LONGEST_NUMBER]
    with tenant(psp.pk):
        sellers = _sellers(number)
    if not sellers:
        return Answer(Asked.NOBODY_TO_ASK, _("No connected store can hold order “%(n)s”, so nobody was asked. Check the number.") % {"n": number})
    lost: list[str] = []
    later: list[str] = []
    asked: list[str] = []
    for seller in sellers:
        if not seller.active:
            lost.append(seller.name)
            continue
        asked.append(seller.name)
        try:
            raw = channel_for(seller.kind, seller.account).fetch_order(number)
        except NotFound:
            continue
        except ReconnectNeeded as error:
            with tenant(psp.pk):
                permission_lost(Authorization.reread(seller.authorization_id), str(error))
            lost.append(seller.name)
            continue
        except (Refused, Misconfigured) as error:
            log.warning("asking_refused", authorization=seller.account.key, kind=type(error).__name__)
            later.append(f"{seller.name}: {error}")
            continue
        except ChannelError as error:
            later.append(f"{seller.name}: {error}")
            continue
        crash_point("ask.answered")
        with tenant(psp.pk):
            record_orders(authorization_id=seller.authorization_id, orders=[raw], road=IntakeRecord.Road.ASKED)
            crash_point("ask.recording")
        crash_point("ask.recorded")
        return _decided(psp, seller, raw.external_id or number, tuple(asked))
    return _not_found(number, tuple(asked), lost, later)


def _sellers(number: str) -> list[_Seller]:
    """Return the authorizations that could hold the number, working ones first."""
    rows = Authorization.objects.exclude(state=Authorization.State.REVOKED).select_related("customer").order_by("state", "pk")[: 2 * MOST_ASKED]
    return [
        _Seller(row.pk, f"{row.customer.name} ({row})", row.kind, account_of(row), row.state == Authorization.State.ACTIVE)
        for row in rows
        if capabilities(row.kind).may_be_order_number(number)
    ][:MOST_ASKED]


def _decided(psp: Psp, seller: _Seller, number: str, asked: tuple[str, ...]) -> Answer:
    """Run intake until the record is decided, and say how."""
    record = None
    for _turn in range(TURNS):
        # None: another worker is at it and may take our record along.
        take_in(authorization_id=seller.authorization_id, psp_id=psp.pk)
        with tenant(psp.pk):
            mine = IntakeRecord.objects.filter(authorization_id=seller.authorization_id, external_id=number)
            record = mine.exclude(verdict=IntakeRecord.Verdict.SUPERSEDED).select_related("order").order_by("-revision").first()
        if record is not None and (record.verdict != IntakeRecord.Verdict.PENDING or record.attempts):
            break
    if record is None or (record.verdict == IntakeRecord.Verdict.PENDING and not record.attempts):
        return Answer(
            Asked.TRY_LATER, _("%(seller)s knows the order. It is stored and will be read in a moment.") % {"seller": seller.name}, asked=asked
        )
    order: Order | None = record.order
    if record.verdict == IntakeRecord.Verdict.IMPORTED and order is not None:
        words = _("%(seller)s knows the order; it is in the hub. %(why)s") % {"seller": seller.name, "why": record.reason}
        return Answer(Asked.IMPORTED, words, record.rule, order.public_id, asked)
    if record.verdict == IntakeRecord.Verdict.SKIPPED:
        words = _("%(seller)s knows the order; it was not imported. %(why)s") % {"seller": seller.name, "why": record.reason}
        return Answer(Asked.SKIPPED, words, record.rule, asked=asked)
    words = _("%(seller)s knows the order, but its answer cannot be read. %(why)s") % {"seller": seller.name, "why": record.reason}
    return Answer(Asked.UNREADABLE, words, record.rule, asked=asked)


def _not_found(number: str, asked: tuple[str, ...], lost: list[str], later: list[str]) -> Answer:
    """Nobody gave the order: say so, and do not claim more than was learnt."""
    if later:
        words = _("Whether order %(n)s exists is not known, because a marketplace could not be asked. %(why)s Ask again in a few minutes.")
        return Answer(Asked.TRY_LATER, words % {"n": number, "why": " ".join(later)}, asked=asked)
    if lost:
        words = _("Order %(n)s may belong to %(who)s, whose permission is gone, so it could not be asked. Reconnect the store, then ask again.")
        return Answer(Asked.NO_PERMISSION, words % {"n": number, "who": ", ".join(lost)}, asked=asked)
    words = _("None of your marketplace accounts knows order %(n)s (asked: %(who)s). Compare the number with the marketplace's own page.")
    return Answer(Asked.UNKNOWN, words % {"n": number, "who": ", ".join(asked)}, asked=asked)
