"""The OpenAPI description and the page made from it (pod_hub/accounts/api/reference.py)."""

from __future__ import annotations

import io
import re
from typing import Any

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from pod_hub.accounts.api.problems import KINDS
from pod_hub.accounts.api.reference import api_description
from pod_hub.accounts.models import Scope
from tests.api.test_entering import parcel, released
from tests.api.test_wall import VERDICTS
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import Program, manual_order, manual_store, publication

pytestmark = pytest.mark.django_db
OPERATIONS = [(method, path, told) for path, methods in api_description()["paths"].items() for method, told in methods.items()]
IDS = [told["operationId"] for _method, _path, told in OPERATIONS]


def test_the_description_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", file=None, stdout=io.StringIO())


def test_every_operation_is_described_and_nothing_else() -> None:
    found = {(method.upper(), path.removeprefix("/api/v1/")) for method, path, _told in OPERATIONS}
    assert found == {(method, re.sub(r"<slug:(\w+)>", r"{\1}", path)) for method, path in VERDICTS}
    assert len(set(IDS)) == len(IDS)


def validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema | {"components": api_description()["components"]})


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=IDS)
def test_every_operation_has_words_a_key_and_examples_that_fit_their_schemas(method: str, path: str, told: dict[str, Any]) -> None:
    assert told["summary"] and len(told["description"]) > 40 and told["security"] == [{"apiKey": []}]
    bodies = [told["requestBody"]["content"]["application/json"]] if "requestBody" in told else []
    for status, answer in told["responses"].items():
        assert answer["content"], status
        bodies += answer["content"].values()
    shown = 0
    for media in bodies:
        for example in media.get("examples", {}).values():
            if media["schema"].get("format") != "binary":
                validator(media["schema"]).validate(example["value"])
            shown += 1
    assert shown >= len([media for media in bodies if media["schema"].get("format") != "binary"])
    for parameter in told.get("parameters", []):
        assert parameter["description"], parameter


def test_answers_have_the_form_that_the_description_promises(north: House, plant: Program) -> None:
    store = manual_store(north)
    order, line = released(north, plant)
    added = publication(north, troubles=[{"severity": "error", "words": "Too small.", "field": "pictures", "code": "18027"}])
    answers = {
        "list_orders": plant.get("orders"),
        "get_order": plant.get(f"orders/{order.public_id}"),
        "list_stores": plant.get("stores"),
        "list_publications": plant.get("publications"),
        "get_publication": plant.get(f"publications/{added.public_id}"),
        "list_products": plant.get("products"),
        "list_designs": plant.get("designs"),
        "list_intake_records": plant.get("intake-records"),
        "create_order": plant.post("orders", manual_order(store, north)),
        "move_lines": plant.post(f"orders/{order.public_id}/lines/move", {"to": "printing"}),
        "release_order": plant.post(f"orders/{order.public_id}/release"),
        "ship_packages": plant.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line)]}),
    }
    told = {one["operationId"]: one for _method, _path, one in OPERATIONS}
    for name, answer in answers.items():
        schema = told[name]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        validator(schema).validate(answer.json())
    problem = plant.post("orders", {})
    validator(told["create_order"]["responses"]["422"]["content"]["application/problem+json"]["schema"]).validate(problem.json())


def test_anybody_reads_the_description_as_json_and_as_yaml() -> None:
    as_json, as_yaml = Client().get("/api/v1/schema/"), Client().get("/api/v1/schema/", {"format": "yaml"})
    assert as_json.json()["openapi"].startswith("3.1")
    assert yaml.safe_load(as_yaml.content) == as_json.json()
    assert Client().get("/api/v1/schema/", headers={"Accept": "application/yaml"}).content == as_yaml.content


def test_the_page_names_every_operation_scope_and_problem_and_needs_no_inline_anything(north: House) -> None:
    for browser in (Client(), browser_of(north.owner)):
        answer = browser.get("/api/v1/docs/")
        page = answer.content.decode()
        assert answer.status_code == 200
        for name in IDS:
            assert f'id="{name}"' in page
        for code in KINDS:
            assert f'id="problem-{code}"' in page
        assert all(scope.value in page for scope in Scope)
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)|<style|\sstyle=|\son\w+=|(?:src|href)=\"https?:", page)
