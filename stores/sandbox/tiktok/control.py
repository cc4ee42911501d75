"""The imitation TikTok Shop's control door: shops, permissions and settings beside what every imitation offers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from stores.sandbox import control
from stores.sandbox.control import refuse_unknown
from stores.sandbox.throttle import Plan
from stores.sandbox.tiktok import authorizations, due, order_door, tokens, webhooks
from stores.sandbox.tiktok.seller_records import Account, Shop, Warehouse
from stores.sandbox.tiktok.world import World
from stores.sandbox.world import NotPossible


def blueprint(world: World) -> Blueprint:
    """Return the control door of one imitation."""
    door = control.blueprint()
    _add_cast(door, world)
    order_door.add(door, world)
    _add_permissions(door, world)
    _add_webhooks(door, world)
    _add_settings(door, world)
    control.add_scenarios(door, world)
    control.add_clock_and_reset(door, world)
    return door


def _add_cast(door: Blueprint, world: World) -> None:
    """Add health, accounts and shops."""

    @door.get("/health")
    def health() -> dict[str, Any]:
        return control.health(world)

    @door.get("/accounts")
    def accounts() -> dict[str, Any]:
        return {"accounts": [asdict(account) for account in world.books.accounts()]}

    @door.post("/accounts")
    def keep_account() -> dict[str, Any]:
        """Add or change one account: the fields of ``records.Account``."""
        account = Account(**control.wish())
        world.books.keep_account(account)
        return {"account": asdict(account)}

    @door.get("/shops")
    def shops() -> dict[str, Any]:
        return {"shops": [asdict(shop) for shop in world.books.shops()]}

    @door.post("/shops")
    def keep_shop() -> dict[str, Any]:
        """Add or change one shop: the fields of ``records.Shop``."""
        asked = control.wish()
        shop = Shop(**{**asked, "warehouses": [Warehouse(**row) for row in asked.get("warehouses", [])]})
        world.books.keep_shop(shop)
        return {"shop": asdict(shop)}


def _add_permissions(door: Blueprint, world: World) -> None:
    """Add granting and withdrawing a permission."""

    @door.post("/grants")
    def grants() -> tuple[dict[str, Any], int]:
        """Give ready tokens, as if the seller had just consented: ``{"open_id" or "shop_id", "duration"?, "scopes"?}``."""
        asked = control.wish()
        refuse_unknown(asked, {"open_id", "shop_id", "duration", "scopes"})
        account = _account(world, asked)
        scopes = tuple(asked["scopes"]) if "scopes" in asked else None
        grant = tokens.consent(world, account.open_id, duration=str(asked.get("duration", "1-year")), scopes=scopes)
        return {**tokens.issue(world, grant), "shops": [asdict(shop) for shop in world.books.shops(account.open_id)]}, 201

    @door.post("/revoke")
    def revoke() -> dict[str, Any]:
        """The seller disconnects the app: ``{"open_id" or "shop_id"}``, or nobody in particular for all."""
        asked = control.wish()
        open_id = _account(world, asked).open_id if asked else None
        return {"revoked": authorizations.withdraw(world, open_id=open_id)}


def _add_webhooks(door: Blueprint, world: World) -> None:
    """Add what was announced, and a push for the courier."""

    @door.get("/webhooks")
    def deliveries() -> dict[str, Any]:
        return {"webhooks": [asdict(delivery) for delivery in world.books.deliveries(limit=int(request.args.get("limit", 1000)))]}

    @door.post("/webhooks/deliver")
    def deliver() -> dict[str, Any]:
        """Send what is due now, for a clock that stands."""
        due.settle(world)
        return {"sent": webhooks.deliver_due(world)}


def _account(world: World, asked: dict[str, Any]) -> Account:
    open_id = str(asked.get("open_id", ""))
    if "shop_id" in asked:
        shop = world.books.shop(str(asked["shop_id"]))
        open_id = shop.open_id if shop else ""
    account = world.books.account(open_id)
    if account is None:
        raise NotPossible("There is no such account or shop. Ask /_control/accounts and /_control/shops.")
    return account


def _add_settings(door: Blueprint, world: World) -> None:
    """Add ledger and settings."""

    control.add_ledger(door, world, counts=lambda: {"orders": world.books.order_count(), "statuses": world.books.status_counts()})

    @door.get("/settings")
    def settings() -> dict[str, Any]:
        return control.settings_view(world.settings, world.application, hide="app_secret")

    @door.post("/settings")
    def change_settings() -> dict[str, Any]:
        """Change a field of ``world.Settings``, or ``redirect_uri``, ``webhook_url`` or ``scopes`` of the app; a rate is ``[per second, burst]``."""
        asked = control.wish()
        of_app = {"redirect_uri", "webhook_url", "scopes"}
        refuse_unknown(asked, of_app | set(asdict(world.settings)), what="settings")
        for name, value in asked.items():
            if name == "rate":
                world.settings.rate = Plan(*value)
            elif name == "rates":
                world.settings.rates = {operation: Plan(*plan) for operation, plan in value.items()}
            elif name in of_app:
                setattr(world.application, name, tuple(value) if name == "scopes" else str(value))
            else:
                setattr(world.settings, name, type(getattr(world.settings, name))(value))
        return settings()
