"""Amazon's static sandbox: the request/response pairs that its own models publish (``x-amzn-api-sandbox``), read at start from a folder of models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from stores.sandbox.amazon.answers import Answer, invalid
from stores.sandbox.amazon.operations import Operation

MODEL_FILES = (
    "orders_2026-01-01.json", "ordersV0.json", "listingsItems_2021-08-01.json", "reports_2021-06-30.json", "feeds_2021-06-30.json", "sellers.json",
    "definitionsProductTypes_2020-09-01.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """One published pair. ``parameters`` maps names to the values a request must have; ``body`` is among them.

    ``path`` tells operations apart that share a name in two versions of an API.
    """

    operation: str
    path: str
    status: int
    parameters: dict[str, Any]
    response: Any


def load_pairs(folder: Path) -> list[Pair]:
    """Return all static pairs of the models in ``folder``."""
    pairs = []
    for name in MODEL_FILES:
        model = json.loads((folder / name).read_text(encoding="utf-8"))
        for path, methods in model["paths"].items():
            for operation in methods.values():
                if not isinstance(operation, dict) or "operationId" not in operation:
                    continue
                for status, response in operation["responses"].items():
                    for pair in response.get("x-amzn-api-sandbox", {}).get("static", []):
                        # A parameter without a value ({"body": {}}) asks for nothing.
                        wanted = {key: value["value"] for key, value in pair["request"]["parameters"].items() if "value" in value}
                        pairs.append(Pair(operation["operationId"], path, int(status), wanted, pair.get("response")))
    return pairs


class OfficialPairs:
    """Answer requests from the published pairs."""

    def __init__(self, folder: Path) -> None:
        self._pairs = load_pairs(folder)

    def answer(self, operation: Operation, path: dict[str, str], query: str, body: bytes) -> Answer:
        """Return the answer of the pair that names the most parameters and has all of them right."""
        given = parse_qs(query, keep_blank_values=True)
        fitting = [
            pair for pair in self._pairs if pair.path == operation.path and pair.operation == operation.name and _fits(pair, path, given, body)
        ]
        if not fitting:
            raise invalid("Could not match input arguments")
        best = max(fitting, key=lambda pair: (len(pair.parameters), pair.status < 400))
        return Answer(best.status, None if best.status == 204 else best.response)


def _fits(pair: Pair, path: dict[str, str], query: dict[str, list[str]], body: bytes) -> bool:
    for name, wanted in pair.parameters.items():
        if name == "body":
            if json.loads(body or b"null") != wanted:
                return False
        elif name in path:
            if path[name] != str(wanted):
                return False
        else:
            text = ",".join(str(part) for part in wanted) if isinstance(wanted, list) else str(wanted)
            if query.get(name) != [text]:
                return False
    return True
