"""Stored print files are looked at again while orders wait for them; nothing is printed from one that is damaged (orders/services/file_checks.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.timezone import now

from catalog.models import Design, DesignSheet, PrintArea, PrintFile
from catalog.services.kept_files import check_bytes
from catalog.services.preflight import BadFile
from catalog.services.print_files import keep_print_file
from orders.models import FileCheck, Hold, HoldKind, Order, OrderLine
from orders.services import file_checks
from orders.services.artwork_holds import sweep_flawed
from orders.services.editing import CannotEdit, edit_artwork
from orders.services.file_checks import check_next
from orders.services.holds import open_hold
from orders.services.mapping import CannotMap, map_listing
from orders.services.print_file_bundle import gather
from orders.services.production import HeldBack, move_lines, release_order
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db


@pytest.fixture
def mapped(north: House) -> House:
    """A house whose listing prints a design, whose file was looked at long ago."""
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        PrintFile.objects.update(checked_at=now() - timedelta(days=3))
    return north


@contextmanager
def storage_without(name: str) -> Iterator[None]:
    """Take a file away, and put it back."""
    with default_storage.open(name) as stored:
        content = stored.read()
    default_storage.delete(name)
    yield
    default_storage.save(name, ContentFile(content))


def look() -> int:
    """Do every look that is due; return how many."""
    looks = 0
    while check_next():
        looks += 1
        assert looks < 50
    return looks


def look_tomorrow(house: House) -> int:
    """Let a day pass for the rows, and look."""
    with tenant(house.psp.pk):
        FileCheck.objects.update(not_before=now() - timedelta(seconds=1))
    return look()


def held(order: Order) -> list[str]:
    return list(Hold.objects.filter(order=order, kind=HoldKind.ARTWORK, released_at=None).values_list("reason", flat=True))


def test_a_lost_file_holds_its_orders_until_it_is_back(mapped: House) -> None:
    one, two = bought(mapped, amazon_order(), amazon_order())
    with storage_without(mapped.print_file.storage_name):
        look()
        with tenant(mapped.psp.pk):
            assert [held(order) for order in (one, two)] == [["The stored file “art.png” is missing. Upload the design again."]] * 2
            with pytest.raises(HeldBack, match="is missing"):
                release_order(order_id=one.pk, actor=HUB)
    look_tomorrow(mapped)
    with tenant(mapped.psp.pk):
        assert [held(order) for order in (one, two)] == [[], []]
        assert len(release_order(order_id=one.pk, actor=HUB)) == 1


def test_an_altered_file_stops_what_is_released_already(mapped: House) -> None:
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        release_order(order_id=order.pk, actor=HUB)
    default_storage.delete(mapped.print_file.storage_name)
    default_storage.save(mapped.print_file.storage_name, ContentFile(artwork(colour="red")))
    look()
    with tenant(mapped.psp.pk):
        with pytest.raises(HeldBack, match="was altered"):
            move_lines(order_id=order.pk, to=LineState.PRINTING, actor=HUB)
        bundle = gather(order_ids=[order.public_id])
        assert (bundle.ready, len(bundle.troubles)) == ([], 1)


def test_replacing_the_file_lets_every_order_go_on(mapped: House) -> None:
    orders = bought(mapped, amazon_order(), amazon_order(), amazon_order())
    with storage_without(mapped.print_file.storage_name):
        look()
        with tenant(mapped.psp.pk):
            other = keep_print_file(content=artwork(colour="navy"), file_name="navy.png", product_model=mapped.mug.product_model)
            design = Design.objects.create(customer=mapped.customer, product_model=mapped.mug.product_model, name="Navy", print_file=other)
            assert map_listing(listing_id=mapped.listing.pk, customer_product_id=mapped.mug.pk, design_id=design.pk, actor=HUB).holds_released == len(
                orders
            )
            assert [held(order) for order in orders] == [[], [], []]


def test_an_order_that_comes_while_the_file_is_in_trouble_waits_at_once(mapped: House) -> None:
    bought(mapped)
    with storage_without(mapped.print_file.storage_name):
        look()
        *_earlier, late = bought(mapped)
        with tenant(mapped.psp.pk):
            assert len(held(late)) == 1


def test_an_order_that_missed_the_trouble_is_found(mapped: House) -> None:
    """Its batch looked the file up before the trouble was written, and was committed after it."""
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        PrintFile.objects.filter(pk=mapped.print_file.pk).update(trouble="The stored file is missing.")
    assert (sweep_flawed(), sweep_flawed()) == (1, 0)
    with tenant(mapped.psp.pk):
        assert held(order) == ["The stored file is missing."]


def test_many_orders_of_one_file_are_one_look(mapped: House) -> None:
    bought(mapped, *(amazon_order() for _order in range(20)))
    with mock.patch.object(file_checks, "check_bytes", wraps=check_bytes) as looked:
        look()
        bought(mapped, amazon_order())  # looked at a moment ago
        look()
    assert looked.call_count == 1
    with tenant(mapped.psp.pk):
        assert FileCheck.objects.count() == 1


def test_a_file_is_looked_at_daily_while_an_order_waits_and_not_any_more_afterwards(mapped: House) -> None:
    (order,) = bought(mapped)
    with mock.patch.object(file_checks, "check_bytes", wraps=check_bytes) as looked:
        look()
        with tenant(mapped.psp.pk):
            assert timedelta(hours=23) < FileCheck.objects.get().not_before - now() < timedelta(hours=25)
        look_tomorrow(mapped)
        assert looked.call_count == 2
        with tenant(mapped.psp.pk):
            OrderLine.objects.filter(order=order).update(state=LineState.SHIPPED)
        look_tomorrow(mapped)
    assert looked.call_count == 2
    with tenant(mapped.psp.pk):
        assert FileCheck.objects.get().delivery == Delivery.CONFIRMED


def test_the_look_holds_no_transaction_open(mapped: House) -> None:
    bought(mapped)
    depth = len(connection.savepoint_ids)

    def judged(*_args: Any, **_more: Any) -> None:
        # The test itself is one transaction; a scope would be a savepoint inside it.
        assert len(connection.savepoint_ids) == depth

    with mock.patch.object(file_checks, "check_bytes", side_effect=judged) as looked:
        look()
    assert looked.call_count == 1


def test_a_storage_that_does_not_answer_is_asked_again_before_anything_is_held(mapped: House) -> None:
    (order,) = bought(mapped)
    with mock.patch.object(file_checks, "check_bytes", side_effect=TimeoutError):
        for _try in range(file_checks.SILENT_TRIES - 1):
            assert look_tomorrow(mapped) == 1
        with tenant(mapped.psp.pk):
            assert held(order) == []
        look_tomorrow(mapped)
    with tenant(mapped.psp.pk):
        assert "could not be read" in held(order)[0]
    look_tomorrow(mapped)
    with tenant(mapped.psp.pk):
        assert held(order) == []


def test_a_second_area_of_a_design_counts_as_well(mapped: House) -> None:
    with tenant(mapped.psp.pk):
        model = mapped.mug.product_model
        back = PrintArea.objects.create(product_model=model, key="back", name="Back", position=1, width_mm=210, height_mm=90)
        other = keep_print_file(content=artwork(colour="navy"), file_name="navy.png", product_model=model, area=back)
        DesignSheet.objects.create(design=mapped.design, print_area=back, print_file=other)
        Design.objects.filter(pk=mapped.design.pk).update(areas_used=2)
        PrintFile.objects.update(checked_at=now() - timedelta(days=3))
    (order,) = bought(mapped)
    with storage_without(other.storage_name):
        assert look() == 2
        with tenant(mapped.psp.pk):
            assert held(order) == ["The stored file “navy.png” is missing. Upload the design again."]


def test_nobody_can_choose_a_file_that_is_in_trouble(mapped: House) -> None:
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        PrintFile.objects.update(trouble="The stored file is missing.")
        line = order.lines.get()
        OrderLine.objects.update(print_file=None)
        with pytest.raises(CannotEdit, match="missing"):
            edit_artwork(line_id=line.pk, print_file_id=mapped.print_file.pk, actor=HUB, within_window=False)
        with pytest.raises(CannotMap, match="missing"):
            map_listing(listing_id=mapped.listing.pk, customer_product_id=mapped.mug.pk, design_id=mapped.design.pk, actor=HUB)


def test_other_holds_stay_when_the_file_is_back(mapped: House) -> None:
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        open_hold(Order.objects.get(pk=order.pk), HoldKind.APPROVAL, "look first")
    with storage_without(mapped.print_file.storage_name):
        look()
    look_tomorrow(mapped)
    with tenant(mapped.psp.pk):
        assert list(Hold.objects.filter(order=order, released_at=None).values_list("kind", flat=True)) == [HoldKind.APPROVAL]


def test_it_is_told_in_needs_attention_and_on_the_design_s_page(mapped: House) -> None:
    bought(mapped)
    nora = browser_of(mapped.owner)
    with storage_without(mapped.print_file.storage_name):
        look()
        with tenant(mapped.psp.pk):
            address = f"/designs/{mapped.design.public_id}/"
        assert "Print file damaged or lost" in nora.get("/orders/attention/", follow=True).content.decode()
        assert "is missing. Upload the design again." in nora.get(address).content.decode()


def test_a_worker_that_lost_its_lease_changes_nothing(mapped: House) -> None:
    (order,) = bought(mapped)

    def overtaken(*_args: Any, **_more: Any) -> None:
        with tenant(mapped.psp.pk):
            FileCheck.objects.update(lease="00000000-0000-4000-8000-000000000000")
        raise BadFile.of("lost", name=Path("x"))

    with mock.patch.object(file_checks, "check_bytes", side_effect=overtaken):
        check_next()
    with tenant(mapped.psp.pk):
        assert held(order) == []
        assert PrintFile.objects.get(pk=mapped.print_file.pk).trouble == ""
