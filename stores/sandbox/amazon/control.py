"""The imitation Amazon's control door: buying, sellers, listings, permissions and settings beside what every imitation offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from stores.sandbox import control
from stores.sandbox.amazon import buying, lwa, seed
from stores.sandbox.amazon.buying import Basket, Purchase
from stores.sandbox.amazon.records import Listing, PlacedOrder, Seller
from stores.sandbox.amazon.world import World
from stores.sandbox.clock import iso
from stores.sandbox.control import refuse_unknown
from stores.sandbox.world import NotPossible

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
    refuse_unknown(dict(wish), {
        "seller_id", "marketplace_id", "sku", "asin", "quantity", "personalisation", "gift_message", "gift_wrap", "items", "buyer_name",
        "buyer_email", "address", "paid", "fulfilled_by", "service_level", "programs", "replaces", "ship_within_days", "count",
    })  # fmt: skip
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


def blueprint(world: World) -> Blueprint:
    """Return the control door of one imitation."""
    door = control.blueprint()
    _add_facts(door, world)
    _add_orders(door, world)
    _add_permissions(door, world)
    _add_settings(door, world)
    control.add_scenarios(door, world)
    control.add_clock_and_reset(door, world)
    return door


def _add_facts(door: Blueprint, world: World) -> None:
    """Add health, sellers and listings."""

    @door.get("/health")
    def health() -> dict[str, Any]:
        return {**control.health(world), "static": world.static_pairs is not None}

    @door.get("/sellers")
    def sellers() -> dict[str, Any]:
        return {"sellers": [asdict(seller) for seller in world.books.sellers()]}

    @door.post("/sellers")
    def keep_seller() -> dict[str, Any]:
        """Add or change one seller: the fields of ``records.Seller``."""
        try:
            seller = Seller(**control.wish())
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
        listing = Listing(**{"created": now, "updated": now, **control.wish()})
        world.books.keep_listing(listing)
        return {"listing": asdict(listing)}


def _add_orders(door: Blueprint, world: World) -> None:
    """Add buying and what happens to orders."""

    @door.get("/orders")
    def orders() -> dict[str, Any]:
        limit, offset = int(request.args.get("limit", 200)), int(request.args.get("offset", 0))
        found = world.books.orders(seller_id=request.args.get("seller_id"), limit=limit, offset=offset)
        return {"orders": [order_view(order) for order in found]}

    control.add_buying(door, place=lambda asked: place(world, asked), view=order_view)

    @door.get("/orders/<order_id>")
    def order(order_id: str) -> tuple[dict[str, Any], int]:
        found = world.books.order(order_id)
        if found is None:
            return {"error": f"There is no order {order_id}."}, 404
        return {"order": order_view(found), "writes": [asdict(entry) for entry in world.books.writes(order_id=order_id)]}, 200

    @door.post("/orders/<order_id>/<action>")
    def act(order_id: str, action: str) -> dict[str, Any]:
        asked = control.wish()
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


def _add_permissions(door: Blueprint, world: World) -> None:
    """Add granting and withdrawing a permission."""

    @door.post("/grants")
    def grants() -> tuple[dict[str, Any], int]:
        """Give a ready refresh token, as if the seller had just consented."""
        seller = world.books.seller(str(control.wish().get("seller_id", "")))
        if seller is None:
            raise NotPossible("There is no such seller. Ask /_control/sellers.")
        tokens = lwa.grant(world, seller.seller_id)
        return {**tokens, "seller_id": seller.seller_id, "region": seller.region, "marketplace_ids": seller.marketplace_ids}, 201

    @door.post("/revoke")
    def revoke() -> dict[str, Any]:
        return {"revoked": world.books.revoke(seller_id=control.wish().get("seller_id"), now=world.clock.epoch())}


def _add_settings(door: Blueprint, world: World) -> None:
    """Add ledger and settings."""

    control.add_ledger(door, world, counts=lambda: {"orders": world.books.order_count(), "statuses": world.books.status_counts()})

    @door.get("/settings")
    def settings() -> dict[str, Any]:
        return control.settings_view(world.settings, world.application, hide="client_secret")

    @door.post("/settings")
    def change_settings() -> dict[str, Any]:
        """Change ``report_gzip``, ``report_charset``, ``draft`` or ``redirect_uris``."""
        asked = control.wish()
        refuse_unknown(asked, {"report_gzip", "report_charset", "draft", "redirect_uris"}, what="settings")
        world.settings.report_gzip = bool(asked.get("report_gzip", world.settings.report_gzip))
        world.settings.report_charset = str(asked.get("report_charset", world.settings.report_charset))
        world.application.draft = bool(asked.get("draft", world.application.draft))
        world.application.redirect_uris = tuple(asked.get("redirect_uris", world.application.redirect_uris))
        return settings()
