"""What a marketplace tells by itself, muddled: webhooks that come twice, late, never, changed, forged, or of a type that nobody knows."""

from __future__ import annotations

import json
from functools import partial

from pod_hub.core.tenancy import tenant
from stores.models import ChannelNotice
from tests.faults.alone import Outcome
from tests.faults.crowd import end_of, moments_of, play
from tests.faults.marketplace import Marketplace
from tests.faults.scene import build_scene
from tests.faults.tiktok import TikTok

MUDDLES = ("webhook_doubled", "webhook_late", "webhook_lost", "webhook_forged", "webhook_mutated", "webhook_unknown_type")


def muddle_webhooks(market: Marketplace, *, seed: int, orders: int) -> Outcome:
    """F21: of all webhooks some come twice, late, never, changed or forged; orders end as the books say, and no false one was kept."""
    assert isinstance(market, TikTok), "Only TikTok Shop tells by itself."
    scene = build_scene(market, "F21", sellers=2, seed=seed)
    seconds = max(12.0, orders / 4)
    each = max(2, orders // 6)
    faults = [(at, partial(market.misbehave, name, times=each)) for at, name in zip(moments_of(scene, len(MUDDLES), seconds), MUDDLES, strict=True)]
    play(scene, orders=orders, seconds=seconds, faults=faults)
    market.behave()
    outcome = end_of(scene, f"{len(MUDDLES)} ways to muddle, {each} times each")
    sent = [one for one in market.webhooks() if one["shop_id"] in scene.sellers and one["attempts"]]
    genuine = {one["notification_id"] for one in sent if one["status"] == 200}
    taken = [one for one in sent if one["status"] == 200 and not _is_signed(market, one)]
    with tenant(scene.psp_id):
        kept = list(ChannelNotice.objects.values_list("key", flat=True))
    outcome.verdict.problems += [f"a false webhook was answered 200: {one['body'][:200]}" for one in taken]
    if strangers := {key for key in kept if not key.startswith("sha256:")} - genuine:
        outcome.verdict.problems.append(f"notices were kept that nobody sent rightly: {sorted(strangers)[:5]}")
    if len(kept) != len(set(kept)):
        outcome.verdict.problems.append("a notice was kept twice")
    refused = sum(one["status"] in {400, 401, 413} for one in sent)
    outcome.notes.append(f"{len(sent)} webhooks sent, {refused} of them refused; {len(kept)} kept")
    return outcome


def _is_signed(market: TikTok, sent: dict[str, str]) -> bool:
    """Whether a delivery is what its sender signed: neither a made-up signature nor a body that was changed."""
    return set(sent["authorization"]) != {"0"} and '"type" :' not in sent["body"] and bool(json.loads(sent["body"]))
