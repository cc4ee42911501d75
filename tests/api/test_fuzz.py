"""Every operation, asked with hundreds of bodies, parameters and ids made from its own description and bent: never a 5xx, always the promised form."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pod_hub.accounts.api import throttle
from pod_hub.accounts.api.reference import api_description
from tests.api.test_description import IDS, OPERATIONS, validator
from tests.factories.cast import House
from tests.factories.programs import Program

EXAMPLES = 200
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\0", "\ud800", "9" * 400, "2026-13-01", "0001-01-01T00:00:00+14:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    for one in [schema, *schema.get("allOf", [])]:
        if "$ref" in one:
            found: dict[str, Any] = api_description()["components"]["schemas"][one["$ref"].rsplit("/", 1)[-1]]
            return found
    return schema


def fitting(schema: dict[str, Any], ids: dict[str, list[str]], name: str = "", *, bent: bool = True) -> st.SearchStrategy[Any]:
    """Return values that fit a schema. ``bent`` ones hold ids that do not exist, odd texts and, one in a few, anything at all."""
    full = resolved(schema)
    known = [] if {"properties", "items"} & full.keys() else ids.get(name, [])
    match full:
        case {"enum": values}:
            made: st.SearchStrategy[Any] = st.sampled_from(values)
        case {"properties": properties}:
            required = set(full.get("required", []))
            made = st.fixed_dictionaries(
                {key: fitting(one, ids, key, bent=bent) for key, one in properties.items() if key in required},
                optional={key: fitting(one, ids, key, bent=bent) for key, one in properties.items() if key not in required},
            )
        case {"type": "array"}:
            made = st.lists(fitting(full["items"], ids, name, bent=bent), min_size=full.get("minItems", 0), max_size=3)
        case {"type": "integer"}:
            made = st.integers(full.get("minimum", -5), min(full.get("maximum", 10), 10))
            made = made | st.integers() if bent else made
        case {"type": "boolean"}:
            made = st.booleans()
        case {"format": "date-time"}:
            made = st.just(now().isoformat())
            made = made | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()) if bent else made
        case {"format": "email"}:
            made = st.emails() if bent else st.just("bea@example.com")
        case {"pattern": pattern}:
            made = st.from_regex(pattern)
        case _:
            made = st.text(max_size=full.get("maxLength", 40)) if bent else st.text("aß1", min_size=1, max_size=10)
    if known:
        made = st.sampled_from(known) | made if bent else st.sampled_from(known)
    return st.one_of(made, made, made, made, made, anything) if bent else made


def of_this_kind(path: str, known: list[str]) -> list[str]:
    """Return those ids that name what an address is about, so that some requests get beyond "there is no such thing"."""
    kinds = {"orders": "ord_", "holds": "hld_", "publications": "pub_"}
    kind = next((prefix for word, prefix in kinds.items() if f"/{word}/" in path), "")
    return [one for one in known if one.startswith(kind)] or known


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=IDS)
def test_no_request_makes_the_hub_fail(
    north: House, plant: Program, ids: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, method: str, path: str, told: dict[str, Any]
) -> None:
    monkeypatch.setattr(throttle, "take", lambda *_args, **_kwargs: 0.0)
    client = Client(raise_request_exception=True)
    wheres: dict[str, dict[str, st.SearchStrategy[Any]]] = {"query": {}, "path": {}, "header": {}}
    for parameter in told.get("parameters", []):
        wheres[parameter["in"]][parameter["name"]] = fitting(parameter["schema"], ids, parameter["name"])
    schema = told["requestBody"]["content"]["application/json"]["schema"] if "requestBody" in told else {"properties": {}}
    straight, bent = fitting(schema, ids, bent=False), fitting(schema, ids)
    body = st.booleans().flatmap(lambda plain: straight if plain else bent)
    if told["operationId"] == "ship_packages":
        assert plant.post(f"orders/{ids['public_id'][0]}/release").status_code == 200
    odd_key = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
    seen: dict[int, int] = {}

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        query=st.fixed_dictionaries({}, optional=wheres["query"] | {"unknown": st.text()}),
        places=st.fixed_dictionaries(
            {
                name: st.sampled_from(of_this_kind(path, ids[name]))
                | st.sampled_from(ids[name])
                | st.from_regex(r"\A[-\w]{1,40}\Z", alphabet=st.characters(codec="ascii"))
                for name in wheres["path"]
            }
        ),
        sent=body,
        raw=st.none() | st.none() | st.none() | st.none() | st.binary(max_size=60),
        once=st.none() | odd_key,
    )
    def ask(query: dict[str, Any], places: dict[str, str], sent: Any, raw: bytes | None, once: str | None) -> None:
        headers = {"Authorization": f"Bearer {plant.text}"} | ({"Idempotency-Key": once} if once is not None and method == "post" else {})
        asked = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()} if method == "get" else {}
        asked = {name: value.encode("utf-8", "replace").decode() for name, value in asked.items()}
        content = raw if raw is not None else json.dumps(sent).encode()
        extra: dict[str, Any] = {"data": asked} if method == "get" else {"data": content, "content_type": "application/json"}
        answer = getattr(client, method)(path.format(**places), headers=headers, **extra)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        assert answer.status_code < 500
        assert str(answer.status_code) in told["responses"], f"{answer.status_code} is not in the description"
        media = told["responses"][str(answer.status_code)]["content"][answer["Content-Type"]]
        if media["schema"].get("format") != "binary":
            try:
                validator(media["schema"]).validate(answer.json())
            except jsonschema.ValidationError as error:
                raise AssertionError(f"{answer.status_code}: {error.message}") from None

    ask()
    assert any(status < 300 for status in seen), f"nothing ever succeeded: {seen}"
