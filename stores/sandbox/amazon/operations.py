"""The table of API operations: which address, which parameters, which part of the imitation answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox import routes
from stores.sandbox.amazon.answers import Answer, denied, invalid
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.records import Seller
from stores.sandbox.amazon.strict import Field, Param
from stores.sandbox.amazon.world import World


@dataclass(slots=True)
class Call:
    """One checked request: who asks, for what, with typed parameters."""

    world: World
    operation: str
    seller: Seller
    base_url: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    strike: Callable[..., dict[str, Any] | None]  # ``Visit.strike``
    body: Mapping[str, Any] = field(default_factory=dict)

    def marketplaces(self, ids: list[str] | None) -> list[str]:
        """Check marketplace ids against the seller's account; without ids, return all of the account."""
        if ids is None:
            return self.seller.marketplace_ids
        for marketplace_id in ids:
            if marketplace_id not in MARKETPLACES:
                raise invalid("Invalid marketplaceIds provided.", details=f"{marketplace_id} is not a marketplace.")
            # [M] A marketplace outside the account or region is 403, not 400 (amazon.md §3, "wrong region, wrong seller").
            if marketplace_id not in self.seller.marketplace_ids or marketplace_id in self.seller.not_participating:
                raise denied(f"The seller does not take part in marketplace {marketplace_id}.")
        return ids


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table."""

    name: str
    method: str
    path: str
    answer: Callable[[Call], Answer]
    params: tuple[Param, ...] = ()
    fields: tuple[Field, ...] = ()

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """Return the decoded path parameters if the raw path fits."""
        return routes.match(self.path, segments)


ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")


def checked_order_id(text: str) -> str:
    """Return an order number in Amazon's 3-7-7 form, or raise the 400."""
    if not ORDER_ID.fullmatch(text):
        raise invalid("Invalid Input", details="The order id must be in 3-7-7 format.")
    return text
