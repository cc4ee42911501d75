"""Everything one running imitation consists of, handed to each part that needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stores.sandbox import world
from stores.sandbox.amazon.books import Books

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
PRODUCT_MADE_S = 300  # [L] amazon.md §8: "minutes to hours"
SCHEMA_URL_S = 604_800  # definitions model: schema links live seven days [L]
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
    fetches_pictures: bool = False  # as Amazon does; off where no hub serves them
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True, kw_only=True)
class World(world.World):
    """One imitation Amazon."""

    books: Books
    application: Application
    settings: Settings = field(default_factory=Settings)
    models: Path | None = None  # set: answer like Amazon's static sandbox, from the official models in this folder
    static_pairs: Any = None
