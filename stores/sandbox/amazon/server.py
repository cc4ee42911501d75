"""Puts the parts together and serves them: one address for API, token endpoint, consent, shop, Seller Central and control."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask, Response, request

from stores.sandbox.amazon import control, gateway, lwa, pages, seed
from stores.sandbox.amazon.books import Books
from stores.sandbox.amazon.clock import Clock
from stores.sandbox.amazon.http_server import RESET, Server
from stores.sandbox.amazon.official_pairs import OfficialPairs
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.scenarios import Running, Scenarios
from stores.sandbox.amazon.throttle import Throttle
from stores.sandbox.amazon.visits import note_visit
from stores.sandbox.amazon.world import Application, World

RETURN_PATH = "/stores/connect/amazon/return/"


def create_world(
    *,
    data: Path | None = None,
    factor: float = 1.0,
    at: datetime | None = None,
    hub_url: str = "http://localhost:8000",
    models: Path | None = None,
    planted: bool = True,
    redirect_uris: Sequence[str] = (),
) -> World:
    """Return a new imitation's state. ``data`` None keeps it in memory; ``models`` turns it into Amazon's static sandbox."""
    books, clock = Books(data), Clock(factor=factor, at=at)
    world = World(
        books=books,
        clock=clock,
        throttle=Throttle(books, clock, static=models is not None),
        scenarios=Scenarios(),
        application=Application(redirect_uris=tuple(redirect_uris) or (hub_url.rstrip("/") + RETURN_PATH,)),
        hub_url=hub_url.rstrip("/"),
        models=models,
        static_pairs=OfficialPairs(models) if models is not None else None,
    )
    if planted:
        seed.plant(books)
    return world


def create_app(world: World) -> Flask:
    """Return the WSGI application of one imitation."""
    app = Flask("stores.sandbox.amazon", root_path=str(Path(__file__).parent))
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it, the base class does not

    @app.before_request
    def answer_as_api() -> Response | None:
        """Everything under an API prefix goes through the gateway, with the address exactly as it was sent."""
        target = str(request.environ.get("REQUEST_URI", request.full_path))
        if not gateway.is_api(target):
            return None
        outgoing = gateway.serve(
            world,
            gateway.Incoming(
                method=request.method,
                target=target,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.get_data(),
                hostname=hostname(request.headers.get("Host", "")),
                base_url=request.host_url.rstrip("/"),
            ),
        )
        if outgoing.status == 0:
            request.environ[RESET] = True
            return Response(status=500)
        answer = Response(outgoing.body, status=outgoing.status, headers=outgoing.headers)
        if outgoing.status == 204:
            del answer.headers["Content-Type"]  # Flask would name a type for a body that is not there
        return answer

    @app.post("/auth/o2/token")
    def token() -> Response:
        return token_answer(world)

    app.register_blueprint(control.blueprint(world))
    app.register_blueprint(pages.blueprint(world))
    return app


def hostname(host: str) -> str:
    """Return a Host header without its port; [::1]:8090 is ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def token_answer(world: World) -> Response:
    """Answer the token endpoint and note the request, never its secrets."""
    form: Mapping[str, list[str]] = request.form.to_dict(flat=False)
    error, body, status = "", {}, 200
    try:
        body = lwa.token(world, form, content_type=request.content_type or "", authorization=request.headers.get("Authorization", ""))
    except lwa.LwaError as refused:
        status, error = refused.status, f"{refused.error}: {refused.description}"
        body = {"error": refused.error, "error_description": refused.description}
    note_visit(world, "token", status=status, error=error, query=(form.get("grant_type") or [""])[0])
    return Response(
        json.dumps(body), status=status, content_type="application/json;charset=UTF-8", headers={"Cache-Control": "no-store", "Pragma": "no-cache"}
    )


class ImitationAmazon:
    """An imitation on a free loopback port, for tests: ``with ImitationAmazon(at=…) as amazon: …``.

    ``books`` judges, ``clock`` is set and advanced, ``scenario(name, …)`` misbehaves. Without ``at`` it follows the wall clock.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        factor: float = 1.0,
        at: datetime | None = None,
        hub_url: str = "http://localhost:8000",
        models: Path | None = None,
        planted: bool = True,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.world = create_world(data=data, factor=factor, at=at, hub_url=hub_url, models=models, planted=planted)
        self.app = create_app(self.world)
        self._server = Server(host, port, _application(self.app))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="imitation-amazon", daemon=True)
        bound_host, bound_port = self._server.server_address[:2]
        self.url = f"http://{bound_host!s}:{bound_port}"

    @property
    def books(self) -> Books:
        """What the imitation remembers, for judging."""
        return self.world.books

    @property
    def clock(self) -> Clock:
        """The imitation's clock, to set and advance."""
        return self.world.clock

    def scenario(self, name: str, **options: Any) -> Running:
        """Switch a scenario on: ``times``, ``operation``, ``seller_id`` and the scenario's own options."""
        return control.start_scenario(self.world, {"name": name, **options})

    def place_order(self, **wish: Any) -> PlacedOrder:
        """Buy something: the keys of ``POST /_control/orders``."""
        return control.place(self.world, wish)

    def refresh_token(self, seller_id: str = seed.NORTH.seller_id) -> str:
        """Return a refresh token as if the seller had just consented."""
        return str(lwa.grant(self.world, seller_id)["refresh_token"])

    def access_token(self, seller_id: str = seed.NORTH.seller_id) -> str:
        """Return a fresh access token of a seller."""
        return str(lwa.grant(self.world, seller_id)["access_token"])

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


def _application(app: Flask) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return app(environ, start_response)

    return call


def serve_forever(world: World, *, host: str, port: int) -> None:
    """Serve until interrupted."""
    server = Server(host, port, _application(create_app(world)))
    try:
        server.serve_forever()
    finally:
        server.server_close()
        world.books.close()
