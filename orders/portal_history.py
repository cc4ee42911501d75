"""An order's timeline as its merchant reads it: what happened to the order, in their words, without the print provider's notes and names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from orders.models import HoldKind, OrderEvent, OrderLine
from orders.portal_selectors import CUSTOMERS_HOLDS, Sheet
from orders.presentation import EVENT, HOLD
from orders.states import PROGRESS, LineState
from pod_hub.ui.look import Tone

# Written by the hub itself, in words that hold nobody's note: shown as they are.
PLAIN = frozenset({"shipped", "shipped_elsewhere", "push_confirmed", "channel_status", "ship_by", "artwork", "quantity", "buyer_viewed"})


def history(sheet: Sheet, *, own_people: Collection[int], psp: str, channel: str) -> Iterator[dict[str, Any]]:
    """Yield the entries for the timeline component, oldest first. ``own_people`` are the users whose names the merchant knows."""
    lines = {line.pk: line for line in sheet.lines}
    for event in sheet.events:
        text = _text(event, lines.get(event.line_id or 0), psp, channel)
        if text:
            tone, icon = EVENT.get(event.kind, (Tone.NEUTRAL, ""))
            yield _entry(event.at, text, _actor(event, own_people, psp), tone, icon)


def _entry(at: datetime, text: str, actor: str, tone: Tone, icon: str) -> dict[str, Any]:
    return {"at": at, "text": text, "actor": actor, "tone": tone, "icon": icon, "detail": ""}


def _actor(event: OrderEvent, own_people: Collection[int], psp: str) -> str:
    if event.actor_id is None:
        return ""
    return event.actor_label if event.actor_id in own_people else psp


def _text(event: OrderEvent, line: OrderLine | None, psp: str, channel: str) -> str:
    what = (line.sku or line.title) if line else _("The order")
    if event.kind in PLAIN:
        return event.summary
    if event.kind == "state":
        return _moved(event, what, psp)
    if event.kind in {"hold_opened", "hold_released"}:
        return _held(event, psp)
    return {
        "imported": _("The order came in from %(channel)s.") % {"channel": channel},
        "mapped": _("%(what)s was connected to a product.") % {"what": what},
        "address": _("The delivery address was changed."),
        "purged": _("The buyer's name and address were removed for good."),
    }.get(event.kind, "")


def _moved(event: OrderEvent, what: str, psp: str) -> str:
    """Say a step forward, a cancellation or that it is not made here; how often something was printed again is the print provider's own business."""
    try:
        before, after = LineState(str(event.facts.get("before"))), LineState(str(event.facts.get("after")))
    except ValueError:
        return ""
    if after == LineState.CANCELLED:
        return _("%(what)s was cancelled.") % {"what": what}
    if after == LineState.NOT_OURS:
        return _("%(what)s is not made by %(psp)s.") % {"what": what, "psp": psp}
    if before == LineState.NOT_OURS:
        return _("%(what)s is made by %(psp)s after all.") % {"what": what, "psp": psp}
    if before not in PROGRESS or PROGRESS.index(after) <= PROGRESS.index(before):
        return ""
    return {
        LineState.RELEASED: _("%(what)s went to production.") % {"what": what},
        LineState.PRINTING: _("%(what)s is being printed.") % {"what": what},
        LineState.PACKING: _("%(what)s is printed and is being packed.") % {"what": what},
    }.get(after, "")


def _held(event: OrderEvent, psp: str) -> str:
    try:
        kind = HoldKind(str(event.facts.get("hold")))
    except ValueError:
        return ""
    if kind == HoldKind.CHANNEL_HOLD:
        return _("The marketplace holds the order for a while.") if event.kind == "hold_opened" else _("The marketplace lets the order go on.")
    if kind not in CUSTOMERS_HOLDS:
        return _("%(psp)s looks into something before it goes on.") % {"psp": psp} if event.kind == "hold_opened" else _("It goes on.")
    words = _("Waits: %(what)s.") if event.kind == "hold_opened" else _("Solved: %(what)s.")
    return words % {"what": str(HOLD[kind].label).lower()}
