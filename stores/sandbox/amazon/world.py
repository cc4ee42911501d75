"""Everything one running imitation consists of, handed to each part that needs it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stores.sandbox.amazon.books import Books
from stores.sandbox.amazon.clock import Clock
from stores.sandbox.amazon.scenarios import Scenarios
from stores.sandbox.amazon.throttle import Throttle

# Published durations in seconds; the clock's factor shortens each.
DATA_LAG_S = 120  # quality.md finding 2: "systematic delay"
ACCESS_TOKEN_S = 3600
CONSENT_CODE_S = 300
PAGE_TOKEN_S = 86_400  # orders model, "The token will expire after 24 hours"
REPORT_QUEUED_S = 30  # [L] seconds in a queue …
REPORT_RUNNING_S = 60  # [L] … and at work; real reports take from seconds to an hour
REPORT_URL_S = 300
FEED_QUEUED_S = 30  # [L] feeds of one order are usually through within minutes
FEED_RUNNING_S = 60
FEED_URL_S = 300  # feeds model: "This URL expires after 5 minutes"
CUSTOMIZATION_URL_S = 86_400  # [L] amazon.md only says that the URL expires


@dataclass(slots=True)
class Application:
    """The one developer application that this Amazon knows: the hub."""

    application_id: str = "amzn1.sp.solution.demo"
    client_id: str = "amzn1.application-oa2-client.demo"
    client_secret: str = "amzn1.oa2-cs.v1.demo"  # noqa: S105 - a toy's secret, published on purpose
    name: str = "Order hub for print providers"
    redirect_uris: tuple[str, ...] = ()
    draft: bool = False  # a draft application needs version=beta in the consent address, else MD1000


@dataclass(slots=True)
class Settings:
    """What a test or a person may change while the imitation runs."""

    report_gzip: bool = True
    report_charset: str = "UTF-8"  # UTF-8, cp1252, cp932, or empty for a download without a charset
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class World:
    """One imitation Amazon."""

    books: Books
    clock: Clock
    throttle: Throttle
    scenarios: Scenarios
    application: Application
    settings: Settings = field(default_factory=Settings)
    hub_url: str = "http://localhost:8000"
    models: Path | None = None  # set: answer like Amazon's static sandbox, from the official models in this folder
    static_pairs: Any = None

    def sign(self, text: str) -> str:
        """Return a signature only this imitation can make; it stays valid over restarts."""
        return hmac.new(self.books.fact("signing_key").encode(), text.encode(), hashlib.sha256).hexdigest()[:40]

    def signed_link(self, base_url: str, path: str, *, seconds: float) -> str:
        """Return an address that works without a token for a published number of seconds, as S3 links do."""
        expires = f"{self.clock.epoch() + self.clock.shortened(seconds):.3f}"
        return f"{base_url}{path}?Expires={expires}&Signature={self.sign(path + expires)}"

    def link_is_good(self, path: str, *, expires: str, signature: str) -> bool:
        """Say whether a signed link is unchanged and still alive."""
        if not hmac.compare_digest(signature, self.sign(path + expires)):
            return False
        return self.clock.epoch() < float(expires)
