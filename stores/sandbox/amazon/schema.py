"""The tables of the imitation Amazon's own records."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS sellers (seller_id TEXT PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS listings (
    seller_id TEXT NOT NULL, marketplace_id TEXT NOT NULL, asin TEXT NOT NULL, sku TEXT NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (seller_id, marketplace_id, asin)
);
CREATE INDEX IF NOT EXISTS listings_by_sku ON listings (seller_id, sku);
CREATE TABLE IF NOT EXISTS submissions (
    seller_id TEXT NOT NULL, marketplace_id TEXT NOT NULL, sku TEXT NOT NULL, due REAL, doc TEXT NOT NULL,
    PRIMARY KEY (seller_id, marketplace_id, sku)
);
CREATE TABLE IF NOT EXISTS pictures (asin TEXT PRIMARY KEY, content_type TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY, seller_id TEXT NOT NULL, marketplace_id TEXT NOT NULL, created REAL NOT NULL, listed_from REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_by_seller ON orders (seller_id, created);
CREATE TABLE IF NOT EXISTS order_versions (
    order_id TEXT NOT NULL REFERENCES orders, version INTEGER NOT NULL, at REAL NOT NULL, stamp INTEGER NOT NULL, status TEXT NOT NULL,
    fulfilled_by TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (order_id, version)
);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, seller_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY, seller_id TEXT NOT NULL, created REAL NOT NULL, revoked REAL);
CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY, seller_id TEXT NOT NULL, refresh_token TEXT NOT NULL, scope TEXT NOT NULL, expires REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS reports (report_id TEXT PRIMARY KEY, seller_id TEXT NOT NULL, document_id TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS feed_documents (
    document_id TEXT PRIMARY KEY, seller_id TEXT NOT NULL, content_type TEXT NOT NULL, content BLOB
);
CREATE TABLE IF NOT EXISTS feeds (
    feed_id TEXT PRIMARY KEY, seller_id TEXT NOT NULL, report_id TEXT NOT NULL, doc TEXT NOT NULL, report BLOB
);
"""
FORGOTTEN_BY_RESET = (
    "order_versions", "orders", "listings", "sellers", "codes", "refresh_tokens", "access_tokens", "reports", "feed_documents", "feeds",
    "submissions", "pictures",
)  # fmt: skip
