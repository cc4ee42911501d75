"""Every address of the URL table, asked by everybody: who gets what, and that no answer holds a byte of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pod_hub.accounts.models import Customer, Psp
from pod_hub.core.tenancy import tenant
from tests.isolation.marked_house import TENANT_MODELS, found_in
from tests.isolation.url_walk import Address, Answer, Walk, addresses
from tests.isolation.verdicts import ACCOUNT, ADMIN, API, HUB, Page, verdict_on

TABLE = list(addresses())
pytestmark = pytest.mark.usefixtures("files_of_the_houses")
KEPT_BY_BROWSERS = {"catalog:preview", "catalog:print_file", "orders:file_preview"}  # artwork, named by its content; never a buyer's data
each_address = pytest.mark.parametrize("address", TABLE, ids=lambda address: address.name)


def decided(address: Address) -> Page:
    page = verdict_on(address)
    assert page is not None, f"nobody has decided who may ask for {address.name} ({address.route}): add a row to verdicts.py"
    return page


def answers(walk: Walk, address: Address) -> Iterator[tuple[str, str, Answer]]:
    """What each person gets at an address, to a GET and to a POST."""
    page = decided(address)
    path = page.path(address, walk.north)
    for method in ("GET", "POST"):
        for who in page.people:
            yield who, method, walk.ask(who, method, path, page.data(walk.north) if method == "POST" else None)


def test_the_verdicts_name_only_addresses_that_exist() -> None:
    assert {*HUB, *API, *ACCOUNT, *ADMIN} <= {address.name for address in TABLE}


def test_a_house_has_a_row_of_every_kind(walk: Walk) -> None:
    for house in (walk.north, walk.south):
        assert house.rows.keys() == set(TENANT_MODELS)


@each_address
def test_everybody_gets_what_the_table_says(walk: Walk, address: Address) -> None:
    page = decided(address)
    for method, row in (("GET", page.get), ("POST", page.post)):
        got = {who: answer.outcome for who, asked, answer in answers(walk, address) if asked == method}
        assert got == {who: getattr(row, who) for who in page.people}, method


@each_address
def test_no_answer_to_an_outsider_holds_a_mark_of_the_house(walk: Walk, address: Address) -> None:
    house = walk.north
    path = decided(address).path(address, house)
    for who, method, answer in answers(walk, address):
        if who in {"nobody", "foreign", "gone", "merchant"}:
            seen = {mark for mark in answer.marks if mark in house.marks.where} - (set() if who in {"nobody", "foreign"} else allowed(walk, who))
            assert not seen, (who, method, [house.marks.where[mark] for mark in seen])
            ids = {text for text in house.public_ids if text in answer.text and text not in path}
            assert not ids, (who, method, ids)


@each_address
def test_nobody_is_shown_what_is_sealed_for_others(walk: Walk, address: Address) -> None:
    """Tokens are on no page at all; buyers' data on no page of an operator."""
    secrets = {mark: place for mark, place in walk.north.marks.where.items() if mark.startswith("zqk")}
    tokens = {mark for mark, place in secrets.items() if place.startswith(("Authorization.", "IntakeRecord."))}
    for who, method, answer in answers(walk, address):
        hidden = secrets.keys() if who in {"operator", "merchant"} else tokens
        seen = hidden & set(answer.marks)
        assert not seen, (who, method, [secrets[mark] for mark in seen])


@each_address
def test_its_owner_sees_marks_so_the_search_for_them_finds_them(walk: Walk, address: Address) -> None:
    page = decided(address)
    if page.shows_marks:
        assert walk.ask("owner", "GET", page.path(address, walk.north)).marks


@each_address
def test_who_may_not_changes_nothing(walk: Walk, address: Address) -> None:
    for who, method, answer in answers(walk, address):
        may = answer.outcome in {201, 302} and who in {"production", "owner"}
        changed = [(table, psp) for table, psp in answer.changed if who != "foreign" or psp == walk.north.house.psp.pk]
        if address.name == "orders:print_files" and answer.status == 200 and who != "foreign":
            # Whoever may read the files may take them along; that they did stands on the orders' timelines.
            assert {table for table, _psp in answer.changed} <= {"orders_orderevent"}, (who, method, answer.changed)
            continue
        if address.name == "accounts:export_audit_trail" and answer.status == 200 and who == "owner":
            assert answer.changed == [("accounts_auditentry", walk.north.house.psp.pk)], "that it was taken along is itself an entry"
            continue
        assert (method == "POST" and (may or who == "foreign")) or not answer.changed, (who, method, answer.changed)
        assert who != "foreign" or not changed, (who, method, changed)


@each_address
def test_every_answer_has_the_headers_that_protect_it(walk: Walk, address: Address) -> None:
    for who, method, answer in answers(walk, address):
        asked = (who, method)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "default-src 'none'" in policy, asked
        assert answer.headers["X-Content-Type-Options"] == "nosniff", asked
        assert answer.headers["X-Frame-Options"] == "DENY", asked
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, asked
        assert not {"Server", "X-Powered-By"} & answer.headers.keys(), asked
        if who != "nobody":
            kept = answer.headers["Cache-Control"]
            assert "no-store" in kept or ("private" in kept and address.name in KEPT_BY_BROWSERS and answer.status == 200), (asked, kept)
        for cookie in answer.cookies.values():
            assert cookie["httponly"] or not cookie.value, (asked, cookie)
            assert cookie["samesite"] in {"Lax", "Strict"}, (asked, cookie)


def allowed(walk: Walk, who: str) -> set[str]:
    """Marks that a person of the house may see: the name of the house, their own, and a merchant that of its customer."""
    house, user = walk.north.house, walk.user(who)
    assert user is not None
    with tenant(house.psp.pk):
        customer = Customer.objects.get(pk=house.customer.pk).name if who == "merchant" else ""
    return set(found_in(" ".join([user.email, user.get_full_name(), customer, Psp.objects.get(pk=house.psp.pk).name])))


@each_address
def test_a_post_without_a_token_is_refused(walk: Walk, address: Address) -> None:
    page = decided(address)
    who = "operator" if address.route.startswith("operator/") else "owner"
    answer = walk.forge(who, page.path(address, walk.north), page.data(walk.north))
    assert not answer.changed
    if address.name in API and page.post.owner in {401, 404}:
        # A browser's session is worth nothing there, so there is nothing to forge.
        assert answer.status == page.post.owner
    else:
        assert answer.status == 403 and answer.refused_for_its_token
