"""Puts the parts together and serves them: one address for API, token endpoint, consent, shop, Seller Central and control."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, request

from stores.sandbox import serving
from stores.sandbox.amazon import control, gateway, lwa, pages, seed
from stores.sandbox.amazon.books import Books
from stores.sandbox.amazon.official_pairs import OfficialPairs
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.scenarios import KINDS
from stores.sandbox.amazon.throttle import PLANS, STATIC_PLAN
from stores.sandbox.amazon.world import Application, World
from stores.sandbox.clock import Clock
from stores.sandbox.scenarios import Scenarios
from stores.sandbox.throttle import Throttle
from stores.sandbox.visits import note_visit

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
        throttle=Throttle(books, clock, plan=lambda operation: PLANS[operation] if models is None else STATIC_PLAN),
        scenarios=Scenarios(KINDS),
        application=Application(redirect_uris=tuple(redirect_uris) or (hub_url.rstrip("/") + RETURN_PATH,)),
        hub_url=hub_url.rstrip("/"),
        models=models,
        static_pairs=OfficialPairs(models) if models is not None else None,
    )
    # Only a new consent heals it.
    world.acts["consent_revoked"] = lambda running: _withdraw(world, running.seller_id)
    world.plant = lambda: seed.plant(books)
    if planted:
        world.plant()
    return world


def _withdraw(world: World, seller_id: str) -> None:
    world.books.revoke(seller_id=seller_id or None, now=world.clock.epoch())


def create_app(world: World) -> Flask:
    """Return the WSGI application of one imitation."""
    tokens = Blueprint("tokens", __name__)

    @tokens.post("/auth/o2/token")
    def token() -> Response:
        return token_answer(world)

    return serving.create_app(
        "stores.sandbox.amazon",
        answer_api=lambda incoming: gateway.answer(world, incoming),
        blueprints=(tokens, control.blueprint(world), pages.blueprint(world)),
    )


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


class ImitationAmazon(serving.RunningImitation[World]):
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
        world = create_world(data=data, factor=factor, at=at, hub_url=hub_url, models=models, planted=planted)
        super().__init__(world, create_app(world), host=host, port=port)

    @property
    def books(self) -> Books:
        """What the imitation remembers, for judging."""
        return self.world.books

    def place_order(self, **wish: Any) -> PlacedOrder:
        """Buy something: the keys of ``POST /_control/orders``."""
        return control.place(self.world, wish)

    def refresh_token(self, seller_id: str = seed.NORTH.seller_id) -> str:
        """Return a refresh token as if the seller had just consented."""
        return str(lwa.grant(self.world, seller_id)["refresh_token"])

    def access_token(self, seller_id: str = seed.NORTH.seller_id) -> str:
        """Return a fresh access token of a seller."""
        return str(lwa.grant(self.world, seller_id)["access_token"])
