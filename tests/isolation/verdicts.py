"""Who gets what at each address: one row for each entry of the URL table, by method. An address without a row fails the test.

A row names the answers to ten people in the order of ``PEOPLE``: a status, or ``IN`` for being sent to sign in. ``foreign`` is the owner
of another PSP who asks with this PSP's ids; ``gone`` had a membership; ``operator`` is a superuser without one. ``colleague`` manages this PSP's
second customer alone and asks with the first one's ids: unless a row says otherwise, like an owner of another PSP. ``neighbour`` is a merchant of the
second customer and asks with the first one's ids too: unless a row says otherwise, gets what the first one's own merchant gets.
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
    colleague: int | str | None = None
    neighbour: int | str | None = None

    def of(self, who: str) -> int | str:
        """Return the answer to one person."""
        answer: int | str | None = getattr(self, who)
        if answer is None:
            return self.merchant if who == "neighbour" else self.foreign
        return answer

    @classmethod
    def all(cls, answer: int) -> Row:
        """The same for everybody."""
        return cls(*[answer] * 8)


NOT_ALLOWED, PUBLIC = Row.all(405), Row.all(200)
LIST = Row(IN, 404, 200, 200, 200, 200, 404, 404)  # everybody of a PSP, their own rows
ONE = replace(LIST, foreign=404)
SHARED_FILE = replace(ONE, colleague=200)  # the second customer has a design of it too
SHARED_PICTURE = replace(SHARED_FILE, merchant=200)
CATALOG_PICTURE = replace(SHARED_PICTURE, neighbour=200)  # the catalog is the same for every customer
MANAGE = Row(IN, 404, 403, 403, 200, 200, 404, 404)
MANAGE_ONE = replace(MANAGE, foreign=404)
SET_UP = replace(MANAGE, colleague=403)  # what belongs to the print provider as a whole
SET_UP_ONE = replace(MANAGE_ONE, colleague=403)
WORK_ONE = Row(IN, 404, 403, 200, 200, 404, 404, 404)
MANAGED, MANAGED_ONE = replace(MANAGE, owner=302, foreign=302), replace(MANAGE_ONE, owner=302)
SETTLED, SETTLED_ONE = replace(MANAGED, colleague=403), replace(MANAGED_ONE, colleague=403)
WORKED, WORKED_ONE = replace(WORK_ONE, production=302, owner=302, foreign=302), replace(WORK_ONE, production=302, owner=302)
CONNECT, CONNECT_ONE = replace(MANAGE, merchant=200), replace(MANAGE_ONE, merchant=200, neighbour=404)  # merchants connect their own stores
CONNECTED, CONNECTED_ONE = replace(MANAGED, merchant=302), replace(MANAGED_ONE, merchant=302, neighbour=404)
SELECTED = replace(LIST, foreign=302)  # papers and files of what was ticked; nothing of it is theirs
SENT_ON = replace(Row.all(302), nobody=IN)
MEMBERS = replace(PUBLIC, nobody=IN)  # anybody who is signed in: their own account
VISITORS = replace(Row.all(302), nobody=200)  # who is signed in already is sent to the start
REFUSED = 422
# The portal: a merchant's own things; staff who entered nobody's portal are sent to choose a customer.
PORTAL = Row(IN, 200, 302, 302, 302, 302, 404, 404)
PORTAL_ONE = replace(PORTAL, neighbour=404)
PORTAL_DONE, PORTAL_DONE_ONE = replace(PORTAL, merchant=302), replace(PORTAL_ONE, merchant=302)
# One address for both audiences.
SENT_ON_ONE = Row(IN, 302, 302, 302, 302, 404, 404, 404, neighbour=404)
BOTH_ONE = replace(ONE, merchant=200, neighbour=404)
MAKING_ONE = Row(IN, 302, 302, 302, 302, 404, 404, 404, neighbour=404)  # a fragment; without htmx it leads to its page


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


def _place(north: MarkedHouse) -> dict[str, Any]:
    return {"name": "Plant two", "address_lines": "Dock 2", "city": "Hamburg", "postcode": "20457", "country": "DE"} | {
        "time_zone": "Europe/Berlin",
        "working_days": ["1", "2"],
    }


def _details(north: MarkedHouse) -> dict[str, str]:
    return {"title": "Mug", "description": "A mug", "price": "9.90", "brand": "Generic", "sku": "NEW-SKU-1", "quantity": "5", "do": "later"}


def _model(north: MarkedHouse) -> dict[str, str]:
    sizes = {"weight_g": "1", "length_mm": "10", "width_mm": "10", "height_mm": "10"}
    return {"name": "Cup", "sku": "BLANK-CUP", "category": north.ids["category pk"]} | sizes


def _area(north: MarkedHouse) -> dict[str, Any]:
    sizes = {"width_mm": "10", "height_mm": "10", "bleed_mm": "0", "safe_mm": "0", "min_dpi": "100", "target_dpi": "300"}
    return {"name": "Back", "key": "back", "position": "1", "colour_modes": ["rgb"], "file_types": ["png"], "output": "png"} | sizes


def _kind(north: MarkedHouse) -> dict[str, str]:
    sizes = {"weight_g": "1", "length_mm": "10", "width_mm": "10", "height_mm": "10"}
    return {"colour": "blue", "colour_code": "#0000ff", "size": "L", "sku": "BLANK-CUP-BLUE", "position": "1", "is_active": "on"} | sizes


def _mockup(north: MarkedHouse) -> dict[str, Any]:
    place = {"left": "10", "top": "10", "width": "50", "height": "50", "position": "0"}
    return {"picture": picture(), "print_area": north.ids["print area pk"], "variant": north.ids["variant pk"]} | place


def _access(north: MarkedHouse) -> dict[str, Any]:
    return {"products": [north.ids["customer product"]], "customers": [north.ids["customer"]], "give": "yes"}


def _catalog_file(north: MarkedHouse) -> dict[str, Any]:
    return {"kind": "products", "file": SimpleUploadedFile("products.csv", b"Product UID,Name\nMUG-11,New\n")}


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


def _setup(north: MarkedHouse) -> dict[str, Any]:
    return _settings(north) | {
        "customer": north.ids["customer pk"],
        "facility": north.ids["facility pk"],
        "place": "A1F83G8C2ARO7P",
        "name": "New",
        "import_states": "unshipped",
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


def _start(north: MarkedHouse) -> dict[str, Any]:
    return {"name": "New", "customer": north.ids["customer"]}


def _placing(north: MarkedHouse) -> dict[str, Any]:
    return {"area": north.ids["print area"], "fit": "fill", "file": picture()}


def _design(north: MarkedHouse) -> dict[str, Any]:
    return {"customer": north.ids["customer pk"], "name": "New", "file": picture()}


def _storage(north: MarkedHouse) -> dict[str, str]:
    place = {"kind": "s3", "bucket": "prints", "access": "public", "pattern": "{order_number}_{order_item_number}.{ext}"}
    return place | {"name": "New", "store": north.ids["waiting store pk"]}


HUB = {
    "accounts:start": Page(Row(IN, 302, 302, 302, 302, 302, 403, 302)),
    "accounts:customers": Page(LIST, has_marks=True),
    "accounts:add_customer": Page(SET_UP, SETTLED, data=lambda _: {"name": "New"}),
    "accounts:customer": one(ONE, "customer"),
    "accounts:edit_customer": one(MANAGE_ONE, "customer", MANAGED_ONE, data=lambda _: {"name": "New"}),
    "accounts:switch_storefronts": do(MANAGED_ONE, "customer"),
    "accounts:switch_remote_files": do(SETTLED_ONE, "customer", data=lambda _: {"enabled": "yes"}),
    "accounts:add_admin": one(
        MANAGE_ONE, "customer", MANAGED_ONE, data=lambda _: {"email": "admin@shop.test", "first_name": "Ada", "last_name": "Newton"}
    ),
    "accounts:enter_portal": do(replace(ONE, reader=302, production=302, owner=302), "customer"),
    "accounts:leave_portal": Page(NOT_ALLOWED, replace(LIST, reader=302, production=302, owner=302, foreign=302)),
    "accounts:invitation": Page(Row.all(404), Row.all(404), query="?link=guessed"),
    "accounts:sign_in_at": Page(VISITORS, VISITORS, {"slug": "psp slug"}, has_marks=False),
    "accounts:provider_colours": Page(PUBLIC, ids={"slug": "psp slug"}, has_marks=False),
    "accounts:provider_logo": Page(PUBLIC, ids={"slug": "psp slug"}, has_marks=False),
    "accounts:people": Page(SET_UP, has_marks=True),
    "accounts:invite": Page(SET_UP, SETTLED, data=lambda _: {"email": "colleague@print.test", "role": "production"}),
    "accounts:edit_member": one(SET_UP_ONE, "member pk", SETTLED_ONE, name="membership_id", data=lambda _: {"role": "reader"}),
    "accounts:block_member": Page(NOT_ALLOWED, SETTLED_ONE, {"membership_id": "member pk"}),
    "accounts:unblock_member": Page(NOT_ALLOWED, SETTLED_ONE, {"membership_id": "member pk"}),
    "accounts:archive_member": Page(NOT_ALLOWED, SETTLED_ONE, {"membership_id": "member pk"}),
    "accounts:resend_invitation": do(MANAGED_ONE, "invitation"),
    "accounts:revoke_invitation": do(MANAGED_ONE, "invitation"),
    "accounts:brand": Page(SET_UP, SETTLED, data=lambda _: {"display_name": "New"}, has_marks=True),
    "accounts:preview_colours": Page(SET_UP, ids={"colour": "1f6f54"}, has_marks=False),
    "accounts:add_trading_name": do(MANAGED_ONE, "customer", data=lambda _: {"name": "New"}),
    "accounts:edit_trading_name": one(MANAGE_ONE, "trading name", MANAGED_ONE, data=lambda _: {"name": "New"}),
    "accounts:logo": one(BOTH_ONE, "trading name", has_marks=False),
    "accounts:file_names": Page(SET_UP, SETTLED, data=lambda _: {"print_file_pattern": "{order_number}_{line}.{ext}"}),
    "accounts:preview_file_name": Page(SET_UP, query="?print_file_pattern=x"),
    "accounts:settings": Page(LIST, SETTLED, data=lambda _: {"name": "New", "time_zone": "Europe/Paris"}, has_marks=True),
    "accounts:add_facility": Page(SET_UP, SETTLED, data=_place),
    "accounts:edit_facility": one(SET_UP_ONE, "facility", SETTLED_ONE, data=_place),
    "accounts:api_keys": Page(SET_UP, has_marks=True),
    "accounts:add_api_key": Page(SET_UP, replace(SET_UP, owner=201, foreign=201), data=lambda _: {"name": "New", "scopes": ["orders:read"]}),
    "accounts:revoke_api_key": do(SETTLED_ONE, "api key"),
    "accounts:mails": Page(SET_UP, has_marks=True),
    "accounts:decide_mail": do(SETTLED_ONE, "mail", data=lambda _: {"do": "again"}),
    "stores:stores": Page(replace(LIST, merchant=200), has_marks=True),
    "accounts:sign_in_rules": Page(LIST, replace(SETTLED, production=403), data=lambda _: {}, has_marks=True),
    "accounts:audit_trail": Page(SET_UP, has_marks=True),
    "accounts:export_audit_trail": Page(NOT_ALLOWED, SET_UP),
    "accounts:second_factor_needed": Page(SENT_ON),
    "accounts:sessions": Page(MEMBERS),
    "accounts:end_other_sessions": Page(NOT_ALLOWED, SENT_ON),
    "accounts:end_session": Page(NOT_ALLOWED, SENT_ON, {"pk": "0"}),
    "stores:add": Page(MANAGE, replace(MANAGED, foreign=REFUSED), query="?customer={customer}", data=_store, has_marks=True),
    "stores:add_by_hand": Page(MANAGE, replace(MANAGED, foreign=REFUSED), data=_store, has_marks=True),
    "stores:billing": Page(LIST, has_marks=True),
    "stores:platforms": Page(CONNECT, has_marks=True),
    "stores:wizard_start": Page(NOT_ALLOWED, CONNECTED, data=lambda _: {"kind": "amazon"}),
    "stores:channel_start": Page(replace(Row.all(302), nobody=IN, reader=403, production=403, gone=404, operator=404), ids={"kind": "amazon"}),
    "stores:notices": Page(NOT_ALLOWED, Row.all(401), {"kind": "tiktok"}, has_marks=False),  # signed by the channel or nothing: test_notices.py
    "stores:wizard": one(CONNECTED_ONE, "wizard"),
    "stores:wizard_setup": one(CONNECT_ONE, "wizard", CONNECTED_ONE, data=_setup),
    "stores:wizard_name": one(CONNECT_ONE, "wizard", has_marks=False),
    "stores:wizard_authorize": one(CONNECT_ONE, "wizard"),
    "stores:wizard_here": do(CONNECTED_ONE, "wizard"),
    "stores:wizard_allow": do(replace(CONNECTED_ONE, merchant=404), "wizard", data=lambda _: {"allowed": "yes"}),
    "stores:wizard_reuse": do(CONNECTED_ONE, "wizard"),
    "stores:wizard_send": do(replace(CONNECTED_ONE, merchant=404), "wizard", data=lambda _: {"email": "merchant@shop.test"}),
    "stores:wizard_withdraw": do(CONNECTED_ONE, "wizard"),
    "stores:wizard_state": one(replace(CONNECT_ONE, merchant=204, owner=204), "wizard", has_marks=False),
    "stores:wizard_finish": one(CONNECT_ONE, "wizard", CONNECTED_ONE),
    "stores:wizard_cancel": do(CONNECTED_ONE, "wizard"),
    "stores:permission_answer": Page(Row.all(404)),
    "stores:permission": Page(Row.all(404), ids={"token": "no such link"}),  # whoever holds a link sees what is asked: test_wizard.py
    "stores:permission_give": Page(NOT_ALLOWED, Row.all(404), {"token": "no such link"}),
    "stores:permission_decline": Page(NOT_ALLOWED, Row.all(404), {"token": "no such link"}),
    "stores:connect_return": Page(replace(CONNECTED, foreign=302), ids={"kind": "amazon"}, query="?state=x&spapi_oauth_code=y&selling_partner_id=z"),
    "stores:product": one(SENT_ON_ONE, "added product"),
    "stores:product_variants": one(CONNECT_ONE, "added product", replace(CONNECTED_ONE, owner=422, merchant=422), data=lambda _: {"products": "x"}),
    "stores:product_design": one(CONNECT_ONE, "added product", CONNECTED_ONE, data=lambda north: {"design": north.ids["design"]}),
    "stores:product_pictures": one(CONNECT_ONE, "added product", CONNECTED_ONE, data=lambda _: {"picture": picture()}),
    "stores:product_pictures_progress": one(BOTH_ONE, "added product", has_marks=False),
    "stores:product_type": one(CONNECT_ONE, "added product", CONNECTED_ONE, data=lambda _: {"words": "mug"}),
    "stores:product_details": one(CONNECT_ONE, "added product", CONNECTED_ONE, data=_details),
    "stores:product_publish": one(BOTH_ONE, "added product"),
    "stores:product_progress": one(BOTH_ONE, "added product", has_marks=False),
    "stores:check_product": do(CONNECTED_ONE, "added product"),
    "stores:publish_product": do(CONNECTED_ONE, "added product"),
    "stores:product_again": do(CONNECTED_ONE, "added product"),
    "stores:drop_product": do(CONNECTED_ONE, "added product"),
    "stores:picture_of_product": one(BOTH_ONE, "picture of product", has_marks=False),
    "stores:change_picture": do(CONNECTED_ONE, "picture of product", data=lambda _: {"do": "main"}),
    "stores:price": one(CONNECT_ONE, "listing", CONNECTED_ONE, data=lambda _: {"price": "18.00"}),
    "stores:stock": one(CONNECT_ONE, "listing", CONNECTED_ONE, data=lambda _: {"quantity": "3"}),
    "stores:publications": one(BOTH_ONE, "store"),
    "stores:add_product": one(CONNECT_ONE, "store", CONNECTED_ONE, data=lambda north: {"product": north.ids["customer product"]}),
    "stores:store": one(BOTH_ONE, "store"),
    "stores:settings": one(BOTH_ONE, "store", replace(CONNECTED_ONE, neighbour=404), data=_settings),
    "stores:edit": one(CONNECT_ONE, "store", CONNECTED_ONE, data=_store),
    "stores:connection": one(BOTH_ONE, "store"),
    "stores:connect": do(CONNECTED_ONE, "waiting store"),
    "stores:authorize": do(CONNECTED_ONE, "store"),
    "stores:ask_merchant": do(replace(CONNECTED_ONE, merchant=404), "store", data=lambda _: {"email": "merchant@shop.test"}),
    "stores:pause": do(CONNECTED_ONE, "store", data=lambda _: {"flow": "push", "paused": "yes"}),
    "stores:test": do(CONNECTED_ONE, "store"),
    "stores:test_result": one(BOTH_ONE, "store"),
    "stores:disconnect": one(CONNECT_ONE, "store", CONNECTED_ONE),
    "stores:delete": one(CONNECT_ONE, "waiting store", CONNECTED_ONE),
    "stores:sync": do(CONNECTED_ONE, "store"),
    "stores:cancel_sync": do(CONNECTED_ONE, "store"),
    "stores:syncs": one(BOTH_ONE, "store"),
    "stores:sync_progress": one(BOTH_ONE, "store", has_marks=False),
    "catalog:products": Page(LIST, has_marks=True),
    "catalog:add_category": Page(SET_UP, SETTLED, data=lambda _: {"name": "New", "position": "1"}),
    "catalog:edit_category": one(SET_UP_ONE, "category", SETTLED_ONE, data=lambda _: {"name": "New", "position": "1"}),
    "catalog:add_product_model": Page(SET_UP, replace(SETTLED, foreign=REFUSED), data=_model),
    "catalog:product_model": one(replace(ONE, colleague=200), "product model"),
    "catalog:edit_product_model": one(SET_UP_ONE, "product model", SETTLED_ONE, data=_model),
    "catalog:add_print_area": one(SET_UP_ONE, "product model", SETTLED_ONE, data=_area),
    "catalog:edit_print_area": one(SET_UP_ONE, "print area", SETTLED_ONE, data=_area),
    "catalog:move_category": do(SETTLED_ONE, "category", data=lambda _: {"to": "down"}),
    "catalog:category_picture": one(CATALOG_PICTURE, "category", has_marks=False),
    "catalog:delete_print_area": do(SETTLED_ONE, "print area"),
    "catalog:add_variant": one(SET_UP_ONE, "product model", SETTLED_ONE, data=_kind),
    "catalog:edit_variant": one(SET_UP_ONE, "variant", SETTLED_ONE, data=_kind),
    "catalog:add_mockup": one(SET_UP_ONE, "product model", SETTLED_ONE, data=_mockup),
    "catalog:edit_mockup": one(SET_UP_ONE, "mockup", SETTLED_ONE, data=_mockup),
    "catalog:delete_mockup": do(SETTLED_ONE, "mockup"),
    "catalog:mockup_picture": one(CATALOG_PICTURE, "mockup", has_marks=False),
    "catalog:prices": one(SET_UP_ONE, "customer product", SETTLED_ONE, data=lambda north: {north.ids["customer"]: "4.10"}),
    "catalog:access": Page(SET_UP, replace(SETTLED, foreign=REFUSED), data=_access),
    "catalog:tables": Page(SET_UP, SETTLED, data=_catalog_file),
    "catalog:export": Page(LIST, ids={"kind": "products", "ending": "csv"}, has_marks=True),
    "catalog:catalog_import": one(SET_UP_ONE, "catalog import"),
    "catalog:apply_import": do(SETTLED_ONE, "catalog import"),
    "catalog:add_customer_product": one(SET_UP_ONE, "product model", SETTLED_ONE, data=_product),
    "catalog:add_design": one(replace(MANAGE_ONE, colleague=200), "product model", replace(MANAGED_ONE, colleague=REFUSED), data=_design),
    "catalog:customer_product": one(ONE, "customer product"),
    "catalog:edit_customer_product": one(SET_UP_ONE, "customer product", SETTLED_ONE, data=_product),
    "catalog:preview": one(SHARED_PICTURE, "print file", has_marks=False),
    "product_picture": Page(Row.all(404), ids={"token": "no such link"}),  # whoever holds a link sees its picture: test_publishing.py
    "stored_file": Page(Row.all(410), ids={"token": "no such link"}),  # whoever holds a link gets its file: tests/core/test_storage.py
    "catalog:print_file": one(SHARED_FILE, "print file"),
    "orders:orders": Page(LIST, has_marks=True),
    "orders:bulk_release": Page(NOT_ALLOWED, WORKED, data=lambda north: {"order": [north.ids["order"], north.ids["held order"]]}),
    "orders:bulk_approve": Page(NOT_ALLOWED, WORKED, data=lambda north: {"order": [north.ids["held order"]], "without_files": "yes"}),
    "orders:import_now": do(replace(WORKED_ONE, merchant=302, neighbour=404), "authorization"),
    "orders:attention": Page(LIST, has_marks=True),
    "order_settings:digest": Page(SET_UP, SETTLED, data=lambda _: {"wanted": "urgent", "hour": "9"}),
    "orders:ledger": Page(LIST, has_marks=True),
    "orders:decide_again": Page(NOT_ALLOWED, WORKED, data=lambda north: {"record": [north.ids["record"]]}),
    "orders:record": one(ONE, "record", name="record_id"),
    "orders:map_listing": one(
        replace(MANAGE_ONE, merchant=200, neighbour=404),
        "listing",
        replace(MANAGED_ONE, merchant=302, neighbour=404),
        query="?product={customer_product}",
        data=lambda north: {"quantity": "1", "design": north.ids["design"]},
    ),
    "orders:bulk": one(BOTH_ONE, "store", CONNECTED_ONE, data=lambda _: {"email": "ada@shop.test", "file": SimpleUploadedFile("x.csv", b"SKU\n")}),
    "orders:bulk_export": one(BOTH_ONE, "store"),
    "orders:bulk_import": one(BOTH_ONE, "bulk import"),
    "orders:bulk_progress": one(BOTH_ONE, "bulk import", has_marks=False),
    "orders:bulk_result": one(BOTH_ONE, "bulk import"),
    "orders:bulk_apply": do(CONNECTED_ONE, "bulk import"),
    "orders:bulk_cancel": do(CONNECTED_ONE, "bulk import"),
    "orders:bulk_undo": do(CONNECTED_ONE, "bulk import"),
    "orders:storage_pattern": Page(replace(LIST, merchant=200), query="?pattern=x", has_marks=False),
    "orders:storages": one(BOTH_ONE, "customer"),
    "orders:add_storage": one(CONNECT_ONE, "customer", CONNECTED_ONE, data=_storage),
    "orders:storage": one(BOTH_ONE, "file storage"),
    "orders:edit_storage": one(CONNECT_ONE, "file storage", CONNECTED_ONE, data=_storage),
    "orders:storage_progress": one(BOTH_ONE, "file storage", has_marks=False),
    "orders:test_storage": do(CONNECTED_ONE, "file storage"),
    "orders:scan_storage": do(CONNECTED_ONE, "file storage"),
    "orders:switch_storage": do(CONNECTED_ONE, "file storage", data=lambda _: {"active": "no"}),
    "orders:remove_storage": do(CONNECTED_ONE, "file storage"),
    "orders:file_again": do(CONNECTED_ONE, "found file"),
    "orders:listing": one(BOTH_ONE, "listing"),
    "orders:accept_suggestion": do(CONNECTED_ONE, "unmapped listing", data=lambda _: {"seen": "another"}),
    "orders:ignore_listing": do(CONNECTED_ONE, "listing"),
    "orders:stop_ignoring": do(CONNECTED_ONE, "listing"),
    "orders:disconnect_listing": do(CONNECTED_ONE, "listing"),
    "orders:undo_mapping": do(CONNECTED_ONE, "mapping"),
    "orders:restore_mapping": do(CONNECTED_ONE, "mapping"),
    "orders:suggestions": one(CONNECT_ONE, "store", CONNECTED_ONE, data=lambda _: {"level": "92"}),
    "orders:suggestion_run": one(CONNECT_ONE, "suggestion run"),
    "orders:suggestion_progress": one(CONNECT_ONE, "suggestion run", has_marks=False),
    "orders:stop_suggestions": do(CONNECTED_ONE, "suggestion run"),
    "orders:undo_suggestions": do(CONNECTED_ONE, "suggestion run"),
    "orders:print_files": Page(NOT_ALLOWED, SELECTED, data=lambda north: {"order": [north.ids["order"]], "line": [north.ids["line"]], "anyway": "1"}),
    "orders:file_preview": one(SHARED_PICTURE, "print file", has_marks=False),
    "orders:print_file": one(ONE, "line"),
    "orders:personalisation": do(WORKED_ONE, "personalised line", data=lambda _: {"do": "approve"}),
    "orders:order": one(ONE, "order"),
    "orders:release": do(WORKED_ONE, "order"),
    "orders:move": do(WORKED_ONE, "order", data=lambda north: {"to": "printing", "line": north.ids["line"]}),
    "orders:release_hold": Page(
        NOT_ALLOWED, WORKED_ONE, {"public_id": "held order", "hold_id": "hold"}, data=lambda _: {"reason": "seen", "without_files": "yes"}
    ),
    "orders:edit_address": one(WORK_ONE, "order", WORKED_ONE, data=_address),
    "orders:edit_quantity": one(WORK_ONE, "line", WORKED_ONE, data=lambda _: {"quantity": "1"}),
    "orders:edit_artwork": one(WORK_ONE, "line", WORKED_ONE, data=lambda north: {"design": north.ids["design"]}),
    "orders:remove_buyer_data": one(MANAGE_ONE, "order", MANAGED_ONE),
    "orders:reconciliation": one(ONE, "authorization", has_marks=False),
    "orders:check_now": do(WORKED_ONE, "authorization"),
    "fulfillment:finder": Page(LIST, query="?q={order}", has_marks=True),
    "fulfillment:ask": Page(NOT_ALLOWED, WORKED, data=lambda _: {"q": "#1001"}),
    "fulfillment:cancel": one(WORK_ONE, "order", WORKED_ONE, data=lambda north: {"reason": "other", "lines": [north.ids["personalised line"]]}),
    "fulfillment:shipped_elsewhere": one(
        WORK_ONE, "order", WORKED_ONE, data=lambda north: {"lines": [north.ids["personalised line"]], "reason": "Sent by hand"}
    ),
    "fulfillment:decline_cancellation": one(WORK_ONE, "order", WORKED_ONE),
    "fulfillment:carriers": Page(MANAGE, MANAGE, data=lambda north: {"store": north.ids["store"]}, has_marks=False),
    "fulfillment:remove_carrier": do(MANAGED_ONE, "carrier mapping"),
    "fulfillment:correct_package": Page(
        WORK_ONE,
        WORKED_ONE,
        {"public_id": "order", "number": "1"},
        data=lambda _: {"carrier_code": "DHL", "tracking_number": "00340434161094000009"},
    ),
    "fulfillment:label": one(WORKED_ONE, "order", WORKED_ONE, has_marks=False),
    "fulfillment:label_document": one(WORK_ONE, "label", has_marks=False),
    "fulfillment:label_left": do(WORKED_ONE, "label"),
    "fulfillment:label_again": do(WORKED_ONE, "label"),
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
    "orders:listing_making": one(MAKING_ONE, "listing"),
    "orders:order_making": one(MAKING_ONE, "order"),
    "orders:print_design": do(CONNECTED_ONE, "design"),
    "orders:keep_design": one(MANAGE_ONE, "design", replace(MANAGE_ONE, owner=REFUSED), data=lambda _: {"because": "the sample is fine"}),
    "designs:start": Page(
        replace(CONNECT, foreign=404, neighbour=404, colleague=200),
        replace(CONNECTED, foreign=404, neighbour=404, colleague=REFUSED),
        query="?model={product_model}",
        data=_start,
        has_marks=True,
    ),
    "designs:design": one(CONNECT_ONE, "draft"),
    "designs:change": do(CONNECTED_ONE, "design"),
    "designs:save": do(CONNECTED_ONE, "draft"),
    "designs:progress": one(replace(CONNECT_ONE, merchant=302, owner=302), "design", has_marks=False),
    "designs:place": do(CONNECTED_ONE, "draft", data=_placing),
    "designs:draft": do(replace(CONNECTED_ONE, merchant=REFUSED, owner=REFUSED), "draft"),  # JSON is what it takes: test_editor_pages.py
    "designs:artwork": one(CONNECT_ONE, "draft"),
    "designs:upload": do(replace(CONNECTED_ONE, merchant=201, owner=201), "draft", data=lambda _: {"file": picture()}),
    "designs:picture": one(BOTH_ONE, "artwork", has_marks=False),
    "portal:home": Page(PORTAL),
    "portal:products": Page(PORTAL),
    "portal:product": one(PORTAL_ONE, "customer product"),
    "portal:add_design": one(PORTAL_ONE, "customer product", PORTAL_DONE_ONE, data=lambda _: {"name": "New", "file": picture()}),
    "portal:orders": Page(PORTAL),
    "portal:order": one(PORTAL_ONE, "order"),
    "portal:buyer": do(PORTAL_ONE, "order"),
    "portal:approve": do(PORTAL_DONE_ONE, "held order", data=lambda _: {"without_files": "yes"}),
    "portal:settings": Page(PORTAL, PORTAL_DONE, data=lambda _: {"first_name": "New", "last_name": "Name"}),
    "portal:invite": Page(PORTAL, PORTAL_DONE, data=lambda _: {"email": "colleague@shop.test", "first_name": "New", "last_name": "Colleague"}),
    "portal:add_trading_name": Page(PORTAL, PORTAL_DONE, data=lambda _: {"name": "New"}),
    "portal:edit_trading_name": one(PORTAL_ONE, "trading name", PORTAL_DONE_ONE, data=lambda _: {"name": "New"}),
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
        "api:cancel": {"public_id": "order"},
        "api:print_file": {"public_id": "order", "line_id": "line"},
        "api:release_hold": {"public_id": "hold"},
        "api:intake_records": {},
        "api:publications": {},
        "api:publication": {"public_id": "added product"},
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
    return replace(Row.all(0), nobody=IN, merchant=IN, reader=IN, production=IN, owner=IN, foreign=IN, gone=IN, operator=answer)


READ_ONLY_IN_ADMIN = {"account_emailaddress", "accounts_operatorvisit", "axes_accessattempt"}
# One guard stands before all pages of models; the whole cast is sent to the others, two of them to each of these.
FEW = ("owner", "operator")
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
    # The first choice of the list; posting nothing chosen is refused with words.
    "admin:choose": Page(operators(200), operators(REFUSED)),
    # Asking without a reason is refused with words, so not even an operator sees a mark.
    "admin:stores_authorization_release": Page(
        operators(200), operators(REFUSED), {"object_id": "stores_authorization"}, has_marks=False, people=FEW
    ),
    "admin:orders_order_buyer": Page(operators(200), operators(REFUSED), {"object_id": "orders_order"}, has_marks=False, people=FEW),
    "system": Page(operators(200), operators(200)),
    "operator/(?P<url>.*)$": Page(operators(404), operators(404), {"url": "no-such-page"}),
}
# Tables of tenants are read there and nowhere changed, but for memberships; these belong to nobody and are the operators' work.
GLOBAL_IN_ADMIN = {
    "accounts_psp",
    "accounts_user",
    "accounts_membership",
    "account_emailaddress",
    "axes_accessattempt",
    "accounts_operatorvisit",
    "mfa_authenticator",
    "usersessions_usersession",
}
NOT_IN_ADMIN = {
    ("accounts_psp", "delete"),
    ("accounts_user", "delete"),
    ("accounts_membership", "delete"),
    ("axes_accessattempt", "add"),
    ("account_emailaddress", "add"),
    ("accounts_operatorvisit", "add"),
    ("accounts_operatorvisit", "delete"),
}
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
        write = 403 if page == "change" and key in READ_ONLY_IN_ADMIN else answer
        return Page(operators(answer), operators(write), dict.fromkeys(about, "0"), has_marks=False, people=FEW)
    return None


def verdict_on(address: Address) -> Page | None:
    """Return the row of an address, or None where nobody has decided."""
    return (HUB | API | ACCOUNT | ADMIN).get(address.name) or _admin(address)
