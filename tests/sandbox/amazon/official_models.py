"""Checks exchanges against Amazon's official models, word for word: no missing field, no invented one, no unknown parameter.

The models are not part of this repository; they are looked for beside it. Swagger 2.0 definitions are JSON Schema (draft 4) with few additions, so
a definition becomes a schema by closing its objects against unknown keys.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import jsonschema
import pytest

from tests.sandbox.contracts import contracts_of

FOLDER = contracts_of("amazon") / "models"
FILES = (
    "orders_2026-01-01.json", "ordersV0.json", "listingsItems_2021-08-01.json", "reports_2021-06-30.json", "feeds_2021-06-30.json", "sellers.json",
    "definitionsProductTypes_2020-09-01.json",
)  # fmt: skip
# Definitions that are open by nature: the attributes of any product type, and the caller's own report options.
OPEN = ("ItemAttributes", "ReportOptions", "FeedOptions")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def models_folder() -> Path:
    """Return the folder of the official models, or skip the test that asks."""
    if not FOLDER.is_dir():
        pytest.skip(f"Amazon's official models are not at {FOLDER}; this check needs them.")
    return FOLDER


@dataclass(frozen=True)
class ModelOperation:
    """One operation of a model with the model it stands in."""

    name: str
    method: str
    path: re.Pattern[str]
    spec: dict[str, Any]
    model: dict[str, Any]


class OfficialModels:
    """All operations of the models that the product uses."""

    def __init__(self, folder: Path) -> None:
        self.operations: list[ModelOperation] = []
        for file in FILES:
            model = json.loads((folder / file).read_text(encoding="utf-8"))
            self._close(model)
            for path, methods in model["paths"].items():
                pattern = re.compile(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(path)))
                for method, spec in methods.items():
                    if isinstance(spec, dict) and "operationId" in spec:
                        self.operations.append(ModelOperation(spec["operationId"], method.upper(), pattern, spec, model))

    @staticmethod
    def _close(model: dict[str, Any]) -> None:
        for name, definition in model["definitions"].items():
            if "properties" in definition and name not in OPEN:
                definition.setdefault("additionalProperties", False)

    def find(self, method: str, path: str) -> ModelOperation:
        for operation in self.operations:
            if operation.method == method and operation.path.fullmatch(path):
                return operation
        raise AssertionError(f"{method} {path} is in none of the official models")

    def check_request(self, method: str, target: str, body: bytes) -> ModelOperation:
        """Fail unless address, query and body are what the model allows. Returns the operation."""
        path, _, query = target.partition("?")
        operation = self.find(method, path)
        params = {param["name"]: param for param in operation.spec.get("parameters", [])}
        given = dict(parse_qsl(query, keep_blank_values=True))
        for name, value in given.items():
            assert name in params and params[name]["in"] == "query", f"{operation.name}: {name} is not a query parameter"
            jsonschema.validate(_typed(params[name], value), _schema(params[name]), format_checker=FORMATS)
        for name, param in params.items():
            if param["in"] == "query" and param.get("required"):
                assert name in given, f"{operation.name}: {name} is required"
            if param["in"] == "body":
                self._validate(json.loads(body), param["schema"], operation.model)
        return operation

    def check_answer(self, operation: ModelOperation, status: int, body: bytes) -> None:
        """Fail unless status and body are what the model promises."""
        response = operation.spec["responses"].get(str(status))
        assert response is not None, f"{operation.name} never answers {status}"
        if response.get("schema") is None:
            assert body == b"", f"{operation.name} {status} has no body in the model"
        else:
            self._validate(json.loads(body), response["schema"], operation.model)

    @staticmethod
    def _validate(value: Any, schema: dict[str, Any], model: dict[str, Any]) -> None:
        whole = {**schema, "definitions": model["definitions"]}
        jsonschema.Draft4Validator(whole, format_checker=FORMATS).validate(value)


def _schema(param: dict[str, Any]) -> dict[str, Any]:
    return {key: param[key] for key in ("type", "enum", "items", "maxItems", "minItems", "maximum", "minimum", "format") if key in param}


def _typed(param: dict[str, Any], text: str) -> Any:
    if param["type"] == "array":
        return unquote(text).split(",")
    if param["type"] == "integer":
        return int(text)
    return {"true": True, "false": False}.get(text, text) if param["type"] == "boolean" else text


FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(DATE_TIME.fullmatch(value))
