"""The imitation TikTok Shop's own memory: its records beside what every imitation remembers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from stores.sandbox.memory import Memory
from stores.sandbox.tiktok.records import Account, Delivery, Grant, Shop, Subscription, Warehouse
from stores.sandbox.tiktok.schema import FORGOTTEN_BY_RESET, SCHEMA


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
