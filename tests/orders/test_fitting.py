"""A product model that was changed marks the designs it no longer fits; what is printed from them waits (catalog and orders, services/fitting.py)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Design, DesignSheet, PrintArea, PrintFile
from catalog.services.designs import design_from_artwork, revise
from catalog.services.fitting import CannotKeep
from catalog.services.product_models import save_print_area
from catalog.services.rendering import render_next
from orders.models import ArtworkCause, Hold, HoldKind, Order, OrderLine
from orders.services.artwork_holds import settle_artwork
from orders.services.fitting import judge_next, keep_design
from orders.services.mapping import CannotMap, map_listing
from orders.services.production import HeldBack, release_order
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.accounts.audit_log import AuditEntry
from pod_hub.accounts.models import Role, User
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mapped(north: House) -> House:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    return north


def change_area(house: House, **values: Any) -> None:
    """Change the mug's print area as the form does, and let the workers judge."""
    with tenant(house.psp.pk):
        area = PrintArea.objects.get(product_model=house.mug.product_model_id)
        for name, value in values.items():
            setattr(area, name, value)
        save_print_area(area=area)
    while judge_next():
        pass


def design_of(house: House) -> Design:
    return Design.objects.get(pk=house.design.pk)


def held(order: Order) -> list[str]:
    return list(Hold.objects.filter(order=order, kind=HoldKind.ARTWORK, released_at=None).values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"width_mm": 230}, "Wrap was 210 × 90 mm when the print file was made, and is 230 × 90 mm now (with bleed)."),
        ({"bleed_mm": 3}, "Wrap was 210 × 90 mm when the print file was made, and is 216 × 96 mm now (with bleed)."),
        ({"output": "pdf"}, "The print file of Wrap is a PNG, and the machine takes PDF now."),
        ({"min_dpi": 300}, "The print file of Wrap has 203 dpi; at least 300 are needed now."),
        ({"icc_profile": "cmyk", "output": "png"}, "made in the colours of sRGB, and the area is printed in CMYK"),
    ],
)
def test_a_design_that_no_longer_fits_is_told_so_in_words(mapped: House, values: dict[str, Any], said: str) -> None:
    (order,) = bought(mapped)
    change_area(mapped, **values)
    with tenant(mapped.psp.pk):
        assert said in held(order)[0]
        assert "“Teal” no longer fits its product." in held(order)[0]


def test_the_lists_of_the_plant_and_of_the_merchant_say_what_is_the_matter_with_the_artwork(mapped: House) -> None:
    bought(mapped)
    change_area(mapped, width_mm=230)
    rows = browser_of(mapped.owner).get(reverse("orders:orders"), headers={"HX-Request": "true", "HX-Target": "order-rows"}).content.decode()
    merchant = browser_of(person(mapped.psp, "Ada", Role.MERCHANT, mapped.customer))
    theirs = merchant.get(reverse("portal:orders"), headers={"HX-Request": "true", "HX-Target": "order-rows"}).content.decode()
    for page in (rows, theirs):
        assert "<html" not in page, "the rows alone: the filters name every kind"
        assert "Design no longer fits" in page and "Artwork not ready" not in page


@pytest.mark.parametrize("values", [{"name": "All around"}, {"position": 4}, {"safe_mm": 5}, {"target_dpi": 250}, {"min_dpi": 200}])
def test_a_change_that_a_print_file_does_not_feel_marks_nothing(mapped: House, values: dict[str, Any]) -> None:
    (order,) = bought(mapped)
    change_area(mapped, **values)
    with tenant(mapped.psp.pk):
        assert (design_of(mapped).misfits, held(order)) == ([], [])
        model = mapped.mug.product_model
        model.refresh_from_db()
        assert (model.judged_revision, design_of(mapped).judged_revision) == (model.revision, model.revision)


def test_new_orders_wait_and_go_on_when_the_area_is_changed_back(mapped: House) -> None:
    change_area(mapped, width_mm=230)
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        with pytest.raises(HeldBack, match="no longer fits"):
            release_order(order_id=order.pk, actor=HUB)
    change_area(mapped, width_mm=210)
    with tenant(mapped.psp.pk):
        assert held(order) == []
        assert len(release_order(order_id=order.pk, actor=HUB)) == 1


def test_a_design_that_misfits_is_connected_to_no_listing(north: House) -> None:
    change_area(north, width_mm=230)
    with tenant(north.psp.pk):
        with pytest.raises(CannotMap, match="no longer fits"):
            map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)


def test_a_person_keeps_it_as_it_is_and_that_holds_until_the_area_changes_in_another_way(mapped: House) -> None:
    orders = bought(mapped, amazon_order(), amazon_order())
    change_area(mapped, width_mm=211)
    with tenant(mapped.psp.pk):
        assert keep_design(design=mapped.design, because="A millimetre nobody sees.", actor=Actor.person(mapped.owner)) == 2
        assert [held(order) for order in orders] == [[], []]
        with pytest.raises(CannotKeep):
            keep_design(design=mapped.design, because="again", actor=HUB)
    change_area(mapped, safe_mm=4)
    with tenant(mapped.psp.pk):
        assert design_of(mapped).misfits == []
    change_area(mapped, width_mm=260)
    with tenant(mapped.psp.pk):
        assert [len(held(order)) for order in orders] == [1, 1]


def test_a_changed_design_that_was_saved_again_fits(mapped: House) -> None:
    change_area(mapped, output="pdf")
    with tenant(mapped.psp.pk):
        draft = revise(design_of(mapped))
        assert (draft.misfits, draft.judged_revision) == ([], draft.product_model.revision)


def test_a_print_file_that_was_being_made_for_the_area_as_it_was_is_judged_when_it_is_there(north: House) -> None:
    with tenant(north.psp.pk):
        art = north.design.sheets.get().placed.get().artwork
        PrintArea.objects.update(bleed_mm=5)  # so that the picture has to be drawn
        drawn = design_from_artwork(customer=north.customer, product_model=north.mug.product_model, artwork=art, name="Drawn")
        assert drawn.state == Design.State.RENDERING
    change_area(north, width_mm=210)  # nothing of it changes, but the model is due
    with tenant(north.psp.pk):
        model = north.mug.product_model
        model.refresh_from_db()
        assert model.judged_revision < model.revision, "it waits for the design that is being made"
    render_next()
    with tenant(north.psp.pk):
        sheet = DesignSheet.objects.get(design=drawn)
        assert sheet.made_for["width_mm"] == 220
        DesignSheet.objects.filter(pk=sheet.pk).update(made_for=sheet.made_for | {"width_mm": 300})  # as if it had been begun before
    while judge_next():
        pass
    with tenant(north.psp.pk):
        drawn.refresh_from_db()
        assert [one["code"] for one in drawn.misfits] == ["area_resized"]


def test_the_model_s_page_lists_them_and_a_decision_is_audited(mapped: House) -> None:
    nora = browser_of(mapped.owner)
    (order,) = bought(mapped)
    change_area(mapped, width_mm=230)
    page = nora.get(reverse("catalog:product_model", args=[mapped.mug.product_model.public_id])).content.decode()
    assert "1 design no longer fits" in page
    assert "1 listing prints it" in page
    keep = reverse("orders:keep_design", args=[mapped.design.public_id])
    assert "Wrap was 210 × 90 mm" in nora.get(keep).content.decode()
    assert nora.post(keep, {"because": ""}).status_code == 422
    answer = nora.post(keep, {"because": "Sample looked fine."}, follow=True).content.decode()
    assert "1 order line goes on" in answer
    assert "Sample looked fine." in answer
    with tenant(mapped.psp.pk):
        assert held(order) == []
        entry = AuditEntry.objects.filter(public_id=mapped.design.public_id).latest("at", "id")
        assert "Sample looked fine." in str(entry.after)
        assert entry.actor_user_id == mapped.owner.pk


def test_the_model_s_page_lists_misfits_with_the_same_number_of_queries(mapped: House, django_assert_max_num_queries: Any) -> None:
    nora = browser_of(mapped.owner)
    with tenant(mapped.psp.pk):
        for number in range(12):
            Design.objects.create(
                customer=mapped.customer, product_model=mapped.mug.product_model, name=f"No {number}", print_file=PrintFile.objects.get(),
                misfits=[{"code": "area_resized", "values": {"area": "Wrap", "before": "1 × 1", "now": "2 × 2"}}],
            )  # fmt: skip
        address = reverse("catalog:product_model", args=[mapped.mug.product_model.public_id])
    nora.get(address)
    with django_assert_max_num_queries(22):
        assert "12 designs no longer fit" in nora.get(address).content.decode()


# --- What waits for it is told as what it is --------------------------------------------------------------------------
KEEPING = "print provider may also decide"


def main_of(user: User, address: str, **query: str) -> str:
    """Return what a page says beside its frame."""
    answer = browser_of(user).get(address, query)
    assert answer.status_code == 200
    page = str(answer.content.decode())
    return page[page.index("<main") :]


def test_an_order_that_waits_for_a_misfit_is_no_listing_to_connect_in_the_inbox(mapped: House) -> None:
    bought(mapped, amazon_order(), amazon_order())
    change_area(mapped, width_mm=230)
    page = main_of(mapped.owner, reverse("orders:attention"))
    assert "Design no longer fits" in page
    assert reverse("designs:change", args=[mapped.design.public_id]) in page
    assert reverse("orders:keep_design", args=[mapped.design.public_id]) in page
    assert 'id="listings"' not in page
    assert KEEPING not in page, "whoever reads it is the print provider"


def test_a_merchant_s_home_names_the_design_that_no_longer_fits_and_who_else_may_decide(mapped: House) -> None:
    bought(mapped)
    change_area(mapped, width_mm=230)
    with tenant(mapped.psp.pk):
        ada = person(mapped.psp, "Ada", Role.MERCHANT, mapped.customer)
    page = main_of(ada, "/portal/")
    assert "Teal: Design no longer fits" in page
    assert KEEPING in page
    assert reverse("designs:change", args=[mapped.design.public_id]) in page
    assert "until you say what is printed" not in page
    assert "/keep/" not in page


def test_on_the_order_the_print_provider_may_keep_the_design_and_a_merchant_reads_that_it_may(mapped: House) -> None:
    (order,) = bought(mapped)
    change_area(mapped, width_mm=230)
    with tenant(mapped.psp.pk):
        ada = person(mapped.psp, "Ada", Role.MERCHANT, mapped.customer)
    ours = main_of(mapped.owner, reverse("orders:order", args=[order.public_id]))
    assert "Keep as it is" in ours and reverse("designs:change", args=[mapped.design.public_id]) in ours
    assert KEEPING not in ours
    theirs = main_of(ada, reverse("portal:order", args=[order.public_id]))
    assert KEEPING in theirs and "Keep as it is" not in theirs


def test_a_misfit_is_changed_rather_than_used_where_a_design_was_wanted(mapped: House) -> None:
    back = reverse("orders:map_listing", args=[mapped.listing.public_id])
    address = reverse("designs:design", args=[mapped.design.public_id])
    assert "Use this design" in main_of(mapped.owner, address, next=back)
    change_area(mapped, width_mm=230)
    page = main_of(mapped.owner, address, next=back)
    assert "Use this design" not in page
    assert page.count("Change this design") == 1
    assert f'value="{back}"' in page, "who changes it comes back with the new one"


def test_changing_a_misfit_twice_goes_on_with_the_changed_design(mapped: House) -> None:
    change_area(mapped, width_mm=230)
    browser, address = browser_of(mapped.owner), reverse("designs:change", args=[mapped.design.public_id])
    first = browser.post(address)
    with tenant(mapped.psp.pk):
        draft = Design.objects.get(replaces=mapped.design)
        Design.objects.filter(pk=draft.pk).update(state=Design.State.READY)
    again = browser.post(address)
    assert first["Location"] == again["Location"] == reverse("designs:design", args=[draft.public_id])
    with tenant(mapped.psp.pk):
        assert Design.objects.filter(replaces=mapped.design).count() == 1


def test_a_line_that_waits_for_a_damaged_or_a_missing_file_says_so(mapped: House) -> None:
    bought(mapped)
    with tenant(mapped.psp.pk):
        PrintFile.objects.filter(pk=mapped.print_file.pk).update(trouble="The file is gone.")
        settle_artwork(OrderLine.objects.all(), actor=HUB)
        hold = Hold.objects.get(released_at=None)
        assert (hold.cause, hold.design_id, hold.reason) == (ArtworkCause.DAMAGED, mapped.design.pk, "The file is gone.")
        PrintFile.objects.filter(pk=mapped.print_file.pk).update(trouble="")
    change_area(mapped, width_mm=230)
    with tenant(mapped.psp.pk):
        hold.refresh_from_db()
        assert hold.cause == ArtworkCause.MISFIT and hold.released_at is None, "an open hold is told its new cause"


def test_the_number_beside_the_inbox_is_what_stands_in_it_on_every_page(mapped: House) -> None:
    browser = browser_of(mapped.owner)

    def badge(address: str) -> int:
        page = browser.get(address).content.decode()
        found = re.search(r'href="/orders/attention/"[^>]*>.*?</a>', page, re.DOTALL)
        assert found is not None
        number = re.search(r">\s*(\d+)\s*<", found[0])
        return int(number[1]) if number else 0

    assert badge(reverse("orders:orders")) == 0
    bought(mapped, amazon_order(), amazon_order(orderItems=[item("NEVER-SEEN")]))
    change_area(mapped, width_mm=230)  # held by workers: no form was sent
    rows = re.findall(r'data-label="How many" class="is-number">(\d+)', main_of(mapped.owner, reverse("orders:attention")))
    assert sum(map(int, rows)) == 2
    assert badge(reverse("orders:orders")) == badge(reverse("orders:attention")) == 2
