"""The cast: two sellers with twelve listings each, and one who has only begun. The same in every fresh imitation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stores.sandbox.amazon.books import Books
from stores.sandbox.amazon.records import Listing, Seller

DE, UK, US, FR = "A1PA6795UKMFR9", "A1F83G8C2ARO7P", "ATVPDKIKX0DER", "A13V1IB3VIYZZH"
NORTH = Seller("A2XDEMONORTH01", "Ada's Mugs & More", "EU", [DE, UK, FR], not_participating=[FR])
SOUTH = Seller("A3XDEMOSOUTH01", "Southern Prints", "NA", [US])
GRETE = Seller("A4XDEMOGRETE1", "Grete's Gifts", "EU", [DE])
OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# sku, asin, title, price, product type, picture, colour, personalisable, fulfilled by
NORTH_ROWS = (
    ("MUG-11OZ-WHITE", "B0DEMOMUG1", "Ceramic mug 11oz, white", "14.90", "DRINKING_CUP", "mug", "#f7f5f0", False, "MERCHANT"),
    ("TEE-CLASSIC-M", "B0DEMOTEE1", "Classic T-shirt, black, M", "19.90", "SHIRT", "tee", "#24262b", False, "MERCHANT"),
    ("TEE-CLASSIC-L", "B0DEMOTEE2", "Classic T-shirt, black, L", "19.90", "SHIRT", "tee", "#24262b", False, "MERCHANT"),
    ("MUG-NAME/ÄÖÜ 1", "B0DEMOMUG2", "Mug with your name, white", "18.50", "DRINKING_CUP", "mug", "#ffe9c7", True, "MERCHANT"),
    ("POSTER-A3/FOREST", "B0DEMOPOS1", "Poster A3 “Forest”", "12.00", "POSTER", "poster", "#2f6b4f", False, "MERCHANT"),
    ("TOTE NATURAL", "B0DEMOTOT1", "Cotton tote bag, natural", "16.00", "HANDBAG", "tote", "#e6d9bd", False, "MERCHANT"),
    ("HOODIE-GRÜN-M", "B0DEMOHOO1", "Hoodie, green, M", "39.90", "SWEATSHIRT", "tee", "#3f7d58", False, "MERCHANT"),
    ("CARD+ENVELOPE #5", "B0DEMOCAR1", "Greeting cards with envelopes, 5 pieces", "9.90", "GREETING_CARD", "poster", "#e59a8a", False, "MERCHANT"),
    ("PHONE-CASE-15", "B0DEMOCAS1", "Phone case, matte", "17.90", "CELLULAR_PHONE_CASE", "case", "#39506b", True, "MERCHANT"),
    ("CUSHION-40X40", "B0DEMOCUS1", "Cushion 40 × 40 cm", "24.50", "PILLOW", "cushion", "#c7d3e3", False, "MERCHANT"),
    ("", "B0DEMOASIN", "Sticker sheet, assorted", "4.90", "STICKER_DECAL", "poster", "#f2c84b", False, "MERCHANT"),
    ("FBA-MUG-BLACK", "B0DEMOFBA1", "Ceramic mug 11oz, black (shipped by Amazon)", "15.90", "DRINKING_CUP", "mug", "#2b2b2f", False, "AMAZON"),
)
SOUTH_ROWS = (
    ("US-MUG-15OZ", "B0SOUTHMG1", "Ceramic mug 15oz, white", "17.95", "DRINKING_CUP", "mug", "#fafafa", False, "MERCHANT"),
    ("US-TEE-S", "B0SOUTHTE1", "Premium tee, navy, S", "24.00", "SHIRT", "tee", "#22304f", False, "MERCHANT"),
    ("US-TEE-M", "B0SOUTHTE2", "Premium tee, navy, M", "24.00", "SHIRT", "tee", "#22304f", False, "MERCHANT"),
    ("US-TEE-XL", "B0SOUTHTE3", "Premium tee, navy, XL", "26.00", "SHIRT", "tee", "#22304f", False, "MERCHANT"),
    ("POSTER 18/24", "B0SOUTHPO1", 'Poster 18 × 24 in "Canyon"', "21.00", "POSTER", "poster", "#b5622f", False, "MERCHANT"),
    ("ORNAMENT-NAME", "B0SOUTHOR1", "Ornament with your name", "13.50", "ORNAMENT", "cushion", "#b3282d", True, "MERCHANT"),
    ("TOTE-BLACK", "B0SOUTHTO1", "Canvas tote, black", "19.00", "HANDBAG", "tote", "#1e1e1e", False, "MERCHANT"),
    ("HOODIE-GREY-L", "B0SOUTHHO1", "Hoodie, heather grey, L", "44.00", "SWEATSHIRT", "tee", "#8b8f98", False, "MERCHANT"),
    ("CASE-PIXEL-9", "B0SOUTHCA1", "Phone case, glossy", "19.95", "CELLULAR_PHONE_CASE", "case", "#6a3b7a", False, "MERCHANT"),
    ("PILLOW-18", "B0SOUTHPI1", "Throw pillow 18 in", "29.00", "PILLOW", "cushion", "#d9b88f", False, "MERCHANT"),
    ("NOTEBOOK-A5", "B0SOUTHNO1", "Spiral notebook A5", "11.00", "PAPER_NOTEBOOK", "poster", "#4d7c8a", False, "MERCHANT"),
    ("FBA-TEE-WHITE", "B0SOUTHFB1", "Basic tee, white, M (shipped by Amazon)", "15.00", "SHIRT", "tee", "#fcfcfc", False, "AMAZON"),
)
GRETE_ROWS = (
    ("GIFT-STICKERS", "B0GRETESTK", "Sticker sheet “Woodland”", "5.90", "STICKER_DECAL", "poster", "#7fae6b", False, "MERCHANT"),
    ("GIFT-MUG", "B0GRETEMUG", "Mug “Good morning”", "15.50", "DRINKING_CUP", "mug", "#fdf3e1", False, "MERCHANT"),
    ("GIFT-TOTE", "B0GRETETOT", "Tote bag “Market day”", "17.00", "HANDBAG", "tote", "#e8dcc2", False, "MERCHANT"),
)
# The shirts are variations of one product, whose parent nobody can buy. Amazon finds a picture too small.
TEES = ("TEE-CLASSIC", "B0DEMOTEEP", "Classic T-shirt, black", "SIZE_NAME")
TOO_SMALL = {
    "code": "8541",
    "message": "The main image is smaller than 1000 pixels on its longest side, so it cannot be zoomed.",
    "severity": "ERROR",
    "categories": ["INVALID_IMAGE"],
    "attributeNames": ["main_product_image_locator"],
}
# What the first seller also offers in the United Kingdom: the same SKU and ASIN at another price.
UK_PRICES = {"MUG-11OZ-WHITE": "12.90", "TEE-CLASSIC-M": "17.50", "MUG-NAME/ÄÖÜ 1": "16.00", "TOTE NATURAL": "14.00"}


def plant(books: Books) -> None:
    """Create sellers and listings unless they are there already."""
    with books.transaction():
        if books.fact("seeded"):
            return
        for seller, marketplace_id, rows in ((NORTH, DE, NORTH_ROWS), (SOUTH, US, SOUTH_ROWS), (GRETE, DE, GRETE_ROWS)):
            books.keep_seller(seller)
            for number, row in enumerate(rows):
                books.keep_listing(_listing(seller, marketplace_id, row, number))
        _make_variations(books)
        for number, row in enumerate(NORTH_ROWS):
            if row[0] in UK_PRICES:
                books.keep_listing(_listing(NORTH, UK, (*row[:3], UK_PRICES[row[0]], *row[4:]), number))
        books.set_fact("seeded", "yes")


def _make_variations(books: Books) -> None:
    sku, asin, title, theme = TEES
    for listing in books.listings(NORTH.seller_id, marketplace_ids=[DE]):
        if listing.sku.startswith(f"{sku}-"):
            listing.parent_sku, listing.variation_theme = sku, theme
            books.keep_listing(listing)
        elif listing.sku == "CUSHION-40X40":
            listing.issues = [TOO_SMALL]
            books.keep_listing(listing)
    parent = _listing(NORTH, DE, (sku, asin, title, "", "SHIRT", "tee", "#24262b", False, "MERCHANT"), len(NORTH_ROWS))
    parent.variation_theme, parent.statuses, parent.quantity = theme, ["DISCOVERABLE"], 0
    books.keep_listing(parent)


def _listing(seller: Seller, marketplace_id: str, row: tuple[str, str, str, str, str, str, str, bool, str], number: int) -> Listing:
    sku, asin, title, price, product_type, kind, color, personalisable, fulfilled_by = row
    # The first row is the newest, so lists sorted by Amazon's default (last updated first) show rows in this order.
    opened = (OPENED - timedelta(days=number)).timestamp()
    return Listing(
        seller_id=seller.seller_id,
        marketplace_id=marketplace_id,
        sku=sku,
        asin=asin,
        title=title,
        price=price,
        product_type=product_type,
        kind=kind,
        color=color,
        quantity=50,
        created=opened,
        updated=opened,
        description=f"<p>{title}. Printed on demand.</p>",
        personalisable=personalisable,
        fulfilled_by=fulfilled_by,
    )
