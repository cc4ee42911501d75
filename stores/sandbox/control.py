"""``/_control/*``: a JSON door behind the stage, for tests, journeys and seeds. Not part of any marketplace.

Every answer is JSON; a mistake in a request is 400 ``{"error": sentence}``. What all imitations offer is here; each adds its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request

from stores.sandbox.clock import iso
from stores.sandbox.scenarios import Running, UnknownScenario
from stores.sandbox.world import NotPossible, World

Order = TypeVar("Order")


def blueprint() -> Blueprint:
    """Return an empty control door that answers mistakes in JSON."""
    door = Blueprint("control_api", __name__, url_prefix="/_control")

    @door.errorhandler(NotPossible)
    @door.errorhandler(UnknownScenario)
    @door.errorhandler(ValueError)
    @door.errorhandler(KeyError)
    def refuse(error: Exception) -> tuple[Response, int]:
        return jsonify({"error": str(error)}), 400

    return door


def wish() -> dict[str, Any]:
    """Return the JSON object of the current request; nothing sent is an empty one."""
    given = request.get_json(silent=True) if request.data else {}
    if not isinstance(given, dict):
        raise NotPossible("Send a JSON object.")
    return given


def refuse_unknown(given: dict[str, Any], known: set[str], *, what: str = "keys") -> None:
    """Raise the sentence that names every key nobody knows."""
    unknown = set(given) - known
    if unknown:
        raise NotPossible(f"Unknown {what}: {', '.join(sorted(unknown))}.")


def scenario_view(running: Running) -> dict[str, Any]:
    """Return a running scenario as the control door shows it."""
    return {
        "name": running.kind.name,
        "times_left": running.times,
        "struck": running.struck,
        "operation": running.operation,
        "seller_id": running.seller_id,
        "options": running.options,
    }


def health(world: World) -> dict[str, Any]:
    """Return that the imitation lives, and what time it is there."""
    return {"ok": True, "now": iso(world.clock.epoch()), "factor": world.clock.factor}


def add_ledger(door: Blueprint, world: World, *, counts: Callable[[], Mapping[str, Any]]) -> None:
    """Add what the books hold, after an imitation's own ``counts``."""

    @door.get("/ledger")
    def ledger() -> dict[str, Any]:
        return {
            **counts(),
            "writes": [asdict(entry) for entry in world.books.writes()],
            "buckets": [asdict(entry) for entry in world.books.buckets()],
            "requests": [asdict(entry) for entry in world.books.requests(limit=int(request.args.get("limit", 1000)))],
        }


def add_buying(door: Blueprint, *, place: Callable[[dict[str, Any]], Order], view: Callable[[Order], Mapping[str, Any]]) -> None:
    """Add placing one order, or ``count`` equal ones."""

    @door.post("/orders")
    def place_orders() -> tuple[dict[str, Any], int]:
        asked = wish()
        placed = [view(place(asked)) for _ in range(int(asked.get("count", 1)))]
        return {"order_id": placed[0]["order_id"], "order_ids": [order["order_id"] for order in placed], "order": placed[0]}, 201


def settings_view(settings: Any, application: Any, *, hide: str) -> dict[str, Any]:
    """Return settings and application as the control door shows them, but for the secret."""
    return {"settings": asdict(settings), "application": {name: value for name, value in asdict(application).items() if name != hide}}


def add_scenarios(door: Blueprint, world: World) -> None:
    """Add switching scenarios on and off."""

    def running() -> list[dict[str, Any]]:
        return [scenario_view(row) for row in world.scenarios.running()]

    @door.get("/scenarios")
    def scenarios() -> dict[str, Any]:
        kinds = world.scenarios.kinds.values()
        known = [{"name": k.name, "text": k.text, "operations": k.operations, "options": k.options, "times": k.times} for k in kinds]
        return {"known": known, "running": running()}

    @door.post("/scenarios")
    def start() -> tuple[dict[str, Any], int]:
        return scenario_view(world.start_scenario(wish())), 201

    @door.delete("/scenarios")
    def stop_all() -> dict[str, Any]:
        world.scenarios.stop_all()
        return {"running": []}

    @door.delete("/scenarios/<name>")
    def stop(name: str) -> dict[str, Any]:
        world.scenarios.stop(name)
        return {"running": running()}


def add_clock_and_reset(door: Blueprint, world: World) -> None:
    """Add the clock, and forgetting everything."""

    @door.get("/clock")
    def clock() -> dict[str, Any]:
        return {"now": world.clock.now().isoformat(), "factor": world.clock.factor, "stands": world.clock.stands}

    @door.post("/clock")
    def set_clock() -> dict[str, Any]:
        """``{"at": iso}`` stands still there, ``{"advance": seconds}`` moves, ``{"follow_wall": true}`` runs again."""
        asked = wish()
        if "at" in asked:
            world.clock.set(datetime.fromisoformat(str(asked["at"])).astimezone(UTC))
        if "advance" in asked:
            world.clock.advance(float(asked["advance"]))
        if asked.get("follow_wall"):
            world.clock.follow_wall()
        return clock()

    @door.post("/reset")
    def reset() -> dict[str, Any]:
        """Forget everything and plant the cast again (``{"seed": false}`` leaves it empty)."""
        world.scenarios.stop_all()
        world.books.reset()
        if wish().get("seed", True):
            world.plant()
        return {"ok": True}
