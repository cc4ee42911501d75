"""When a cell counts as come to rest (tests/faults/scene.py): a judge who is called too early blames the hub for what it was never shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from orders.models import Order
from pod_hub.core.tenancy import tenant
from tests.faults.amazon import Amazon
from tests.faults.scene import Scene, build_scene, poll_now, work_once

pytestmark = pytest.mark.django_db(transaction=True)
LAG = timedelta(seconds=120 / 240)  # the marketplace's two minutes at the pace of these tests


def polled(scene: Scene) -> list[str]:
    """Poll once and return the orders that are in the hub then."""
    poll_now(scene.psp_id)
    work_once()
    with tenant(scene.psp_id):
        return list(Order.objects.values_list("external_id", flat=True))


def test_a_list_made_within_the_second_of_a_change_is_no_rest_and_loses_nothing(amazon: Amazon) -> None:
    scene = build_scene(amazon, "REST", sellers=1, seed=7)
    changed = now().replace(microsecond=900_000)
    amazon.clock(at=changed.isoformat())
    (number,) = scene.buy(1, plain=True)
    # A list of what was there three tenths earlier ends with the same whole second, and does not hold the order.
    amazon.clock(at=(changed + LAG - timedelta(seconds=0.3)).isoformat())
    assert polled(scene) == []
    assert "has not been polled up to its last change" in scene.unfinished()
    amazon.clock(at=(changed + LAG + timedelta(seconds=1)).isoformat())
    assert polled(scene) == [number]
    assert scene.unfinished() == ""
