"""The table of API operations: which address, which parameters and scopes, which part of the imitation answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox import routes
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.fields import Field, fields
from stores.sandbox.tiktok.seller_records import Grant, Shop
from stores.sandbox.tiktok.world import World

# The code that each family of operations gives for a wrong parameter, where its reference lists one.
INVALID_CODES = {"product": 12052910, "fulfillment": 21001001, "order": 21001001, "return_refund": 25001001}


@dataclass(frozen=True, slots=True)
class File:
    """One part of a multipart body."""

    name: str
    filename: str
    content: bytes


@dataclass(slots=True)
class Call:
    """One checked request: who asks, for which shop, with typed parameters."""

    world: World
    operation: str
    grant: Grant
    base_url: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    strike: Callable[..., dict[str, Any] | None]  # ``Visit.strike``
    body: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    its_shop: Shop | None = None
    invalid_code: int = 36009004

    def invalid(self, sentence: str) -> Refusal:
        """Return the refusal of a wrong parameter, with the code that this family of operations has for it."""
        return Refusal(self.invalid_code, f"Invalid parameter: {sentence}.")

    @property
    def shop(self) -> Shop:
        """The shop that the cipher stands for; only operations with a cipher ask."""
        assert self.its_shop is not None, f"{self.operation} takes no shop_cipher"
        return self.its_shop

    @property
    def now(self) -> float:
        """The imitation's time."""
        return self.world.clock.epoch()


class Operation:
    """One row of the table. ``cipher``: whether a shop cipher must come (True), may come (None) or is refused (False)."""

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        answer: Callable[[Call], Any],
        *,
        scopes: tuple[str, ...],
        query: str = "",
        body: str | None = None,
        cipher: bool | None = True,
        multipart: bool = False,
        invalid_code: int = 0,
    ) -> None:
        self.name, self.method, self.path, self.answer = name, method, path, answer
        self.scopes, self.cipher, self.multipart = scopes, cipher, multipart
        self.query: tuple[Field, ...] = fields(query)
        self.body: tuple[Field, ...] | None = None if body is None else fields(body)
        self.family = path.split("/")[1]
        self.invalid_code = invalid_code or INVALID_CODES.get(self.family, 36009004)

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """Return the decoded path parameters if the raw path fits."""
        return routes.match(self.path, segments)
