"""The page of scenarios, with buckets and the latest requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.amazon.control import scenario_view, start_scenario
from stores.sandbox.amazon.scenarios import KINDS, UnknownScenario
from stores.sandbox.amazon.world import World


def add(pages: Blueprint, world: World) -> None:
    """Add the page and its two buttons."""

    @pages.get("/control/")
    def control_page() -> str:
        return _control_page(world)

    @pages.post("/control/start")
    def control_start() -> AnyResponse | tuple[str, int]:
        try:
            start_scenario(world, _scenario_form(request.form))
        except (UnknownScenario, ValueError) as refused:
            return _control_page(world, problem=str(refused)), 422
        return redirect(url_for("pages.control_page"), code=303)

    @pages.post("/control/stop")
    def control_stop() -> AnyResponse:
        world.scenarios.stop(request.form.get("name", ""))
        return redirect(url_for("pages.control_page"), code=303)


def _control_page(world: World, *, problem: str = "") -> str:
    running = {row["name"]: row for row in map(scenario_view, world.scenarios.running())}
    return render_template(
        "control.html",
        kinds=KINDS.values(),
        active=running,
        problem=problem,
        buckets=world.books.buckets(),
        requests=list(reversed(world.books.requests(limit=40))),
        sellers=world.books.sellers(),
    )


def _scenario_form(form: Mapping[str, str]) -> dict[str, Any]:
    """Read the scenarios page's form: empty fields mean the scenario's own value, numbers become numbers."""
    asked: dict[str, Any] = {"name": form.get("name", "")}
    kind = KINDS.get(asked["name"])
    for key, text in form.items():
        if key in ("name", "") or not text.strip():
            continue
        if key == "times":
            asked["times"] = int(text)
        elif kind is not None and isinstance(kind.options.get(key), float | int):
            asked[key] = float(text)
        else:
            asked[key] = text.strip()
    return asked
