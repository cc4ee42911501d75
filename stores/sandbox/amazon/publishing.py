"""Listings Items API 2021-08-01, writing side: ``putListingsItem`` and ``patchListingsItem``, and what Amazon makes of them later.

An accepted product is looked at for some time; then it gets an ASIN and can be bought, or keeps the issues that stop it. A preview keeps nothing.
``replace`` puts a value in the place of the whole attribute; ``merge`` changes the entry with the same selectors and keeps what it leaves out.
"""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image as Pictures
from PIL import UnidentifiedImageError

from stores.sandbox.amazon.answers import Answer, denied, invalid
from stores.sandbox.amazon.attributes import Issue, issue, issues_of, required_of
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation
from stores.sandbox.amazon.product_types import REQUIREMENTS, TYPES, ProductType
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.strict import Field, Param
from stores.sandbox.amazon.world import PRODUCT_MADE_S, World
from stores.sandbox.door import Dropped
from stores.sandbox.ledger import WriteEntry

MODES = ("VALIDATION_PREVIEW",)
PICTURE_KINDS = {"DRINKING_CUP": "mug", "SHIRT": "tee", "WALL_ART": "poster", "HANDBAG": "tote", "PILLOW": "cushion"}
NO_PICTURE, NO_LIVE_PICTURE, NO_SKU = "8560", "18027", "13013"
# [L] The interface's documents name no size. 500 pixels is what Amazon's image requirements for sellers ask for, the code is ours.
SMALL_PICTURE, SMALLEST_PX = "18320", 500
PICTURE_TIMEOUT_S = 5


def put_listings_item(call: Call) -> Answer:
    """Answer ``putListingsItem``."""
    if call.strike("product_lost_before_effect") is not None:
        raise Dropped
    marketplace_id, body = _own(call), call.body
    product_type = type_named(body["productType"])
    requirements = body.get("requirements", "LISTING")
    if requirements not in REQUIREMENTS:
        raise invalid(f"Invalid value {requirements!r} for requirements.")
    found = issues_of(product_type, body["attributes"], required=required_of(product_type, requirements), marketplace_id=marketplace_id)
    answer = _answer(call, found, preview=call.query.get("mode") in MODES)
    if answer.body["status"] == "ACCEPTED":
        keep_submission(
            call.world,
            seller_id=call.seller.seller_id,
            marketplace_id=marketplace_id,
            sku=call.path["sku"],
            product_type=product_type.name,
            attributes=dict(body["attributes"]),
            rejected=call.strike("product_rejected") is not None,
        )
        if call.strike("product_lost_after_success") is not None:
            raise Dropped
    return answer


def patch_listings_item(call: Call) -> Answer:
    """Answer ``patchListingsItem``."""
    marketplace_id, body = _own(call), call.body
    product_type = type_named(body["productType"])
    if not body["patches"]:
        raise invalid("patches must not be empty.")
    held = attributes_held(call.world, call.seller.seller_id, marketplace_id, call.path["sku"])
    if held is None:
        # The model of this operation knows no 404 [L].
        return _answer(call, [issue(NO_SKU, f"The SKU '{call.path['sku']}' does not exist in marketplace {marketplace_id}.")], preview=False)
    changed, found = patched(product_type, held, body["patches"], marketplace_id=marketplace_id)
    answer = _answer(call, found, preview=call.query.get("mode") in MODES)
    if answer.body["status"] == "ACCEPTED":
        write_attributes(call.world, call.seller.seller_id, marketplace_id, call.path["sku"], changed)
    return answer


def _own(call: Call) -> str:
    if call.path["sellerId"] != call.seller.seller_id:
        raise denied("The seller in the path is not the seller of the access token.")
    marketplaces = call.marketplaces(call.query["marketplaceIds"])
    if len(marketplaces) != 1:
        raise invalid("marketplaceIds must hold exactly one marketplace.")
    if not call.path["sku"] or len(call.path["sku"]) > 40:
        raise invalid("The SKU must have between 1 and 40 characters.")
    return marketplaces[0]


def type_named(name: str) -> ProductType:
    """Return a product type by its name."""
    # [L] An item that Amazon knows by a type of which this imitation has no schema takes the attributes that every type has.
    return TYPES.get(name) or ProductType(name, name, {}, (), ())


def _answer(call: Call, found: Sequence[Issue], *, preview: bool) -> Answer:
    fails = any(one["severity"] == "ERROR" for one in found)
    status = "INVALID" if fails else "VALID" if preview else "ACCEPTED"
    return Answer(200, {"sku": call.path["sku"], "status": status, "submissionId": uuid.uuid4().hex, "issues": list(found)})


# --- patches ----------------------------------------------------------------------------------------------------------
def patched(
    product_type: ProductType, held: Mapping[str, Any], patches: Sequence[Mapping[str, Any]], *, marketplace_id: str
) -> tuple[dict[str, Any], list[Issue]]:
    """Return attributes after some patches, and what is wrong with those that were touched."""
    changed = dict(held)
    touched: set[str] = set()
    for patch in patches:
        operation, path, value = str(patch.get("op")), str(patch.get("path", "")), patch.get("value", [])
        name = path.removeprefix("/attributes/")
        if operation not in ("add", "replace", "merge", "delete"):
            raise invalid(f"Invalid value {operation!r} for op.")
        if not path.startswith("/attributes/") or "/" in name:
            raise invalid("Only top-level listings item attributes can be patched.", details=path)
        touched.add(name)
        if operation == "delete":
            changed.pop(name, None)
        elif operation == "merge":
            changed[name] = _merged(product_type, name, changed.get(name, []), value)
        else:
            changed[name] = value
    return changed, issues_of(product_type, {name: changed[name] for name in touched if name in changed}, required=(), marketplace_id=marketplace_id)


def _merged(product_type: ProductType, name: str, held: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    selectors = product_type.properties.get(name, {}).get("selectors", ["marketplace_id"])
    merged = [dict(entry) for entry in held]
    for entry in given:
        same = next((one for one in merged if all(one.get(key) == entry.get(key) for key in selectors)), None)
        if same is None:
            merged.append(dict(entry))
        else:
            same.update(entry)
    return merged


# --- what is kept -----------------------------------------------------------------------------------------------------
def attributes_of(listing: Listing) -> dict[str, Any]:
    """Return a listing's attributes: as they were submitted, or made from what the imitation was planted with."""
    if listing.attributes:
        return dict(listing.attributes)
    site = MARKETPLACES[listing.marketplace_id]
    made: dict[str, Any] = {
        "item_name": [{"value": listing.title, "language_tag": site.language, "marketplace_id": listing.marketplace_id}],
        "condition_type": [{"value": "new_new", "marketplace_id": listing.marketplace_id}],
    }
    if not listing.is_parent:
        price = {"schedule": [{"value_with_tax": float(listing.price)}]}
        offer = {"marketplace_id": listing.marketplace_id, "currency": site.currency, "audience": "ALL", "our_price": [price]}
        made["purchasable_offer"] = [offer]
    if listing.fulfilled_by == "MERCHANT" and not listing.is_parent:
        made["fulfillment_availability"] = [{"fulfillment_channel_code": "DEFAULT", "quantity": listing.quantity}]
    return made


def attributes_held(world: World, seller_id: str, marketplace_id: str, sku: str) -> dict[str, Any] | None:
    """Return the attributes of a listing or of a product that is being looked at; None when there is neither."""
    submission = world.books.submission(seller_id, marketplace_id, sku)
    if submission is not None:
        return dict(submission["attributes"])
    found = world.books.listings(seller_id, marketplace_ids=[marketplace_id], sku=sku)
    return attributes_of(found[0]) if found else None


def write_attributes(world: World, seller_id: str, marketplace_id: str, sku: str, attributes: Mapping[str, Any]) -> None:
    """Change attributes where they are held, at once."""
    with world.books.transaction():
        submission = world.books.submission(seller_id, marketplace_id, sku)
        if submission is not None:
            world.books.keep_submission(seller_id, marketplace_id, sku, {**submission, "attributes": dict(attributes)})
        for listing in world.books.listings(seller_id, marketplace_ids=[marketplace_id], sku=sku):
            _take(listing, attributes, now=world.clock.epoch())
            world.books.keep_listing(listing)
        world.books.note_write(WriteEntry(world.clock.epoch(), "listing_patched", "done", seller_id, "", {"sku": sku}))


def keep_submission(
    world: World, *, seller_id: str, marketplace_id: str, sku: str, product_type: str, attributes: dict[str, Any], rejected: bool = False
) -> None:
    """Take a product in, to be looked at later."""
    now = world.clock.epoch()
    with world.books.transaction():
        earlier = world.books.submission(seller_id, marketplace_id, sku)
        doc: dict[str, Any] = {
            "product_type": product_type,
            "attributes": attributes,
            "created": earlier["created"] if earlier else now,
            "updated": now,
            "due": now + world.clock.shortened(PRODUCT_MADE_S),
            "rejected": rejected,
            "issues": [],
        }
        world.books.keep_submission(seller_id, marketplace_id, sku, doc)
        world.books.note_write(WriteEntry(now, "product_submitted", "accepted", seller_id, "", {"sku": sku, "product_type": product_type}))


def pending(world: World, seller_id: str, *, marketplace_ids: Sequence[str], sku: str | None = None) -> list[Listing]:
    """Return the products that are not sold yet, as listings without an ASIN."""
    found = []
    for marketplace_id, its_sku, doc in world.books.submissions(seller_id):
        if (
            marketplace_id in marketplace_ids
            and sku in (None, its_sku)
            and not world.books.listings(seller_id, marketplace_ids=[marketplace_id], sku=its_sku)
        ):
            found.append(_listing(seller_id, marketplace_id, its_sku, doc))
    return found


def settle_due(world: World) -> None:
    """Look at every product whose time has come. Cheap when there is none."""
    for seller_id, marketplace_id, sku, doc in world.books.submissions_due(world.clock.epoch()):
        refused, picture = _looked_at(world, doc)
        with world.books.transaction():
            if refused:
                world.books.keep_submission(seller_id, marketplace_id, sku, {**doc, "due": None, "issues": refused})
                continue
            known = world.books.listings(seller_id, marketplace_ids=[marketplace_id], sku=sku)
            listing = known[0] if known else _listing(seller_id, marketplace_id, sku, doc)
            if not known:
                listing.asin, listing.statuses = f"B0NEW{world.books.next_number('asin'):05d}", ["BUYABLE", "DISCOVERABLE"]
            listing.product_type = doc["product_type"]
            _take(listing, doc["attributes"], now=world.clock.epoch())
            world.books.keep_listing(listing)
            if picture is not None:
                world.books.keep_picture(listing.asin, content=picture[0], content_type=picture[1])
            world.books.drop_submission(seller_id, marketplace_id, sku)
            world.books.note_write(WriteEntry(world.clock.epoch(), "product_live", "done", seller_id, "", {"sku": sku, "asin": listing.asin}))


def _looked_at(world: World, doc: Mapping[str, Any]) -> tuple[list[Issue], tuple[bytes, str] | None]:
    """Return what stops a product, and its main picture where it was fetched."""
    if doc["rejected"]:
        words = "The product is not allowed in this category. Choose the product type that fits it."
        return [issue("8105", words, "product_type")], None
    locations = [entry.get("media_location", "") for entry in doc["attributes"].get("main_product_image_locator", [])]
    if not locations:
        words = "The product cannot be sold without a main image."
        return [issue(NO_PICTURE, words, "main_product_image_locator", category="MISSING_ATTRIBUTE")], None
    if not world.settings.fetches_pictures:
        return [], None
    picture = _fetched(locations[0])
    if picture is None:
        words = "We could not retrieve the main image from the address you gave. Check that it can be reached and holds a JPEG or PNG."
        return [issue(NO_LIVE_PICTURE, words, "main_product_image_locator", category="INVALID_IMAGE")], None
    width, height = _size(picture[0])
    if max(width, height) < SMALLEST_PX:
        words = f"The main image is {width} x {height} pixels. Its longest side must have at least {SMALLEST_PX} pixels."
        return [issue(SMALL_PICTURE, words, "main_product_image_locator", category="INVALID_IMAGE")], None
    return [], picture


def _size(content: bytes) -> tuple[int, int]:
    try:
        with Pictures.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            return opened.width, opened.height
    except (UnidentifiedImageError, OSError, Pictures.DecompressionBombError):
        return 0, 0


def _fetched(address: str) -> tuple[bytes, str] | None:
    if not address.startswith(("http://", "https://")):
        return None
    try:
        with urllib.request.urlopen(address, timeout=PICTURE_TIMEOUT_S) as answer:  # noqa: S310 - a toy on a developer's machine
            kind = answer.headers.get_content_type()
            return (answer.read(), kind) if kind in ("image/jpeg", "image/png") else None
    except (urllib.error.URLError, TimeoutError, ValueError):
        return None


def _listing(seller_id: str, marketplace_id: str, sku: str, doc: Mapping[str, Any]) -> Listing:
    listing = Listing(
        seller_id=seller_id,
        marketplace_id=marketplace_id,
        sku=sku,
        asin="",
        title="",
        price="0.00",
        product_type=doc["product_type"],
        kind=PICTURE_KINDS.get(doc["product_type"], "poster"),
        color="#f3efe6",
        quantity=0,
        created=doc["created"],
        updated=doc["updated"],
        statuses=[],
        issues=list(doc["issues"]),
    )
    _take(listing, doc["attributes"], now=doc["updated"])
    return listing


def _take(listing: Listing, attributes: Mapping[str, Any], *, now: float) -> None:
    """Bring a listing's own facts up to its attributes."""
    listing.attributes, listing.updated = dict(attributes), now

    def first(name: str) -> Mapping[str, Any]:
        entries = attributes.get(name) or [{}]
        return dict(entries[0])

    listing.title = str(first("item_name").get("value", listing.title))
    listing.description = str(first("product_description").get("value", listing.description))
    schedule = (first("purchasable_offer").get("our_price") or [{}])[0].get("schedule") or [{}]
    if "value_with_tax" in schedule[0]:
        listing.price = f"{schedule[0]['value_with_tax']:.2f}"
    stock = first("fulfillment_availability")
    if "quantity" in stock:
        listing.quantity = int(stock["quantity"])


_PARAMS = (
    Param("marketplaceIds", "list", required=True),
    Param("includedData", "list", allowed=("identifiers", "issues")),
    Param("mode", allowed=MODES),
    Param("issueLocale"),
)
_PATH = "/listings/2021-08-01/items/{sellerId}/{sku}"
OPERATIONS = (
    Operation(
        "putListingsItem",
        "PUT",
        _PATH,
        put_listings_item,
        params=_PARAMS,
        fields=(Field("productType", str, required=True), Field("requirements", str), Field("attributes", dict, required=True, free=True)),
    ),
    Operation(
        "patchListingsItem",
        "PATCH",
        _PATH,
        patch_listings_item,
        params=_PARAMS,
        fields=(
            Field("productType", str, required=True),
            Field(
                "patches",
                list,
                required=True,
                inside=(Field("op", str, required=True), Field("path", str, required=True), Field("value", list, of=dict)),
            ),
        ),
    ),
)
