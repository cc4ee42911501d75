"""The cast: US sellers with one shop or several, sellers of other markets, a creator. The same in every fresh imitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stores.sandbox.tiktok import images
from stores.sandbox.tiktok.books import Books
from stores.sandbox.tiktok.categories import CATEGORIES, COLOR, SIZE
from stores.sandbox.tiktok.records import Product, Sku
from stores.sandbox.tiktok.seller_records import Account, Shop, UserType, Warehouse

ADA = Account("7010000000000000101", "Ada's Mugs & More", "US")
ATLANTIC = Account("7010000000000000202", "Atlantic Gifts Group", "US")
SOUTH = Account("7010000000000000303", "Southern Prints", "US")
GRETE = Account("7010000000000000404", "Grete's Gifts", "US")
HARBOUR = Account("7010000000000000505", "Harbour Prints", "GB")
LANTERN = Account("7010000000000000606", "Lantern Trading", "US")
DANA = Account("7010000000000000707", "Dana Creates", "US", UserType.CREATOR)

ADA_SHOP = Shop("7495000000000000101", ADA.open_id, "Ada's Mugs & More", "US", "TTP_c5AdaQAAAABh00qsWgtvOiGFNqyubMt3", "USLCAD101")
ATLANTIC_HOME = Shop("7495000000000000201", ATLANTIC.open_id, "Atlantic Home", "US", "TTP_c5AtlHAAAABh00qsWgtvOiGFNqyubMt3", "USLCAT201")
ATLANTIC_WEAR = Shop("7495000000000000202", ATLANTIC.open_id, "Atlantic Wear", "US", "TTP_c5AtlWAAAABh00qsWgtvOiGFNqyubMt3", "USLCAT202")
ATLANTIC_UK = Shop("7495000000000000203", ATLANTIC.open_id, "Atlantic UK", "GB", "ROW_c5AtlUAAAABh00qsWgtvOiGFNqyubMt3", "GBLCAT203")
SOUTH_SHOP = Shop("7495000000000000301", SOUTH.open_id, "Southern Prints", "US", "TTP_c5SouPAAAABh00qsWgtvOiGFNqyubMt3", "USLCSO301")
GRETE_SHOP = Shop("7495000000000000401", GRETE.open_id, "Grete's Gifts", "US", "TTP_c5GreGAAAABh00qsWgtvOiGFNqyubMt3", "USLCGR401")
HARBOUR_SHOP = Shop("7495000000000000501", HARBOUR.open_id, "Harbour Prints", "GB", "ROW_c5HarPAAAABh00qsWgtvOiGFNqyubMt3", "GBLCHA501")
LANTERN_SHOP = Shop(
    "7495000000000000601", LANTERN.open_id, "Lantern Gifts", "US", "GCP_c5LanGAAAABh00qsWgtvOiGFNqyubMt3", "CNUSLA601", "CROSS_BORDER"
)
ACCOUNTS = (ADA, ATLANTIC, SOUTH, GRETE, HARBOUR, LANTERN, DANA)
SHOPS = (ADA_SHOP, ATLANTIC_HOME, ATLANTIC_WEAR, ATLANTIC_UK, SOUTH_SHOP, GRETE_SHOP, HARBOUR_SHOP, LANTERN_SHOP)


OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIZES = (COLOR, SIZE)
# Title, category, picture, price, then (seller SKU, colour to draw, attribute values …), "personalised" or "by TikTok" where it applies.
ADA_ROWS = (
    ("Ceramic mug 11 oz", "600031", "mug", "14.90", (("MUG-11OZ-WHITE", "#f7f5f0", "White"), ("MUG-11OZ-BLACK", "#2b2b2f", "Black")), ""),
    (
        "Classic T-shirt, black", "601194", "tee", "19.90",
        (("TEE-CLASSIC-M", "#24262b", "Black", "M"), ("TEE-CLASSIC-L", "#24262b", "Black", "L"), ("TEE-CLASSIC-XL", "#24262b", "Black", "XL")), "",
    ),
    ("Mug with your name, white", "600031", "mug", "18.50", (("MUG-NAME/ÄÖÜ-1", "#ffe9c7"),), "personalised"),
    ("Poster “Forest”", "600158", "poster", "12.00", (("POSTER-12X16/FOREST", "#2f6b4f"),), ""),
    ("Cotton tote bag, natural", "824330", "tote", "16.00", (("TOTE-NATURAL", "#e6d9bd"),), ""),
    ("Hoodie, green", "601196", "tee", "39.90", (("HOODIE-GREEN-M", "#3f7d58", "Green", "M"), ("HOODIE-GREEN-L", "#3f7d58", "Green", "L")), ""),
    ("Greeting cards with envelopes, 5 pieces", "950012", "poster", "9.90", (("CARD+ENVELOPE#5", "#e59a8a"),), ""),
    ("Phone case, matte", "601741", "case", "17.90", (("PHONE-CASE-15", "#39506b"),), "personalised"),
    ("Throw pillow 16 × 16 in", "600170", "cushion", "24.50", (("PILLOW-16X16", "#c7d3e3"),), ""),
    ("Sticker sheet, assorted", "950014", "poster", "4.90", (("", "#f2c84b"),), ""),
    ("Ceramic mug 11 oz, navy (shipped by TikTok)", "600031", "mug", "15.90", (("FBT-MUG-NAVY", "#22304f"),), "by TikTok"),
)  # fmt: skip
ATLANTIC_ROWS = (
    ("Ceramic mug 15 oz", "600031", "mug", "17.95", (("AT-MUG-15OZ", "#fafafa"),), ""),
    ("Ornament with your name", "600161", "cushion", "13.50", (("AT-ORNAMENT-NAME", "#b3282d"),), "personalised"),
    ("Spiral notebook A5", "950016", "poster", "11.00", (("AT-NOTEBOOK-A5", "#4d7c8a"),), ""),
)
WEAR_ROWS = (
    ("Premium tee, navy", "601194", "tee", "24.00", (("AT-TEE-S", "#22304f", "Navy", "S"), ("AT-TEE-M", "#22304f", "Navy", "M")), ""),
    ("Canvas tote, black", "824330", "tote", "19.00", (("AT-TOTE-BLACK", "#1e1e1e"),), ""),
)
SOUTH_ROWS = (
    ("Ceramic mug 15 oz, white", "600031", "mug", "17.95", (("US-MUG-15OZ", "#fafafa"),), ""),
    ("Premium tee, navy", "601194", "tee", "24.00", (("US-TEE-S", "#22304f", "Navy", "S"), ("US-TEE-M", "#22304f", "Navy", "M")), ""),
    ("Poster 18 × 24 in “Canyon”", "600158", "poster", "21.00", (("POSTER-18/24", "#b5622f"),), ""),
    ("Ornament with your name", "600161", "cushion", "13.50", (("ORNAMENT-NAME", "#b3282d"),), "personalised"),
)
GRETE_ROWS = (
    ("Sticker sheet “Woodland”", "950014", "poster", "5.90", (("GIFT-STICKERS", "#7fae6b"),), ""),
    ("Mug “Good morning”", "600031", "mug", "15.50", (("GIFT-MUG", "#fdf3e1"),), ""),
)
HARBOUR_ROWS = (("Ceramic mug, harbour blue", "600031", "mug", "12.90", (("UK-MUG-BLUE", "#3d6a8a"),), ""),)
SHELVES = (
    (ADA_SHOP, ADA_ROWS), (ATLANTIC_HOME, ATLANTIC_ROWS), (ATLANTIC_WEAR, WEAR_ROWS), (SOUTH_SHOP, SOUTH_ROWS), (GRETE_SHOP, GRETE_ROWS),
    (HARBOUR_SHOP, HARBOUR_ROWS), (LANTERN_SHOP, (("Paper lantern", "600154", "cushion", "8.00", (("LANTERN-RED", "#b3282d"),), ""),)),
)  # fmt: skip
Row = tuple[str, str, str, str, tuple[tuple[str, ...], ...], str]


def plant(books: Books) -> None:
    """Create the cast unless it is there already."""
    with books.transaction():
        if books.fact("seeded"):
            return
        for account in ACCOUNTS:
            books.keep_account(account)
        for shop in SHOPS:
            shop.warehouses = _warehouses(shop)
            books.keep_shop(shop)
        for shelf, (shop, rows) in enumerate(SHELVES):
            for number, row in enumerate(rows):
                books.keep_product(_product(books, shop, row, number, number_of=shelf * 100 + number))
        books.set_fact("seeded", "yes")


def _product(books: Books, shop: Shop, row: Row, number: int, *, number_of: int) -> Product:
    """Return one product of a shelf. The first row is the newest, so searches show rows in this order."""
    title, category_id, kind, price, variants, special = row
    opened = (OPENED - timedelta(days=number)).timestamp()
    warehouse = next(place.warehouse_id for place in shop.warehouses if place.default)
    skus = []
    for place, (seller_sku, color, *values) in enumerate(variants):
        known = [(attribute, name) for attribute, name in zip(SIZES, values, strict=False)]
        attributes = [
            {
                "id": attribute.id,
                "name": attribute.name,
                "value_id": next(value_id for value_id, value in attribute.values if value == name),
                "value_name": name,
                **({"uri": images.drawn(books, kind, color)} if attribute is COLOR else {}),
            }
            for attribute, name in known
        ]
        skus.append(
            Sku(
                sku_id=str(1_729_582_718_312_000_000 + number_of * 1000 + place),
                seller_sku=seller_sku,
                amount=price,
                currency="GBP" if shop.region == "GB" else "USD",
                inventory=[{"warehouse_id": warehouse, "quantity": 500}],
                attributes=attributes,
            )
        )
    return Product(
        product_id=str(1_729_582_718_311_000_000 + number_of * 1000),
        shop_id=shop.shop_id,
        title=title,
        description=f"<p>{title}. Printed on demand.</p>",
        category_id=category_id,
        images=[images.drawn(books, kind, variants[0][1])],
        package_weight={"value": "0.9", "unit": "POUND"},
        package_dimensions={"length": "6", "width": "6", "height": "5", "unit": "INCH"},
        attributes=_answers(category_id),
        skus=skus,
        created=opened,
        updated=int(opened),
        was_live=True,
        personalisable=special == "personalised",
        fulfilled_by="TIKTOK" if special == "by TikTok" else "SELLER",
    )


def shelved(books: Books, shop: Shop, *, title: str, prices: Mapping[str, str], personalisable: bool, at: float) -> Product:
    """Return a plain product that is for sale, with one variant for each seller SKU."""
    number = books.next_number("product")
    warehouse = next(place.warehouse_id for place in shop.warehouses if place.default)
    first = 1_729_592_969_712_000_000 + number * 1009
    skus = [
        Sku(str(first + place), sku, amount, "GBP" if shop.region == "GB" else "USD", [{"warehouse_id": warehouse, "quantity": 5000}])
        for place, (sku, amount) in enumerate(prices.items(), start=1)
    ]
    return Product(
        product_id=str(first),
        shop_id=shop.shop_id,
        title=title,
        description=f"<p>{title}</p>",
        category_id="950014",
        images=[images.drawn(books, "mug", "#ffffff")],
        package_weight={"value": "0.9", "unit": "POUND"},
        package_dimensions={"length": "6", "width": "6", "height": "5", "unit": "INCH"},
        skus=skus,
        created=at,
        updated=int(at),
        was_live=True,
        personalisable=personalisable,
    )


def _answers(category_id: str) -> list[dict[str, Any]]:
    """Return an answer to every attribute that a category demands."""
    return [
        {"id": attribute.id, "name": attribute.name, "values": [{"id": attribute.values[0][0], "name": attribute.values[0][1]}]}
        for attribute in CATEGORIES[category_id].attributes
        if attribute.required
    ]


def _warehouses(shop: Shop) -> list[Warehouse]:
    """Return a place to send from and one to take returns, with ids of the shop's own."""
    tail = shop.shop_id[-6:]
    where = ("12 Dock Road", "Bristol", "England", "BS1 6XN") if shop.region == "GB" else ("880 Market Street", "Savannah", "Georgia", "31401")
    return [
        Warehouse(f"7068517275539{tail}", "Workshop", "SALES_WAREHOUSE", *where, default=True),
        Warehouse(f"7068517275540{tail}", "Returns desk", "RETURN_WAREHOUSE", *where),
    ]
