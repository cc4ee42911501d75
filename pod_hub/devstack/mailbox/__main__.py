"""``python -m pod_hub.devstack.mailbox``: run the mail server and its page."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from aiosmtpd.controller import Controller
from werkzeug.serving import make_server

from pod_hub.devstack.mailbox.box import Box
from pod_hub.devstack.mailbox.pages import create_pages

LARGEST_BYTES = 5_000_000


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit code 2: a port is taken."""
    parser = argparse.ArgumentParser(
        prog="python -m pod_hub.devstack.mailbox", description="Takes mails over SMTP and shows them in a browser. Sends none on."
    )
    parser.add_argument("--smtp-port", type=int, default=1025, help="port of the mail server (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8025, help="port of the page (default: %(default)s)")
    parser.add_argument("--data", type=Path, required=True, help="folder of the mails")
    given = parser.parse_args(arguments)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    box = Box(given.data)
    try:
        # Of this machine only: whoever could reach it could read links that open accounts.
        controller = Controller(box, hostname="127.0.0.1", port=given.smtp_port, data_size_limit=LARGEST_BYTES)
        controller.start()
        server = make_server("127.0.0.1", given.port, create_pages(box), threaded=True)
    except (OSError, SystemExit) as problem:  # Werkzeug leaves when its port is taken, and has said so
        print(f"Cannot listen on 127.0.0.1:{given.smtp_port} and :{given.port}: {problem}. Choose other ports.", file=sys.stderr)
        return 2
    print(f"Mail server on 127.0.0.1:{given.smtp_port}, its mails on http://127.0.0.1:{given.port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        controller.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
