"""Buyer data leaves on its date and does not come back; what was removed is proven (orders/services/purging.py)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from catalog.models import Artwork, Design, PrintFile, RenderJob
from catalog.services import rendering
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork, revise
from catalog.services.rendering import render_next
from orders.buyer_data import buyer_of
from orders.models import BuyerData, FileCheck, IntakeRecord, Order, OrderEvent, OrderLine, Personalisation, PurgeRecord
from orders.services.mapping import map_listing
from orders.services.purging import due_orders, purge_due, purge_everything_due, purge_orders
from orders.services.watching_files import watch_files
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer
from pod_hub.core.sealing import search_hash
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection
from stores.services.removing import disconnect
from tests.factories.amazon_orders import amazon_order, bought, item, record, take_in_all
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db
NAMED = {"customization": {"customizedUrl": "https://example.com/custom.zip"}}
Rule = PurgeRecord.Rule


def delivered(house: House, days_ago: int, **changes: Any) -> Order:
    """One order, all shipped, whose latest delivery date lies so many days back."""
    last = bought(house, amazon_order(orderItems=[item(product=NAMED)], **changes))[-1]
    with tenant(house.psp.pk):
        Order.objects.filter(pk=last.pk).update(deliver_by=now() - timedelta(days=days_ago), state="shipped")
        OrderLine.objects.filter(order=last).update(state="shipped", quantity_shipped=1)
        return Order.objects.get(pk=last.pk)


def personal_values(house: House) -> int:
    """How many sealed values and hashes are left."""
    with tenant(house.psp.pk):
        return (
            BuyerData.objects.filter(sealed__isnull=False).count()
            + BuyerData.objects.exclude(postcode_hash="", email_hash="", surname_hash="").count()
            + IntakeRecord.objects.filter(payload_sealed__isnull=False).count()
            + Personalisation.objects.filter(address_sealed__isnull=False).count()
            + Personalisation.objects.filter(content_sealed__isnull=False).count()
        )


def test_thirty_days_after_delivery_all_of_it_is_gone_and_the_rest_stays(north: House) -> None:
    order = delivered(north, 31)
    kept = ("external_id", "total", "ship_to_country", "placed_at", "state")
    with tenant(north.psp.pk):
        before = Order.objects.filter(pk=order.pk).values(*kept).get()
    done = purge_everything_due()
    assert (done.orders, done.removed) == (1, {"buyer_data": 1, "raw_payloads": 1, "personalisations": 1})
    assert personal_values(north) == 0
    with tenant(north.psp.pk):
        assert buyer_of(order) is None
        assert not BuyerData.objects.filter(postcode_hash=search_hash("50674", kind="postcode", psp_id=north.psp.pk)).exists()
        assert Order.objects.filter(pk=order.pk).values(*kept).get() == before
        proof = PurgeRecord.objects.get()
        assert (proof.external_id, proof.rule, proof.removed) == (order.external_id, "delivered", done.removed)
        assert OrderEvent.objects.filter(order=order, kind="purged").count() == 1
    assert purge_everything_due().orders == 0


def test_a_day_too_early_nothing_goes(north: House) -> None:
    delivered(north, 29)
    assert purge_due(psp_id=north.psp.pk).orders == 0


@pytest.mark.parametrize(("shipped_days_ago", "expected"), [(43, 0), (45, 1)])
def test_without_a_delivery_date_it_is_guessed_from_the_last_parcel(north: House, shipped_days_ago: int, expected: int) -> None:
    order = delivered(north, 0)
    with tenant(north.psp.pk):
        Order.objects.filter(pk=order.pk).update(deliver_by=None, last_shipped_at=now() - timedelta(days=shipped_days_ago))
    assert purge_due(psp_id=north.psp.pk).orders == expected


def test_an_open_order_keeps_its_address_until_it_is_plainly_forgotten(north: House) -> None:
    order = delivered(north, 45)
    with tenant(north.psp.pk):
        Order.objects.filter(pk=order.pk).update(state="printing")
    assert purge_due(psp_id=north.psp.pk).orders == 0
    with tenant(north.psp.pk):
        Order.objects.filter(pk=order.pk).update(deliver_by=now() - timedelta(days=61))
    assert purge_due(psp_id=north.psp.pk).orders == 1
    with tenant(north.psp.pk):
        assert PurgeRecord.objects.get().rule == "forgotten"


def test_a_purged_order_that_is_told_again_stays_without_buyer_data(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000099", item(product=NAMED)
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    with tenant(north.psp.pk):
        purge_orders(order_ids=[order.pk], rule=Rule.REQUESTED, actor=HUB)
    more = [line, item("TEE-CLASSIC-M", product=NAMED)]
    record(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1), orderItems=more))
    take_in_all(north)
    assert personal_values(north) == 0
    with tenant(north.psp.pk):
        assert order.lines.count() == 2  # facts still follow the marketplace
        assert list(PurgeRecord.objects.order_by("pk").values_list("rule", flat=True)) == ["requested", "seen_again"]


def test_after_a_disconnection_finished_orders_go_first_and_open_ones_after_a_week(north: House) -> None:
    finished, still_open = delivered(north, 0), bought(north, amazon_order())[-1]
    with tenant(north.psp.pk):
        disconnect(store_id=north.store.pk)
        moment = now()

        def due(days: float) -> set[int]:
            return set(due_orders(moment + timedelta(days=days))[Rule.DISCONNECTED].values_list("pk", flat=True))

        assert due(0) == set()
        assert due(1.1) == {finished.pk}
        assert due(7.1) == {finished.pk, still_open.pk}


def test_a_permission_that_is_gone_for_thirty_days_ends_the_data_too(north: House) -> None:
    order = delivered(north, 0)
    with tenant(north.psp.pk):
        Connection.objects.update(state="revoked")
        Authorization.objects.update(last_error_at=now())
        assert not due_orders(now() + timedelta(days=29))[Rule.PERMISSION_GONE].exists()
        assert due_orders(now() + timedelta(days=31))[Rule.PERMISSION_GONE].get().pk == order.pk


def test_payloads_of_skipped_orders_go_thirty_days_after_the_decision(north: House) -> None:
    bought(north, amazon_order(status="PENDING"))
    assert purge_due(psp_id=north.psp.pk).numbers == 0
    with tenant(north.psp.pk):
        IntakeRecord.objects.update(decided_at=now() - timedelta(days=31))
    done = purge_due(psp_id=north.psp.pk)
    assert (done.numbers, done.removed) == (1, {"raw_payloads": 1})
    with tenant(north.psp.pk):
        entry = IntakeRecord.objects.get()
        assert (entry.verdict, entry.rule, entry.payload_sealed) == ("skipped", "status", None)
        assert PurgeRecord.objects.get().order_id is None


def test_print_files_made_for_a_personalised_line_leave_the_storage_and_shared_ones_stay(
    north: House, django_capture_on_commit_callbacks: Any
) -> None:
    order, other = delivered(north, 31), delivered(north, 0)
    with tenant(north.psp.pk):
        stored = default_storage.save("psp/name.png", ContentFile(b"name"))
        own = PrintFile.objects.create(
            storage_name=stored, file_name="name.png", content_type="image/png", size_bytes=4, sha256="0" * 64, width_px=1, height_px=1, dpi=1
        )
        OrderLine.objects.filter(order=order).update(print_file=own)
        OrderLine.objects.filter(order=other).update(print_file=north.print_file)
        with django_capture_on_commit_callbacks(execute=True):
            (removed,) = purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
            (kept,) = purge_orders(order_ids=[other.pk], rule=Rule.REQUESTED, actor=HUB)
        assert removed["print_files"] == 1 and "print_files" not in kept
        assert not PrintFile.objects.filter(pk=own.pk).exists()
        assert OrderLine.objects.get(order=order).print_file_id is None
        assert OrderLine.objects.get(order=other).print_file_id == north.print_file.pk
        assert default_storage.exists(north.print_file.storage_name)
    assert not default_storage.exists(stored)


def drawn_for(house: House, order: Order, *, colour: str) -> tuple[Design, set[str]]:
    """A design of the order's line alone, with a picture that had to be drawn; and every name in the storage that belongs to it."""
    with tenant(house.psp.pk):
        art = keep_artwork(customer=house.customer, content=artwork(2000, 1400, colour), file_name="For Jördis.png")
        design = design_from_artwork(customer=house.customer, product_model=house.mug.product_model, artwork=art, name="For Jördis")
        line = OrderLine.objects.get(order=order)
        OrderLine.objects.filter(pk=line.pk).update(design=design, customer_product=house.mug)
    assert render_next()
    with tenant(house.psp.pk):
        design.refresh_from_db()
        assert design.print_file is not None
        OrderLine.objects.filter(pk=line.pk).update(print_file=design.print_file)
        return design, {
            art.storage_name, art.preview_name, art.screen_name, design.print_file.storage_name, design.print_file.preview_name,
        }  # fmt: skip


def test_a_design_made_for_a_personalised_line_goes_with_artwork_drawing_and_bytes(north: House, django_capture_on_commit_callbacks: Any) -> None:
    order = delivered(north, 31)
    design, names = drawn_for(north, order, colour="olive")
    assert len(names) == 5 and all(default_storage.exists(name) for name in names)
    with tenant(north.psp.pk):
        watch_files([design.print_file_id])
        later = revise(design)
        with django_capture_on_commit_callbacks(execute=True):
            (removed,) = purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
        assert (removed["print_files"], removed["artwork"]) == (1, 1)
        assert not Design.objects.filter(pk__in=[design.pk, later.pk]).exists()
        assert not RenderJob.objects.filter(sheet__design=design.pk).exists()
        assert not FileCheck.objects.exists()
        line = OrderLine.objects.get(order=order)
        assert (line.design_id, line.print_file_id) == (None, None)
    assert not [name for name in names if default_storage.exists(name)]


def test_a_design_that_a_listing_prints_as_well_stays(north: House, django_capture_on_commit_callbacks: Any) -> None:
    order = delivered(north, 31)
    design, names = drawn_for(north, order, colour="olive")
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)
        with django_capture_on_commit_callbacks(execute=True):
            (removed,) = purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
        assert "artwork" not in removed and Design.objects.filter(pk=design.pk).exists()
    assert all(default_storage.exists(name) for name in names)


def test_a_design_that_was_there_before_the_order_stays(north: House, django_capture_on_commit_callbacks: Any) -> None:
    order = delivered(north, 31)
    design, names = drawn_for(north, order, colour="olive")
    with tenant(north.psp.pk):
        Design.objects.filter(pk=design.pk).update(created_at=order.imported_at - timedelta(days=1))
        with django_capture_on_commit_callbacks(execute=True):
            purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
        assert Design.objects.filter(pk=design.pk).exists()
    assert all(default_storage.exists(name) for name in names)


def test_bytes_that_another_customer_uploaded_too_stay(north: House, django_capture_on_commit_callbacks: Any) -> None:
    order = delivered(north, 31)
    design, _names = drawn_for(north, order, colour="olive")
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Bob")
        theirs = keep_artwork(customer=other, content=artwork(2000, 1400, "olive"), file_name="olive.png")
        with django_capture_on_commit_callbacks(execute=True):
            purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
        assert list(Artwork.objects.filter(sha256=theirs.sha256)) == [theirs]
        assert not Design.objects.filter(pk=design.pk).exists()
    assert default_storage.exists(theirs.storage_name) and default_storage.exists(theirs.screen_name)


def test_what_was_being_drawn_when_its_order_was_purged_is_not_left_in_the_storage(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = delivered(north, 31)
    stored: dict[str, Any] = {}
    keep = rendering._stored

    def purged_meanwhile(work: rendering.Work, made: Any) -> dict[str, Any]:
        stored.update(keep(work, made))
        with tenant(north.psp.pk):
            purge_orders(order_ids=[order.pk], rule=Rule.DELIVERED, actor=HUB)
        return dict(stored)

    monkeypatch.setattr(rendering, "_stored", purged_meanwhile)
    with tenant(north.psp.pk):
        art = keep_artwork(customer=north.customer, content=artwork(2000, 1400, "olive"), file_name="For Jördis.png")
        design = design_from_artwork(customer=north.customer, product_model=north.mug.product_model, artwork=art, name="For Jördis")
        OrderLine.objects.filter(order=order).update(design=design, customer_product=north.mug)
    assert render_next()
    assert stored and not default_storage.exists(stored["storage_name"]) and not default_storage.exists(stored["preview_name"])
    with tenant(north.psp.pk):
        assert not Design.objects.filter(pk=design.pk).exists()


def test_only_the_own_tenants_orders_are_purged(north: House, south: House) -> None:
    delivered(north, 31)
    purge_due(psp_id=south.psp.pk)
    assert personal_values(north) > 0


def test_the_command_counts_without_touching_and_purges_one_order_on_request(north: House, capsys: pytest.CaptureFixture[str]) -> None:
    order = delivered(north, 31)
    call_command("purge_buyer_data", "--dry-run")
    assert "Due: 1 orders" in capsys.readouterr().out
    assert personal_values(north) > 0
    with pytest.raises(CommandError, match="nothing was removed"):
        call_command("purge_buyer_data", "--order", "302-0000000-0000000")
    call_command("purge_buyer_data", "--order", order.external_id, "--psp", north.psp.slug)
    assert "Purged 1 orders" in capsys.readouterr().out
    with tenant(north.psp.pk):
        proof = PurgeRecord.objects.get()
        assert (proof.rule, proof.actor_label) == ("requested", "operator")


def test_the_command_purges_a_whole_store(north: House) -> None:
    for _number in range(3):
        delivered(north, 0)
    call_command("purge_buyer_data", "--store", north.store.public_id)
    assert personal_values(north) == 0
