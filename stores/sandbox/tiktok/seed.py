"""The cast: US sellers with one shop or several, sellers of other markets, a creator. The same in every fresh imitation."""

from __future__ import annotations

from stores.sandbox.tiktok.books import Books
from stores.sandbox.tiktok.records import Account, Shop, UserType, Warehouse

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
        books.set_fact("seeded", "yes")


def _warehouses(shop: Shop) -> list[Warehouse]:
    """Return a place to send from and one to take returns, with ids of the shop's own."""
    tail = shop.shop_id[-6:]
    where = ("12 Dock Road", "Bristol", "England", "BS1 6XN") if shop.region == "GB" else ("880 Market Street", "Savannah", "Georgia", "31401")
    return [
        Warehouse(f"7068517275539{tail}", "Workshop", "SALES_WAREHOUSE", *where, default=True),
        Warehouse(f"7068517275540{tail}", "Returns desk", "RETURN_WAREHOUSE", *where),
    ]
