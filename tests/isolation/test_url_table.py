"""Every address of the URL table, asked by everybody: who gets what, and that no answer holds a byte of somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pod_hub.accounts.models import Customer, Psp, TradingName
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantModel, tenant
from stores.models import Authorization, Connection, ConnectionWizard, ConsentAttempt, SelfTest, SelfTestStep, Store
from tests.isolation.marked_house import TENANT_MODELS, found_in
from tests.isolation.url_walk import Address, Answer, Walk, addresses
from tests.isolation.verdicts import ACCOUNT, ADMIN, API, HUB, Page, verdict_on

TABLE = list(addresses())
pytestmark = pytest.mark.usefixtures("files_of_the_houses")
# Which rows about connecting a store are a merchant's own, by the way to their customer.
OF_CUSTOMER: dict[type[TenantModel], str] = {
    TradingName: "customer",
    Authorization: "customer",
    Store: "customer",
    Connection: "store__customer",
    ConnectionWizard: "customer",
    ConsentAttempt: "store__customer",
    SelfTest: "store__customer",
    SelfTestStep: "test__store__customer",
}
# Artwork, named by its content, and a colour; never a buyer's data.
KEPT_BY_BROWSERS = {
    "catalog:category_picture",
    "catalog:mockup_picture",
    "catalog:preview",
    "designs:picture",
    "catalog:print_file",
    "orders:file_preview",
    "stores:picture_of_product",
    "accounts:preview_colours",
}
# What a colleague who is narrowed to the second customer may see beside that customer.
OF_THE_WHOLE_HOUSE = (
    "second customer",
    "second customer's design",
    "facility",
    "category",
    "product model",
    "print area",
    "variant",
    "mockup",
    "print file",
)
# Of everything that has an id in the house, what its first customer's merchants never meet; and what the second one's may.
NOT_FOR_MERCHANTS = ("second customer", "second customer's design", "facility", "push", "api key", "hold")
OF_THE_NEIGHBOUR = ("second customer", "second customer's design", "category", "product model", "print area", "variant", "mockup", "print file")
PUBLIC_LOOK = {"accounts:provider_colours", "accounts:provider_logo"}  # what a sign-in page wears
WRITTEN_DOWN = {
    "orders:order",
    "orders:edit_address",
    "orders:print_file",
    "orders:print_files",
    "fulfillment:job_ticket",
    "fulfillment:job_tickets",
    "fulfillment:packing_slip",
    "fulfillment:packing_slips",
    "fulfillment:packing_slip_of_package",
    "fulfillment:label_document",
}
# Whoever may look may do so; that they did is written down, on the order's timeline, among the looks at its buyer, or as a visit.
NOTED = {name: {"orders_orderevent", "orders_buyerlook", "accounts_auditentry"} for name in WRITTEN_DOWN} | {
    "accounts:enter_portal": {"accounts_portalvisit", "accounts_auditentry"}
}
each_address = pytest.mark.parametrize("address", TABLE, ids=lambda address: address.name)


def each_address_where(holds: Callable[[Address, Page], bool]) -> pytest.MarkDecorator:
    """Ask at those addresses alone whose verdict says that there is something to find. One without a verdict fails in the tests that ask everywhere."""
    chosen = [address for address in TABLE if (page := verdict_on(address)) is not None and holds(address, page)]
    return pytest.mark.parametrize("address", chosen, ids=lambda address: address.name)


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
        assert got == {who: row.of(who) for who in page.people}, method


@each_address
def test_no_answer_to_an_outsider_holds_a_mark_of_the_house(walk: Walk, address: Address) -> None:
    house = walk.north
    path = decided(address).path(address, house)
    for who, method, answer in answers(walk, address):
        if who in {"nobody", "foreign", "gone", "merchant", "colleague", "neighbour"}:
            seen = {mark for mark in answer.marks if mark in house.marks.where} - (set() if who in {"nobody", "foreign"} else allowed(walk, who))
            if (address.name, who) == ("portal:buyer", "merchant"):
                seen = {mark for mark in seen if not house.marks.where[mark].startswith("BuyerData.")}
            assert not seen, (who, method, [house.marks.where[mark] for mark in seen])
            shown = {house.ids[name] for name in OF_THE_WHOLE_HOUSE} if who == "colleague" else set()
            if who == "merchant":
                shown = house.public_ids - {house.ids[name] for name in NOT_FOR_MERCHANTS}
            elif who == "neighbour":
                shown = {house.ids[name] for name in OF_THE_NEIGHBOUR}
            ids = {text for text in house.public_ids - shown if text in answer.text and text not in path}
            assert not ids, (who, method, ids)


@each_address_where(lambda address, page: address.name.startswith("portal:") and page.get.merchant == 200 and bool(page.ids))
def test_a_merchant_reads_its_own_things_so_the_search_for_them_finds_them(walk: Walk, address: Address) -> None:
    own = walk.north.marks_for_merchant & set(walk.ask("merchant", "GET", decided(address).path(address, walk.north)).marks)
    assert {walk.north.marks.where[mark] for mark in own} - {"Psp.name", "Customer.name"}


@each_address
def test_nobody_is_shown_what_is_sealed_for_others(walk: Walk, address: Address) -> None:
    """Tokens are on no page at all; buyers' data on no page of an operator."""
    secrets = {mark: place for mark, place in walk.north.marks.where.items() if mark.startswith("zqk")}
    tokens = {mark for mark, place in secrets.items() if place.startswith(("Authorization.", "IntakeRecord."))}
    for who, method, answer in answers(walk, address):
        hidden = secrets.keys() if who in {"operator", "merchant", "neighbour"} else tokens
        if (address.name, who) == ("portal:buyer", "merchant"):  # where a merchant asks for its buyer, which is written down
            hidden = {mark for mark, place in secrets.items() if not place.startswith("BuyerData.")}
        seen = hidden & set(answer.marks)
        assert not seen, (who, method, [secrets[mark] for mark in seen])


@each_address_where(lambda address, page: page.shows_marks)
def test_its_owner_sees_marks_so_the_search_for_them_finds_them(walk: Walk, address: Address) -> None:
    assert walk.ask("owner", "GET", decided(address).path(address, walk.north)).marks


# Pages whose reading leaves a trace: they show a buyer, or hand out a print file.


@each_address
def test_who_may_not_changes_nothing(walk: Walk, address: Address) -> None:
    for who, method, answer in answers(walk, address):
        may = answer.outcome in {201, 302} and who in {"production", "owner", "merchant"}
        may |= who == "merchant" and address.name == "portal:buyer"  # who looked is written down
        # Pages about the neighbour's own things change those and no others.
        may |= who == "neighbour" and answer.outcome == 302 and not decided(address).ids
        changed = [(table, psp) for table, psp in answer.changed if who != "foreign" or psp == walk.north.house.psp.pk]
        looked = {200, 302} if address.name == "accounts:enter_portal" else {200, 422}
        if address.name in NOTED and answer.status in looked and who != "foreign":
            assert {table for table, _psp in answer.changed} <= NOTED[address.name], (who, method, answer.changed)
            continue
        if who == "colleague":
            # Nothing of what was asked for is theirs, so whatever they may do, they do to nothing.
            if address.name == "stores:wizard_start":  # begins for the customer they look after
                continue
            assert not answer.changed, (method, answer.changed)
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
            looks = address.name in PUBLIC_LOOK and answer.status == 200 and kept.startswith("public")
            assert looks or "no-store" in kept or ("private" in kept and address.name in KEPT_BY_BROWSERS and answer.status == 200), (asked, kept)
        for cookie in answer.cookies.values():
            assert cookie["httponly"] or not cookie.value, (asked, cookie)
            assert cookie["samesite"] in {"Lax", "Strict"}, (asked, cookie)


def allowed(walk: Walk, who: str) -> set[str]:
    """Marks that a person of the house may see: the name of the house and their own, and what their customers let them read."""
    house, user = walk.north.house, walk.user(who)
    if who == "colleague":
        return set(walk.north.marks_for_colleague)
    if who == "merchant":
        return {*walk.north.marks_for_merchant, *found_in(own_rows(walk))}
    if who == "neighbour":
        return set(walk.north.marks_for_neighbour)
    assert user is not None
    return set(found_in(" ".join([user.email, user.get_full_name(), Psp.objects.get(pk=house.psp.pk).name])))


def own_rows(walk: Walk) -> str:
    """All that stands in the rows by which a merchant's own stores are connected; nothing of it is sealed or another customer's."""
    customer = walk.north.house.customer.pk
    with tenant(walk.north.house.psp.pk):
        rows: list[Any] = [Customer.objects.get(pk=customer)]
        for model, path in OF_CUSTOMER.items():
            rows += model.objects.filter(**{path: customer})
        seen = [str(getattr(row, field.attname)) for row in rows for field in row._meta.concrete_fields if not isinstance(field, SealedJSON)]
        people = [row.started_by for row in rows if getattr(row, "started_by", None)]
    return " ".join([*seen, *(f"{one.get_full_name()} {one.email}" for one in people)])


@each_address
def test_a_post_without_a_token_is_refused(walk: Walk, address: Address) -> None:
    page = decided(address)
    who = "operator" if address.route.startswith("operator/") else "owner"
    answer = walk.forge(who, page.path(address, walk.north), page.data(walk.north))
    assert not answer.changed
    if address.name == "stores:notices" or (address.name in API and page.post.owner in {401, 404}):
        # A browser's session is worth nothing there, so there is nothing to forge.
        assert answer.status == page.post.owner
    else:
        assert answer.status == 403 and answer.refused_for_its_token
