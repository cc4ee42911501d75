"""Everything one running imitation TikTok Shop consists of, handed to each part that needs it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox import world
from stores.sandbox.ledger import WriteEntry
from stores.sandbox.throttle import Plan
from stores.sandbox.tiktok.books import Books

# Published durations in seconds; the clock's factor shortens each.
ACCESS_TOKEN_S = 7 * 86_400
CODE_S = 30 * 60
AUDIT_S = 10 * 60  # [L] real audits take from minutes to days
HOLD_S = 3600  # one hour of remorse after payment (tiktok.md §6)
COLLECT_AFTER_S, DELIVER_AFTER_S, COMPLETE_AFTER_S = 86_400, 3 * 86_400, 7 * 86_400  # [L] see parcels.py
TRACKING_UPDATE_S = 72 * 3600  # tiktok.md §7
LABEL_READY_S = 60  # [L] a label is drawn within some minutes
ANSWER_S = 48 * 3600  # a request nobody answers is granted (tiktok.md §8)
REFUND_S = 600  # [L] from the grant to the refund
RETURN_WITHIN_S = 5 * 86_400  # [L] in which a buyer sends a return off
DOCUMENT_URL_S = 86_400
PAY_WITHIN_S = 86_400  # [L] after which an unpaid order is cancelled
# How long a seller may let an authorization live: the choices of the consent page (tiktok.md §2: one year and far-future values were seen).
DURATIONS_S = {"1-year": 365 * 86_400, "90-days": 90 * 86_400, "unlimited": 0}
UNLIMITED_UNTIL = 4_102_444_800  # [L] 2100-01-01: some far-future value
ALL_SCOPES = (
    "seller.authorization.info", "seller.shop.info", "seller.product.basic", "seller.product.write", "seller.product.delete", "seller.order.info",
    "seller.fulfillment.basic", "seller.fulfillment.package.write", "seller.logistics", "seller.return_refund.basic",
)  # fmt: skip

PUBLISHED_RATE = Plan(50, 50)  # tiktok.md §4: 50 requests a second, counted per app, shop and API; the burst is [L]


@dataclass(slots=True)
class Application:
    """The one app that this TikTok Shop knows: the hub. Redirect URL, scopes and webhook address stand in its Partner Center settings."""

    app_key: str = "6hub4demo2pod"
    app_secret: str = "0d1e3m0a5p7p9s2e4c6r8e0t1f3o5r7h9u2b4i6m"  # noqa: S105 - a toy's secret, published on purpose
    service_id: str = "7400000000000000001"
    name: str = "Order hub for print providers"
    redirect_uri: str = ""
    webhook_url: str = ""  # where every event goes unless a shop has an address of its own; empty: nowhere
    scopes: tuple[str, ...] = ALL_SCOPES


@dataclass(slots=True)
class Settings:
    """What a test or a person may change while the imitation runs."""

    rate: Plan = PUBLISHED_RATE
    rates: dict[str, Plan] = field(default_factory=dict)  # "single APIs may have lower quotas"
    denied_error: str = "auth_denied"  # another official page says access_denied
    old_refresh_tokens_work: bool = False  # [L] whether a used refresh token keeps working is not published
    mask_before_shipment: bool = False  # official: no address in UNPAID and ON_HOLD; another source: a masked one
    mask_tiktok_shipping: bool = True  # official: masked where TikTok ships; another source: not in the US
    refuse_odd_tracking: bool = False  # [L] a number that does not fit its carrier: accepted with a warning, or refused (both are documented)
    us_rejects_by_call: bool = False  # tiktok.md §8: in the US one rejects by shipping
    errors_as_200: bool = False  # [L] which HTTP status goes with which code is not published


@dataclass(slots=True, kw_only=True)
class World(world.World):
    """One imitation TikTok Shop."""

    books: Books
    application: Application
    settings: Settings = field(default_factory=Settings)
    settling: threading.Lock = field(default_factory=threading.Lock)  # one settles what is due …
    carrying: threading.Lock = field(default_factory=threading.Lock)  # … and one carries webhooks at a time

    def note(self, shop_id: str, kind: str, doc: Mapping[str, Any], *, at: float, effect: str = "done", order_id: str = "") -> None:
        """Write an accepted write, or something that happened, into the ledger."""
        self.books.note_write(WriteEntry(at, kind, effect, shop_id, order_id, doc))
