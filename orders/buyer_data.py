"""The buyer's personal data as one value: sealed into ``BuyerData``, opened where a page or a label needs it, never logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orders.models import BuyerData, Order
from pod_hub.core.sealing import sealed_field, search_hash
from stores.channels.types import Address, IncomingOrder


@dataclass(frozen=True, slots=True)
class Gift:
    """The gift wishes of one line."""

    message: str = ""
    wrap: str = ""


@dataclass(frozen=True, slots=True)
class BuyerDetails:
    """Who bought, where it goes, and what they wrote. ``gifts`` is keyed by the channel's line number. Shown, printed, then purged.

    ``told_address`` is what the channel told when ``address`` was changed here by hand; None while the two are the same.
    """

    name: str = ""
    email: str = ""
    address: Address | None = None
    gifts: dict[str, Gift] = field(default_factory=dict)
    told_address: Address | None = None
    message: str = ""

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> BuyerDetails:
        """Rebuild from the sealed form, which is this class as orjson writes it."""
        address, told = stored.get("address"), stored.get("told_address")
        return cls(
            name=stored["name"],
            email=stored["email"],
            address=Address(**{**address, "lines": tuple(address["lines"])}) if address else None,
            gifts={line: Gift(**gift) for line, gift in stored.get("gifts", {}).items()},
            told_address=Address(**{**told, "lines": tuple(told["lines"])}) if told else None,
            message=stored.get("message", ""),
        )

    @classmethod
    def of_incoming(cls, incoming: IncomingOrder) -> BuyerDetails:
        """Take the personal part out of an incoming order."""
        return cls(
            name=incoming.buyer.name,
            email=incoming.buyer.email,
            address=incoming.ship_to,
            message=incoming.buyer.message,
            gifts={line.external_line_id: Gift(line.gift_message, line.gift_wrap) for line in incoming.lines if line.gift_message or line.gift_wrap},
        )

    def hashes(self, psp_id: int) -> tuple[str, str, str]:
        """Return the search hashes of postcode, e-mail and surname."""
        name = self.address.name if self.address else self.name
        surname = name.split()[-1] if name.split() else ""
        return (
            search_hash(self.address.postcode if self.address else "", kind="postcode", psp_id=psp_id),
            search_hash(self.email, kind="email", psp_id=psp_id),
            search_hash(surname, kind="surname", psp_id=psp_id),
        )


def buyer_of(order: Order) -> BuyerDetails | None:
    """Return the buyer of an order, or None once the data was purged."""
    row = BuyerData.objects.filter(order=order).first()
    return None if row is None else opened(row)


def opened(row: BuyerData) -> BuyerDetails | None:
    """Open one row; None when it was purged."""
    stored = sealed_field(BuyerData, "sealed").open_from(row)
    return None if stored is None else BuyerDetails.from_dict(stored)


def write_buyer(row: BuyerData, details: BuyerDetails) -> None:
    """Seal the details into the row with their search hashes, and save it."""
    sealed_field(BuyerData, "sealed").seal_into(row, details)
    row.postcode_hash, row.email_hash, row.surname_hash = details.hashes(row.psp_id)
    row.save()
