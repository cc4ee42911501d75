"""What TikTok insists on is refused: paths, versions, ciphers, unknown parameters and fields, bodies; and our table is the official one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stores.sandbox.throttle import Plan
from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.codes import MESSAGES
from stores.sandbox.tiktok.fields import Field, check_body, fields
from stores.sandbox.tiktok.gateway import API_PATH, OPERATIONS
from stores.sandbox.tiktok.operations import Operation
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.official_contract import CONTRACT, GENERAL, Reference, contract_folder

SHOPS, WEBHOOKS = "/authorization/202309/shops", "/event/202309/webhooks"
COMMON = {"shop_cipher", "app_key", "timestamp", "sign", "category_asset_cipher"}


# --- the table against the official files -----------------------------------------------------------------------------------
def reference_of(operation: Operation) -> Reference:
    contract_folder()
    assert CONTRACT is not None
    return CONTRACT.operations[operation.method, operation.path]


def flat(known: tuple[Field, ...], path: str = "") -> dict[str, tuple[str, bool]]:
    """Return dotted names with type and required flag, as the reference lists them."""
    found: dict[str, tuple[str, bool]] = {}
    for field in known:
        kind = "object" if field.inside is not None else {"text": "string"}.get(field.kind, field.kind)
        found[path + field.name] = (("[]" if field.many else "") + kind, field.required)
        found |= flat(field.inside or (), f"{path}{field.name}.")
    return found


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation_takes_what_the_reference_lists(operation: Operation) -> None:
    facts = reference_of(operation).facts
    if facts is None:  # newer than the reference
        assert set(flat(operation.body or ())) <= _newer_names(operation)
        return
    assert set(operation.scopes) == set(facts["scope_keys"])
    assert (operation.cipher is not False) == facts["needs_shop_cipher"] or operation.cipher is None
    files = {row["name"] for row in facts["body"] if row["type"] == "file"}
    documented = {row["name"]: (row["type"], row["required"]) for row in facts["body"] if row["name"] not in files}
    ours = flat(operation.body or ())
    assert {name: ours.get(name) for name in documented} == documented
    newer = set(ours) - set(documented)
    assert newer <= _newer_names(operation)
    asked = {row["name"] for row in facts["query"]} - COMMON
    assert asked <= {field.name for field in operation.query}
    required = {row["name"] for row in facts["query"] if row["required"]} - COMMON
    assert required == {field.name for field in operation.query if field.required}


def _newer_names(operation: Operation) -> set[str]:
    """Return the dotted names of the supplement's body, which is newer than the reference."""
    reference = reference_of(operation)

    def names(schema: dict[str, Any], path: str = "") -> set[str]:
        found: set[str] = set()
        for name, part in schema.get("properties", {}).items():
            found |= {path + name} | names(part, f"{path}{name}.") | names(part.get("items", {}), f"{path}{name}.")
        return found

    return set().union(*(names(body) for body in reference.bodies)) if reference.bodies else set()


@pytest.mark.parametrize("operation", [row for row in OPERATIONS if row.body is not None], ids=lambda operation: operation.name)
def test_official_example_request_is_accepted(operation: Operation) -> None:
    example = (reference_of(operation).facts or {}).get("example_request_body")

    def complain(sentence: str) -> Refusal:
        return Refusal(36009004, sentence)

    if example is not None:  # multipart operations and those newer than the reference have none
        check_body(example, operation.body or (), complain=complain, unknown=complain)


def test_every_documented_code_has_its_documented_text() -> None:
    contract_folder()
    assert CONTRACT is not None
    documented: dict[int, set[str]] = {}
    for reference in CONTRACT.operations.values():
        for code, message in reference.codes.items():
            documented.setdefault(code, set()).add(message)
    for code, message in MESSAGES.items():
        if code not in GENERAL:
            assert message in documented[code], code


def test_a_wrong_description_of_fields_is_noticed() -> None:
    assert flat(fields("id! skus![{price{amount! currency=USD|EUR} tags[] n:int}]")) == {
        "id": ("string", True),
        "skus": ("[]object", True),
        "skus.price": ("object", False),
        "skus.price.amount": ("string", True),
        "skus.price.currency": ("string", False),
        "skus.tags": ("[]string", False),
        "skus.n": ("int", False),
    }
    with pytest.raises(ValueError, match="no description of fields"):
        fields("id? name")


# --- paths and ciphers ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/authorization/202309/shopz", 404, 36009009),
        ("POST", SHOPS, 405, 36009010),
        ("GET", "/authorization/202212/shops", 400, 36009014),
        ("GET", "/authorization/203001/shops", 404, 36009009),
    ],
)
def test_wrong_path_method_or_version_is_told_apart(ada: Caller, method: str, path: str, status: int, code: int) -> None:
    answer = ada.send(method, path, cipher=None)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_cipher_is_demanded_refused_and_held_against_the_token(ada: Caller) -> None:
    assert ada.refused("GET", WEBHOOKS, cipher=None) == 106013
    assert ada.refused("GET", WEBHOOKS, cipher=seed.SOUTH_SHOP.cipher) == 101000
    assert ada.refused("GET", WEBHOOKS, cipher="TTP_nobody") == 101000
    answer = ada.send("GET", SHOPS)
    assert (answer.json()["code"], answer.json()["message"]) == (36009004, "Unexpected identifier: shop_cipher.")


def test_token_is_demanded_and_known(ada: Caller) -> None:
    for token in ("", "TTP_made-up"):
        ada.token = token
        assert ada.refused("GET", SHOPS, cipher=None) == 36009004


def test_seller_pages_are_not_taken_for_the_seller_api() -> None:
    assert API_PATH.match("/seller/202309/shops")
    assert not API_PATH.match("/seller/orders/576461413038785752/")


# --- parameters and bodies --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        {"event_type": "PACKAGE_UPDATE"},
        {"event_type": "PACKAGE_UPDATE", "address": None},
        {"event_type": 4, "address": "https://partner.tiktokshop.com"},
        {"event_type": "PACKAGE_UPDATE", "address": "https://partner.tiktokshop.com", "secret": "x"},
        {"event_type": "NO_SUCH", "address": "https://partner.tiktokshop.com"},
        ["event_type"],
    ],
)
def test_missing_wrong_or_unknown_field_is_refused(ada: Caller, body: Any) -> None:
    assert ada.refused("PUT", WEBHOOKS, body=body) == 36009004


def test_body_that_is_no_json_or_comes_where_none_belongs_is_refused(ada: Caller) -> None:
    assert ada.send("PUT", WEBHOOKS, content=b"{", content_type="application/json").json()["code"] == 36009004
    assert ada.send("PUT", WEBHOOKS, content=b"{}", content_type="text/plain").json()["code"] == 36009004
    assert ada.send("GET", WEBHOOKS, content=b'{"a":1}', content_type="application/json").json()["code"] == 36009004


def test_empty_object_may_be_signed_or_not(ada: Caller) -> None:
    assert ada.send("GET", WEBHOOKS, content=b"{}", content_type="application/json").json()["code"] == 0


@pytest.mark.parametrize("as_200", [False, True])
def test_status_beside_a_code_can_be_varied(ada: Caller, as_200: bool) -> None:
    ada.tiktok.world.settings.errors_as_200 = as_200
    assert ada.send("GET", WEBHOOKS, cipher=None).status_code == (200 if as_200 else 400)


# --- quota ------------------------------------------------------------------------------------------------------------------
def test_fifty_calls_pass_and_the_next_is_told_when_to_come_again(tiktok: ImitationTikTok, ada: Caller) -> None:
    answers = [ada.send("GET", SHOPS, cipher=None) for _ in range(51)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == (36009002, "1")
    tiktok.clock.advance(0.03)
    assert ada.send("GET", SHOPS, cipher=None).status_code == 200


def test_each_shop_and_each_api_has_a_bucket_of_its_own_and_apis_may_have_less(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    tiktok.world.settings.rates["getShopWebhooks"] = Plan(0.5, 2)
    answers = [ada.send("GET", WEBHOOKS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "2"
    assert south.send("GET", WEBHOOKS).status_code == 200
    assert ada.send("GET", SHOPS, cipher=None).status_code == 200
    (bucket,) = [row for row in tiktok.books.buckets() if (row.seller_id, row.operation) == (ada.shop.shop_id, "getShopWebhooks")]
    assert (bucket.granted, bucket.throttled) == (2, 1)


def test_ledger_tells_operation_and_shop_of_each_request(tiktok: ImitationTikTok, ada: Caller) -> None:
    ada.send("GET", WEBHOOKS)
    entry = tiktok.books.requests()[-1]
    assert (entry.operation, entry.seller_id, entry.status, entry.error) == ("getShopWebhooks", seed.ADA_SHOP.shop_id, 200, "")
    assert ada.token not in json.dumps(entry.query)
