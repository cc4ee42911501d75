"""The API's description as OpenAPI 3.1, and a page to read it.

The page is plain HTML made from the description: it needs no script and no foreign style, so it lives under the hub's strict content security
policy, prints, and cannot disagree with the description. Nothing in either belongs to a tenant, so neither asks for a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from pod_hub.accounts.api.problems import KINDS
from pod_hub.accounts.models import Scope

JSON_TYPE, YAML_TYPE = "application/vnd.oai.openapi+json", "application/vnd.oai.openapi"


@lru_cache(maxsize=1)
def api_description() -> dict[str, Any]:
    """Return the OpenAPI document. It is made from the code, so once a process is enough."""
    made: dict[str, Any] = SchemaGenerator(urlconf="pod_hub.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """Answer the description: JSON, or YAML with ``?format=yaml`` or an ``Accept`` header that asks for it."""
    wants_yaml = request.GET.get("format") == "yaml" or "yaml" in request.headers.get("Accept", "")
    if wants_yaml:
        written: bytes = OpenApiYamlRenderer().render(api_description(), renderer_context={})  # type: ignore[no-untyped-call]
        return HttpResponse(written, content_type=YAML_TYPE)
    return HttpResponse(json.dumps(api_description(), ensure_ascii=False, indent=2), content_type=JSON_TYPE)


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter or one field of a body, as the page shows it."""

    name: str
    kind: str
    required: bool
    said: str


@dataclass(frozen=True, slots=True)
class Sample:
    """An example as indented JSON."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OperationText:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    said: list[str]
    parameters: list[Value]
    fields: list[Value]
    sent: list[Sample]
    answered: list[Sample]
    problems: list[tuple[str, str]]


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Answer the page."""
    context = {"groups": operations(), "kinds": [(code, kind) for code, kind in KINDS.items()], "scopes": Scope.choices}
    return render(request, "api/reference.html", context)


for _view in (description, reference):
    _view.audience = "everybody"  # type: ignore[attr-defined]
    _view.outside_scope = True  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def operations() -> dict[str, list[OperationText]]:
    """Return the operations by tag, in the description's order."""
    groups: dict[str, list[OperationText]] = {}
    for path, methods in api_description()["paths"].items():
        for method, told in methods.items():
            groups.setdefault(told["tags"][0], []).append(_operation(path, method, told))
    return groups


def _operation(path: str, method: str, told: dict[str, Any]) -> OperationText:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = {status: one for status, one in told["responses"].items() if status < "400"}
    return OperationText(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        said=[part.replace("`", "") for part in told.get("description", "").split("\n\n") if part],
        parameters=[
            Value(one["name"], f"{_kind(one['schema'])} ({one['in']})", one.get("required", False), one.get("description", ""))
            for one in told.get("parameters", [])
        ],
        fields=list(_fields(body.get("schema", {}), "")),
        sent=_samples(body),
        answered=[
            Sample(f"{status} {sample.title}", sample.text)
            for status, one in good.items()
            for media in one.get("content", {}).values()
            for sample in _samples(media)
        ],
        problems=[(status, one.get("description", "")) for status, one in sorted(told["responses"].items()) if status >= "400"],
    )


def _samples(media: dict[str, Any]) -> list[Sample]:
    return [
        Sample(one.get("summary", name), one["value"] if isinstance(one["value"], str) else json.dumps(one["value"], indent=2, ensure_ascii=False))
        for name, one in media.get("examples", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the components, also where it stands alone in an ``allOf``."""
    for one in [schema, *schema.get("allOf", [])]:
        if "$ref" in one:
            found: dict[str, Any] = api_description()["components"]["schemas"][one["$ref"].rsplit("/", 1)[-1]]
            return found
    return schema


def _kind(schema: dict[str, Any]) -> str:
    full = _resolved(schema)
    if "enum" in full:
        return " | ".join(str(value) for value in full["enum"] if value not in {None, ""})
    kinds = full.get("type", "object")
    name = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{name} of {_kind(full['items'])}" if name == "array" else f"{name} ({full['format']})" if "format" in full else name


def _fields(schema: dict[str, Any], above: str) -> Iterator[Value]:
    full = _resolved(schema)
    for name, one in full.get("properties", {}).items():
        place = f"{above}.{name}" if above else name
        inner = _resolved(one)
        item = _resolved(inner.get("items", {}))
        nested = inner if "properties" in inner else item if "properties" in item else None
        kind = ("array of object" if nested is item else "object") if nested else _kind(one)
        yield Value(place, kind, name in full.get("required", []), one.get("description", "") or (inner.get("description", "") if nested else ""))
        if nested:
            yield from _fields(nested, f"{place}[]" if nested is item else place)
