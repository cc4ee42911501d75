"""``python -m stores.sandbox.amazon``: run the imitation Amazon."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from stores.sandbox.amazon.server import create_world, serve_forever


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit code 2: the port is taken."""
    parser = argparse.ArgumentParser(
        prog="python -m stores.sandbox.amazon", description="An imitation of Amazon for trying out the hub. Not the real Amazon."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="folder for its memory; without it everything is forgotten at the end")
    parser.add_argument("--factor", type=float, default=1.0, help="divides every waiting time: data lag, quota refill, token life (default: 1)")
    parser.add_argument("--hub-url", default=os.environ.get("PUBLIC_URL") or "http://localhost:8000", help="the hub's address (default: PUBLIC_URL)")
    parser.add_argument(
        "--redirect-uri",
        action="append",
        default=[os.environ["AMAZON_REDIRECT_URI"]] if os.environ.get("AMAZON_REDIRECT_URI") else [],
        help="a return address registered for consent (default: AMAZON_REDIRECT_URI, or the hub's usual one)",
    )
    parser.add_argument("--static", type=Path, metavar="MODELS", help="answer like Amazon's static sandbox, from the official models in this folder")
    given = parser.parse_args(arguments)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    world = create_world(data=given.data, factor=given.factor, hub_url=given.hub_url, models=given.static, redirect_uris=given.redirect_uri)
    print(f"Imitation Amazon on http://{given.host}:{given.port} (time factor {given.factor:g}, hub {given.hub_url})", flush=True)
    try:
        serve_forever(world, host=given.host, port=given.port)
    except KeyboardInterrupt:
        return 0
    except OSError as problem:
        print(f"Cannot listen on {given.host}:{given.port}: {problem.strerror}. Choose another port with --port.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
