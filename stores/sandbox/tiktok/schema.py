"""The tables of the imitation TikTok Shop's own records."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (open_id TEXT PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shops (shop_id TEXT PRIMARY KEY, open_id TEXT NOT NULL, cipher TEXT NOT NULL UNIQUE, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (code TEXT PRIMARY KEY, grant_id TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS grants (
    grant_id TEXT PRIMARY KEY, open_id TEXT NOT NULL, scopes TEXT NOT NULL, expires REAL NOT NULL, revoked REAL
);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY, grant_id TEXT NOT NULL, created REAL NOT NULL, replaced REAL);
CREATE TABLE IF NOT EXISTS access_tokens (token TEXT PRIMARY KEY, grant_id TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS brands (brand_id TEXT PRIMARY KEY, open_id TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS images (
    uri TEXT PRIMARY KEY, use_case TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, media_type TEXT NOT NULL, drawing TEXT NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS products (
    product_id TEXT PRIMARY KEY, shop_id TEXT NOT NULL, created REAL NOT NULL, updated INTEGER NOT NULL, status TEXT NOT NULL, audit TEXT NOT NULL,
    audit_due REAL NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS products_by_shop ON products (shop_id, updated);
CREATE INDEX IF NOT EXISTS products_by_audit ON products (audit_due) WHERE audit_due > 0;
CREATE TABLE IF NOT EXISTS skus (sku_id TEXT PRIMARY KEY, product_id TEXT NOT NULL, shop_id TEXT NOT NULL, seller_sku TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS skus_by_seller_sku ON skus (shop_id, seller_sku);
CREATE INDEX IF NOT EXISTS skus_by_product ON skus (product_id);
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY, shop_id TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, status TEXT NOT NULL,
    shipping_type TEXT NOT NULL, buyer_user_id TEXT NOT NULL, cancel_asked INTEGER NOT NULL, warehouse_id TEXT NOT NULL, listed_from REAL NOT NULL,
    due REAL, doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_by_update ON orders (shop_id, updated, order_id);
CREATE INDEX IF NOT EXISTS orders_by_creation ON orders (shop_id, created, order_id);
CREATE INDEX IF NOT EXISTS orders_by_due ON orders (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS order_versions (order_id TEXT NOT NULL, version INTEGER NOT NULL, at REAL NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (order_id, version));
CREATE TABLE IF NOT EXISTS packages (
    package_id TEXT PRIMARY KEY, shop_id TEXT NOT NULL, order_id TEXT NOT NULL, created REAL NOT NULL, updated INTEGER NOT NULL, status TEXT NOT NULL,
    tracking_number TEXT NOT NULL, due REAL, doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS packages_by_order ON packages (order_id);
CREATE INDEX IF NOT EXISTS packages_by_shop ON packages (shop_id, updated, package_id);
CREATE INDEX IF NOT EXISTS packages_by_tracking ON packages (shop_id, tracking_number);
CREATE INDEX IF NOT EXISTS packages_by_due ON packages (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS cancellations (
    cancel_id TEXT PRIMARY KEY, shop_id TEXT NOT NULL, order_id TEXT NOT NULL, due REAL, doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cancellations_by_order ON cancellations (order_id);
CREATE INDEX IF NOT EXISTS cancellations_by_shop ON cancellations (shop_id);
CREATE TABLE IF NOT EXISTS returns (
    return_id TEXT PRIMARY KEY, shop_id TEXT NOT NULL, order_id TEXT NOT NULL, due REAL, doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS returns_by_order ON returns (order_id);
CREATE INDEX IF NOT EXISTS returns_by_shop ON returns (shop_id);
CREATE TABLE IF NOT EXISTS subscriptions (
    shop_id TEXT NOT NULL, event_type TEXT NOT NULL, address TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    PRIMARY KEY (shop_id, event_type)
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, notification_id TEXT NOT NULL, shop_id TEXT NOT NULL, event_type TEXT NOT NULL, address TEXT NOT NULL, body TEXT NOT NULL,
    authorization TEXT NOT NULL, created REAL NOT NULL, due REAL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL,
    status INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (due) WHERE due IS NOT NULL;
"""
FORGOTTEN_BY_RESET = (
    "accounts", "shops", "codes", "grants", "refresh_tokens", "access_tokens", "brands", "images", "products", "skus", "orders", "order_versions", "packages", "cancellations", "returns", "subscriptions",
    "deliveries",
)  # fmt: skip
