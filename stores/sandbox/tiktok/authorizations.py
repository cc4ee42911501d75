"""What becomes of a permission afterwards: the seller disconnects the app, or its end comes near."""

from __future__ import annotations

from datetime import UTC, datetime

from stores.sandbox.tiktok import webhooks
from stores.sandbox.tiktok.seller_records import Grant
from stores.sandbox.tiktok.world import World

DAY_S = 86_400
NOTICE_DAYS = 30  # webhook 7 comes daily from thirty days before the end (tiktok.md §2)


def withdraw(world: World, *, open_id: str | None) -> int:
    """End the permission of an account (or of all), as if its seller had disconnected the app. Returns how many consents ended."""
    now = world.clock.epoch()
    with world.books.transaction():
        grants = world.books.grants(open_id)
        for grant in grants:
            world.books.end_grant(grant.grant_id, at=now)
        for account in {grant.open_id for grant in grants}:
            for shop in world.books.shops(account):
                message = f"Seller {shop.name} has deauthorized the app."
                webhooks.announce(world, "SELLER_DEAUTHORIZATION", {"message": message}, shop_id=shop.shop_id, at=now)
    return len(grants)


def give_notice(world: World) -> None:
    """Announce each authorization that ends within thirty days, once a day, until it is renewed."""
    now = world.clock.epoch()
    newest: dict[str, Grant] = {}
    for grant in world.books.grants():
        newest[grant.open_id] = grant
    for grant in newest.values():
        left = grant.expires - now
        if not 0 < left <= world.clock.shortened(NOTICE_DAYS * DAY_S):
            continue
        day, fact = int(left // world.clock.shortened(DAY_S)), f"notice:{grant.grant_id}"
        if world.books.fact(fact) == str(day):
            continue
        world.books.set_fact(fact, str(day))
        ends = datetime.fromtimestamp(grant.expires, UTC)
        data = {"message": f"The authorization ends on {ends:%Y-%m-%d}.", "expiration_time": str(int(grant.expires))}
        for shop in world.books.shops(grant.open_id):
            webhooks.announce(world, "UPCOMING_AUTHORIZATION_EXPIRATION", data, shop_id=shop.shop_id, at=now)
