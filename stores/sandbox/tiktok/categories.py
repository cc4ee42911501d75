"""The catalogue side of the Product API: categories, their rules and attributes, brands. A small tree with TikTok's kinds of nodes.

US shops must name ``category_version=v2``; the default is ``v1`` (tiktok.md §9).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox.tiktok import paging
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.seller_records import Shop

SCOPES = ("seller.product.basic",)
V2_REGIONS = frozenset({"US", "ID", "MY", "PH", "SG", "TH", "VN"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One built-in attribute. ``sales`` ones tell SKUs apart; values are ids and names."""

    id: str
    name: str
    values: tuple[tuple[str, str], ...] = ()
    sales: bool = False
    required: bool = False
    customizable: bool = True
    multiple: bool = False


COLOR = Attribute("100000", "Color", (("1000001", "White"), ("1000002", "Black"), ("1000003", "Navy"), ("1000004", "Green")), sales=True)
SIZE = Attribute("100007", "Size", (("1000701", "S"), ("1000702", "M"), ("1000703", "L"), ("1000704", "XL")), sales=True)
SPECIFICATION = Attribute("100089", "Specification", sales=True)
MATERIAL = Attribute("100157", "Material", (("1001571", "Ceramic"), ("1001572", "Glass"), ("1001573", "Steel")), required=True)
FABRIC = Attribute("100701", "Materials", (("1007011", "Cotton"), ("1007012", "Polyester"), ("1007013", "Blend")), required=True, multiple=True)
OCCASION = Attribute("100392", "Occasion", (("1001533", "Birthday"), ("1001534", "Christmas"), ("1001535", "Wedding")), multiple=True)


@dataclass(frozen=True, slots=True)
class Category:
    """One node of the tree. Only leaves take products."""

    id: str
    parent_id: str
    name: str
    words: tuple[str, ...] = ()  # by which a title finds its leaf
    attributes: tuple[Attribute, ...] = field(default=())
    size_chart: bool = False
    permission: str = "AVAILABLE"

    @property
    def is_leaf(self) -> bool:
        """Say whether products may stand here."""
        return bool(self.attributes)


HARD = (COLOR, SPECIFICATION, MATERIAL, OCCASION)
SOFT = (COLOR, SIZE, FABRIC)
PLAIN = (COLOR, SIZE, SPECIFICATION, OCCASION)
CATEGORIES = {
    row.id: row
    for row in (
        Category("600001", "0", "Home Supplies"),
        Category("600024", "600001", "Kitchenware"),
        Category("600031", "600024", "Mugs", ("mug", "cup"), HARD),
        Category("600154", "600001", "Home Decor"),
        Category("600158", "600154", "Posters & Prints", ("poster", "print", "canvas"), PLAIN),
        Category("600161", "600154", "Ornaments", ("ornament",), PLAIN),
        Category("600170", "600154", "Throw Pillows", ("pillow", "cushion"), SOFT),
        Category("601152", "0", "Womenswear & Menswear"),
        Category("601194", "601152", "T-shirts", ("t-shirt", "tee", "shirt"), SOFT, size_chart=True),
        Category("601196", "601152", "Hoodies & Sweatshirts", ("hoodie", "sweatshirt"), SOFT, size_chart=True),
        Category("824328", "0", "Luggage & Bags"),
        Category("824330", "824328", "Tote Bags", ("tote", "bag"), SOFT),
        Category("601739", "0", "Phones & Electronics"),
        Category("601741", "601739", "Phone Cases", ("case",), PLAIN),
        Category("950010", "0", "Stationery"),
        Category("950012", "950010", "Greeting Cards", ("card",), PLAIN),
        Category("950014", "950010", "Stickers", ("sticker",), PLAIN),
        Category("950016", "950010", "Notebooks", ("notebook", "journal"), PLAIN),
        Category("700600", "0", "Health"),
        Category("700612", "700600", "Medical Devices", ("medical",), PLAIN, permission="INVITE_ONLY"),
    )
}
BRANDS = (
    ("7082427311584347905", "Ada's Mugs & More", "AUTHORIZED", False),
    ("7082427311584347906", "Northwind", "UNAUTHORIZED", False),
    ("7082427311584347907", "Grand Maison", "UNAUTHORIZED", True),
)


def version_for(shop: Shop) -> str:
    """Return the version of the tree that a shop must name."""
    return "v2" if shop.region in V2_REGIONS else "v1"


def chain(category_id: str) -> list[Category]:
    """Return a category and all above it, from the root down."""
    found: list[Category] = []
    while category_id in CATEGORIES:
        found.insert(0, CATEGORIES[category_id])
        category_id = found[0].parent_id
    return found


def _check_version(call: Call, given: str | None) -> None:
    if (given or "v1") != version_for(call.shop):
        raise Refusal(12052217)


def _leaf(call: Call) -> Category:
    _check_version(call, call.query.get("category_version"))
    category = CATEGORIES.get(call.path["category_id"])
    if category is None:
        raise Refusal(12052023)
    if not category.is_leaf:
        raise Refusal(12052024)
    return category


def get_categories(call: Call) -> dict[str, Any]:
    """Answer ``getCategories``."""
    _check_version(call, call.query.get("category_version"))
    keyword = str(call.query.get("keyword", "")).lower()
    return {
        "categories": [
            {
                "id": row.id,
                "parent_id": row.parent_id,
                "local_name": row.name,
                "is_leaf": row.is_leaf,
                "permission_statuses": [row.permission],
            }
            for row in CATEGORIES.values()
            if keyword in row.name.lower()
        ]
    }


def get_rules(call: Call) -> dict[str, Any]:
    """Answer ``getCategoryRules``."""
    category = _leaf(call)
    return {
        "product_certifications": [],
        "size_chart": {"is_supported": category.size_chart, "is_required": False},
        "cod": {"is_supported": False},
        "package_dimension": {"is_required": True},
        "epr": {"is_required": False},
        "responsible_person": {"is_required": False},
        "manufacturer": {"is_required": False},
        "allowed_special_product_types": ["PRE_ORDER", "MADE_TO_ORDER", "CUSTOM"] if call.shop.region == "US" else ["PRE_ORDER"],
        "fees": [],
    }


def get_attributes(call: Call) -> dict[str, Any]:
    """Answer ``getAttributes``; the misspelt ``is_requried`` is TikTok's."""
    return {
        "attributes": [
            {
                "id": row.id,
                "name": row.name,
                "type": "SALES_PROPERTY" if row.sales else "PRODUCT_PROPERTY",
                "is_requried": row.required,
                "values": [{"id": value_id, "name": name} for value_id, name in row.values],
                "is_customizable": row.customizable,
                "is_multiple_selection": row.multiple,
            }
            for row in _leaf(call).attributes
        ]
    }


def recommend(call: Call) -> dict[str, Any]:
    """Answer ``recommendCategory``: the leaf whose words stand in the title."""
    _check_version(call, call.body.get("category_version"))
    title = call.body["product_title"].lower()
    leaf = next((row for row in CATEGORIES.values() if any(word in title for word in row.words)), None)
    if leaf is None:
        raise Refusal(12019064)
    return {
        "leaf_category_id": leaf.id,
        "categories": [
            {"id": row.id, "name": row.name, "level": level, "is_leaf": row.is_leaf, "permission_statuses": [row.permission]}
            for level, row in enumerate(chain(leaf.id), start=1)
        ],
    }


def brands_of(call: Call) -> Iterable[tuple[str, str, str, bool]]:
    """Yield id, name, authorization and whether it is a T1 brand: the built-in ones and those the seller made."""
    yield from BRANDS
    for brand_id, name in call.world.books.brands(call.grant.open_id):
        yield brand_id, name, "AUTHORIZED", False


def get_brands(call: Call) -> dict[str, Any]:
    """Answer ``getBrands``."""
    if call.query.get("category_id"):
        _check_version(call, call.query.get("category_version"))
    wanted = str(call.query.get("brand_name", "")).lower()
    rows = [
        {"id": brand_id, "name": name, "authorized_status": status, "is_t1_brand": t1, "brand_status": "AVAILABLE"}
        for brand_id, name, status, t1 in brands_of(call)
        if wanted in name.lower() and call.query.get("is_authorized", status == "AUTHORIZED") == (status == "AUTHORIZED")
    ]
    page, token = paging.slice_of(call, rows, step=paging.size(call, at_most=100, wrong=12019109))
    return {"brands": page, "total_count": len(rows), "next_page_token": token}


def create_brand(call: Call) -> dict[str, Any]:
    """Answer ``createCustomBrands``."""
    name = call.body["name"].strip()
    if len(name) < 2:
        raise Refusal(12052189)
    if len(name) > 30:
        raise Refusal(12052190)
    if name in (known for _, known, _, _ in brands_of(call)):
        raise Refusal(12052205)
    brand_id = str(7_082_427_311_584_400_000 + call.world.books.next_number("brand"))
    call.world.books.add_brand(brand_id, open_id=call.grant.open_id, name=name)
    return {"id": brand_id}


OF_CATEGORY = "/product/202309/categories/{category_id}"
OPERATIONS = (
    Operation(
        "getCategories",
        "GET",
        "/product/202309/categories",
        get_categories,
        scopes=SCOPES,
        query="locale keyword category_version listing_platform include_prohibited_categories:bool",
    ),
    Operation("getCategoryRules", "GET", f"{OF_CATEGORY}/rules", get_rules, scopes=SCOPES, query="category_version locale"),
    Operation("getAttributes", "GET", f"{OF_CATEGORY}/attributes", get_attributes, scopes=SCOPES, query="locale category_version"),
    Operation(
        "recommendCategory",
        "POST",
        "/product/202309/categories/recommend",
        recommend,
        scopes=SCOPES,
        body="product_title! description images[{uri}] category_version listing_platform include_prohibited_categories:bool",
    ),
    Operation(
        "getBrands",
        "GET",
        "/product/202309/brands",
        get_brands,
        scopes=SCOPES,
        query="category_id is_authorized:bool brand_name page_size!:int page_token category_version",
    ),
    Operation("createCustomBrands", "POST", "/product/202309/brands", create_brand, scopes=SCOPES, body="name!", cipher=False),
)
