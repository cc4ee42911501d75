"""The command line that every imitation has: ``python -m stores.sandbox.<name>``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType


def parser(name: str, *, title: str, port: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all imitations take."""
    made = argparse.ArgumentParser(
        prog=f"python -m stores.sandbox.{name}", description=f"An imitation of {title} for trying out the hub. Not the real {title}."
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    made.add_argument("--port", type=int, default=port, help="port to listen on (default: %(default)s)")
    made.add_argument("--data", type=Path, help="folder for its memory; without it everything is forgotten at the end")
    made.add_argument("--factor", type=float, default=1.0, help="divides every waiting time: data lag, quota refill, token life (default: 1)")
    made.add_argument("--hub-url", default=os.environ.get("PUBLIC_URL") or "http://localhost:8000", help="the hub's address (default: PUBLIC_URL)")
    return made


def run(serve: Callable[[], None], given: argparse.Namespace, *, title: str) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit code 2: the port is taken."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    print(f"Imitation {title} on http://{given.host}:{given.port} (time factor {given.factor:g}, hub {given.hub_url})", flush=True)
    try:
        serve()
    except KeyboardInterrupt:
        return 0
    except OSError as problem:
        print(f"Cannot listen on {given.host}:{given.port}: {problem.strerror}. Choose another port with --port.", file=sys.stderr)
        return 2
    return 0
