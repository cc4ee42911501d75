"""The production board."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from fulfillment.selectors import BOARD_STATES, board, facilities
from orders.line_files import sizes_of
from orders.models import OrderLine
from orders.presentation import BACK_STEP, HOLD, LINE_STATE, NEXT_STEP
from orders.states import LineState
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.core.paging import count_text, known, with_changes

COLUMN_TITLES = {LineState.RELEASED: _("To print"), LineState.PRINTING: _("Printing"), LineState.PACKING: _("To pack")}


@require_safe
@staff_only()
def production(request: HttpRequest) -> HttpResponse:
    """What a plant has to do: released, printing and packing, most urgent first. On a phone one column at a time."""
    plants = facilities()
    plant = next((one for one in plants if one.public_id == request.GET.get("facility")), None)
    state = LineState(known([one.value for one in BOARD_STATES], request.GET.get("state", "")))
    columns = board(facility=plant)
    context: dict[str, Any] = {
        "plants": [{"label": _("All facilities"), "href": "?" + with_changes(request.GET, facility=None), "active": plant is None}]
        + [{"label": one.name, "href": "?" + with_changes(request.GET, facility=one.public_id), "active": one == plant} for one in plants],
        "columns": [
            {
                "state": column.state.value,
                "title": COLUMN_TITLES[column.state],
                "count": count_text(column.count),
                "hidden": column.count - len(column.lines),
                "chosen": column.state == state,
                "href": "?" + with_changes(request.GET, state=column.state.value),
                "cards": [_card(line) for line in column.lines],
            }
            for column in columns
        ],
        "nothing": not any(column.lines for column in columns),
        "may_change": membership_of(request).may_change_orders,
        "more_than_one": len(plants) > 1,
    }
    return render(request, "dashboard/fulfillment/production.html", context)


def _card(line: OrderLine) -> dict[str, Any]:
    state = LineState(line.state)
    step, back = NEXT_STEP.get(state), BACK_STEP.get(state)
    held = [HOLD[hold.kind] for hold in line.waiting]  # type: ignore[attr-defined]
    return {
        "line": line,
        "look": LINE_STATE[state],
        "sizes": sizes_of(line, line.files),  # type: ignore[attr-defined]
        "pieces": line.quantity_open * line.pieces_each,
        "held": held,
        "next": {"to": step[0].value, "label": step[1], "icon": step[2]} if step and not held else None,
        "back": {"to": back[0].value, "label": back[1]} if back else None,
        "may_ship": state == LineState.PACKING and not held,
    }
