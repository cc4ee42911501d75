"""The imitation Amazon's own memory: its records beside what every imitation remembers.

Orders are kept as versions, so "what did a list show at that moment" has an answer: the data lag and delayed read-backs are views of an earlier version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stores.sandbox.amazon.records import Listing, OrderFilter, PlacedOrder, Seller, Status
from stores.sandbox.amazon.schema import FORGOTTEN_BY_RESET, SCHEMA
from stores.sandbox.memory import Memory


class Books(Memory):
    """All state of the imitation Amazon."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder, name="amazon", schema=SCHEMA, forgotten=FORGOTTEN_BY_RESET)

    # --- sellers and listings ------------------------------------------------------------------------------------------
    def keep_seller(self, seller: Seller) -> None:
        """Add a seller, or replace the one with the same id."""
        self._write(
            "INSERT INTO sellers VALUES (?, ?) ON CONFLICT (seller_id) DO UPDATE SET doc = excluded.doc",
            (seller.seller_id, json.dumps(asdict(seller))),
        )

    def seller(self, seller_id: str) -> Seller | None:
        """Return a seller, or None."""
        row = self._row("SELECT doc FROM sellers WHERE seller_id = ?", (seller_id,))
        return Seller(**json.loads(row["doc"])) if row else None

    def sellers(self) -> list[Seller]:
        """Return all sellers, by id."""
        return [Seller(**json.loads(row["doc"])) for row in self._rows("SELECT doc FROM sellers ORDER BY seller_id")]

    def keep_listing(self, listing: Listing) -> None:
        """Add a listing, or replace the one with the same seller, marketplace and ASIN."""
        self._write(
            "INSERT INTO listings VALUES (?, ?, ?, ?, ?) ON CONFLICT (seller_id, marketplace_id, asin) DO UPDATE SET sku = excluded.sku, doc = excluded.doc",
            (listing.seller_id, listing.marketplace_id, listing.asin, listing.sku, json.dumps(asdict(listing))),
        )

    def listings(self, seller_id: str, *, marketplace_ids: Sequence[str] | None = None, sku: str | None = None) -> list[Listing]:
        """Return a seller's listings in the order they were added; empty filters are no filters."""
        sql, values = "SELECT doc FROM listings WHERE seller_id = ?", [seller_id]
        if sku is not None:
            sql, values = f"{sql} AND sku = ?", [*values, sku]
        rows = [Listing(**json.loads(row["doc"])) for row in self._rows(f"{sql} ORDER BY rowid", values)]
        return [row for row in rows if marketplace_ids is None or row.marketplace_id in marketplace_ids]

    def all_listings(self) -> list[Listing]:
        """Return everybody's listings in the order they were added."""
        return [Listing(**json.loads(row["doc"])) for row in self._rows("SELECT doc FROM listings ORDER BY rowid")]

    def listing(self, seller_id: str, marketplace_id: str, *, asin: str) -> Listing | None:
        """Return one listing, or None."""
        row = self._row("SELECT doc FROM listings WHERE seller_id = ? AND marketplace_id = ? AND asin = ?", (seller_id, marketplace_id, asin))
        return Listing(**json.loads(row["doc"])) if row else None

    def listing_with_asin(self, asin: str) -> Listing | None:
        """Return the first listing with an ASIN, or None."""
        row = self._row("SELECT doc FROM listings WHERE asin = ? ORDER BY rowid LIMIT 1", (asin,))
        return Listing(**json.loads(row["doc"])) if row else None

    # --- products that are looked at before they are sold ---------------------------------------------------------------
    def keep_submission(self, seller_id: str, marketplace_id: str, sku: str, doc: Mapping[str, Any]) -> None:
        """Keep what was submitted for a SKU. ``due`` of None: it was looked at, and refused."""
        self._write(
            "INSERT INTO submissions VALUES (?, ?, ?, ?, ?) ON CONFLICT (seller_id, marketplace_id, sku) DO UPDATE SET due = excluded.due, doc = excluded.doc",
            (seller_id, marketplace_id, sku, doc["due"], json.dumps(doc)),
        )

    def drop_submission(self, seller_id: str, marketplace_id: str, sku: str) -> None:
        """Forget a submission: it became a listing."""
        self._write("DELETE FROM submissions WHERE seller_id = ? AND marketplace_id = ? AND sku = ?", (seller_id, marketplace_id, sku))

    def submission(self, seller_id: str, marketplace_id: str, sku: str) -> dict[str, Any] | None:
        """Return what was submitted for a SKU and is no listing yet, or None."""
        row = self._row("SELECT doc FROM submissions WHERE seller_id = ? AND marketplace_id = ? AND sku = ?", (seller_id, marketplace_id, sku))
        return dict(json.loads(row["doc"])) if row else None

    def submissions(self, seller_id: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Return a seller's submissions as marketplace, SKU and document."""
        rows = self._rows("SELECT marketplace_id, sku, doc FROM submissions WHERE seller_id = ? ORDER BY rowid", (seller_id,))
        return [(row["marketplace_id"], row["sku"], json.loads(row["doc"])) for row in rows]

    def submissions_due(self, now: float) -> list[tuple[str, str, str, dict[str, Any]]]:
        """Return everybody's submissions that are to be looked at by now."""
        rows = self._rows("SELECT seller_id, marketplace_id, sku, doc FROM submissions WHERE due <= ? ORDER BY due", (now,))
        return [(row["seller_id"], row["marketplace_id"], row["sku"], json.loads(row["doc"])) for row in rows]

    def keep_picture(self, asin: str, *, content: bytes, content_type: str) -> None:
        """Keep a product's picture as it was fetched from the seller's address."""
        self._write("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)", (asin, content_type, content))

    def picture(self, asin: str) -> tuple[bytes, str] | None:
        """Return a picture that was fetched, and its type."""
        row = self._row("SELECT content, content_type FROM pictures WHERE asin = ?", (asin,))
        return (row["content"], row["content_type"]) if row else None

    # --- orders --------------------------------------------------------------------------------------------------------
    def add_order(self, order: PlacedOrder, *, listed_from: float) -> None:
        """Keep a new order. It enters lists once their horizon reaches ``listed_from``."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?)", (order.order_id, order.seller_id, order.marketplace_id, order.created, listed_from)
            )
            self._add_version(order, at=order.created)

    def change_order(self, order: PlacedOrder, *, at: float) -> None:
        """Keep a changed order as its next version and move its published time of change forward."""
        with self.transaction():
            # [L] Amazon publishes whole seconds. Two changes within one second would look like none to a reader that compares times,
            # so each change moves the stamp by at least one second.
            order.stamp = max(int(at), order.stamp + 1)
            self._add_version(order, at=at)

    def _add_version(self, order: PlacedOrder, *, at: float) -> None:
        self._db.execute(
            "INSERT INTO order_versions SELECT ?, coalesce(max(version), 0) + 1, ?, ?, ?, ?, ? FROM order_versions WHERE order_id = ?",
            (order.order_id, at, order.stamp, order.status, order.fulfilled_by, json.dumps(order.to_row()), order.order_id),
        )

    def order(self, order_id: str, *, as_of: float | None = None) -> PlacedOrder | None:
        """Return an order as it is, or as it was at ``as_of`` (None when it did not exist then)."""
        row = self._row(
            "SELECT doc FROM order_versions WHERE order_id = ? AND at <= ? ORDER BY version DESC LIMIT 1",
            (order_id, float("inf") if as_of is None else as_of),
        )
        return PlacedOrder.from_row(json.loads(row["doc"])) if row else None

    def order_as_placed(self, order_id: str) -> PlacedOrder | None:
        """Return an order's first version."""
        row = self._row("SELECT doc FROM order_versions WHERE order_id = ? AND version = 1", (order_id,))
        return PlacedOrder.from_row(json.loads(row["doc"])) if row else None

    def orders(self, *, seller_id: str | None = None, limit: int = 200, offset: int = 0) -> list[PlacedOrder]:
        """Return orders as they are now, newest first."""
        sql = """
            SELECT v.doc FROM orders o JOIN order_versions v ON v.order_id = o.order_id
             AND v.version = (SELECT max(w.version) FROM order_versions w WHERE w.order_id = o.order_id)
            WHERE (? IS NULL OR o.seller_id = ?) ORDER BY o.created DESC, o.order_id DESC LIMIT ? OFFSET ?
        """
        return [PlacedOrder.from_row(json.loads(row["doc"])) for row in self._rows(sql, (seller_id, seller_id, limit, offset))]

    def find_orders(self, wanted: OrderFilter, *, horizon: float) -> list[str]:
        """Return the numbers of the orders a list made at ``horizon`` holds, oldest first. The same arguments give the same answer for ever."""
        column = "CAST(o.created AS INTEGER)" if wanted.by == "created" else "v.stamp"
        sql = f"""
            SELECT o.order_id FROM orders o JOIN order_versions v ON v.order_id = o.order_id
             AND v.version = (SELECT max(w.version) FROM order_versions w WHERE w.order_id = o.order_id AND w.at <= ?)
            WHERE o.seller_id = ? AND o.listed_from <= ? AND {column} BETWEEN ? AND ?
              AND o.marketplace_id IN (SELECT value FROM json_each(?))
              AND (? OR v.status IN (SELECT value FROM json_each(?)))
              AND (? OR v.fulfilled_by IN (SELECT value FROM json_each(?)))
            ORDER BY {column}, o.order_id
        """  # noqa: S608 - the column is one of the two names above
        values = (
            horizon, wanted.seller_id, horizon, wanted.after, wanted.before, json.dumps(list(wanted.marketplace_ids)),
            not wanted.statuses, json.dumps(list(wanted.statuses)), not wanted.fulfilled_by, json.dumps(list(wanted.fulfilled_by)),
        )  # fmt: skip
        return [str(row["order_id"]) for row in self._rows(sql, values)]

    def order_count(self) -> int:
        """Return how many orders were ever placed."""
        row = self._row("SELECT count(*) AS n FROM orders")
        return int(row["n"]) if row else 0

    def status_counts(self) -> dict[str, int]:
        """Return how many orders are in each status now, in the order of the life of an order."""
        sql = """
            SELECT v.status, count(*) AS n FROM order_versions v
            WHERE v.version = (SELECT max(w.version) FROM order_versions w WHERE w.order_id = v.order_id) GROUP BY v.status
        """
        counted = {str(row["status"]): int(row["n"]) for row in self._rows(sql)}
        return {status: counted[status] for status in Status if status in counted}

    # --- permissions ---------------------------------------------------------------------------------------------------
    def add_code(self, code: str, *, seller_id: str, redirect_uri: str, expires: float) -> None:
        """Keep a consent code."""
        self._write("INSERT INTO codes (code, seller_id, redirect_uri, expires) VALUES (?, ?, ?, ?)", (code, seller_id, redirect_uri, expires))

    def spend_code(self, code: str, *, redirect_uri: str, now: float) -> str | None:
        """Use a code up and return its seller; None if it is unknown, used, expired, or was given for another redirect address."""
        with self.transaction():
            row = self._row("SELECT * FROM codes WHERE code = ?", (code,))
            if row is None or row["used"] or row["expires"] <= now or row["redirect_uri"] != redirect_uri:
                return None
            self._db.execute("UPDATE codes SET used = 1 WHERE code = ?", (code,))
            return str(row["seller_id"])

    def add_refresh_token(self, token: str, *, seller_id: str, created: float) -> None:
        """Keep a refresh token."""
        self._write("INSERT INTO refresh_tokens VALUES (?, ?, ?, NULL)", (token, seller_id, created))

    def seller_of_refresh_token(self, token: str) -> str | None:
        """Return the seller of a living refresh token, or None."""
        row = self._row("SELECT seller_id FROM refresh_tokens WHERE token = ? AND revoked IS NULL", (token,))
        return str(row["seller_id"]) if row else None

    def revoke(self, *, seller_id: str | None, now: float) -> int:
        """End the permission of a seller (or of all), as if they had removed the application. Returns how many refresh tokens died."""
        with self.transaction():
            self._db.execute("DELETE FROM access_tokens WHERE ? IS NULL OR seller_id = ?", (seller_id, seller_id))
            sql = "UPDATE refresh_tokens SET revoked = ? WHERE revoked IS NULL AND (? IS NULL OR seller_id = ?)"
            return self._write(sql, (now, seller_id, seller_id))

    def add_access_token(self, token: str, *, seller_id: str, refresh_token: str, scope: str, expires: float) -> None:
        """Keep an access token."""
        self._write("INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)", (token, seller_id, refresh_token, scope, expires))

    def access_token(self, token: str) -> tuple[str, str, float] | None:
        """Return seller id, scope (empty for a seller's own token) and expiry of a known token."""
        row = self._row("SELECT seller_id, scope, expires FROM access_tokens WHERE token = ?", (token,))
        return (str(row["seller_id"]), str(row["scope"]), float(row["expires"])) if row else None

    def expire_access_token(self, token: str, *, now: float) -> None:
        """Let an access token end now."""
        self._write("UPDATE access_tokens SET expires = ? WHERE token = ?", (now, token))

    # --- reports -------------------------------------------------------------------------------------------------------
    def keep_report(self, report_id: str, *, seller_id: str, document_id: str, doc: Mapping[str, Any]) -> None:
        """Keep a requested report."""
        self._write("INSERT INTO reports VALUES (?, ?, ?, ?)", (report_id, seller_id, document_id, json.dumps(doc)))

    def report(self, seller_id: str, *, report_id: str | None = None, document_id: str | None = None) -> dict[str, Any] | None:
        """Return a seller's report by its number or its document's, or None."""
        row = self._row(
            "SELECT report_id, document_id, doc FROM reports WHERE seller_id = ? AND (report_id = ? OR document_id = ?)",
            (seller_id, report_id, document_id),
        )
        return {"report_id": row["report_id"], "document_id": row["document_id"], **json.loads(row["doc"])} if row else None

    def report_document(self, document_id: str) -> dict[str, Any] | None:
        """Return the report behind a document, whoever asks; the link is the permission."""
        row = self._row("SELECT doc FROM reports WHERE document_id = ?", (document_id,))
        return dict(json.loads(row["doc"])) if row else None

    # --- feeds ---------------------------------------------------------------------------------------------------------
    def keep_feed_document(self, document_id: str, *, seller_id: str, content_type: str) -> None:
        self._write("INSERT INTO feed_documents (document_id, seller_id, content_type) VALUES (?, ?, ?)", (document_id, seller_id, content_type))

    def fill_feed_document(self, document_id: str, *, content: bytes) -> None:
        self._write("UPDATE feed_documents SET content = ? WHERE document_id = ?", (content, document_id))

    def feed_document(self, document_id: str) -> dict[str, Any] | None:
        row = self._row("SELECT seller_id, content_type, content FROM feed_documents WHERE document_id = ?", (document_id,))
        return dict(row) if row else None

    def keep_feed(self, feed_id: str, *, seller_id: str, doc: Mapping[str, Any]) -> None:
        self._write(
            "INSERT INTO feeds (feed_id, seller_id, report_id, doc) VALUES (?, ?, ?, ?)", (feed_id, seller_id, doc["report_id"], json.dumps(doc))
        )

    def keep_feed_report(self, feed_id: str, *, report: bytes) -> None:
        self._write("UPDATE feeds SET report = ? WHERE feed_id = ?", (report, feed_id))

    def open_feeds(self) -> list[str]:
        """Return the feeds that were not worked through yet, oldest first."""
        return [str(row["feed_id"]) for row in self._rows("SELECT feed_id FROM feeds WHERE report IS NULL ORDER BY rowid")]

    def feed(self, feed_id: str) -> dict[str, Any] | None:
        return self._feed("SELECT * FROM feeds WHERE feed_id = ?", feed_id)

    def feed_of_report(self, report_id: str) -> dict[str, Any] | None:
        return self._feed("SELECT * FROM feeds WHERE report_id = ?", report_id)

    def _feed(self, sql: str, key: str) -> dict[str, Any] | None:
        row = self._row(sql, (key,))
        return {**json.loads(row["doc"]), "feed_id": row["feed_id"], "seller_id": row["seller_id"], "report": row["report"]} if row else None

    def feeds(self, seller_id: str) -> list[dict[str, Any]]:
        """Return a seller's feeds, newest first."""
        rows = self._rows("SELECT feed_id FROM feeds WHERE seller_id = ? ORDER BY rowid DESC", (seller_id,))
        return [feed for row in rows if (feed := self.feed(row["feed_id"])) is not None]
