"""Seller Central's consent page: a seller reads what the application may do, and confirms or declines.

Confirming returns to the redirect address with ``state``, ``selling_partner_id`` and ``spapi_oauth_code`` (amazon.md §2).
[L] What Amazon sends when a seller declines is not documented: we return with ``state`` alone, so a hub sees the absence of a code.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from stores.sandbox.amazon.lwa import consent_code
from stores.sandbox.amazon.world import World

# Where the application's login address stands in the hub (amazon.md §2, "Started from Amazon's Appstore").
LOGIN_PATH = "/stores/connect/amazon/start/"


class ConsentRefused(Exception):
    """Seller Central shows an error page instead. ``code`` is Amazon's (MD1000, MD5101)."""

    def __init__(self, code: str, title: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.title, self.text = code, title, text


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A consent that may be shown: everything checked."""

    state: str
    redirect_uri: str


def checked(world: World, *, application_id: str, state: str, redirect_uri: str, version: str) -> ConsentRequest:
    """Check the parameters of a consent address, or raise ``ConsentRefused``."""
    application = world.application
    if application_id != application.application_id or (application.draft and version != "beta"):
        raise ConsentRefused(
            "MD1000",
            "The application cannot be authorised.",
            f"There is no published application {application_id or '(none given)'}. A draft needs version=beta in the address.",
        )
    if not application.redirect_uris or (redirect_uri and redirect_uri not in application.redirect_uris):
        raise ConsentRefused(
            "MD5101",
            "The redirect address is not registered.",
            f"{redirect_uri or '(none given)'} is not one of the application's redirect addresses. Register it with the application, or correct it.",
        )
    if not state:
        raise ConsentRefused(
            "MD1000", "The state is missing.", "The address has no state parameter, so the answer could not be told from a forged one."
        )
    return ConsentRequest(state, redirect_uri or application.redirect_uris[0])


def confirmed(world: World, request: ConsentRequest, *, seller_id: str) -> str:
    """Return where to send the browser after "Confirm"."""
    code = consent_code(world, seller_id=seller_id, redirect_uri=request.redirect_uri)
    return _with(request.redirect_uri, state=request.state, selling_partner_id=seller_id, spapi_oauth_code=code)


def declined(request: ConsentRequest) -> str:
    """Return where to send the browser after "Decline"."""
    return _with(request.redirect_uri, state=request.state)


def started(world: World, *, seller_id: str, base: str) -> str:
    """Return the application's login address for a seller who begins in Amazon's store of applications; its state works once."""
    state = secrets.token_urlsafe(24)
    world.books.set_fact(f"start:{state}", seller_id)
    callback = f"{base.rstrip('/')}/apps/authorize/confirm/{world.application.application_id}"
    return _with(f"{world.hub_url}{LOGIN_PATH}", amazon_callback_uri=callback, amazon_state=state, selling_partner_id=seller_id)


def answered_start(world: World, *, application_id: str, given: Mapping[str, str]) -> str:
    """Take the application's answer to ``started`` and return where the browser goes with the code; or raise ``ConsentRefused``."""
    asked = checked(
        world,
        application_id=application_id,
        state=given.get("state", ""),
        redirect_uri=given.get("redirect_uri", ""),
        version=given.get("version", ""),
    )
    fact = f"start:{given.get('amazon_state', '')}"
    with world.books.transaction():
        seller_id = world.books.fact(fact)
        world.books.set_fact(fact, "")
    if not seller_id:
        raise ConsentRefused(
            "MD1000", "The state is not known.", "amazon_state was not given by Seller Central, or it was used already. Start again."
        )
    return confirmed(world, asked, seller_id=seller_id)


def _with(address: str, **values: str) -> str:
    split = urlsplit(address)
    return urlunsplit(split._replace(query=urlencode([*parse_qsl(split.query), *values.items()])))
