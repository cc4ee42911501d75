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
FORGOTTEN_BY_RESET = ("accounts", "shops", "codes", "grants", "refresh_tokens", "access_tokens", "subscriptions", "deliveries")
