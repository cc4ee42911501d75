"""The imitation TikTok Shop's own memory: its records beside what every imitation remembers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from stores.sandbox.memory import Memory
from stores.sandbox.tiktok.records import Cancellation, Image, OrderFilter, Package, PlacedOrder, Product, ProductFilter, Return, Status
from stores.sandbox.tiktok.schema import FORGOTTEN_BY_RESET, SCHEMA
from stores.sandbox.tiktok.seller_records import Account, Delivery, Grant, Shop, Subscription, Warehouse


class Books(Memory):
    """All state of the imitation TikTok Shop."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder, name="tiktok", schema=SCHEMA, forgotten=FORGOTTEN_BY_RESET)

    # --- accounts and shops --------------------------------------------------------------------------------------------
    def keep_account(self, account: Account) -> None:
        """Add an account, or replace the one with the same id."""
        self._write(
            "INSERT INTO accounts VALUES (?, ?) ON CONFLICT (open_id) DO UPDATE SET doc = excluded.doc",
            (account.open_id, json.dumps(asdict(account))),
        )

    def account(self, open_id: str) -> Account | None:
        """Return an account, or None."""
        row = self._row("SELECT doc FROM accounts WHERE open_id = ?", (open_id,))
        return Account(**json.loads(row["doc"])) if row else None

    def accounts(self) -> list[Account]:
        """Return all accounts in the order they were added."""
        return [Account(**json.loads(row["doc"])) for row in self._rows("SELECT doc FROM accounts ORDER BY rowid")]

    def keep_shop(self, shop: Shop) -> None:
        """Add a shop, or replace the one with the same id."""
        self._write(
            "INSERT INTO shops VALUES (?, ?, ?, ?) ON CONFLICT (shop_id) DO UPDATE SET open_id = excluded.open_id, cipher = excluded.cipher, doc = excluded.doc",
            (shop.shop_id, shop.open_id, shop.cipher, json.dumps(asdict(shop))),
        )

    def shop(self, shop_id: str) -> Shop | None:
        """Return a shop, or None."""
        row = self._row("SELECT doc FROM shops WHERE shop_id = ?", (shop_id,))
        return _shop(row["doc"]) if row else None

    def shop_with_cipher(self, cipher: str) -> Shop | None:
        """Return the shop a cipher stands for, or None."""
        row = self._row("SELECT doc FROM shops WHERE cipher = ?", (cipher,))
        return _shop(row["doc"]) if row else None

    def shops(self, open_id: str | None = None) -> list[Shop]:
        """Return an account's shops, or all, in the order they were added."""
        return [_shop(row["doc"]) for row in self._rows("SELECT doc FROM shops WHERE ? IS NULL OR open_id = ? ORDER BY rowid", (open_id, open_id))]

    # --- permissions ---------------------------------------------------------------------------------------------------
    def add_grant(self, grant: Grant) -> None:
        """Keep a consent."""
        self._write(
            "INSERT INTO grants VALUES (?, ?, ?, ?, ?)", (grant.grant_id, grant.open_id, json.dumps(grant.scopes), grant.expires, grant.revoked)
        )

    def grant(self, grant_id: str) -> Grant | None:
        """Return a consent, or None."""
        row = self._row("SELECT * FROM grants WHERE grant_id = ?", (grant_id,))
        return Grant(row["grant_id"], row["open_id"], tuple(json.loads(row["scopes"])), row["expires"], row["revoked"]) if row else None

    def grants(self, open_id: str | None = None) -> list[Grant]:
        """Return the consents of an account, or of all, that nobody withdrew; oldest first."""
        rows = self._rows("SELECT grant_id FROM grants WHERE revoked IS NULL AND (? IS NULL OR open_id = ?) ORDER BY rowid", (open_id, open_id))
        return [grant for row in rows if (grant := self.grant(row["grant_id"])) is not None]

    def end_grant(self, grant_id: str, *, at: float) -> None:
        """Withdraw a consent."""
        self._write("UPDATE grants SET revoked = ? WHERE grant_id = ?", (at, grant_id))

    def add_code(self, code: str, *, grant_id: str, expires: float) -> None:
        """Keep a consent code."""
        self._write("INSERT INTO codes (code, grant_id, expires) VALUES (?, ?, ?)", (code, grant_id, expires))

    def spend_code(self, code: str, *, now: float) -> Grant | None:
        """Use a code up and return its consent; None if it is unknown, used or expired."""
        with self.transaction():
            row = self._row("SELECT * FROM codes WHERE code = ?", (code,))
            if row is None or row["used"] or row["expires"] <= now:
                return None
            self._db.execute("UPDATE codes SET used = 1 WHERE code = ?", (code,))
            return self.grant(row["grant_id"])

    def add_refresh_token(self, token: str, *, grant_id: str, created: float) -> None:
        """Keep a refresh token."""
        self._write("INSERT INTO refresh_tokens VALUES (?, ?, ?, NULL)", (token, grant_id, created))

    def refresh_token(self, token: str) -> tuple[Grant, bool] | None:
        """Return the consent of a known refresh token, and whether a newer token has taken its place."""
        row = self._row("SELECT grant_id, replaced FROM refresh_tokens WHERE token = ?", (token,))
        grant = self.grant(row["grant_id"]) if row else None
        return (grant, row["replaced"] is not None) if row and grant else None

    def replace_refresh_token(self, token: str, *, at: float) -> None:
        """Note that a newer token has taken a refresh token's place."""
        self._write("UPDATE refresh_tokens SET replaced = ? WHERE token = ?", (at, token))

    def add_access_token(self, token: str, *, grant_id: str, expires: float) -> None:
        """Keep an access token."""
        self._write("INSERT INTO access_tokens VALUES (?, ?, ?)", (token, grant_id, expires))

    def access_token(self, token: str) -> tuple[Grant, float] | None:
        """Return the consent and the expiry of a known access token, or None."""
        row = self._row("SELECT grant_id, expires FROM access_tokens WHERE token = ?", (token,))
        grant = self.grant(row["grant_id"]) if row else None
        return (grant, float(row["expires"])) if row and grant else None

    def expire_access_token(self, token: str, *, now: float) -> None:
        """Let an access token end now."""
        self._write("UPDATE access_tokens SET expires = ? WHERE token = ?", (now, token))

    # --- products ------------------------------------------------------------------------------------------------------
    def add_brand(self, brand_id: str, *, open_id: str, name: str) -> None:
        """Keep a brand that a seller made."""
        self._write("INSERT INTO brands VALUES (?, ?, ?)", (brand_id, open_id, name))

    def brands(self, open_id: str) -> list[tuple[str, str]]:
        """Return ids and names of the brands that a seller made."""
        rows = self._rows("SELECT brand_id, name FROM brands WHERE open_id = ? ORDER BY rowid", (open_id,))
        return [(str(row["brand_id"]), str(row["name"])) for row in rows]

    def keep_image(self, image: Image) -> None:
        """Keep a picture; the same URI is the same picture."""
        row = asdict(image)
        self._write(f"INSERT OR REPLACE INTO images ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))  # noqa: S608

    def image(self, uri: str) -> Image | None:
        """Return a picture, or None."""
        row = self._row("SELECT uri, use_case, width, height, media_type, drawing, content FROM images WHERE uri = ?", (uri,))
        return Image(**dict(row)) if row else None

    def keep_product(self, product: Product) -> None:
        """Add a product, or replace the one with the same id."""
        with self.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    product.product_id, product.shop_id, product.created, product.updated, product.status, product.audit, product.audit_due,
                    json.dumps(asdict(product)),
                ),
            )  # fmt: skip
            self._db.execute("DELETE FROM skus WHERE product_id = ?", (product.product_id,))
            rows = [(sku.sku_id, product.product_id, product.shop_id, sku.seller_sku) for sku in product.skus]
            self._db.executemany("INSERT INTO skus VALUES (?, ?, ?, ?)", rows)

    def product(self, product_id: str) -> Product | None:
        """Return a product, whatever its status, or None."""
        row = self._row("SELECT doc FROM products WHERE product_id = ?", (product_id,))
        return Product.from_row(json.loads(row["doc"])) if row else None

    def product_of_sku(self, sku_id: str) -> Product | None:
        """Return the product that a variant belongs to, or None."""
        row = self._row("SELECT p.doc FROM skus s JOIN products p ON p.product_id = s.product_id WHERE s.sku_id = ?", (sku_id,))
        return Product.from_row(json.loads(row["doc"])) if row else None

    def products(self, wanted: ProductFilter, *, limit: int = 1000, offset: int = 0) -> tuple[list[Product], int]:
        """Return some of the products that a filter finds, newest change first, and how many it finds."""
        sql = """
            FROM products p WHERE p.shop_id = ? AND (? = '' AND p.status <> 'DELETED' OR p.status = ?)
              AND (? OR p.audit IN (SELECT value FROM json_each(?)))
              AND p.created BETWEEN ? AND ? AND p.updated BETWEEN ? AND ?
              AND (? OR EXISTS (
                SELECT 1 FROM skus s WHERE s.product_id = p.product_id
                 AND (s.seller_sku IN (SELECT value FROM json_each(?)) OR s.sku_id IN (SELECT value FROM json_each(?)))
              ))
        """
        created, updated = wanted.created or (0, 2**53), wanted.updated or (0, 2**53)
        values = (
            wanted.shop_id, wanted.status, wanted.status, not wanted.audits, json.dumps(wanted.audits), *created, *updated,
            not (wanted.seller_skus or wanted.sku_ids), json.dumps(wanted.seller_skus), json.dumps(wanted.sku_ids),
        )  # fmt: skip
        with self.transaction():
            counted = self._row(f"SELECT count(*) AS n {sql}", values)
            rows = self._rows(f"SELECT p.doc {sql} ORDER BY p.updated DESC, p.product_id LIMIT ? OFFSET ?", (*values, limit, offset))
        return [Product.from_row(json.loads(row["doc"])) for row in rows], int(counted["n"]) if counted else 0

    def due_audits(self, *, now: float) -> list[str]:
        """Return the products whose audit ends by now."""
        rows = self._rows("SELECT product_id FROM products WHERE audit_due > 0 AND audit_due <= ? ORDER BY audit_due, product_id", (now,))
        return [str(row["product_id"]) for row in rows]

    # --- orders --------------------------------------------------------------------------------------------------------
    def keep_order(self, order: PlacedOrder, *, at: float, due: float | None, listed_from: float | None = None) -> None:
        """Add an order, or keep its next version. ``due`` is when something happens to it by itself; lists show it from ``listed_from`` on."""
        doc = json.dumps(asdict(order))
        with self.transaction():
            known = self._row("SELECT listed_from FROM orders WHERE order_id = ?", (order.order_id,))
            shown = listed_from if listed_from is not None else known["listed_from"] if known else at
            self._db.execute(
                "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    order.order_id, order.shop_id, int(order.created), order.updated, order.status, order.shipping_type, order.buyer_user_id,
                    int(bool(order.cancel_asked)), order.warehouse_id, shown, due, doc,
                ),
            )  # fmt: skip
            self._db.execute(
                "INSERT INTO order_versions SELECT ?, coalesce(max(version), 0) + 1, ?, ? FROM order_versions WHERE order_id = ?",
                (order.order_id, at, doc, order.order_id),
            )

    def order(self, order_id: str, *, as_of: float | None = None) -> PlacedOrder | None:
        """Return an order as it is, or as it was at ``as_of`` (as it was placed, when it is younger), or None."""
        if as_of is None:
            row = self._row("SELECT doc FROM orders WHERE order_id = ?", (order_id,))
        else:
            sql = "SELECT doc FROM order_versions WHERE order_id = ? AND (at <= ? OR version = 1) ORDER BY version DESC LIMIT 1"
            row = self._row(sql, (order_id, as_of))
        return PlacedOrder.from_row(json.loads(row["doc"])) if row else None

    def orders(self, *, shop_id: str | None = None, status: str = "", limit: int = 200, offset: int = 0) -> list[PlacedOrder]:
        """Return orders as they are now, newest first."""
        sql = """
            SELECT doc FROM orders WHERE (? IS NULL OR shop_id = ?) AND (? = '' OR status = ?) ORDER BY created DESC, order_id DESC LIMIT ? OFFSET ?
        """
        rows = self._rows(sql, (shop_id, shop_id, status, status, limit, offset))
        return [PlacedOrder.from_row(json.loads(row["doc"])) for row in rows]

    def find_orders(self, wanted: OrderFilter, *, now: float) -> list[tuple[int, str]]:
        """Return sort value and number of every order a list holds, in its order."""
        column, direction = ("updated", "created")[wanted.by == "created"], "ASC" if wanted.ascending else "DESC"
        sql = f"""
            SELECT {column} AS stamp, order_id FROM orders WHERE shop_id = ? AND listed_from <= ?
              AND (? = '' OR status = ?) AND (? = '' OR shipping_type = ?) AND (? = '' OR buyer_user_id = ?)
              AND (? IS NULL OR cancel_asked = ?) AND (? OR warehouse_id IN (SELECT value FROM json_each(?)))
              AND created >= ? AND created < ? AND updated >= ? AND updated < ?
            ORDER BY {column} {direction}, order_id {direction}
        """  # noqa: S608 - column and direction are among the words above
        asked = None if wanted.cancel_asked is None else int(wanted.cancel_asked)
        values = (
            wanted.shop_id, now, wanted.status, wanted.status, wanted.shipping_type, wanted.shipping_type, wanted.buyer_user_id, wanted.buyer_user_id,
            asked, asked, not wanted.warehouse_ids, json.dumps(wanted.warehouse_ids), *(wanted.created or (0, 2**53)), *(wanted.updated or (0, 2**53)),
        )  # fmt: skip
        return [(int(row["stamp"]), str(row["order_id"])) for row in self._rows(sql, values)]

    def due_orders(self, *, now: float) -> list[str]:
        """Return the orders to which something happens by now, the longest due first."""
        return [str(row["order_id"]) for row in self._rows("SELECT order_id FROM orders WHERE due <= ? ORDER BY due, order_id", (now,))]

    def order_count(self) -> int:
        """Return how many orders were ever placed."""
        row = self._row("SELECT count(*) AS n FROM orders")
        return int(row["n"]) if row else 0

    def status_counts(self) -> dict[str, int]:
        """Return how many orders are in each status now, in the order of the life of an order."""
        counted = {str(row["status"]): int(row["n"]) for row in self._rows("SELECT status, count(*) AS n FROM orders GROUP BY status")}
        return {status: counted[status] for status in Status if status in counted}

    # --- packages ------------------------------------------------------------------------------------------------------
    def keep_package(self, package: Package, *, due: float | None) -> None:
        """Add a package, or replace the one with the same id. ``due`` is when its carrier does something."""
        self._write(
            "INSERT OR REPLACE INTO packages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                package.package_id, package.shop_id, package.order_id, package.created, package.updated, package.status, package.tracking_number, due,
                json.dumps(asdict(package)),
            ),
        )  # fmt: skip

    def package(self, package_id: str) -> Package | None:
        """Return a package, or None."""
        row = self._row("SELECT doc FROM packages WHERE package_id = ?", (package_id,))
        return Package(**json.loads(row["doc"])) if row else None

    def packages_of(self, order_id: str) -> list[Package]:
        """Return the packages of an order, the oldest first."""
        return [Package(**json.loads(row["doc"])) for row in self._rows("SELECT doc FROM packages WHERE order_id = ? ORDER BY rowid", (order_id,))]

    def packages(self, shop_id: str) -> list[Package]:
        """Return a shop's packages, newest change first."""
        rows = self._rows("SELECT doc FROM packages WHERE shop_id = ? ORDER BY updated DESC, package_id DESC", (shop_id,))
        return [Package(**json.loads(row["doc"])) for row in rows]

    def orders_with_tracking(self, shop_id: str, tracking_number: str) -> set[str]:
        """Return the orders that a tracking number already serves."""
        rows = self._rows("SELECT DISTINCT order_id FROM packages WHERE shop_id = ? AND tracking_number = ?", (shop_id, tracking_number))
        return {str(row["order_id"]) for row in rows}

    def due_packages(self, *, now: float) -> list[str]:
        """Return the packages to which something happens by now."""
        return [str(row["package_id"]) for row in self._rows("SELECT package_id FROM packages WHERE due <= ? ORDER BY due, package_id", (now,))]

    # --- cancellations and returns -------------------------------------------------------------------------------------
    def keep_cancellation(self, cancellation: Cancellation, *, due: float | None) -> None:
        """Add a cancellation, or replace the one with the same id. ``due`` is when something happens to it by itself."""
        row = (cancellation.cancel_id, cancellation.shop_id, cancellation.order_id, due, json.dumps(asdict(cancellation)))
        self._write("INSERT OR REPLACE INTO cancellations VALUES (?, ?, ?, ?, ?)", row)

    def cancellation(self, cancel_id: str) -> Cancellation | None:
        """Return a cancellation, or None."""
        row = self._row("SELECT doc FROM cancellations WHERE cancel_id = ?", (cancel_id,))
        return Cancellation(**json.loads(row["doc"])) if row else None

    def cancellations(self, *, shop_id: str | None = None, order_id: str | None = None) -> list[Cancellation]:
        """Return the cancellations of a shop or of an order."""
        sql = "SELECT doc FROM cancellations WHERE (? IS NULL OR shop_id = ?) AND (? IS NULL OR order_id = ?) ORDER BY cancel_id"
        return [Cancellation(**json.loads(row["doc"])) for row in self._rows(sql, (shop_id, shop_id, order_id, order_id))]

    def due_cancellations(self, *, now: float) -> list[str]:
        """Return the cancellations to which something happens by now."""
        return [str(row["cancel_id"]) for row in self._rows("SELECT cancel_id FROM cancellations WHERE due <= ? ORDER BY due, cancel_id", (now,))]

    def keep_return(self, returned: Return, *, due: float | None) -> None:
        """Add a return, or replace the one with the same id."""
        row = (returned.return_id, returned.shop_id, returned.order_id, due, json.dumps(asdict(returned)))
        self._write("INSERT OR REPLACE INTO returns VALUES (?, ?, ?, ?, ?)", row)

    def returned(self, return_id: str) -> Return | None:
        """Return a return, or None."""
        row = self._row("SELECT doc FROM returns WHERE return_id = ?", (return_id,))
        return Return(**json.loads(row["doc"])) if row else None

    def returns(self, *, shop_id: str | None = None, order_id: str | None = None) -> list[Return]:
        """Return the returns of a shop or of an order."""
        sql = "SELECT doc FROM returns WHERE (? IS NULL OR shop_id = ?) AND (? IS NULL OR order_id = ?) ORDER BY return_id"
        return [Return(**json.loads(row["doc"])) for row in self._rows(sql, (shop_id, shop_id, order_id, order_id))]

    def due_returns(self, *, now: float) -> list[str]:
        """Return the returns to which something happens by now."""
        return [str(row["return_id"]) for row in self._rows("SELECT return_id FROM returns WHERE due <= ? ORDER BY due, return_id", (now,))]

    # --- webhooks ------------------------------------------------------------------------------------------------------
    def keep_subscription(self, shop_id: str, event_type: str, address: str, *, at: float) -> None:
        """Keep where a shop's events of one type go."""
        self._write(
            "INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?) ON CONFLICT (shop_id, event_type) DO UPDATE SET address = excluded.address, updated = excluded.updated",
            (shop_id, event_type, address, at, at),
        )

    def drop_subscription(self, shop_id: str, event_type: str) -> None:
        """Forget where a shop's events of one type go."""
        self._write("DELETE FROM subscriptions WHERE shop_id = ? AND event_type = ?", (shop_id, event_type))

    def subscriptions(self, shop_id: str) -> list[Subscription]:
        """Return where a shop's events go, by type."""
        rows = self._rows("SELECT event_type, address, created, updated FROM subscriptions WHERE shop_id = ? ORDER BY event_type", (shop_id,))
        return [Subscription(**dict(row)) for row in rows]

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a webhook that is to be sent."""
        row = asdict(delivery)
        row.pop("id")
        self._write(f"INSERT INTO deliveries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))  # noqa: S608

    def settle_delivery(self, delivery: Delivery) -> None:
        """Write down what became of an attempt."""
        self._write(
            "UPDATE deliveries SET due = ?, attempts = ?, state = ?, status = ? WHERE id = ?",
            (delivery.due, delivery.attempts, delivery.state, delivery.status, delivery.id),
        )

    def due_deliveries(self, *, now: float) -> list[Delivery]:
        """Return the webhooks whose next attempt is due, in the order they are due."""
        return [Delivery(**dict(row)) for row in self._rows("SELECT * FROM deliveries WHERE due <= ? ORDER BY due, id", (now,))]

    def deliveries(self, *, limit: int = 1000) -> list[Delivery]:
        """Return the newest webhooks, oldest first."""
        return [Delivery(**dict(row)) for row in reversed(self._rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,)))]


def _shop(doc: str) -> Shop:
    row = json.loads(doc)
    return Shop(**{**row, "warehouses": [Warehouse(**warehouse) for warehouse in row["warehouses"]]})
