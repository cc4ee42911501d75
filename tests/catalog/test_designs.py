"""From artwork to a design and its print files (catalog/services/designs.py)."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from catalog.models import Artwork, Design, FileType, PrintArea, RenderJob
from catalog.placing import Fit, placed
from catalog.scenes import Scene, TextLayer, read_scene
from catalog.services.artwork import keep_artwork
from catalog.services.designs import BadDesign, check_scene, design_from_artwork, design_from_print_file, left_open, revise, save_design
from catalog.services.print_files import BadPrintFile, content_of, keep_print_file
from catalog.services.sheets import keep_scene
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from tests.factories.artwork_files import pdf, picture
from tests.factories.cast import House

WORDS = TextLayer(id="t1", text="Hello", font="inter", size=20, colour="#223344", x=105, y=45)


def art(house: House, size: tuple[int, int] = (1680, 720), **options: str) -> Artwork:
    return keep_artwork(customer=house.customer, content=io.BytesIO(picture(size, **options)), file_name="art.png")


def made(house: House, artwork: Artwork, fit: str = "fill") -> Design:
    return design_from_artwork(customer=house.customer, product_model=house.mug.product_model, artwork=artwork, name="New", fit=fit)


def draft(house: House, scene: Scene) -> Design:
    design = Design.objects.create(customer=house.customer, product_model=house.mug.product_model, name="Draft", state=Design.State.DRAFT)
    keep_scene(design, area(house), scene)
    return design


def area(house: House) -> PrintArea:
    return PrintArea.objects.get(product_model=house.mug.product_model, key="wrap")


def test_a_file_of_the_areas_shape_is_the_print_file_at_once_and_can_be_designed_with_later(house: House) -> None:
    artwork = art(house)
    design = made(house, artwork)
    assert design.state == Design.State.READY and design.print_file is not None
    assert (design.print_file.sha256, design.print_file.dpi) == (artwork.sha256, 203)
    assert content_of(design.print_file) == picture((1680, 720))
    sheet = design.sheets.get()
    assert sheet.print_file == design.print_file and read_scene(sheet.scene).artwork_ids == {artwork.public_id}
    assert not RenderJob.objects.filter(sheet=sheet).exists()


@pytest.mark.parametrize(
    ("size", "kind"), [((2000, 2000), "PNG"), ((1680, 720), "JPEG"), ((5040, 2160), "PNG")], ids=["shape", "type", "far too fine"]
)
def test_every_other_file_waits_for_its_print_file_to_be_drawn(house: House, size: tuple[int, int], kind: str) -> None:
    design = made(house, art(house, size, kind=kind))
    assert (design.state, design.print_file) == (Design.State.RENDERING, None)
    assert RenderJob.objects.get(sheet__design=design).delivery == Delivery.PENDING


def test_fill_covers_area_and_bleed_and_fit_shows_the_whole_picture(house: House) -> None:
    PrintArea.objects.filter(product_model=house.mug.product_model).update(bleed_mm=3)
    artwork = art(house, (2000, 2000))
    filled = read_scene(made(house, artwork).sheets.get().scene).layers[0]
    fitted = read_scene(made(house, artwork, "fit").sheets.get().scene).layers[0]
    assert (filled.x, filled.y, round(filled.width, 6)) == (105, 45, 216)  # type: ignore[union-attr]
    assert round(fitted.width, 6) == 90  # type: ignore[union-attr]


def test_a_picture_that_is_too_coarse_where_it_is_placed_is_refused_and_nothing_stays(house: House) -> None:
    before = Design.objects.count()
    with pytest.raises(BadDesign, match="“art.png” gives 84 dpi on Wrap; at least 150 are needed"):
        made(house, art(house, (700, 700)))
    assert Design.objects.count() == before


def test_what_the_area_does_not_take_is_refused(house: House) -> None:
    artwork = art(house, kind="JPEG")
    PrintArea.objects.update(file_types=[FileType.PNG])
    with pytest.raises(BadDesign, match="is a JPEG file, which is not taken for Wrap. Upload one of these: PNG"):
        made(house, artwork)
    PrintArea.objects.update(file_types=[FileType.PNG, FileType.JPEG], colour_modes=["grey"])
    with pytest.raises(BadDesign, match="is in RGB, which is not taken for Wrap. Save it as greyscale"):
        made(house, artwork)


def test_an_empty_design_is_not_saved(house: House) -> None:
    with pytest.raises(BadDesign, match="Nothing is on the design yet"):
        save_design(design=draft(house, Scene((replace(WORDS, text="  "),))), actor=HUB)


def test_saving_twice_asks_for_one_print_file(house: House) -> None:
    design = draft(house, Scene((WORDS,)))
    assert save_design(design=design, actor=HUB).state == Design.State.RENDERING
    assert save_design(design=design, actor=HUB).state == Design.State.RENDERING
    assert RenderJob.objects.filter(sheet__design=design).count() == 1


def test_a_design_is_ready_when_its_last_area_is(house: House) -> None:
    back = PrintArea.objects.create(product_model=house.mug.product_model, key="back", name="Back", position=1, width_mm=50, height_mm=50)
    design = draft(house, Scene((placed(art(house), area(house), fit=Fit.FILL),)))
    keep_scene(design, back, Scene((replace(WORDS, x=25, y=25),)))
    saved = save_design(design=design, actor=HUB)
    assert saved.state == Design.State.RENDERING
    assert [bool(sheet.print_file_id) for sheet in saved.sheets.order_by("print_area__position")] == [True, False]


def test_a_revision_is_a_draft_with_the_same_scenes_and_the_old_one_stays(house: House) -> None:
    design = made(house, art(house))
    new = revise(design)
    assert (new.state, new.replaces, new.print_file) == (Design.State.DRAFT, design, None)
    assert new.sheets.get().scene == design.sheets.get().scene and new.sheets.get().placed.count() == 1
    assert save_design(design=new, actor=HUB).print_file == design.print_file


def test_a_pdf_of_the_areas_size_is_printed_as_it_is_where_machines_take_pdf(house: House) -> None:
    PrintArea.objects.update(output="pdf")
    artwork = keep_artwork(customer=house.customer, content=io.BytesIO(pdf((210 / 25.4 * 72, 90 / 25.4 * 72))), file_name="wrap.pdf")
    design = made(house, artwork)
    assert design.print_file is not None and design.print_file.content_type == "application/pdf"


def test_a_file_printed_exactly_as_uploaded_is_stretched_with_a_warning_and_has_a_sheet(house: House) -> None:
    model = house.mug.product_model
    file = keep_print_file(content=picture((2000, 2000)), file_name="square.png", product_model=model)
    assert "shape" in {one["code"] for one in file.findings}
    design = design_from_print_file(customer=house.customer, product_model=model, print_file=file, name="Square")
    assert (design.state, design.sheets.get().print_file, design.sheets.get().scene) == (Design.State.READY, file, {})
    with pytest.raises(BadPrintFile, match="at least 150 are needed"):
        keep_print_file(content=picture((400, 100)), file_name="small.png", product_model=model)
    with pytest.raises(BadPrintFile, match="has no print area yet"):
        keep_print_file(content=picture(), file_name="a.png", product_model=house.sticker.product_model)


def scene_of(
    artwork: Artwork, *, on: PrintArea, left: float, top: float, width: float, height: float, background: str = "", turn: float = 0
) -> Scene:
    whole = placed(artwork, on, fit=Fit.FILL)
    return Scene((replace(whole, x=left + width / 2, y=top + height / 2, width=width, height=height, rotation=turn),), background=background)


# On an area of 210 × 90 mm.
@pytest.mark.parametrize(
    ("box", "bleed", "strip"),
    [
        ((0, 0, 140, 90), 0, 70.0),  # the area was made wider: three edges are reached, the fourth is not
        ((-3, -3, 150, 70), 3, 63.0),  # it grew both ways: a corner, and more than a third
        ((4, 4, 202, 82), 3, 4.0),  # most of what is cut, with a frame
        ((4, 4, 202, 82), 0, None),  # a shirt: nothing is cut there
        ((60, 20, 90, 50), 3, None),  # a logo
        ((0, 0, 40, 40), 3, None),  # an ornament in a corner
        ((0, 30, 210, 30), 3, None),  # a band from edge to edge
        ((-3, -3, 216, 96), 3, None),  # all of it
    ],
)
def test_a_picture_that_is_meant_to_cover_and_leaves_a_strip_is_noticed(
    house: House, box: tuple[float, float, float, float], bleed: float, strip: float | None
) -> None:
    PrintArea.objects.filter(product_model=house.mug.product_model).update(bleed_mm=bleed)
    artwork, on = art(house, (3000, 2000)), area(house)
    scene = scene_of(artwork, on=on, left=box[0], top=box[1], width=box[2], height=box[3])
    found = {one["code"]: one["values"] for one in check_scene(scene, on, {artwork.public_id: artwork})}
    assert found.get("strip_open", {}).get("mm") == (None if strip is None else f"{strip:g}")
    coloured = replace(scene, background="#ffffff")
    assert "strip_open" not in {one["code"] for one in check_scene(coloured, on, {artwork.public_id: artwork})}


def test_a_strip_that_another_picture_covers_is_none(house: House) -> None:
    artwork, on = art(house, (3000, 2000)), area(house)
    first, second = (scene_of(artwork, on=on, left=left, top=0, width=width, height=90).layers[0] for left, width in ((0, 140), (130, 80)))
    scene = Scene((first, replace(second, id="second")))
    assert not [one for one in check_scene(scene, on, {artwork.public_id: artwork}) if one["code"] == "strip_open"]


@pytest.mark.parametrize(("beyond", "is_open"), [(-0.5, False), (0, True), (1.5, True), (2.98, False), (3, False)])
def test_a_picture_that_ends_inside_the_bleed_is_noticed(house: House, beyond: float, is_open: bool) -> None:
    PrintArea.objects.filter(product_model=house.mug.product_model).update(bleed_mm=3)
    artwork, on = art(house, (3000, 2000)), area(house)
    scene = scene_of(artwork, on=on, left=-beyond, top=20, width=60, height=40)
    assert ("bleed_open" in {one["code"] for one in check_scene(scene, on, {artwork.public_id: artwork})}) is is_open


def test_a_quarter_turn_changes_what_is_covered(house: House) -> None:
    artwork, on = art(house, (3000, 2000)), area(house)
    turned = scene_of(artwork, on=on, left=60, top=-60, width=90, height=210, turn=90)  # lies as 210 × 90 over the area
    assert not [one for one in check_scene(turned, on, {artwork.public_id: artwork}) if one["code"] == "strip_open"]


def test_a_design_says_what_stays_blank(house: House) -> None:
    artwork = art(house, (3000, 2000))
    design = draft(house, scene_of(artwork, on=area(house), left=0, top=0, width=140, height=90))
    assert [str(one) for one in left_open(design)] == [
        "“art.png” leaves a strip of 70 mm of Wrap unprinted. Enlarge it or choose a background colour, unless the strip is meant to stay blank."
    ]
