"""Remote file storage, against a real S3 server: found, matched, copied, attached, approved (RF-01..10)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Artwork, CustomerProduct
from orders.models import FileSource, FoundFile, Hold, HoldKind, OrderEvent, OrderLine
from orders.remote_selectors import group_counts
from orders.remote_storage.opening import opened
from orders.remote_storage.s3 import S3Storage
from orders.services.approving import approve_orders
from orders.services.mapping import map_listing
from orders.services.remote.scanning import scan_next
from orders.services.remote.setting_up import CannotSetUp, remove_source, save_source, switch_source, try_source
from orders.tasks import scan_storages
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import Customer, Role
from pod_hub.core.tenancy import tenant
from stores.models import Connection, Store
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import artwork, person
from tests.factories.pages import text
from tests.factories.programs import program
from tests.orders.remote.conftest import Desk, entered

pytestmark = pytest.mark.django_db


def test_a_file_is_attached_to_the_order_that_waits_and_the_order_goes_on_by_itself(desk: Desk) -> None:
    order = desk.order()
    content = artwork(colour="gold")
    desk.bucket.put(f"{order.external_id}_1.png", content)
    assert desk.waits(order)
    desk.scan()
    assert desk.states() == {f"{order.external_id}_1.png": "attached"}
    assert not desk.waits(order)
    with tenant(desk.house.psp.pk):
        line = OrderLine.objects.select_related("print_file").get(order=order)
        assert line.print_file is not None
        assert Artwork.objects.get(file_name=f"{order.external_id}_1.png").sha256 == hashlib.sha256(content).hexdigest()
        assert not Hold.objects.filter(order=order, released_at=None).exists()
        told = OrderEvent.objects.filter(order=order, actor_label="remote file storage").values_list("kind", flat=True)
        assert {"artwork", "hold_released"} <= set(told)


def test_an_order_goes_on_only_when_all_its_lines_have_their_file(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    desk.bucket.put(f"{order.external_id}_2.png")
    desk.scan()
    assert desk.waits(order)
    desk.bucket.put(f"{order.external_id}_1.PNG", artwork(colour="navy"))
    desk.scan()
    assert set(desk.states().values()) == {"attached"}
    assert not desk.waits(order)


def test_an_item_is_named_by_the_channels_number_or_by_its_position(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    with tenant(desk.house.psp.pk):
        first, second = OrderLine.objects.filter(order=order).order_by("pk")
    desk.bucket.put(f"{order.external_id}_{second.external_line_id}.png", artwork(colour="navy"))
    desk.bucket.put(f"{order.external_id}_1.png", artwork(colour="gold"))
    desk.scan()
    with tenant(desk.house.psp.pk):
        by_line = dict(FoundFile.objects.values_list("line", "name"))
    assert by_line == {first.pk: f"{order.external_id}_1.png", second.pk: f"{order.external_id}_{second.external_line_id}.png"}


def test_a_file_that_came_before_its_order_is_used_when_the_order_comes(desk: Desk) -> None:
    desk.bucket.put("302-7654321-1234567_1.png")
    desk.scan()
    assert desk.states() == {"302-7654321-1234567_1.png": "unmatched"}
    *_earlier, order = bought(desk.house, amazon_order(orderId="302-7654321-1234567", orderItems=[item("MUG-11OZ-WHITE")]))
    desk.scan()
    assert desk.states() == {"302-7654321-1234567_1.png": "attached"} and not desk.waits(order)


def test_orders_that_do_not_wait_for_approval_take_no_file(desk: Desk) -> None:
    waiting = desk.order()
    with tenant(desk.house.psp.pk):
        approve_orders(order_ids=[waiting.pk], actor=Actor.person(desk.house.owner), without_files=True)
        Connection.objects.update(approval="none")
    never = desk.order()
    for order in (waiting, never):
        desk.bucket.put(f"{order.external_id}_1.png")
    desk.scan()
    assert set(desk.states().values()) == {"late"}
    assert all("does not wait for approval" in message for _state, message in desk.files().values())
    with tenant(desk.house.psp.pk):
        assert not OrderLine.objects.filter(print_file__isnull=False).exists()


def test_the_first_of_two_files_for_a_line_is_used(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    desk.bucket.put(f"{order.external_id}_1.png")
    desk.scan()
    desk.bucket.put(f"other/{order.external_id}_1.jpg", artwork(colour="red"))
    desk.scan()
    assert desk.states() == {f"{order.external_id}_1.png": "attached", f"other/{order.external_id}_1.jpg": "duplicate"}


def test_a_file_that_changes_while_its_order_waits_replaces_the_earlier_one(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    name = f"{order.external_id}_1.png"
    desk.bucket.put(name, artwork(colour="red"))
    desk.scan()
    with tenant(desk.house.psp.pk):
        before = OrderLine.objects.filter(order=order).order_by("pk")[0].print_file
    desk.bucket.put(name, artwork(colour="blue"))
    desk.scan()
    assert desk.states() == {name: "attached"}
    with tenant(desk.house.psp.pk):
        after = OrderLine.objects.filter(order=order).order_by("pk")[0].print_file
    assert before != after is not None


def test_a_file_that_changes_after_its_order_went_on_is_late_and_changes_nothing(desk: Desk) -> None:
    order = desk.order()
    name = f"{order.external_id}_1.png"
    desk.bucket.put(name, artwork(colour="red"))
    desk.scan()
    with tenant(desk.house.psp.pk):
        before = OrderLine.objects.get(order=order).print_file
    desk.bucket.put(name, artwork(colour="blue"))
    desk.scan()
    assert desk.states() == {name: "late"}
    with tenant(desk.house.psp.pk):
        assert OrderLine.objects.get(order=order).print_file == before


def test_a_file_that_cannot_be_printed_says_why_and_a_better_one_is_taken(desk: Desk) -> None:
    order = desk.order()
    name = f"{order.external_id}_1.png"
    desk.bucket.put(name, artwork(20, 20))
    desk.scan()
    state, message = desk.files()[name]
    assert state == "refused" and "dpi" in message
    assert desk.waits(order)
    desk.bucket.put(name)
    desk.scan()
    assert desk.states() == {name: "attached"} and not desk.waits(order)


def test_names_that_fit_nothing_are_listed_with_the_reason(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    for name in ("readme.txt", "holiday.png", f"{order.external_id}_9.png", "302-0000000-0000000_1.png"):
        desk.bucket.put(name)
    desk.scan()
    files = desk.files()
    assert set(files) == {"holiday.png", f"{order.external_id}_9.png", "302-0000000-0000000_1.png"}
    assert files["holiday.png"][0] == "misnamed"
    assert files[f"{order.external_id}_9.png"][0] == "unmatched" and "has no item “9”" in files[f"{order.external_id}_9.png"][1]
    with tenant(desk.house.psp.pk):
        source = FileSource.objects.get()
        assert source.scan_result == {"seen": 3, "new": 3, "ignored": 1}
    page = reverse("orders:storage", args=[source.public_id])
    assert "3 files, 3 new or changed, 1 passed over" in text(browser_of(desk.house.owner), page)


def test_the_page_groups_files_by_what_is_to_be_done(desk: Desk) -> None:
    goes, lacks = desk.order(), desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    waiting = "302-0000000-0000000_1.png"
    for name in (f"{goes.external_id}_1.png", f"{lacks.external_id}_9.png", waiting, "holiday.png"):
        desk.bucket.put(name)
    desk.scan()
    staff = Client(SERVER_NAME="localhost")
    staff.force_login(desk.house.owner, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("orders:storage", args=[desk.source.public_id])

    def shown(group: str) -> str:
        return staff.get(address, {"show": group}).content.decode().partition('id="found-files"')[2].partition("</section>")[0]

    # Its order is here and waits for it: the name has to be corrected, and no other order to come.
    assert f"{lacks.external_id}_9.png" in shown("unused") and "has no item" in shown("unused") and "Not used yet" in shown("unused")
    assert waiting in shown("waiting") and "No order yet" in shown("waiting") and f"{lacks.external_id}_9.png" not in shown("waiting")
    assert '<span class="hub-path">holiday.png' in shown("unused")  # which lets a long name break, so that nothing is pushed aside
    assert "Rename the file" in shown("unused")
    assert f"{goes.external_id}_1.png" in shown("attached") and ".png" not in shown("working")
    with tenant(desk.house.psp.pk):
        assert group_counts(desk.source) == {"": 4, "waiting": 1, "working": 0, "attached": 1, "unused": 2}
        FoundFile.objects.filter(state="attached").update(state="preparing")
    assert f"{goes.external_id}_1.png" in shown("working") and ".png" not in shown("attached")


def test_an_item_without_a_product_waits_and_one_that_needs_no_file_says_so(desk: Desk) -> None:
    order = desk.order("NEVER-SEEN", "MUG-11OZ-WHITE")
    desk.bucket.put(f"{order.external_id}_1.png")
    desk.bucket.put(f"{order.external_id}_2.png", artwork(colour="navy"))
    with tenant(desk.house.psp.pk):
        CustomerProduct.objects.filter(pk=desk.house.mug.pk).update(product_model=desk.house.sticker.product_model)
    desk.scan()
    files = desk.files()
    assert files[f"{order.external_id}_1.png"][0] == "unmatched" and "not connected" in files[f"{order.external_id}_1.png"][1]
    assert files[f"{order.external_id}_2.png"][0] == "refused" and "needs no file" in files[f"{order.external_id}_2.png"][1]


def test_a_listing_of_several_pages_is_read_whole_and_again_only_what_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = S3Storage.page.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "most", 3)
    for number in range(10):
        desk.bucket.put(f"302-{number:07}-0000000_1.png")
    desk.scan()
    assert len(desk.states()) == 10
    desk.scan()
    with tenant(desk.house.psp.pk):
        assert FileSource.objects.get().scan_result == {"seen": 10, "new": 0, "ignored": 0}
        source = FileSource.objects.get()
        assert source.scan_page == ""
    page = text(browser_of(desk.house.owner), reverse("orders:storage", args=[source.public_id]))
    assert "10 files<" in page and "passed over<" not in page


def test_a_scan_that_a_worker_left_is_gone_on_with(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        desk.bucket.put(f"302-{number:07}-0000000_1.png")
    monkeypatch.setattr("orders.services.remote.scanning.TURN_S", -1.0)
    assert scan_next()  # its turn was over before the first page
    with tenant(desk.house.psp.pk):
        row = FileSource.objects.get()
        assert row.scan_started_at is not None and row.scan_lease is None
    monkeypatch.undo()


def test_only_the_folder_is_looked_through(desk: Desk) -> None:
    inside, outside = desk.order(), desk.order()
    with tenant(desk.house.psp.pk):
        save_source(customer=desk.house.customer, settings=entered(desk.bucket, prefix="prints/2026/", keep_keys=True), source=desk.source)
    desk.bucket.put(f"prints/2026/{inside.external_id}_1.png")
    desk.bucket.put(f"elsewhere/{outside.external_id}_1.png")
    desk.scan()
    assert desk.states() == {f"prints/2026/{inside.external_id}_1.png": "attached"}


def test_a_storage_for_one_store_takes_no_other_stores_orders(desk: Desk) -> None:
    order = desk.order()
    with tenant(desk.house.psp.pk):
        other = Store.objects.create(customer=desk.house.customer, facility=desk.house.facility, kind="amazon", name="Other", marketplace="X")
        save_source(customer=desk.house.customer, settings=entered(desk.bucket, store=other, keep_keys=True), source=desk.source)
    desk.bucket.put(f"{order.external_id}_1.png")
    desk.scan()
    assert desk.states() == {f"{order.external_id}_1.png": "unmatched"}


def test_a_customer_without_the_feature_has_no_storage_and_none_is_scanned(desk: Desk) -> None:
    order = desk.order()
    desk.bucket.put(f"{order.external_id}_1.png")
    with tenant(desk.house.psp.pk):
        Customer.objects.update(remote_files_enabled=False)
        with pytest.raises(CannotSetUp, match="not part of this customer's plan"):
            save_source(customer=desk.house.customer, settings=entered(desk.bucket, name="Second"))
    desk.scan()
    assert desk.states() == {} and desk.waits(order)


def test_a_paused_or_removed_storage_is_not_scanned(desk: Desk) -> None:
    order = desk.order()
    desk.bucket.put(f"{order.external_id}_1.png")
    with tenant(desk.house.psp.pk):
        switch_source(source_id=desk.source.pk, active=False)
    desk.scan()
    assert desk.states() == {}
    with tenant(desk.house.psp.pk):
        switch_source(source_id=desk.source.pk, active=True)
        remove_source(source_id=desk.source.pk)
        row = FileSource.objects.get()
        assert row.keys_sealed is None and row.key_hint == ""
    desk.scan()
    assert desk.states() == {}


def test_a_wrong_bucket_is_said_in_words_and_tried_again_with_the_next_hour(desk: Desk) -> None:
    with tenant(desk.house.psp.pk):
        save_source(customer=desk.house.customer, settings=entered(desk.bucket, bucket="no-such-bucket", keep_keys=True), source=desk.source)
    scan_storages()
    with tenant(desk.house.psp.pk):
        row = FileSource.objects.get()
    assert "no bucket “no-such-bucket”" in row.last_error and row.scan_failures == 1 and row.scan_started_at is None


def test_the_test_button_says_what_it_sees(desk: Desk) -> None:
    tested = try_source(desk.source)
    assert tested.works and "no file in it yet" in tested.said
    desk.bucket.put("302-1234567-1234567_1.png")
    desk.bucket.put("holiday.png")
    tested = try_source(desk.source)
    assert tested.works and "2 files were seen, 1 of them is named by the pattern" in tested.said
    assert dict(tested.examples) == {"302-1234567-1234567_1.png": "order 302-1234567-1234567, item 1", "holiday.png": ""}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254",
        "http://127.0.0.1:9",
        "http://10.0.0.5:9000",
        "https://[::1]",
        "http://0x7f.1",
        "file:///etc",
        "https://user@s3.example.com",
    ],
)
def test_an_endpoint_in_our_own_network_is_never_asked(desk: Desk, endpoint: str) -> None:
    with tenant(desk.house.psp.pk), pytest.raises(CannotSetUp, match="The endpoint cannot be used"):
        save_source(customer=desk.house.customer, settings=entered(desk.bucket, endpoint=endpoint, keep_keys=True), source=desk.source)
    source: Any = FileSource(kind="s3", endpoint=endpoint, bucket="b", pattern="{order_number}.{ext}", psp_id=desk.house.psp.pk)
    assert not try_source(source).works


def test_keys_are_sealed_and_only_their_end_is_shown(desk: Desk) -> None:
    with tenant(desk.house.psp.pk):
        row = FileSource.objects.get()
        assert row.keys_sealed is not None and b"canary-secret" not in bytes(row.keys_sealed)
        assert row.key_hint == "…MPLE"
        assert opened(row)._keys == ("AKIDEXAMPLE", "canary-secret")  # type: ignore[attr-defined]
        kept = save_source(customer=desk.house.customer, settings=entered(desk.bucket, key_id="", secret="", keep_keys=True), source=row)
        assert opened(kept)._keys == ("AKIDEXAMPLE", "canary-secret")  # type: ignore[attr-defined]


def test_two_scans_attach_nothing_twice(desk: Desk) -> None:
    order = desk.order("MUG-11OZ-WHITE", "MUG-11OZ-WHITE")
    desk.bucket.put(f"{order.external_id}_1.png")
    for _time in range(3):
        desk.scan()
    with tenant(desk.house.psp.pk):
        assert OrderEvent.objects.filter(order=order, kind="artwork").count() == 1
        assert order.holds.filter(kind=HoldKind.APPROVAL, released_at=None).count() == 1


def test_the_order_page_says_under_which_name_a_file_is_awaited_and_from_where(desk: Desk) -> None:
    order = desk.order()
    with tenant(desk.house.psp.pk):
        FileSource.objects.update(prefix="prints", pattern="{any}/{order_number}_{order_item_number}.{ext}")
    page = text(browser_of(desk.house.worker), reverse("orders:order", args=[order.public_id]))
    assert f"prints/anything/{order.external_id}_1.png" in page
    assert reverse("orders:storage", args=[desk.source.public_id]) in page
    assert "not looked through yet" in page
    with tenant(desk.house.psp.pk):
        FileSource.objects.update(prefix="", pattern="{order_number}_{order_item_number}.{ext}")
    desk.scan()
    assert "last looked through" in text(browser_of(desk.house.worker), reverse("orders:order", args=[order.public_id]))
    desk.bucket.put(f"{order.external_id}_1.png")
    desk.scan()
    assert desk.states() == {f"{order.external_id}_1.png": "attached"}, "the name that the page says is the one that is taken"
    assert "awaited from the storage" not in text(browser_of(desk.house.worker), reverse("orders:order", args=[order.public_id]))


def test_approving_an_order_that_waits_for_a_file_asks_first(desk: Desk) -> None:
    order, worker = desk.order(), browser_of(desk.house.worker)
    with tenant(desk.house.psp.pk):
        hold = Hold.objects.get(order=order, kind=HoldKind.APPROVAL)
    approve = reverse("orders:release_hold", args=[order.public_id, hold.public_id])
    asked = worker.post(approve)
    assert asked.status_code == 422
    assert "Files that arrive later are not taken" in asked.content.decode()
    assert f"{order.external_id}_1.png" in asked.content.decode()
    assert desk.waits(order)
    assert worker.post(approve, {"without_files": "yes"}).status_code == 302
    assert not desk.waits(order)


def test_a_merchant_is_told_of_the_awaited_file_and_asked_first_too(desk: Desk) -> None:
    order = desk.order()
    ada = browser_of(person(desk.house.psp, "Ada", Role.MERCHANT, desk.house.customer))
    page = text(ada, reverse("portal:order", args=[order.public_id]))
    assert f"{order.external_id}_1.png" in page
    approve = reverse("portal:approve", args=[order.public_id])
    assert "Files that arrive later are not taken" in ada.post(approve).content.decode()
    assert desk.waits(order)
    ada.post(approve, {"without_files": "yes"})
    assert not desk.waits(order)


def test_approving_many_asks_first_and_can_leave_out_those_that_wait_for_a_file(desk: Desk) -> None:
    waiting, worker = desk.order("MUG-RED"), browser_of(desk.house.worker)
    with tenant(desk.house.psp.pk):
        map_listing(listing_id=desk.house.listing.pk, customer_product_id=desk.house.sticker.pk, design_id=None, actor=Actor.person(desk.house.owner))
    free = desk.order()
    approved = desk.order()
    with tenant(desk.house.psp.pk):
        approve_orders(order_ids=[approved.pk], actor=Actor.person(desk.house.owner))
    address, both = reverse("orders:bulk_approve"), {"order": [waiting.public_id, free.public_id, approved.public_id]}
    asked = worker.post(address, both)
    assert asked.status_code == 422
    assert "Approve only the other order<" in asked.content.decode(), "one of them; the approved one is not counted"
    assert desk.waits(waiting)
    assert desk.waits(free)
    worker.post(address, {"order": [free.public_id]})
    assert not desk.waits(free)
    worker.post(address, both | {"without_files": "yes"})
    assert not desk.waits(waiting)


def test_an_order_of_a_customer_without_a_working_storage_is_approved_without_a_question(desk: Desk) -> None:
    order, worker = desk.order(), browser_of(desk.house.worker)
    switch_source_off(desk)
    assert "awaited from the storage" not in text(worker, reverse("orders:order", args=[order.public_id]))
    worker.post(reverse("orders:bulk_approve"), {"order": [order.public_id]})
    assert not desk.waits(order)


def switch_source_off(desk: Desk) -> None:
    with tenant(desk.house.psp.pk):
        switch_source(source_id=desk.source.pk, active=False)


def test_an_order_whose_file_is_being_copied_is_not_approved_without_a_question(desk: Desk) -> None:
    order = desk.order()
    desk.bucket.put(f"{order.external_id}_1.png")
    with tenant(desk.house.psp.pk):
        FileSource.objects.update(next_scan_at="2020-01-01T00:00Z")
    scan_storages()
    assert set(desk.states().values()) == {"matched"}
    asked = browser_of(desk.house.worker).post(reverse("orders:bulk_approve"), {"order": [order.public_id]})
    assert "its file was found and is being copied" in asked.content.decode()
    assert desk.waits(order)


def test_the_inbox_says_how_many_orders_a_storage_may_still_bring_files_for(desk: Desk) -> None:
    desk.order()
    worker, inbox = browser_of(desk.house.worker), reverse("orders:attention")
    page = text(worker, inbox)
    assert "1 waits for a file from a storage" in page
    assert "1 may still get its file from a storage" in page
    switch_source_off(desk)
    page = text(worker, inbox)
    assert "from a storage" not in page


def test_a_program_is_told_that_a_file_is_awaited_and_can_say_that_it_is_meant(desk: Desk) -> None:
    order = desk.order()
    with tenant(desk.house.psp.pk):
        hold = Hold.objects.get(order=order, kind=HoldKind.APPROVAL)
    plant = program(desk.house)
    refused = plant.post(f"holds/{hold.public_id}/release", {"reason": "Looks right."})
    assert refused.status_code == 409
    assert "have to be chosen by hand" in refused.json()["detail"]
    assert desk.waits(order)
    assert plant.post(f"holds/{hold.public_id}/release", {"reason": "No artwork.", "without_files": True}).json() == {"released": True}
    assert not desk.waits(order)


def test_look_now_shows_how_far_it_is_until_files_are_attached_and_then_what_was_found(desk: Desk) -> None:
    order, worker = desk.order(), browser_of(desk.house.owner)
    address = reverse("orders:storage", args=[desk.source.public_id])
    desk.scan()
    desk.bucket.put(f"{order.external_id}_1.png")
    with tenant(desk.house.psp.pk):
        FileSource.objects.update(next_scan_at="2099-01-01T00:00Z", test_due_at=None)
    answer = worker.post(reverse("orders:scan_storage", args=[desk.source.public_id]), follow=True).content.decode()
    assert "is looked through now" in answer and "waits for a worker" in answer
    assert "waits for a worker" in text(worker, address), "a reload shows it again"
    scan_storages()
    assert "1 file is being copied or prepared" in text(worker, address)
    desk.scan()
    page = text(worker, address)
    assert "hx-trigger" not in page and "1 print file lies there" in page


def test_look_now_says_when_it_runs_already_or_nothing_is_looked_through(desk: Desk) -> None:
    worker, look = browser_of(desk.house.owner), reverse("orders:scan_storage", args=[desk.source.public_id])
    with tenant(desk.house.psp.pk):
        FileSource.objects.update(scan_started_at="2026-01-01T00:00Z")
    assert "is being looked through already" in worker.post(look, follow=True).content.decode()
    switch_source_off(desk)
    assert "nothing is looked through" in worker.post(look, follow=True).content.decode()
