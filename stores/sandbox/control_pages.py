"""The page of scenarios, with buckets and the latest requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.control import scenario_view
from stores.sandbox.scenarios import Kind, UnknownScenario
from stores.sandbox.world import World


def add(pages: Blueprint, world: World, *, operations: Sequence[str], whose: str, accounts: Callable[[], Sequence[tuple[str, str]]]) -> None:
    """Add the page and its two buttons. ``accounts`` returns ids and names of whoever a scenario can be meant for, ``whose`` what they are called."""

    def page(*, problem: str = "") -> str:
        return render_template(
            "control.html",
            kinds=world.scenarios.kinds.values(),
            active={row["name"]: row for row in map(scenario_view, world.scenarios.running())},
            problem=problem,
            operations=operations,
            whose=whose,
            accounts=accounts(),
            buckets=world.books.buckets(),
            requests=list(reversed(world.books.requests(limit=40))),
        )

    @pages.get("/control/")
    def control_page() -> str:
        return page()

    @pages.post("/control/start")
    def control_start() -> AnyResponse | tuple[str, int]:
        try:
            world.start_scenario(_asked(request.form, world.scenarios.kinds))
        except (UnknownScenario, ValueError) as refused:
            return page(problem=str(refused)), 422
        return redirect(url_for("pages.control_page"), code=303)

    @pages.post("/control/stop")
    def control_stop() -> AnyResponse:
        world.scenarios.stop(request.form.get("name", ""))
        return redirect(url_for("pages.control_page"), code=303)


def _asked(form: Mapping[str, str], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Read the page's form: empty fields mean the scenario's own value, numbers become numbers."""
    asked: dict[str, Any] = {"name": form.get("name", "")}
    kind = kinds.get(asked["name"])
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
