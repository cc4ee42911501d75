"""Puts the parts together and serves them: one address for API, tokens, consent, shop, seller centre and control."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, request

from stores.sandbox import serving
from stores.sandbox.clock import Clock
from stores.sandbox.scenarios import Scenarios
from stores.sandbox.throttle import Throttle
from stores.sandbox.tiktok import authorizations, control, due, gateway, order_actions, order_door, pages, seed, tokens, webhooks
from stores.sandbox.tiktok.answers import Refusal, envelope
from stores.sandbox.tiktok.books import Books
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.scenarios import KINDS
from stores.sandbox.tiktok.world import Application, Settings, World
from stores.sandbox.visits import note_visit

RETURN_PATH = "/stores/connect/tiktok/return/"


def create_world(
    *,
    data: Path | None = None,
    factor: float = 1.0,
    at: datetime | None = None,
    hub_url: str = "http://localhost:8000",
    planted: bool = True,
    application: Application | None = None,
) -> World:
    """Return a new imitation's state. ``data`` None keeps it in memory."""
    books, clock, settings = Books(data), Clock(factor=factor, at=at), Settings()
    application = application or Application()
    application.redirect_uri = application.redirect_uri or hub_url.rstrip("/") + RETURN_PATH
    world = World(
        books=books,
        clock=clock,
        throttle=Throttle(books, clock, plan=lambda operation: settings.rates.get(operation, settings.rate)),
        scenarios=Scenarios(KINDS),
        application=application,
        settings=settings,
        hub_url=hub_url.rstrip("/"),
    )
    world.acts["seller_deauthorised"] = lambda running: _deauthorise(world, running.seller_id)
    world.plant = lambda: seed.plant(books)
    if planted:
        world.plant()
    return world


def _deauthorise(world: World, shop_id: str) -> None:
    shop = world.books.shop(shop_id)
    authorizations.withdraw(world, open_id=shop.open_id if shop else None)


def create_app(world: World) -> Flask:
    """Return the WSGI application of one imitation."""
    doors = Blueprint("tokens", __name__)

    @doors.get("/api/v2/token/<any(get, refresh):kind>")
    def token(kind: str) -> Response:
        return token_answer(world, kind)

    return serving.create_app(
        "stores.sandbox.tiktok",
        answer_api=lambda incoming: gateway.answer(world, incoming),
        blueprints=(doors, control.blueprint(world), pages.blueprint(world)),
    )


def token_answer(world: World, kind: str) -> Response:
    """Answer a token call and note it, never its secrets. Errors are HTTP 200 with a code, as TikTok's are."""
    request_id = f"{int(world.clock.epoch())}{world.books.next_number('token'):010d}"
    error, code, message, data = "", 0, "success", None
    try:
        data = tokens.token(world, kind, request.args.to_dict(flat=False))
    except Refusal as refused:
        error, code, message = str(refused), refused.code, refused.message
    note_visit(world, f"token/{kind}", status=200, error=error, seller_id=data["open_id"] if data else "")
    body = envelope(code=code, message=message, data=data, request_id=request_id)
    return Response(json.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


class ImitationTikTok(serving.RunningImitation[World]):
    """An imitation on a free loopback port, for tests: ``with ImitationTikTok(at=…) as tiktok: …``.

    ``books`` judges, ``clock`` is set and advanced, ``scenario(name, …)`` misbehaves. Without ``at`` it follows the wall clock. Timestamps of
    requests are held against the wall clock in either case.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        factor: float = 1.0,
        at: datetime | None = None,
        hub_url: str = "http://localhost:8000",
        planted: bool = True,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        world = create_world(data=data, factor=factor, at=at, hub_url=hub_url, planted=planted)
        super().__init__(world, create_app(world), host=host, port=port)

    @property
    def books(self) -> Books:
        """What the imitation remembers, for judging."""
        return self.world.books

    def place_order(self, **wish: Any) -> PlacedOrder:
        """Buy something: the keys of ``POST /_control/orders``."""
        return order_door.place(self.world, wish)

    def act(self, order_id: str, action: str, **options: Any) -> PlacedOrder:
        """Let something happen to an order: the actions of ``POST /_control/orders/{id}/{action}``."""
        return order_actions.act(self.world, order_id, action, options)

    def deliver_webhooks(self) -> int:
        """Let everything happen that is due, send the webhooks that are due, and return how many were sent."""
        due.settle(self.world)
        return webhooks.deliver_due(self.world)

    def tokens(self, open_id: str = seed.ADA.open_id, **options: Any) -> dict[str, Any]:
        """Return fresh tokens of an account, as if its seller had just consented."""
        return tokens.issue(self.world, tokens.consent(self.world, open_id, **options))
