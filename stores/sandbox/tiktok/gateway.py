"""The door of the Open API: every request passes the same checks in the same order before its part of the imitation answers.

Path and method, app and timestamp, signature over the bytes sent, access token, scope, shop cipher, quota, parameters, body. [L] The order is ours.
"""

from __future__ import annotations

import email.message
import email.policy
import hmac
import json
import math
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from stores.sandbox.door import Incoming, Misbehaviour, Outgoing, Visit, serve
from stores.sandbox.tiktok import (
    cancellation_api,
    categories,
    due,
    images,
    labels,
    orders,
    packages,
    personalisation,
    product_edits,
    product_updates,
    products,
    return_api,
    shipping,
    shops,
    signing,
    webhook_settings,
)
from stores.sandbox.tiktok.answers import Refusal, envelope, unexpected
from stores.sandbox.tiktok.fields import check_body, check_query
from stores.sandbox.tiktok.operations import Call, File, Operation
from stores.sandbox.tiktok.seller_records import Grant, Shop
from stores.sandbox.tiktok.world import World

OPERATIONS: tuple[Operation, ...] = (
    *shops.OPERATIONS,
    *categories.OPERATIONS,
    *images.OPERATIONS,
    *products.OPERATIONS,
    *product_edits.OPERATIONS,
    *product_updates.OPERATIONS,
    *orders.OPERATIONS,
    *personalisation.OPERATIONS,
    *shipping.OPERATIONS,
    *labels.OPERATIONS,
    *packages.OPERATIONS,
    *cancellation_api.OPERATIONS,
    *return_api.OPERATIONS,
    *webhook_settings.OPERATIONS,
)
FAMILIES = "authorization|event|fulfillment|logistics|order|product|return_refund|seller"
API_PATH = re.compile(rf"/(?:{FAMILIES})/(\d{{6}})/")
COMMON_PARAMETERS = ("app_key", "timestamp", "sign", "shop_cipher", "access_token")
# tiktok.md §3: accepted from five minutes in the past to thirty seconds in the future.
OLDEST_S, YOUNGEST_S = 300, 30
BODY_LIMIT = 1_000_000  # [L] of JSON bodies; files have limits of their own


def answer(world: World, incoming: Incoming) -> Outgoing | None:
    """Answer one API request; None when the address is not the API's."""
    if not API_PATH.match(urlsplit(incoming.target).path):
        return None
    due.settle(world)
    return serve(world, TikTokVisit(world, incoming))


class TikTokVisit(Visit):
    """One request on its way through the door."""

    def __init__(self, world: World, incoming: Incoming) -> None:
        super().__init__(world, incoming)
        self.world = world
        self.request_id = time.strftime("%Y%m%d%H%M%S", time.gmtime(world.clock.epoch())) + self.request_id.replace("-", "")[:18].upper()
        self.parameters = parse_qs(urlsplit(incoming.target).query, keep_blank_values=True)

    def checked(self) -> Outgoing:
        """Return the answer, or TikTok's refusal."""
        try:
            data = self._answer()
        except Refusal as refusal:
            self.error = str(refusal)
            return self._refused(refusal)
        return self._json(200, envelope(code=0, message="Success", data=data, request_id=self.request_id))

    def _refused(self, refusal: Refusal) -> Outgoing:
        body = envelope(code=refusal.code, message=refusal.message, data=None, request_id=self.request_id)
        status = 200 if self.world.settings.errors_as_200 else refusal.status
        headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
        return self._json(status, body, headers)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> Outgoing:
        return Outgoing(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body, ensure_ascii=False).encode())

    def _answer(self) -> Any:
        operation, path = self._find_operation()
        self.operation_name = operation.name
        self._check_signature()
        grant = self._find_grant(self.incoming.headers.get("x-tts-access-token", ""))
        self.seller_id = grant.open_id
        if not set(operation.scopes) & set(grant.scopes):
            raise Refusal(105005)
        shop = self._find_shop(operation, grant)
        if shop is not None:
            self.seller_id = shop.shop_id
        self._expire_if_asked()
        self.misbehave_early()
        self._take_token(operation)
        call = Call(
            self.world,
            operation.name,
            grant,
            self.incoming.base_url,
            path,
            self._query(operation),
            self.strike,
            its_shop=shop,
            invalid_code=operation.invalid_code,
        )
        self._read_body(operation, call)
        if "page_token" in call.query and self.strike("second_page_fails") is not None:
            raise Refusal(36009003)
        return operation.answer(call)

    # --- who and what --------------------------------------------------------------------------------------------------
    def _find_operation(self) -> tuple[Operation, dict[str, str]]:
        path = urlsplit(self.incoming.target).path
        segments = path.strip("/").split("/")
        fitting = [(operation, found) for operation in OPERATIONS if (found := operation.match(segments)) is not None]
        for operation, found in sorted(fitting, key=lambda row: len(row[1])):  # a literal address beats one with a parameter
            if operation.method == self.incoming.method:
                return operation, found
        if fitting:
            raise Refusal(36009010)
        version = segments[1]
        newer = [operation for operation in OPERATIONS if operation.match([segments[0], _version(operation), *segments[2:]]) is not None]
        # [L] We call older versions than the ones we speak retired; whether TikTok has retired them is not published.
        raise Refusal(36009014 if any(version < _version(operation) for operation in newer) else 36009009)

    def _check_signature(self) -> None:
        world, incoming = self.world, self.incoming
        split = urlsplit(incoming.target)
        given = {name: values[0] for name, values in self.parameters.items()}
        for name in ("app_key", "timestamp", "sign"):
            if not given.get(name):
                raise Refusal(36009004, f"Invalid parameter: {name} is missing.")
        if given["app_key"] != world.application.app_key:
            raise Refusal(36009004, "Invalid parameter: app_key.")
        self._check_timestamp(given["timestamp"])
        content_type = incoming.headers.get("content-type")
        bodies = [incoming.body]
        if incoming.body == b"{}":
            bodies.append(b"")  # tiktok.md §3: TikTok's own SDKs disagree whether an empty object is signed
        pairs = parse_qsl(split.query, keep_blank_values=True)
        for body in bodies:
            right = signing.signature(secret=world.application.app_secret, path=split.path, query=pairs, content_type=content_type, body=body)
            if hmac.compare_digest(right.encode(), given["sign"].encode()):
                return
        raise Refusal(106001)

    def _check_timestamp(self, text: str) -> None:
        """Hold the timestamp against the wall clock, because the caller's runs with it: the imitation's own may have been set."""
        skewed = self.strike("clock_skewed")
        now = time.time() + (float(skewed["seconds"]) if skewed else 0)
        if not re.fullmatch(r"\d{1,12}", text) or not now - OLDEST_S <= int(text) <= now + YOUNGEST_S:
            raise Refusal(36009004, "Invalid parameter: timestamp is out of range.")

    def _find_grant(self, token: str) -> Grant:
        if not token:
            raise Refusal(36009004, "Invalid parameter: x-tts-access-token is missing.")
        known = self.world.books.access_token(token)
        if known is None:
            raise Refusal(36009004, "Invalid parameter: the access token is invalid.")
        grant, expires = known
        # [L] A withdrawn permission looks like an expired token; the refresh then tells that no authorization is left.
        if grant.revoked is not None or expires <= self.world.clock.epoch():
            raise Refusal(105002)
        return grant

    def _find_shop(self, operation: Operation, grant: Grant) -> Shop | None:
        cipher = self.parameters.get("shop_cipher", [""])[0]
        if operation.cipher is False:
            if "shop_cipher" in self.parameters:
                raise unexpected("shop_cipher")
            return None
        if not cipher:
            if operation.cipher is None:
                return None
            raise Refusal(106013)
        shop = self.world.books.shop_with_cipher(cipher)
        if shop is None or shop.open_id != grant.open_id:
            raise Refusal(101000)
        return shop

    # --- what scenarios do ---------------------------------------------------------------------------------------------
    def _expire_if_asked(self) -> None:
        if self.strike("token_expired") is not None:
            self.world.books.expire_access_token(self.incoming.headers["x-tts-access-token"], now=self.world.clock.epoch())
            raise Refusal(105002)

    def misbehave_early(self) -> None:
        """Do what scenarios do before anything of the request counts."""
        super().misbehave_early()
        if self.strike("internal_error") is not None:
            raise Refusal(36009003)
        if self.strike("timed_out") is not None:
            raise Refusal(36009007)
        if self.strike("ip_refused") is not None:
            raise Refusal(36009033)
        if self.strike("overloaded_503") is not None:
            raise Misbehaviour("503", Outgoing(503, {"Content-Type": "text/plain"}, b"upstream connect error or disconnect/reset before headers"))

    def _take_token(self, operation: Operation) -> None:
        cut = self.strike("buckets_cut")
        verdict = self.world.throttle.ask(self.seller_id, operation.name, cut=float(cut["share"]) if cut else 1.0)
        throttled = self.strike("throttled")
        if not verdict.granted or throttled is not None:
            raise Refusal(36009002, retry_after_s=max(1, math.ceil(verdict.wait_s)))

    # --- parameters and body -------------------------------------------------------------------------------------------
    def _complaints(self, operation: Operation) -> tuple[Callable[[str], Refusal], Callable[[str], Refusal]]:
        def complain(sentence: str) -> Refusal:
            return Refusal(operation.invalid_code, f"Invalid parameter: {sentence}.")

        return complain, unexpected

    def _query(self, operation: Operation) -> dict[str, Any]:
        own = {name: values for name, values in self.parameters.items() if name not in COMMON_PARAMETERS}
        complain, unknown = self._complaints(operation)
        return check_query(own, operation.query, complain=complain, unknown=unknown)

    def _read_body(self, operation: Operation, call: Call) -> None:
        kind = self.incoming.headers.get("content-type", "")
        complain, unknown = self._complaints(operation)
        if operation.multipart:
            if not kind.lower().startswith("multipart/form-data"):
                raise Refusal(36009023)
            given, call.files = _parts(kind, self.incoming.body)
        elif operation.body is None:
            if self.incoming.body not in (b"", b"{}"):
                raise complain("this operation takes no body")
            return
        else:
            given = self._json_body(kind, complain)
        known = operation.body or ()
        call.body = check_body(given, known, complain=complain, unknown=unknown)

    def _json_body(self, kind: str, complain: Callable[[str], Refusal]) -> Any:
        if not self.incoming.body:
            return {}
        if kind.split(";")[0].strip().lower() != "application/json":
            raise Refusal(36009004, "Invalid parameter: content-type must be application/json.")
        if len(self.incoming.body) > BODY_LIMIT:
            raise complain("the body is too large")
        try:
            return json.loads(self.incoming.body.decode("utf-8"))
        except ValueError:
            raise complain("the body is not JSON") from None


def _version(operation: Operation) -> str:
    return operation.path.split("/")[2]


def _parts(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, File]]:
    """Return the fields and files of a multipart body."""
    parsed = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    fields: dict[str, str] = {}
    files: dict[str, File] = {}
    for part in parsed.iter_parts():
        if not isinstance(part, email.message.EmailMessage):
            continue
        name = str(part.get_param("name", "", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files[name] = File(name, str(part.get_filename()), content)
    return fields, files
