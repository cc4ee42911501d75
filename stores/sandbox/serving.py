"""Makes an imitation a running program: its Flask application, the server thread for tests, and serving until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from flask import Blueprint, Flask, Response, request

from stores.sandbox.clock import Clock
from stores.sandbox.door import Incoming, Outgoing
from stores.sandbox.http_server import RESET, Server
from stores.sandbox.scenarios import Running
from stores.sandbox.world import World

AnyWorld = TypeVar("AnyWorld", bound=World)
SHARED = Path(__file__).parent


def create_app(name: str, *, answer_api: Callable[[Incoming], Outgoing | None], blueprints: Sequence[Blueprint]) -> Flask:
    """Return the WSGI application of one imitation, whose templates and static files lie in the package ``name``.

    Every request is offered to ``answer_api`` first, with the address exactly as it was sent; None means that it is not for the API.
    """
    app = Flask(name, root_path=str(SHARED / name.rpartition(".")[2]))
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it, the base class does not

    @app.before_request
    def api() -> Response | None:
        outgoing = answer_api(
            Incoming(
                method=request.method,
                target=str(request.environ.get("REQUEST_URI", request.full_path)),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.get_data(),
                hostname=hostname(request.headers.get("Host", "")),
                base_url=request.host_url.rstrip("/"),
            )
        )
        if outgoing is None:
            return None
        if outgoing.status == 0:
            request.environ[RESET] = True
            return Response(status=500)
        answer = Response(outgoing.body, status=outgoing.status, headers=outgoing.headers)
        if outgoing.status == 204:
            del answer.headers["Content-Type"]  # Flask would name a type for a body that is not there
        return answer

    # What the imitations' pages share: their layout, the page of scenarios, the style sheet.
    app.register_blueprint(
        Blueprint(
            "shared", __name__, template_folder=str(SHARED / "templates"), static_folder=str(SHARED / "static"), static_url_path="/static/shared"
        )
    )
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


def hostname(host: str) -> str:
    """Return a Host header without its port; [::1]:8090 is ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _wsgi(app: Flask) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return app(environ, start_response)

    return call


class RunningImitation(Generic[AnyWorld]):
    """An imitation on a free loopback port, for tests. Each imitation has a subclass with hands for what tests do."""

    def __init__(self, world: AnyWorld, app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world, self.app = world, app
        self._server = Server(host, port, _wsgi(app))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name=app.name, daemon=True)
        bound_host, bound_port = self._server.server_address[:2]
        self.url = f"http://{bound_host!s}:{bound_port}"

    @property
    def clock(self) -> Clock:
        """The imitation's clock, to set and advance."""
        return self.world.clock

    def scenario(self, name: str, **options: Any) -> Running:
        """Switch a scenario on: ``times``, ``operation``, ``seller_id`` and the scenario's own options."""
        return self.world.start_scenario({"name": name, **options})

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End, and close the books."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
        self.world.books.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def serve_forever(world: World, app: Flask, *, host: str, port: int) -> None:
    """Serve until interrupted."""
    server = Server(host, port, _wsgi(app))
    try:
        server.serve_forever()
    finally:
        server.server_close()
        world.books.close()
