"""``/_control/*``: a JSON door behind the stage, for tests, journeys and seeds. Not part of Amazon.

Every answer is JSON; a mistake in a request is 400 ``{"error": sentence}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from stores.sandbox.amazon import buying, lwa, seed
from stores.sandbox.amazon.buying import Basket, NotPossible, Purchase
from stores.sandbox.amazon.clock import iso
from stores.sandbox.amazon.records import Listing, PlacedOrder, Seller
from stores.sandbox.amazon.scenarios import KINDS, Running, UnknownScenario
from stores.sandbox.amazon.world import World

HOME = {
    "DE": {"addressLine1": "Lindenstraße 12", "city": "Köln", "postalCode": "50674", "countryCode": "DE"},
    "GB": {"addressLine1": "7 Harbour Road", "city": "Bristol", "postalCode": "BS1 5TX", "countryCode": "GB"},
    "US": {"addressLine1": "410 Terry Ave N", "city": "Seattle", "stateOrRegion": "WA", "postalCode": "98109", "countryCode": "US"},
}
COUNTRY_OF = {seed.DE: "DE", seed.UK: "GB", seed.US: "US"}


def example_address(marketplace_id: str, name: str) -> dict[str, str]:
    """Return a made-up address in a marketplace's own country."""
    return {"name": name, "addressType": "RESIDENTIAL", "phone": "+00 000 0000000", **HOME[COUNTRY_OF.get(marketplace_id, "DE")]}


def order_view(order: PlacedOrder) -> dict[str, Any]:
    """Return an order as the control door shows it: our record with readable times."""
    row = order.to_row()
    for name in ("created", "stamp", "ship_from", "ship_by", "deliver_from", "deliver_by"):
        row[name] = iso(row[name])
    for package in row["packages"]:
        package["ship_date"], package["created"] = iso(package["ship_date"]), iso(package["created"])
    return {**row, "total": f"{order.total:.2f}"}


def place(world: World, wish: Mapping[str, Any]) -> PlacedOrder:
    """Place an order from the control door's JSON (see ``stores/sandbox/amazon/README.md``)."""
    unknown = set(wish) - {
        "seller_id", "marketplace_id", "sku", "asin", "quantity", "personalisation", "gift_message", "gift_wrap", "items", "buyer_name",
        "buyer_email", "address", "paid", "fulfilled_by", "service_level", "programs", "replaces", "ship_within_days", "count",
    }  # fmt: skip
    if unknown:
        raise NotPossible(f"Unknown keys: {', '.join(sorted(unknown))}.")
    seller_id = str(wish.get("seller_id") or seed.NORTH.seller_id)
    lines = wish.get("items") or [
        {key: wish[key] for key in ("sku", "asin", "quantity", "personalisation", "gift_message", "gift_wrap") if key in wish}
    ]
    baskets = [_basket(world, seller_id, wish.get("marketplace_id"), line) for line in lines]
    buyer = str(wish.get("buyer_name") or "Bea Buyer")
    return buying.place_order(
        world,
        Purchase(
            buyer_name=buyer,
            address=wish["address"] if "address" in wish else example_address(baskets[0].listing.marketplace_id, buyer),
            baskets=baskets,
            paid=bool(wish.get("paid", True)),
            buyer_email=str(wish.get("buyer_email", "")),
            fulfilled_by=str(wish.get("fulfilled_by") or baskets[0].listing.fulfilled_by),
            service_level=str(wish.get("service_level", "STANDARD")),
            programs=tuple(wish.get("programs", ())),
            replaces=str(wish.get("replaces", "")),
            ship_within_days=int(wish.get("ship_within_days", 2)),
        ),
    )


def _basket(world: World, seller_id: str, marketplace_id: str | None, line: Mapping[str, Any]) -> Basket:
    listing = _listing(world, seller_id, marketplace_id, line)
    texts = {key: str(line.get(key, "")) for key in ("personalisation", "gift_message", "gift_wrap")}
    return Basket(listing, quantity=int(line.get("quantity", 1)), **texts)


def _listing(world: World, seller_id: str, marketplace_id: str | None, line: Mapping[str, Any]) -> Listing:
    fitting = [
        listing
        for listing in world.books.listings(seller_id, marketplace_ids=None if marketplace_id is None else [marketplace_id])
        if ("sku" not in line or listing.sku == line["sku"]) and ("asin" not in line or listing.asin == line["asin"])
    ]
    if not fitting:
        raise NotPossible(
            f"Seller {seller_id} has no listing {line.get('sku') or line.get('asin')!r} in marketplace {marketplace_id or 'of theirs'}."
        )
    return fitting[0]


def scenario_view(running: Running) -> dict[str, Any]:
    """Return a running scenario as the control door shows it."""
    return {
        "name": running.kind.name,
        "times_left": running.times,
        "struck": running.struck,
        "operation": running.operation,
        "seller_id": running.seller_id,
        "options": running.options,
    }


def ledger(world: World, *, limit: int = 1000) -> dict[str, Any]:
    """Return the books a judge compares with the hub's database."""
    return {
        "orders": world.books.order_count(),
        "statuses": world.books.status_counts(),
        "writes": [asdict(entry) for entry in world.books.writes()],
        "buckets": [asdict(entry) for entry in world.books.buckets()],
        "requests": [asdict(entry) for entry in world.books.requests(limit=limit)],
    }


def blueprint(world: World) -> Blueprint:
    """Return the control door of one imitation."""
    door = Blueprint("control_api", __name__, url_prefix="/_control")

    @door.errorhandler(NotPossible)
    @door.errorhandler(UnknownScenario)
    @door.errorhandler(ValueError)
    @door.errorhandler(KeyError)
    def refuse(error: Exception) -> tuple[Response, int]:
        return jsonify({"error": str(error)}), 400

    _add_facts(door, world)
    _add_orders(door, world)
    _add_faults(door, world)
    _add_stage(door, world)
    return door


def wish() -> dict[str, Any]:
    """Return the JSON object of the current request; nothing sent is an empty one."""
    given = request.get_json(silent=True) if request.data else {}
    if not isinstance(given, dict):
        raise NotPossible("Send a JSON object.")
    return given


def _add_facts(door: Blueprint, world: World) -> None:
    """Add health, sellers and listings."""

    @door.get("/health")
    def health() -> dict[str, Any]:
        return {"ok": True, "now": iso(world.clock.epoch()), "factor": world.clock.factor, "static": world.static_pairs is not None}

    @door.get("/sellers")
    def sellers() -> dict[str, Any]:
        return {"sellers": [asdict(seller) for seller in world.books.sellers()]}

    @door.post("/sellers")
    def keep_seller() -> dict[str, Any]:
        """Add or change one seller: the fields of ``records.Seller``."""
        try:
            seller = Seller(**wish())
        except TypeError as error:
            raise NotPossible(f"That is no seller: {error}") from None
        world.books.keep_seller(seller)
        return {"seller": asdict(seller)}

    @door.get("/listings")
    def listings() -> dict[str, Any]:
        return {"listings": [asdict(listing) for listing in world.books.all_listings()]}

    @door.post("/listings")
    def keep_listing() -> dict[str, Any]:
        """Add or change one listing: all fields of ``records.Listing`` but the times."""
        now = world.clock.epoch()
        listing = Listing(**{"created": now, "updated": now, **wish()})
        world.books.keep_listing(listing)
        return {"listing": asdict(listing)}


def _add_orders(door: Blueprint, world: World) -> None:
    """Add buying and what happens to orders."""

    @door.get("/orders")
    def orders() -> dict[str, Any]:
        limit, offset = int(request.args.get("limit", 200)), int(request.args.get("offset", 0))
        found = world.books.orders(seller_id=request.args.get("seller_id"), limit=limit, offset=offset)
        return {"orders": [order_view(order) for order in found]}

    @door.post("/orders")
    def place_orders() -> tuple[dict[str, Any], int]:
        """Place one order, or ``count`` equal ones."""
        asked = wish()
        placed = [place(world, asked) for _ in range(int(asked.get("count", 1)))]
        return {"order_id": placed[0].order_id, "order_ids": [order.order_id for order in placed], "order": order_view(placed[0])}, 201

    @door.get("/orders/<order_id>")
    def order(order_id: str) -> tuple[dict[str, Any], int]:
        found = world.books.order(order_id)
        if found is None:
            return {"error": f"There is no order {order_id}."}, 404
        return {"order": order_view(found), "writes": [asdict(entry) for entry in world.books.writes(order_id=order_id)]}, 200

    @door.post("/orders/<order_id>/<action>")
    def act(order_id: str, action: str) -> dict[str, Any]:
        asked = wish()
        if action == "request-cancellation":
            found = buying.request_cancellation(
                world, order_id, reason=str(asked.get("reason", "")), order_item_id=str(asked.get("order_item_id", ""))
            )
        elif action == "cancel":
            found = buying.cancel_order(world, order_id, by=str(asked.get("by", "MERCHANT")), reason=str(asked.get("reason", "NoInventory")))
        elif action == "clear-payment":
            found = buying.clear_payment(world, order_id)
        else:
            raise NotPossible(f"There is no action {action}. There are: request-cancellation, cancel, clear-payment.")
        return {"order": order_view(found)}


def _add_faults(door: Blueprint, world: World) -> None:
    """Add permissions and scenarios."""

    @door.post("/grants")
    def grants() -> tuple[dict[str, Any], int]:
        """Give a ready refresh token, as if the seller had just consented."""
        seller = world.books.seller(str(wish().get("seller_id", "")))
        if seller is None:
            raise NotPossible("There is no such seller. Ask /_control/sellers.")
        tokens = lwa.grant(world, seller.seller_id)
        return {**tokens, "seller_id": seller.seller_id, "region": seller.region, "marketplace_ids": seller.marketplace_ids}, 201

    @door.post("/revoke")
    def revoke() -> dict[str, Any]:
        return {"revoked": world.books.revoke(seller_id=wish().get("seller_id"), now=world.clock.epoch())}

    @door.get("/scenarios")
    def scenarios() -> dict[str, Any]:
        known = [{"name": k.name, "text": k.text, "operations": k.operations, "options": k.options, "times": k.times} for k in KINDS.values()]
        return {"known": known, "running": [scenario_view(running) for running in world.scenarios.running()]}

    @door.post("/scenarios")
    def start() -> tuple[dict[str, Any], int]:
        return scenario_view(start_scenario(world, wish())), 201

    @door.delete("/scenarios")
    def stop_all() -> dict[str, Any]:
        world.scenarios.stop_all()
        return {"running": []}

    @door.delete("/scenarios/<name>")
    def stop(name: str) -> dict[str, Any]:
        world.scenarios.stop(name)
        return {"running": [scenario_view(running) for running in world.scenarios.running()]}


def _add_stage(door: Blueprint, world: World) -> None:
    """Add clock, ledger, settings and reset."""

    @door.get("/clock")
    def clock() -> dict[str, Any]:
        return {"now": world.clock.now().isoformat(), "factor": world.clock.factor, "stands": world.clock.stands}

    @door.post("/clock")
    def set_clock() -> dict[str, Any]:
        """``{"at": iso}`` stands still there, ``{"advance": seconds}`` moves, ``{"follow_wall": true}`` runs again."""
        asked = wish()
        if "at" in asked:
            world.clock.set(datetime.fromisoformat(str(asked["at"])).astimezone(UTC))
        if "advance" in asked:
            world.clock.advance(float(asked["advance"]))
        if asked.get("follow_wall"):
            world.clock.follow_wall()
        return clock()

    @door.get("/ledger")
    def show_ledger() -> dict[str, Any]:
        return ledger(world, limit=int(request.args.get("limit", 1000)))

    @door.get("/settings")
    def settings() -> dict[str, Any]:
        shown = asdict(world.application)
        shown.pop("client_secret")
        return {"settings": asdict(world.settings), "application": shown}

    @door.post("/settings")
    def change_settings() -> dict[str, Any]:
        """Change ``report_gzip``, ``report_charset``, ``draft`` or ``redirect_uris``."""
        asked = wish()
        unknown = set(asked) - {"report_gzip", "report_charset", "draft", "redirect_uris"}
        if unknown:
            raise NotPossible(f"Unknown settings: {', '.join(sorted(unknown))}.")
        world.settings.report_gzip = bool(asked.get("report_gzip", world.settings.report_gzip))
        world.settings.report_charset = str(asked.get("report_charset", world.settings.report_charset))
        world.application.draft = bool(asked.get("draft", world.application.draft))
        world.application.redirect_uris = tuple(asked.get("redirect_uris", world.application.redirect_uris))
        return settings()

    @door.post("/reset")
    def reset() -> dict[str, Any]:
        """Forget everything and plant the cast again (``{"seed": false}`` leaves it empty)."""
        world.scenarios.stop_all()
        world.books.reset()
        if wish().get("seed", True):
            seed.plant(world.books)
        return {"ok": True}


def start_scenario(world: World, asked: Mapping[str, Any]) -> Running:
    """Start a scenario from ``{"name", "times"?, "operation"?, "seller_id"?, …options}``; ``consent_revoked`` acts at once."""
    given = dict(asked)
    name = str(given.pop("name", ""))
    seller_id = str(given.pop("seller_id", ""))
    running = world.scenarios.start(name, times=given.pop("times", -1), operation=str(given.pop("operation", "")), seller_id=seller_id, **given)
    if name == "consent_revoked":
        world.books.revoke(seller_id=seller_id or None, now=world.clock.epoch())
        running.struck += 1
        world.scenarios.stop(name)  # nothing is left to switch off: only a new consent heals it
    return running
