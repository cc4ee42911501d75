"""Checks exchanges against TikTok's official OpenAPI files and reference: no missing field, no invented one, no undocumented error code.

The files are not part of this repository; they are looked for beside it. An answer is right when it fits the official schema or, for fields newer
than that snapshot, the supplement's; objects are closed against unknown keys in both.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.sandbox.contracts import contracts_of

FOLDER = contracts_of("tiktok")
# Codes of the gateway and of the token host, which the reference of single operations does not list (tiktok.md §4, requirements D.2).
GENERAL = {
    101000, 105002, 105005, 106001, 106013, 36009002, 36009003, 36009004, 36009007, 36009009, 36009010, 36009014, 36009021, 36009022, 36009023,
    36009033, 36004001, 36004004, 36004005, 21011044,
}  # fmt: skip


def contract_folder() -> Path:
    """Return the folder of the official files, or skip the test that asks."""
    if not FOLDER.is_dir():
        pytest.skip(f"TikTok's official files are not at {FOLDER}; this check needs them.")
    return FOLDER


@dataclass
class Reference:
    """What the official files say about one operation."""

    method: str
    path: str
    pattern: re.Pattern[str]
    schemas: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] | None = None
    older: Reference | None = None  # the same operation in an older version, where the reference knows only that

    @property
    def unversioned(self) -> str:
        return re.sub(r"/\d{6}/", "/", self.path)

    @property
    def codes(self) -> dict[int, str]:
        facts = self.facts or (self.older.facts if self.older else None) or {}
        return {row["code"]: row["message"] for row in facts.get("error_codes", [])}


class OfficialContract:
    """All operations of the official files and the supplement."""

    def __init__(self, folder: Path) -> None:
        self.operations: dict[tuple[str, str], Reference] = {}
        for file in sorted((folder / "official-oas").glob("*.json")):
            self._add(json.loads(file.read_text(encoding="utf-8")))
        self.supplement = yaml.safe_load((folder / "supplement.openapi.yaml").read_text(encoding="utf-8"))
        self._add(self.supplement)
        for file in sorted((folder / "operations").glob("*.json")):
            for facts in json.loads(file.read_text(encoding="utf-8"))["operations"]:
                self._reference(facts["method"], facts["path"]).facts = facts
        known = {(row.method, row.unversioned): row for row in self.operations.values() if row.facts}
        for row in self.operations.values():
            row.older = known.get((row.method, row.unversioned))

    def _reference(self, method: str, path: str) -> Reference:
        pattern = re.compile(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(path)))
        return self.operations.setdefault((method, path), Reference(method, path, pattern))

    def _add(self, document: dict[str, Any]) -> None:
        for path, methods in document["paths"].items():
            for method, spec in methods.items():
                if not isinstance(spec, dict) or "responses" not in spec:
                    continue
                reference = self._reference(method.upper(), path)
                content = spec["responses"]["200"]["content"]["application/json"]["schema"]
                reference.schemas.append(closed(content, document))
                for body in spec.get("requestBody", {}).get("content", {}).values():
                    reference.bodies.append(closed(body["schema"], document))

    def find(self, method: str, path: str) -> Reference:
        # A template without parameters beats one with: /packages/search is not /packages/{package_id}.
        for reference in sorted(self.operations.values(), key=lambda row: row.path.count("{")):
            if reference.method == method and reference.pattern.fullmatch(path):
                return reference
        raise AssertionError(f"{method} {path} is in none of the official files")

    def check_answer(self, method: str, path: str, answer: dict[str, Any]) -> None:
        """Fail unless an answer is what the files promise: the right shape, or a documented code."""
        reference = self.find(method, path)
        assert set(answer) == {"code", "message", "data", "request_id"}
        if answer["code"] != 0:
            assert answer["code"] in GENERAL | set(reference.codes), f"{method} {path} never answers {answer['code']}"
            return
        problems = []
        for schema in reference.schemas:
            problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(answer))
            if problem is None:
                return
            problems.append(f"{problem.json_path}: {problem.message[:300]}")
        raise AssertionError(f"{method} {path} answers in no official shape: {problems}")

    def check_webhook(self, body: dict[str, Any]) -> None:
        """Fail unless a webhook is what the supplement says of its type; types that nobody knows are no matter here."""
        for spec in self.supplement["webhooks"].values():
            operation = spec["post"]
            if operation["x-webhook-type"] == body["type"]:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                jsonschema.Draft202012Validator(closed(schema, self.supplement)).validate(body)


def closed(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its references resolved and its objects closed against unknown keys."""
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return closed(target, document)
    made = {key: value for key, value in schema.items() if key in ("type", "required", "enum", "minimum", "maximum")}
    if "properties" in schema:
        made["properties"] = {name: closed(part, document) for name, part in schema["properties"].items()}
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = closed(schema["items"], document)
    return made


CONTRACT = OfficialContract(FOLDER) if FOLDER.is_dir() else None
