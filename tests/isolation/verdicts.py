"""Who gets what at each address: one row for each entry of the URL table, by method. An address without a row fails the test.

A row names the answers to eight people in the order of ``PEOPLE``: a status, or ``IN`` for being sent to sign in. ``foreign`` is the owner
of another PSP who asks with this PSP's ids; ``gone`` had a membership; ``operator`` is a superuser without one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.cast import artwork
from tests.isolation.marked_house import TENANT_MODELS, MarkedHouse
from tests.isolation.url_walk import PEOPLE, Address

IN = "login"


@dataclass(frozen=True, slots=True)
class Row:
    """The answers at one address, to a GET or to a POST."""

    nobody: int | str
    merchant: int | str
    reader: int | str
    production: int | str
    owner: int | str
    foreign: int | str
    gone: int | str
    operator: int | str

    @classmethod
    def all(cls, answer: int) -> Row:
        """The same for everybody."""
        return cls(*[answer] * 8)


NOT_ALLOWED, PUBLIC = Row.all(405), Row.all(200)
LIST = Row(IN, 404, 200, 200, 200, 200, 404, 404)  # everybody of a PSP, their own rows
ONE = replace(LIST, foreign=404)
MANAGE = Row(IN, 404, 403, 403, 200, 200, 404, 404)
MANAGE_ONE = replace(MANAGE, foreign=404)
WORK_ONE = Row(IN, 404, 403, 200, 200, 404, 404, 404)
MANAGED, MANAGED_ONE = replace(MANAGE, owner=302, foreign=302), replace(MANAGE_ONE, owner=302)
WORKED, WORKED_ONE = replace(WORK_ONE, production=302, owner=302, foreign=302), replace(WORK_ONE, production=302, owner=302)
SELECTED = replace(LIST, foreign=302)  # papers and files of what was ticked; nothing of it is theirs
SENT_ON = replace(Row.all(302), nobody=IN)
MEMBERS = replace(PUBLIC, nobody=IN)  # anybody who is signed in: their own account
VISITORS = replace(Row.all(302), nobody=200)  # who is signed in already is sent to the start
REFUSED = 422


@dataclass(frozen=True, slots=True)
class Page:
    """The verdict on one address. ``ids`` names the objects that stand in it, ``query`` and ``data`` what is sent with a GET and a POST."""

    get: Row
    post: Row = NOT_ALLOWED
    ids: dict[str, str] = field(default_factory=dict)
    query: str = ""
    data: Callable[[MarkedHouse], dict[str, Any]] = lambda _north: {}
    people: tuple[str, ...] = PEOPLE
    has_marks: bool | None = None  # whether its owner must see marks there; None: yes, if it shows one object

    def path(self, address: Address, house: MarkedHouse) -> str:
        """Return the address for a house's objects."""
        values = {name: house.ids.get(kind, kind) for name, kind in self.ids.items()}
        return address.path(values) + self.query.format(**{name.replace(" ", "_"): text for name, text in house.ids.items()})

    @property
    def shows_marks(self) -> bool:
        """Whether its owner must see marks there: proof that the search for them would find one."""
        return self.has_marks if self.has_marks is not None else bool(self.ids) and self.get.owner == 200


def one(get: Row, kind: str, post: Row = NOT_ALLOWED, *, name: str = "public_id", **more: Any) -> Page:
    """Return the page of one object."""
    return Page(get, post, {name: kind}, **more)


def do(post: Row, kind: str, **more: Any) -> Page:
    """Return an address that only takes a POST about one object."""
    return Page(NOT_ALLOWED, post, {"public_id": kind}, **more)


def picture() -> SimpleUploadedFile:
    """Return an upload that can be printed."""
    return SimpleUploadedFile("new.png", artwork(colour="navy"), "image/png")


def _place(north: MarkedHouse) -> dict[str, str]:
    return {"name": "Plant two", "address_lines": "Dock 2", "city": "Hamburg", "postcode": "20457", "country": "DE", "time_zone": "Europe/Berlin"}


def _model(north: MarkedHouse) -> dict[str, str]:
    sizes = {"print_width_mm": "10", "print_height_mm": "10", "bleed_mm": "0", "min_dpi": "100", "target_dpi": "300", "weight_g": "1"}
    return {"name": "Cup", "sku": "BLANK-CUP", "category": north.ids["category pk"]} | sizes


def _product(north: MarkedHouse) -> dict[str, Any]:
    prices = {"name": "Cup", "uid": "CUP-11", "price": "4.20", "currency": "EUR"}
    return prices | {"customers": [north.ids["customer pk"]], "facilities": [north.ids["facility pk"]]}


def _store(north: MarkedHouse) -> dict[str, str]:
    return {
        "customer": north.ids["customer pk"],
        "facility": north.ids["facility pk"],
        "trading_name": north.ids["trading name pk"],
        "place": "amazon:A1F83G8C2ARO7P",
        "name": "New",
    }


def _settings(north: MarkedHouse) -> dict[str, Any]:
    return {
        "fulfilled_by": "merchant",
        "import_states": ["unshipped"],
        "max_order_age_days": "7",
        "inventory_channel_code": "DEFAULT",
        "approval": "manual",
    }


def _package(north: MarkedHouse) -> dict[str, str]:
    parcel = {"p0-carrier_code": "DHL", "p0-tracking_number": "00340434161094000002", "p0-shipping_method": ""}
    return {"packages": "1", f"p0-{north.ids['line']}": "1"} | parcel


def _address(north: MarkedHouse) -> dict[str, str]:
    return {"name": "Cleo", "line1": "Am Markt 3", "postcode": "10115", "city": "Berlin", "country": "DE"}


def _design(north: MarkedHouse) -> dict[str, Any]:
    return {"customer": north.ids["customer pk"], "name": "New", "file": picture()}


HUB = {
    "accounts:start": Page(Row(IN, 200, 302, 302, 302, 302, 403, 302)),
    "accounts:customers": Page(LIST, has_marks=True),
    "accounts:add_customer": Page(MANAGE, MANAGED, data=lambda _: {"name": "New"}),
    "accounts:customer": one(ONE, "customer"),
    "accounts:edit_customer": one(MANAGE_ONE, "customer", MANAGED_ONE, data=lambda _: {"name": "New"}),
    "accounts:switch_storefronts": do(MANAGED_ONE, "customer"),
    "accounts:add_trading_name": do(MANAGED_ONE, "customer", data=lambda _: {"name": "New"}),
    "accounts:edit_trading_name": one(MANAGE_ONE, "trading name", MANAGED_ONE, data=lambda _: {"name": "New"}),
    "accounts:logo": one(ONE, "trading name", has_marks=False),
    "accounts:file_names": Page(MANAGE, MANAGED, data=lambda _: {"print_file_pattern": "{order_number}_{line}.{ext}"}),
    "accounts:preview_file_name": Page(MANAGE, query="?print_file_pattern=x"),
    "accounts:settings": Page(LIST, MANAGED, data=lambda _: {"name": "New", "time_zone": "Europe/Paris"}, has_marks=True),
    "accounts:add_facility": Page(MANAGE, MANAGED, data=_place),
    "accounts:edit_facility": one(MANAGE_ONE, "facility", MANAGED_ONE, data=_place),
    "accounts:api_keys": Page(MANAGE, has_marks=True),
    "accounts:add_api_key": Page(MANAGE, replace(MANAGE, owner=201, foreign=201), data=lambda _: {"name": "New", "scopes": ["orders:read"]}),
    "accounts:sign_in_rules": Page(LIST, replace(MANAGED, production=403), data=lambda _: {}, has_marks=True),
    "accounts:audit_trail": Page(MANAGE, has_marks=True),
    "accounts:export_audit_trail": Page(NOT_ALLOWED, MANAGE),
    "accounts:second_factor_needed": Page(SENT_ON),
    "accounts:sessions": Page(MEMBERS),
    "accounts:end_other_sessions": Page(NOT_ALLOWED, SENT_ON),
    "accounts:end_session": Page(NOT_ALLOWED, SENT_ON, {"pk": "0"}),
    "accounts:revoke_api_key": do(MANAGED_ONE, "api key"),
    "stores:stores": Page(LIST, has_marks=True),
    "stores:add": Page(MANAGE, replace(MANAGED, foreign=REFUSED), query="?customer={customer}", data=_store, has_marks=True),
    "stores:connect_return": Page(replace(MANAGED, merchant=404), ids={"kind": "amazon"}, query="?state=x&spapi_oauth_code=y&selling_partner_id=z"),
    "stores:store": one(ONE, "store"),
    "stores:settings": one(ONE, "store", MANAGED_ONE, data=_settings),
    "stores:edit": one(MANAGE_ONE, "store", MANAGED_ONE, data=_store),
    "stores:connection": one(ONE, "store"),
    "stores:authorize": do(MANAGED_ONE, "store"),
    "stores:disconnect": one(MANAGE_ONE, "store", MANAGED_ONE),
    "stores:sync": do(MANAGED_ONE, "store"),
    "stores:sync_progress": one(ONE, "store", has_marks=False),
    "catalog:products": Page(LIST, has_marks=True),
    "catalog:add_category": Page(MANAGE, MANAGED, data=lambda _: {"name": "New", "position": "1"}),
    "catalog:edit_category": one(MANAGE_ONE, "category", MANAGED_ONE, data=lambda _: {"name": "New", "position": "1"}),
    "catalog:add_product_model": Page(MANAGE, replace(MANAGED, foreign=REFUSED), data=_model),
    "catalog:product_model": one(ONE, "product model"),
    "catalog:edit_product_model": one(MANAGE_ONE, "product model", MANAGED_ONE, data=_model),
    "catalog:add_customer_product": one(MANAGE_ONE, "product model", MANAGED_ONE, data=_product),
    "catalog:add_design": one(MANAGE_ONE, "product model", MANAGED_ONE, data=_design),
    "catalog:customer_product": one(ONE, "customer product"),
    "catalog:edit_customer_product": one(MANAGE_ONE, "customer product", MANAGED_ONE, data=_product),
    "catalog:preview": one(ONE, "print file", has_marks=False),
    "catalog:print_file": one(ONE, "print file"),
    "orders:orders": Page(LIST, has_marks=True),
    "orders:bulk_release": Page(NOT_ALLOWED, WORKED, data=lambda north: {"order": [north.ids["order"], north.ids["held order"]]}),
    "orders:bulk_approve": Page(NOT_ALLOWED, WORKED, data=lambda north: {"order": [north.ids["held order"]]}),
    "orders:import_now": do(WORKED_ONE, "authorization"),
    "orders:attention": Page(LIST, has_marks=True),
    "orders:ledger": Page(LIST, has_marks=True),
    "orders:decide_again": Page(NOT_ALLOWED, WORKED, data=lambda north: {"record": [north.ids["record"]]}),
    "orders:record": one(ONE, "record", name="record_id"),
    "orders:map_listing": one(
        MANAGE_ONE,
        "listing",
        MANAGED_ONE,
        query="?product={customer_product}",
        data=lambda north: {"quantity": "1", "design": north.ids["design"]},
    ),
    "orders:print_files": Page(NOT_ALLOWED, SELECTED, data=lambda north: {"order": [north.ids["order"]], "line": [north.ids["line"]], "anyway": "1"}),
    "orders:file_preview": one(ONE, "print file", has_marks=False),
    "orders:print_file": one(ONE, "line"),
    "orders:personalisation": do(WORKED_ONE, "personalised line", data=lambda _: {"do": "approve"}),
    "orders:order": one(ONE, "order"),
    "orders:release": do(WORKED_ONE, "order"),
    "orders:move": do(WORKED_ONE, "order", data=lambda north: {"to": "printing", "line": north.ids["line"]}),
    "orders:release_hold": Page(NOT_ALLOWED, WORKED_ONE, {"public_id": "held order", "hold_id": "hold"}, data=lambda _: {"reason": "seen"}),
    "orders:edit_address": one(WORK_ONE, "order", WORKED_ONE, data=_address),
    "orders:edit_quantity": one(WORK_ONE, "line", WORKED_ONE, data=lambda _: {"quantity": "1"}),
    "orders:edit_artwork": one(WORK_ONE, "line", WORKED_ONE, data=lambda north: {"design": north.ids["design"]}),
    "orders:remove_buyer_data": one(MANAGE_ONE, "order", MANAGED_ONE),
    "orders:reconciliation": one(ONE, "authorization", has_marks=False),
    "orders:check_now": do(WORKED_ONE, "authorization"),
    "fulfillment:finder": Page(LIST, query="?q={order}", has_marks=True),
    "fulfillment:ask": Page(NOT_ALLOWED, WORKED, data=lambda _: {"q": "#1001"}),
    "fulfillment:cancel": one(WORK_ONE, "order", WORKED_ONE, data=lambda north: {"reason": "other", "lines": [north.ids["personalised line"]]}),
    "fulfillment:decline_cancellation": do(WORKED_ONE, "order"),
    "fulfillment:try_all_again": Page(NOT_ALLOWED, WORKED),
    "fulfillment:production": Page(LIST, has_marks=True),
    "fulfillment:shipments": Page(LIST, has_marks=True),
    "fulfillment:push": one(ONE, "push"),
    "fulfillment:try_again": do(WORKED_ONE, "push"),
    "fulfillment:ship": one(WORK_ONE, "order", WORKED_ONE, data=_package),
    "fulfillment:job_ticket": one(ONE, "order"),
    "fulfillment:packing_slip": one(ONE, "order"),
    "fulfillment:packing_slip_of_package": Page(ONE, ids={"public_id": "order", "number": "1"}),
    "fulfillment:job_tickets": Page(NOT_ALLOWED, SELECTED, data=lambda north: {"order": [north.ids["order"]], "line": [north.ids["line"]]}),
    "fulfillment:packing_slips": Page(NOT_ALLOWED, SELECTED, data=lambda north: {"order": [north.ids["order"]], "line": [north.ids["line"]]}),
    "ui:styleguide": Page(PUBLIC),
    "ui:styleguide_progress": Page(PUBLIC),
}
# The API knows keys and no sessions: to a browser every address says so, whoever sits before it. tests/api/test_wall.py asks with keys.
API = {
    name: Page(Row.all(401), Row.all(401), ids, has_marks=False)
    for name, ids in {
        "api:products": {},
        "api:designs": {},
        "api:stores": {},
        "api:orders": {},
        "api:order": {"public_id": "order"},
        "api:release": {"public_id": "order"},
        "api:move_lines": {"public_id": "order"},
        "api:print_file": {"public_id": "order", "line_id": "line"},
        "api:release_hold": {"public_id": "hold"},
        "api:intake_records": {},
        "api:packages": {"public_id": "order"},
    }.items()
}
API |= {
    "api:schema": Page(PUBLIC),
    "api:docs": Page(PUBLIC),
    "api:nothing": Page(Row.all(404), Row.all(404)),
}
NOT_HERE, NONE_OF_MINE = Row.all(404), replace(Row.all(404), nobody=IN)
ASKED_FIRST = replace(NOT_ALLOWED, nobody=IN)
VISITORS_ELSEWHERE = replace(Row.all(302), nobody=IN)
ACCOUNT = {
    "account_login": Page(VISITORS, VISITORS),
    "account_logout": Page(replace(PUBLIC, nobody=302), Row.all(302)),
    "account_inactive": Page(PUBLIC),
    "account_signup": Page(VISITORS, VISITORS),
    "account_reauthenticate": Page(MEMBERS, MEMBERS),
    "account_email": Page(NOT_HERE, NOT_HERE),
    "account_email_verification_sent": Page(NOT_HERE, NOT_HERE),
    "account_change_password": Page(MEMBERS, MEMBERS),
    "account_set_password": Page(NOT_HERE, NOT_HERE),
    "account_reset_password": Page(PUBLIC, PUBLIC),
    "account_confirm_email": Page(NOT_HERE, NOT_HERE, {"key": "k"}, has_marks=False),
    "account_reset_password_from_key_done": Page(PUBLIC),
    "account_reset_password_from_key": Page(PUBLIC, PUBLIC, {"uidb36": "1", "key": "k"}, has_marks=False),
    "account_reset_password_done": Page(PUBLIC),
    # Changing factors asks for the password once more; without a factor there is nothing to authenticate with, show or remove.
    "mfa_index": Page(MEMBERS, ASKED_FIRST),
    "mfa_authenticate": Page(VISITORS_ELSEWHERE, VISITORS_ELSEWHERE),
    "mfa_reauthenticate": Page(SENT_ON, SENT_ON),
    "mfa_activate_totp": Page(SENT_ON, SENT_ON),
    "mfa_deactivate_totp": Page(NONE_OF_MINE, NONE_OF_MINE),
    "mfa_view_recovery_codes": Page(NONE_OF_MINE, ASKED_FIRST),
    "mfa_generate_recovery_codes": Page(SENT_ON, SENT_ON),
    "mfa_download_recovery_codes": Page(NONE_OF_MINE, NONE_OF_MINE),
    "mfa_list_webauthn": Page(MEMBERS, ASKED_FIRST),
    "mfa_add_webauthn": Page(SENT_ON, SENT_ON),
    "mfa_reauthenticate_webauthn": Page(SENT_ON, SENT_ON),
    "mfa_remove_webauthn": Page(SENT_ON, SENT_ON, {"pk": "1"}),
    "mfa_edit_webauthn": Page(SENT_ON, SENT_ON, {"pk": "1"}),
    "mfa_login_webauthn": Page(SENT_ON, SENT_ON),
}


def operators(answer: int) -> Row:
    """Django admin: operators get the answer; everybody else is sent to sign in, also who is signed in."""
    return Row(IN, IN, IN, IN, IN, IN, IN, answer)


LOGIN = Row(IN, 403, 403, 403, 403, 403, 403, 302)
ADMIN = {
    "admin:index": Page(operators(200), operators(200)),
    "admin:login": Page(LOGIN, replace(LOGIN, operator=200)),
    "admin:logout": Page(replace(Row.all(302), operator=405), replace(Row.all(302), operator=200)),
    "admin:password_change": Page(operators(200), operators(200)),
    "admin:password_change_done": Page(operators(200), operators(405)),
    "admin:auth_user_password_change": Page(operators(404), operators(404), {"id": "0"}),
    "admin:autocomplete": Page(operators(403), operators(405)),
    "admin:jsi18n": Page(operators(200), operators(405)),
    "admin:view_on_site": Page(operators(404), operators(404), {"content_type_id": "1", "object_id": "1"}),
    "admin:app_list": Page(operators(200), operators(200), {"app_label": "orders"}, has_marks=False),
    "operator/(?P<url>.*)$": Page(operators(404), operators(404), {"url": "no-such-page"}),
}
# Tables of tenants are read there and nowhere changed; these belong to nobody and are the operators' work.
LOGS = {"axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"}
GLOBAL_IN_ADMIN = {
    "auth_group",
    "accounts_psp",
    "accounts_user",
    "accounts_membership",
    "account_emailaddress",
    "mfa_authenticator",
    "usersessions_usersession",
} | LOGS
NOT_IN_ADMIN = {("accounts_psp", "delete"), *((log, "add") for log in LOGS)}
# One guard stands before all of these pages; the whole cast is sent to the others, two of them to each of these.
FEW = ("owner", "operator")
TENANT_IN_ADMIN = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in TENANT_MODELS}


def _admin(address: Address) -> Page | None:
    """Return the verdict on a model's pages in Django admin, by what kind of model it is."""
    parts = address.route.split("/")
    if parts[0] != "operator" or len(parts) < 4:
        return None
    key = "_".join(parts[1:3])
    page = parts[-2] if parts[-2] in {"history", "delete", "change", "add"} else "list" if len(parts) == 4 else "short"
    about = {} if page in {"list", "add"} else {"object_id": key}
    if key in TENANT_IN_ADMIN:
        read = {"list": 200, "history": 200, "change": 200, "add": 403, "delete": 403, "short": 302}[page]
        write = {"list": 200, "history": 200, "change": 403, "add": 403, "delete": 403, "short": 302}[page]
        return Page(operators(read), operators(write), about, has_marks=False, people=FEW)
    if key in GLOBAL_IN_ADMIN:
        # There is no object 0: these pages lead back to the start.
        answer = 403 if (key, page) in NOT_IN_ADMIN else {"list": 200, "add": 200}.get(page, 302)
        return Page(operators(answer), operators(answer), dict.fromkeys(about, "0"), has_marks=False, people=FEW)
    return None


def verdict_on(address: Address) -> Page | None:
    """Return the row of an address, or None where nobody has decided."""
    return (HUB | API | ACCOUNT | ADMIN).get(address.name) or _admin(address)
