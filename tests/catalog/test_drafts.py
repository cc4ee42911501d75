"""Drafts: what the editor saves is kept, what cannot be printed is not, and nobody saves unseen over somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from catalog.models import Artwork, Design, DesignSheet, PrintArea, SheetArtwork
from catalog.placing import Fit
from catalog.scenes import BadScene, ImageLayer, read_scene
from catalog.services.artwork import keep_artwork
from catalog.services.designs import revise
from catalog.services.drafts import ChangedElsewhere, NotADraft, put_on_area, save_draft, start_design
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db
TEXT = {"id": "t1", "kind": "text", "text": "Für Jördis", "font": "lora", "size": 12, "colour": "#1a1f29", "x": 105, "y": 45}


@pytest.fixture(autouse=True)
def _in_northprint(north: House) -> Iterator[None]:
    with tenant(north.psp.pk):
        yield


@pytest.fixture
def draft(north: House) -> Design:
    return start_design(customer=north.customer, model=north.mug.product_model, name="Summer")


def picture_of(customer: Customer, colour: str = "teal") -> Artwork:
    return keep_artwork(customer=customer, content=BytesIO(artwork(colour=colour)), file_name=f"{colour}.png")


def scene(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "background": "", "layers": list(layers)}


def image(one: Artwork, **more: Any) -> dict[str, Any]:
    return {"id": "i1", "kind": "image", "artwork": one.public_id, "x": 105, "y": 45, "width": 210, "height": 90} | more


def test_what_the_editor_sends_is_kept_with_the_artwork_it_places(north: House, draft: Design) -> None:
    teal, plum = picture_of(north.customer), picture_of(north.customer, "plum")
    saved = save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(image(teal), image(plum, id="i2"), TEXT)}, name="Summer 26")
    assert (saved.edits, saved.name, saved.saved_at is not None) == (1, "Summer 26", True)
    sheet = DesignSheet.objects.get(design=draft)
    assert [layer.id for layer in read_scene(sheet.scene).layers] == ["i1", "i2", "t1"]
    assert {one.artwork_id for one in sheet.placed.all()} == {teal.pk, plum.pk}
    save_draft(design_id=draft.pk, edits=1, scenes={"wrap": scene(image(plum))})
    assert [one.artwork_id for one in SheetArtwork.objects.filter(sheet=sheet)] == [plum.pk]


def test_a_window_that_has_not_seen_the_newest_save_does_not_save_over_it(draft: Design) -> None:
    save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(TEXT)})
    with pytest.raises(ChangedElsewhere) as refused:
        save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(TEXT | {"text": "Mine"})})
    assert refused.value.design.edits == 1
    assert read_scene(DesignSheet.objects.get(design=draft).scene).layers[0].text == "Für Jördis"  # type: ignore[union-attr]


def test_what_arrived_already_may_arrive_again(draft: Design) -> None:
    """The answer to the first sending was lost, so the editor sends the same once more."""
    for _time in range(2):
        assert save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(TEXT)}, name="Summer").edits == 1


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"front": scene(TEXT)}, "no print area “front”"),
        ({"wrap": scene(TEXT | {"font": "arial"})}, "“arial” is not offered"),
        ({"wrap": scene(TEXT | {"size": -4})}, "“size” of layer 1"),
        ({"wrap": {"version": 7}}, "version 7"),
        ({"wrap": []}, "not in the form"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_a_sentence_and_changes_nothing(draft: Design, told: dict[str, Any], says: str) -> None:
    with pytest.raises(BadScene, match=says):
        save_draft(design_id=draft.pk, edits=0, scenes=told)
    draft.refresh_from_db()
    assert (draft.edits, draft.sheets.count()) == (0, 0)


def test_artwork_of_another_customer_is_refused(north: House, draft: Design) -> None:
    grete = Customer.objects.create(name="Grete")
    with pytest.raises(BadScene, match="does not belong to this customer"):
        save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(image(picture_of(grete)))})
    assert not SheetArtwork.objects.filter(sheet__design=draft).exists()


def test_artwork_of_another_print_provider_is_refused(north: House, south: House, draft: Design) -> None:
    psp = south.psp.pk
    with tenant(psp):
        theirs = picture_of(south.customer)
    with pytest.raises(BadScene, match="does not belong to this customer"):
        save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(image(theirs))})


def test_a_saved_design_stays_as_it_is_and_its_revision_is_changed_instead(draft: Design) -> None:
    save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(TEXT)})
    Design.objects.filter(pk=draft.pk).update(state=Design.State.READY)
    with pytest.raises(NotADraft, match="Change this design"):
        save_draft(design_id=draft.pk, edits=1, scenes={"wrap": scene()})
    draft.refresh_from_db()
    again = revise(draft)
    save_draft(design_id=again.pk, edits=0, scenes={"wrap": scene(TEXT | {"text": "New"})})
    assert again.replaces_id == draft.pk
    assert [read_scene(one.sheets.get().scene).layers[0].text for one in (draft, again)] == ["Für Jördis", "New"]  # type: ignore[union-attr]


def test_beginning_twice_gives_one_empty_draft_but_never_one_with_something_on_it(north: House, draft: Design) -> None:
    again = start_design(customer=north.customer, model=north.mug.product_model, name="Winter")
    assert (again.pk, again.name) == (draft.pk, "Winter")
    save_draft(design_id=draft.pk, edits=0, scenes={"wrap": scene(TEXT)})
    assert start_design(customer=north.customer, model=north.mug.product_model, name="Spring").pk != draft.pk


@pytest.mark.parametrize(("fit", "width", "height"), [(Fit.FIT, 210.0, 90.0), (Fit.FILL, 224.0, 96.0)])
def test_one_picture_is_placed_whole_or_so_that_it_covers_the_bleed(north: House, draft: Design, fit: Fit, width: float, height: float) -> None:
    area = PrintArea.objects.get(key="wrap")
    area.bleed_mm = 3
    put_on_area(design_id=draft.pk, area=area, artwork=picture_of(north.customer), fit=fit)
    (layer,) = read_scene(DesignSheet.objects.get(design=draft).scene).layers
    assert isinstance(layer, ImageLayer)
    assert (layer.x, layer.y, round(layer.width, 2), round(layer.height, 2)) == (105.0, 45.0, width, height)


def test_what_was_begun_for_a_thing_is_gone_on_with_for_that_thing_alone(north: House) -> None:
    def begun(begun_for: str) -> Design:
        return start_design(customer=north.customer, model=north.mug.product_model, name="Summer", begun_for=begun_for)

    first = begun("pub_one")
    save_draft(design_id=first.pk, edits=0, scenes={"wrap": scene(TEXT)}, name="Half a sun")
    assert (begun("pub_one").pk, begun("pub_one").name) == (first.pk, "Half a sun")
    assert begun("pub_two").pk != first.pk
    assert begun("").pk not in {first.pk, begun("pub_two").pk}
