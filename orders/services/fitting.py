"""A product model that was changed: its designs are judged by a worker, and lines and holds follow in the same transaction."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Design
from catalog.services.fitting import judge_portion, keep_as_it_is, model_to_judge
from orders.services.artwork_holds import settle_artwork, unprinted_lines_of
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import tenant


def judge_next() -> bool:
    """Compare some designs of a changed model with it, over all tenants; hold or release what is printed from them. False when nothing is left to do."""
    due = model_to_judge()
    if due is None:
        return False
    with tenant(due[1]):
        changed = judge_portion(model_id=due[0])
        if changed:
            settle_artwork(unprinted_lines_of(designs=[design.pk for design in changed]), actor=HUB)
    return changed is not None


@transaction.atomic
def keep_design(*, design: Design, because: str, actor: Actor) -> int:
    """Print a design as it is although its product was changed; its lines go on. Returns how many holds ended. Raises ``CannotKeep``."""
    kept = keep_as_it_is(design=design, because=because)
    return settle_artwork(unprinted_lines_of(designs=[kept.pk]), actor=actor)[1]
