"""The consent pages: somebody logs in, reviews what the app may do, and allows or declines (tiktok.md §2).

Allowing returns to the app's redirect URL with ``code`` and the ``state`` that came; started from TikTok's store of apps, no ``state`` came and none
goes back. Declining returns ``code=null&error=auth_denied``.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from stores.sandbox.tiktok import tokens
from stores.sandbox.tiktok.seller_records import Account
from stores.sandbox.tiktok.world import World

# What each scope lets an app do, in words for the page.
SCOPES_IN_WORDS = {
    "seller.authorization.info": "see which shops you have authorized",
    "seller.shop.info": "see your shops and their regions",
    "seller.product.basic": "read your products, and list or delist them",
    "seller.product.write": "create and change products, prices and stock",
    "seller.product.delete": "delete products",
    "seller.order.info": "read your orders, with buyers' names and addresses",
    "seller.fulfillment.basic": "ship orders and read packages and labels",
    "seller.fulfillment.package.write": "split orders and schedule pick-ups",
    "seller.logistics": "read warehouses, delivery options and tracking, and correct tracking numbers",
    "seller.return_refund.basic": "cancel orders, and answer cancellations and returns",
}


class ConsentRefused(Exception):
    """The page shows an error instead of asking."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(text)
        self.title, self.text = title, text


def checked(world: World, *, service_id: str) -> None:
    """Check a consent address, or raise ``ConsentRefused``."""
    if service_id != world.application.service_id:
        raise ConsentRefused(
            "The service does not exist",
            f"No app has the service_id {service_id or '(none given)'}. Copy the authorization link from Partner Center.",
        )
    if not world.application.redirect_uri:
        raise ConsentRefused("The app has no redirect URL", "Set the redirect URL in the app's Partner Center settings.")


def allowed(world: World, account: Account, *, state: str, duration: str) -> str:
    """Return where to send the browser after "Allow access"."""
    withheld = world.scenarios.strike("scope_withheld", operation="consent", seller_id="")
    scopes = tuple(scope for scope in world.application.scopes if withheld is None or scope != withheld["scope"])
    grant = tokens.consent(world, account.open_id, duration=duration, scopes=scopes)
    return _back(world, app_key=world.application.app_key, code=tokens.code_for(world, grant), locale="en", shop_region=account.region, state=state)


def declined(world: World, *, state: str) -> str:
    """Return where to send the browser after "Decline"."""
    return _back(world, code="null", error=world.settings.denied_error, state=state)


def _back(world: World, **values: str) -> str:
    split = urlsplit(world.application.redirect_uri)
    given = [(name, value) for name, value in values.items() if value]
    return urlunsplit(split._replace(query=urlencode([*parse_qsl(split.query), *given])))
