"""A small threaded HTTP/1.1 server with keep-alive, for the imitations only.

Werkzeug's own server closes every connection; real marketplaces keep them open, and how a client behaves on kept connections is worth testing. It reads each
request body completely before answering, so a refusal never leaves bytes on the line, and it can reset a connection on demand.
"""

from __future__ import annotations

import io
import socket
import struct
import sys
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
RESET = "imitation.reset"  # an application that sets environ[RESET] has the connection reset instead of answered
REQUEST_LIMIT = 12_000_000
IDLE_S = 75


class Server(ThreadingHTTPServer):
    """Serve one WSGI application on one address."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, host: str, port: int, application: Wsgi) -> None:
        self.application = application
        super().__init__((host, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about clients that hang up; tell about everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "Server"
    sys_version = ""
    timeout = IDLE_S
    wbufsize = -1  # one write, one packet
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        environ = self._environ(body)
        collected: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            collected["status"], collected["headers"] = status, headers

        parts = self.server.application(environ, start_response)
        payload = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        if environ.get(RESET):
            self._reset()
            return
        self._answer(collected["status"], collected["headers"], payload)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - the standard library's names

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding"):
            self._refuse(411, "send a Content-Length")
            return None
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > REQUEST_LIMIT:
            self._refuse(413, "the body is too large")
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: int, text: str) -> None:
        self.close_connection = True
        self.send_error(status, text)

    def _environ(self, body: bytes) -> dict[str, Any]:
        split = urlsplit(self.path)
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(split.path).decode("latin-1"),
            "QUERY_STRING": split.query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = f"HTTP_{name.upper().replace('-', '_')}"
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def _answer(self, status: str, headers: list[tuple[str, str]], payload: bytes) -> None:
        code, _, reason = status.partition(" ")
        # The application's clock may be another than the machine's, and its answers are dated by it.
        dated = next((value for name, value in headers if name.lower() == "date"), self.date_time_string())
        self.send_response_only(int(code), reason)
        self.send_header("Server", self.version_string())
        self.send_header("Date", dated)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        if code != "204":
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD" and code != "204":
            self.wfile.write(payload)
        self.wfile.flush()

    def _reset(self) -> None:
        """End the connection with a TCP reset: no answer, not even an orderly goodbye."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Write nothing: the ledger knows every request, and addresses may hold tokens."""

    def finish(self) -> None:
        """Close the connection; a client that is gone already is no news."""
        try:
            super().finish()
        except (ConnectionError, OSError):
            self.connection.close()
