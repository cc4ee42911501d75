"""``python -m stores.sandbox.amazon``: run the imitation Amazon."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stores.sandbox import command, serving
from stores.sandbox.amazon.server import create_app, create_world


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit code 2: the port is taken."""
    parser = command.parser("amazon", title="Amazon", port=8090)
    parser.add_argument(
        "--redirect-uri",
        action="append",
        default=[os.environ["AMAZON_REDIRECT_URI"]] if os.environ.get("AMAZON_REDIRECT_URI") else [],
        help="a return address registered for consent (default: AMAZON_REDIRECT_URI, or the hub's usual one)",
    )
    parser.add_argument("--static", type=Path, metavar="MODELS", help="answer like Amazon's static sandbox, from the official models in this folder")
    given = parser.parse_args(arguments)
    world = create_world(data=given.data, factor=given.factor, hub_url=given.hub_url, models=given.static, redirect_uris=given.redirect_uri)
    world.settings.fetches_pictures = given.static is None
    return command.run(lambda: serving.serve_forever(world, create_app(world), host=given.host, port=given.port), given, title="Amazon")


if __name__ == "__main__":
    sys.exit(main())
