"""The door of the API: every request passes the same checks in the same order before its part of the imitation answers.

Host and headers, access token, quota, parameters, body, answer.
"""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stores.sandbox.amazon import feeds, listings, orders, product_types, publishing, reports, sellers, shipments
from stores.sandbox.amazon.answers import Answer, Refusal, denied, invalid, throttled
from stores.sandbox.amazon.operations import Call, Operation
from stores.sandbox.amazon.records import Seller
from stores.sandbox.amazon.strict import WrongHostError, check_body, check_headers, check_query
from stores.sandbox.amazon.throttle import rate_header
from stores.sandbox.amazon.world import World
from stores.sandbox.door import Incoming, Misbehaviour, Outgoing, Visit, serve

OPERATIONS: tuple[Operation, ...] = (
    *sellers.OPERATIONS,
    *orders.OPERATIONS,
    *shipments.OPERATIONS,
    *listings.OPERATIONS,
    *publishing.OPERATIONS,
    *product_types.OPERATIONS,
    *reports.OPERATIONS,
    *feeds.OPERATIONS,
)
PREFIXES = ("/orders/", "/listings/", "/reports/", "/feeds/", "/sellers/", "/definitions/")
BODY_LIMIT = 1_000_000  # [L] far above any body of these operations


def answer(world: World, incoming: Incoming) -> Outgoing | None:
    """Answer one API request; None when the address is not the API's."""
    if not urlsplit(incoming.target).path.startswith(PREFIXES):
        return None
    feeds.settle_due(world)
    publishing.settle_due(world)
    return serve(world, AmazonVisit(world, incoming))


class AmazonVisit(Visit):
    """One request on its way through Amazon's door."""

    def __init__(self, world: World, incoming: Incoming) -> None:
        super().__init__(world, incoming)
        self.world = world
        self.operation: Operation | None = None
        self.path: dict[str, str] = {}
        self.seller: Seller | None = None
        self.rate: float | None = None

    def checked(self) -> Outgoing:
        """Return the answer, or Amazon's refusal."""
        try:
            return self._send(self._checked())
        except WrongHostError as wrong:
            self.error = f"wrong host {wrong}"
            return self._json(403, {"message": "Forbidden"}, {"x-amzn-ErrorType": "ForbiddenException"})
        except Refusal as refusal:
            self.error = f"{refusal.code}: {refusal.message} {refusal.details}".strip()
            return self._json(refusal.status, refusal.body(), {"x-amzn-ErrorType": refusal.error_type})

    def _checked(self) -> Answer:
        incoming, world = self.incoming, self.world
        operation = self._find_operation()
        check_headers(incoming.headers, hostname=incoming.hostname, hosts=world.settings.hosts, method=incoming.method)
        seller = self._find_seller(incoming.headers.get("x-amz-access-token", ""))
        self.misbehave_early()
        self._take_token(operation, seller)
        if world.static_pairs is not None:
            answer: Answer = world.static_pairs.answer(operation, self.path, urlsplit(incoming.target).query, incoming.body)
            return answer
        query = parse_qs(urlsplit(incoming.target).query, keep_blank_values=True)
        call = Call(
            world,
            operation.name,
            seller,
            incoming.base_url,
            self.path,
            check_query(query, operation.params, operation=operation.name),
            self.strike,
        )
        if operation.fields:
            call.body = check_body(self._read_body(), operation.fields, operation=operation.name)
        elif incoming.body:
            raise invalid(f"{operation.name} takes no body.")
        if any(name in call.query for name in ("paginationToken", "pageToken")) and call.strike("second_page_fails") is not None:
            raise Refusal(500, "InternalFailure", "We encountered an internal error. Please try again.")
        return operation.answer(call)

    def _find_operation(self) -> Operation:
        segments = urlsplit(self.incoming.target).path.strip("/").split("/")
        fitting = [(operation, path) for operation in OPERATIONS if (path := operation.match(segments)) is not None]
        for operation, path in fitting:
            if operation.method == self.incoming.method:
                self.operation, self.path, self.operation_name = operation, path, operation.name
                return operation
        # [M] An address or method that is not in the API is answered by the gateway as a resource that nobody may use.
        raise denied(
            "The requested resource does not exist in this API." if not fitting else f"{self.incoming.method} is not an operation of this resource."
        )

    def _find_seller(self, token: str) -> Seller:
        if not token:
            raise denied("Access token is missing in the request header.")
        known = self.world.books.access_token(token)
        if known is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        seller_id, scope, expires = known
        if expires <= self.world.clock.epoch():
            raise denied("The access token you provided has expired.")
        if scope:
            raise denied("The access token is for grantless operations only.")
        seller = self.world.books.seller(seller_id)
        if seller is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        self.seller, self.seller_id = seller, seller.seller_id
        if self.strike("token_expired") is not None:
            self.world.books.expire_access_token(token, now=self.world.clock.epoch())
            raise denied("The access token you provided has expired.")
        return seller

    def misbehave_early(self) -> None:
        """Do what scenarios do before anything of the request counts."""
        super().misbehave_early()
        if self.strike("http_500") is not None:
            raise Refusal(500, "InternalFailure", "We encountered an internal error. Please try again.")
        if self.strike("message_403") is not None:
            raise Misbehaviour(
                "message 403",
                self._json(403, {"message": "User is not authorized to access this resource"}, {"x-amzn-ErrorType": "AccessDeniedException"}),
            )

    def _take_token(self, operation: Operation, seller: Seller) -> None:
        cut = self.strike("buckets_cut")
        verdict = self.world.throttle.ask(seller.seller_id, operation.name, cut=float(cut["share"]) if cut else 1.0)
        self.rate = verdict.rate
        if not verdict.granted or self.strike("throttled") is not None:
            raise throttled()

    def _read_body(self) -> Any:
        if len(self.incoming.body) > BODY_LIMIT:
            raise Refusal(413, "RequestTooLarge", "The request body is too large.", error_type="RequestTooLargeException")
        try:
            return json.loads(self.incoming.body.decode("utf-8"))
        except ValueError:
            raise invalid("The input you have submitted is not valid. The body is not JSON.") from None

    def _send(self, answer: Answer) -> Outgoing:
        if answer.status >= 400:
            self.error = json.dumps(answer.body)[:200]
        if answer.body is None:
            return Outgoing(answer.status, self._common(answer.headers), b"")
        return self._json(answer.status, answer.body, answer.headers)

    def _json(self, status: int, body: Any, headers: dict[str, str]) -> Outgoing:
        return Outgoing(status, {"Content-Type": "application/json", **self._common(headers)}, json.dumps(body, ensure_ascii=False).encode())

    def _common(self, headers: dict[str, str]) -> dict[str, str]:
        common = {"x-amzn-RequestId": self.request_id, "Date": formatdate(self.world.clock.epoch(), usegmt=True), **headers}
        if self.rate is not None:
            common["x-amzn-RateLimit-Limit"] = rate_header(self.rate)
        return common
