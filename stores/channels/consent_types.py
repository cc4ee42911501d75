"""The part of the channel contract about permission: where a seller gives it, what comes back, and what it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from stores.channels.keeping import TokenPair


@dataclass(frozen=True, slots=True)
class Participation:
    """One marketplace the seller takes part in (or not), as the channel tells it.

    Where a seller has shops with numbers of their own, each is one of these: ``marketplace`` is then the shop's number, ``site`` the national
    site it sells on and ``key`` what the channel wants beside the number in every call.
    """

    marketplace: str
    country: str
    name: str
    participating: bool
    suspended: bool
    store_name: str = ""  # the seller's own name there
    site: str = ""
    key: str = field(default="", repr=False)
    seller_type: str = ""  # the channel's word
    why_not: str = ""  # why it cannot be used although the permission covers it, in a sentence


@dataclass(frozen=True, slots=True)
class Grant:
    """What a consent gave us. Both tokens are secrets: keep them sealed, never log them.

    ``pair`` is set where tokens are renewed in pairs and end when the channel says; ``account_proven`` where the channel itself named the
    account, so that what the browser said of it does not count.
    """

    account_id: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    access_expires_in_s: int
    account_name: str = ""
    account_proven: bool = False
    pair: TokenPair | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What came back with the browser from a consent page; all of it is what the browser says, so none of it is trusted yet.

    ``code`` is a secret for some minutes, and empty when the seller declined; ``error`` is the channel's word for it, if any.
    """

    state: str
    code: str = field(repr=False)
    account_id: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ConsentStart:
    """A consent that begins at the channel's own store of applications: where to answer, with which state of the channel's, and as whom.

    Some channels give the code at once, without a state that anybody here asked for. It is a secret, and of no use until a person who is signed
    in says for which store it is.
    """

    answer_to: str
    state: str
    account_id: str = ""
    code: str = field(default="", repr=False)


class Consent(Protocol):
    """Getting a seller's permission. One object per channel; no account yet."""

    def consent_url(self, *, marketplace: str, state: str) -> str:
        """Return the channel's address to send the browser to. ``state`` comes back with the answer."""

    def read_answer(self, query: Mapping[str, str]) -> ConsentAnswer:
        """Read the query with which the browser comes back; missing parameters are empty. Pure."""

    def read_start(self, query: Mapping[str, str]) -> ConsentStart:
        """Read the query with which a seller arrives who started at the channel. ``Refused`` unless the answer would go to the channel. Pure."""

    def answer_start(self, start: ConsentStart, *, state: str) -> str:
        """Return the channel's address to send that seller on to; again ``Refused`` for an address that is not the channel's."""

    def exchange(self, *, code: str, account_id: str, region: str) -> Grant:
        """Trade the code of a consent for tokens, once, within its five minutes; ``ReconnectNeeded`` when the code is used up or too old."""
