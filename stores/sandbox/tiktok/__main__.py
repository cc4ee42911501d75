"""``python -m stores.sandbox.tiktok``: run the imitation TikTok Shop."""

from __future__ import annotations

import os
import sys

from stores.sandbox import command, serving
from stores.sandbox.tiktok.due import Courier
from stores.sandbox.tiktok.server import create_app, create_world
from stores.sandbox.tiktok.world import Application

TITLE = "TikTok Shop"


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit code 2: the port is taken."""
    parser = command.parser("tiktok", title=TITLE, port=8091)
    known = Application()
    for option, variable, default, what in (
        ("app-key", "TIKTOK_APP_KEY", known.app_key, "the app's key"),
        ("app-secret", "TIKTOK_APP_SECRET", known.app_secret, "the app's secret"),
        ("service-id", "TIKTOK_SERVICE_ID", known.service_id, "the app's service_id in the authorization link"),
        ("redirect-uri", "TIKTOK_REDIRECT_URI", "", "the app's redirect URL (default: {}, or the hub's usual one)"),
        ("webhook-url", "TIKTOK_WEBHOOK_URL", "", "where webhooks go (default: {}, or nowhere)"),
    ):
        text = what.format(variable) if "{}" in what else f"{what} (default: {variable}, or the demo's)"
        parser.add_argument(f"--{option}", default=os.environ.get(variable) or default, help=text)
    given = parser.parse_args(arguments)
    application = Application(given.app_key, given.app_secret, given.service_id, redirect_uri=given.redirect_uri, webhook_url=given.webhook_url)
    world = create_world(data=given.data, factor=given.factor, hub_url=given.hub_url, application=application)
    courier = Courier(world)

    def serve() -> None:
        courier.start()
        try:
            serving.serve_forever(world, create_app(world), host=given.host, port=given.port)
        finally:
            courier.stop()

    return command.run(serve, given, title=TITLE)


if __name__ == "__main__":
    sys.exit(main())
