"""Replacement and exchange orders: linked to the order they replace, shown from both sides, never taken for a duplicate of it.

The link is the marketplace's own number, kept on the replacing order. So it holds whichever of the two comes first, and also when the other one was
never imported.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from orders.models import Order


@dataclass(frozen=True, slots=True)
class Replacements:
    """An order's relations. ``replaces_number`` is set without ``replaces`` when the original is not in the hub."""

    replaces_number: str
    replaces: Order | None
    replaced_by: list[Order]


def replacements_of(order: Order) -> Replacements:
    """Return what an order replaces and what replaces it, in one query. Only orders of the same seller on the same kind of channel count."""
    related = Order.objects.filter(store__account_id=order.store.account_id, store__kind=order.store.kind).exclude(pk=order.pk)
    asked = Q(replaces=order.external_id)
    if order.replaces:
        asked |= Q(external_id=order.replaces)
    found = list(related.filter(asked).select_related("store").order_by("placed_at", "pk"))
    return Replacements(
        replaces_number=order.replaces,
        replaces=next((one for one in found if order.replaces and one.external_id == order.replaces), None),
        replaced_by=[one for one in found if one.replaces == order.external_id],
    )
