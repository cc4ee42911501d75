"""Schemathesis reads the description of the API and tries to make the hub fail; ``test_fuzz.py`` does so with values of our own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from pod_hub.accounts.api import throttle
from pod_hub.accounts.api.reference import api_description
from pod_hub.wsgi import application
from tests.api.test_description import IDS, OPERATIONS
from tests.factories.programs import Program

EXAMPLES = 40
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@cache
def description() -> schemathesis.BaseSchema:
    """Return the description as schemathesis reads it, bound to the hub's own WSGI application."""
    schema = schemathesis.openapi.from_dict(api_description())
    schema.app = application
    return schema


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's connection, which is in a transaction, across requests; Django's own test client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "breaking"])
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _told in OPERATIONS], ids=IDS)
def test_schemathesis_finds_no_5xx_and_no_answer_that_is_not_promised(
    plant: Program, ids: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, method: str, path: str, mode: GenerationMode
) -> None:
    monkeypatch.setattr(throttle, "take", lambda *_args, **_kwargs: 0.0)
    headers = {"Authorization": f"Bearer {plant.text}", "Host": "localhost"}
    seen: set[int] = set()
    known = st.fixed_dictionaries({}, optional={name: st.sampled_from(found) for name, found in ids.items()})

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=description()[path][method.upper()].as_strategy(generation_mode=mode), places=known)
    def ask(case: Any, places: dict[str, str]) -> None:
        case.path_parameters = {name: places.get(name, made) for name, made in (case.path_parameters or {}).items()}
        seen.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    ask()
    assert seen - {401, 403}, "the key opened nothing, so nothing was tried"
