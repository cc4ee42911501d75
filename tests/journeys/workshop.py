"""What the print provider does with an order, the same wherever it was bought: print, pack, ship."""

from __future__ import annotations

from fulfillment.models import Push
from fulfillment.services.shipping import Parcel, ship
from orders.models import Order
from orders.services.production import move_lines, release_order
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.cast import House


class Workshop:
    """The part of a stage behind the hub. ``usual_carrier`` takes what names no other."""

    house: House
    usual_carrier: str

    def produce(self, order: Order) -> None:
        """Release, print and pack all lines."""
        with tenant(self.house.psp.pk):
            release_order(order_id=order.pk, actor=HUB)
            move_lines(order_id=order.pk, to=LineState.PRINTING, actor=HUB)
            move_lines(order_id=order.pk, to=LineState.PACKING, actor=HUB)

    def ship(self, order: Order, *parcels: tuple[str, int], carrier: str = "") -> list[Push]:
        """Ship the first line in one parcel for each (tracking number, quantity)."""
        with tenant(self.house.psp.pk):
            line = order.lines.order_by("pk")[0]
            sent = [Parcel(carrier or self.usual_carrier, number, {line.pk: count}) for number, count in parcels]
            ship(order_id=order.pk, parcels=sent, actor=HUB)
            return list(Push.objects.filter(order=order).order_by("pk"))

    def pushes(self, order: Order) -> list[Push]:
        """Return the order's pushes, oldest first."""
        with tenant(self.house.psp.pk):
            return list(Push.objects.filter(order=order).order_by("pk"))
