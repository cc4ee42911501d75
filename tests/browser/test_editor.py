"""The design editor in a browser: by keyboard alone, by numbers, through reloads and second windows, on a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.chromium import PHONE, Watch, axe_findings, expect_visible_focus, sideways, sign_in, tab, tab_to
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAVED = re.compile(r"Saved \d\d:\d\d")


def picture(width: int = 3600, height: int = 2400, colour: str = "#c2410c") -> bytes:
    """Return a PNG with a disc on a transparent ground."""
    drawn = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).ellipse((0, 0, width - 1, height - 1), fill=colour)
    sheet = io.BytesIO()
    drawn.save(sheet, "PNG", compress_level=1)
    return sheet.getvalue()


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files on the device; waits until each is a layer."""
    before = page.locator(".ed-layer-row").count()
    page.locator("#upload").set_input_files([FilePayload(name=name, mimeType="image/png", buffer=content) for name, content in files])
    expect(page.locator(".ed-layer-row")).to_have_count(before + len(files), timeout=60_000)


def begin(page: Page, stage: Stage, model: str = "Classic T-shirt") -> Page:
    """Open the editor on a new design for Ada."""
    page.goto(f"{stage.hub}/catalog/")
    page.get_by_role("main").get_by_role("link", name=model).first.click()
    page.get_by_role("link", name="Open the design editor").click()
    page.get_by_label("Customer").select_option(label="Ada's Atelier")
    page.get_by_role("button", name="Open the design editor").click()
    return ready(page)


def ready(page: Page) -> Page:
    """Wait for the editor."""
    page.locator("#editor[data-ready]").wait_for()
    return page


def layers(page: Page) -> list[dict[str, Any]]:
    """Return the layers of the area that is shown, as the editor holds them."""
    found: list[dict[str, Any]] = page.evaluate("document.getElementById('editor').editor.draft.scene.layers")
    return found


def settled(page: Page) -> None:
    """Wait until everything is saved."""
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(page.locator("#save-state")).to_contain_text(SAVED)


def field(page: Page, name: str) -> Any:
    return page.locator(f"#layer-form [name='{name}']")


@pytest.fixture
def editor(stage: Stage, staff: Page) -> Iterator[Page]:
    yield begin(staff, stage)
    settled(staff)


def test_a_design_is_made_by_keyboard_alone(editor: Page) -> None:
    add = editor.get_by_role("button", name="Add text")
    tab_to(editor, add)
    editor.keyboard.press("Enter")
    expect(field(editor, "text")).to_be_focused()
    editor.keyboard.type("Hello")
    (before,) = layers(editor)
    assert before["text"] == "Hello"
    board = editor.locator("#board")
    editor.locator("#upload").focus()
    tab_to(editor, board)
    for keys in ("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Alt+ArrowLeft", "Shift+."):
        editor.keyboard.press(keys)
    (after,) = layers(editor)
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (2, 10)
    assert after["rotation"] == 359
    assert after["size"] == pytest.approx(before["size"] * 1.1, abs=0.01)
    expect(editor.locator("#announcer")).to_contain_text("mm from left")
    editor.keyboard.press("Control+d")
    assert len(layers(editor)) == 2
    editor.keyboard.press("Delete")
    assert [layer["id"] for layer in layers(editor)] == [before["id"]]
    editor.keyboard.press("PageUp")
    editor.keyboard.press("Enter")
    expect(field(editor, "text")).to_be_focused()
    editor.get_by_role("tab", name="Chest").focus()
    editor.keyboard.press("ArrowRight")
    expect(editor.get_by_role("tab", name="Back")).to_have_attribute("aria-selected", "true")
    assert layers(editor) == []


def test_every_stop_of_the_editor_shows_its_focus(editor: Page) -> None:
    editor.get_by_role("button", name="Add text").click()
    editor.locator(".ed-top a").first.focus()
    for _stop in range(60):
        editor.keyboard.press("Tab")
        if editor.evaluate("document.activeElement === document.body"):
            break
        focused = editor.locator(":focus")
        # The file chooser's field lies behind its button, which shows the focus for it.
        expect_visible_focus(focused if focused.get_attribute("id") != "upload" else editor.locator(".ed-upload"))


def test_everything_that_dragging_does_is_done_by_numbers_too(editor: Page) -> None:
    upload(editor, ("disc.png", picture()))
    for name, value in (("width", "120"), ("left", "30"), ("top", "40"), ("rotation", "90"), ("opacity", "50")):
        field(editor, name).fill(value)
    (layer,) = layers(editor)
    assert (layer["width"], layer["height"], layer["rotation"], layer["opacity"]) == (120, 80, 90, 0.5)
    assert (layer["x"], layer["y"]) == (90, 80), "turned about its middle: it lay from 30 to 150 and from 40 to 120"
    editor.get_by_label("Keep proportions").uncheck()
    field(editor, "height").fill("60")
    assert (layers(editor)[0]["width"], layers(editor)[0]["height"]) == (120, 60)
    for button, wanted in (("Align left", "30"), ("Align top", "0")):
        editor.get_by_role("button", name=button).click()
        assert wanted  # the edges are checked below
    (layer,) = layers(editor)
    assert (layer["x"] - 30, layer["y"] - 60) == (0, 0), "a layer of 120 × 60 that stands on its side is 60 × 120"
    editor.get_by_role("button", name="Flip left and right").click()
    editor.get_by_role("button", name="Turn a quarter left").click()
    assert (layers(editor)[0]["flip_x"], layers(editor)[0]["rotation"]) == (True, 0)
    editor.get_by_role("button", name="Fill", exact=True).click()
    assert (layers(editor)[0]["x"], layers(editor)[0]["y"], layers(editor)[0]["height"]) == (150, 200, 400)


def test_dragging_moves_a_layer_and_snaps_it_to_the_middle(editor: Page) -> None:
    upload(editor, ("disc.png", picture()))
    field(editor, "width").fill("100")
    for button in ("Align left", "Align top"):
        editor.get_by_role("button", name=button).click()
    box = editor.locator("#board").bounding_box()
    assert box is not None
    scale = editor.evaluate("document.querySelector('#editor').editor.scale()")
    corner = editor.evaluate("document.querySelector('#editor').editor.corner()")
    start = (box["x"] + corner["x"] + 50 * scale, box["y"] + corner["y"] + 33 * scale)
    editor.mouse.move(*start)
    editor.mouse.down()
    editor.mouse.move(start[0] + 101 * scale, start[1] + 60 * scale, steps=6)
    editor.mouse.up()
    (layer,) = layers(editor)
    assert layer["x"] == 150, "a millimetre beside the middle is the middle"
    assert layer["y"] == pytest.approx(33.3 + 60, abs=4)
    editor.keyboard.press("Control+z")
    assert layers(editor)[0]["x"] == 50


def test_undo_and_redo_go_back_and_forth_through_everything(editor: Page) -> None:
    undo, redo = editor.get_by_role("button", name="Undo"), editor.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    editor.get_by_role("button", name="Add text").click()
    editor.get_by_label("Print a colour behind everything").check()
    editor.get_by_role("button", name="Turn a quarter right").click()
    editor.get_by_role("tab", name="Back").click()
    editor.get_by_role("button", name="Add text").click()
    for _step in range(4):
        undo.click()
    assert layers(editor) == []
    expect(undo).to_be_disabled()
    expect(editor.get_by_role("tab", name="Chest")).to_have_attribute("aria-selected", "true")
    for _step in range(3):
        redo.click()
    assert layers(editor)[0]["rotation"] == 90
    expect(editor.locator("#announcer")).to_have_text("Done again: Turned")


def test_what_was_made_is_there_after_a_reload_even_of_the_last_moment(editor: Page) -> None:
    upload(editor, ("disc.png", picture()))
    editor.get_by_label("Name of the design").fill("Orange disc")
    settled(editor)
    editor.get_by_role("button", name="Add text").click()
    field(editor, "text").fill("Last words")
    editor.reload()  # before the autosave's pause has passed
    ready(editor)
    expect(editor.locator(".ed-layer-name")).to_have_text(["Last words", "disc.png"])
    expect(editor.get_by_label("Name of the design")).to_have_value("Orange disc")
    settled(editor)
    editor.reload()
    ready(editor)
    expect(editor.locator(".ed-layer-name")).to_have_text(["Last words", "disc.png"])


def test_while_the_hub_is_away_the_editor_says_so_and_saves_later(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    with tab(browser, watch=watch) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        begin(page, stage)
        page.route("**/draft/", lambda route: route.abort())
        page.get_by_role("button", name="Add text").click()
        expect(page.locator("#save-state")).to_contain_text("Not saved yet")
        page.unroute("**/draft/")
        settled(page)
        watch.complaints.clear()  # the aborted requests


def test_two_windows_do_not_overwrite_each_other_unseen(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    watch.expected = {409}
    with tab(browser, watch=watch) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        begin(page, stage)
        other = page.context.new_page()
        other.goto(page.url)
        ready(other)
        page.get_by_role("button", name="Add text").click()
        field(page, "text").fill("First window")
        settled(page)
        other.get_by_role("button", name="Add text").click()
        expect(other.get_by_role("dialog", name="Changed in another window")).to_be_visible()
        other.get_by_role("button", name="Load theirs").click()
        expect(other.locator(".ed-layer-name")).to_have_text(["First window"])
        page.get_by_role("button", name="Turn a quarter left").click()
        settled(page)
        field(other, "text").count()
        other.locator(".ed-layer-pick").click()
        field(other, "text").fill("Second window")
        other.get_by_role("button", name="Keep mine").click()
        settled(other)
        page.reload()
        ready(page)
        expect(page.locator(".ed-layer-name")).to_have_text(["Second window"])


def test_resolution_and_edges_are_said_in_words_while_one_works(editor: Page) -> None:
    upload(editor, ("small.png", picture(600, 400)))
    said = editor.locator(".ed-checks-text")
    expect(said).to_contain_text("50 dpi; at least 150 are needed")
    field(editor, "width").fill("100")
    expect(said).to_contain_text("152 dpi. That is enough; 300 look best.")
    field(editor, "left").fill("2")
    expect(editor.locator(".ed-checks li")).to_have_count(2)
    editor.locator(".ed-checks summary").click()
    expect(editor.locator(".ed-checks li").nth(1)).to_contain_text("3 mm into the safe zone (left)")
    field(editor, "width").fill("200")
    editor.get_by_role("button", name="Save design").click()
    expect(editor.get_by_role("dialog", name="This would not print well")).to_contain_text("Chest: “small.png” would be printed at 76 dpi")
    editor.get_by_role("button", name="Change it").click()


def test_a_strip_that_a_covering_picture_leaves_blank_is_said_and_a_logo_leaves_none(stage: Stage, staff: Page) -> None:
    begin(staff, stage, "Ceramic mug 11 oz")
    upload(staff, ("wrap.png", picture(2600, 1120)))
    said = staff.locator("#checks")
    expect(said).not_to_contain_text("unprinted")
    staff.evaluate(
        """told => {
          const { draft } = document.getElementById("editor").editor, layer = { ...draft.scene.layers[0], ...told };
          draft.take("a scene", { wrap: { ...draft.scene, layers: [layer] } });
        }""",
        {"x": 68, "y": 45, "width": 140, "height": 94},
    )
    expect(said).to_contain_text("“wrap.png” leaves a strip of 72 mm unprinted (right)")
    settled(staff)
    staff.get_by_role("button", name="Save design").click()
    expect(staff.get_by_role("main")).to_contain_text("leaves a strip of 72 mm of Wrap unprinted")


def test_an_upload_that_is_no_picture_is_refused_beside_the_button(stage: Stage, browser: Browser) -> None:
    watch = Watch()
    watch.expected = {422}
    with tab(browser, watch=watch) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        begin(page, stage)
        page.locator("#upload").set_input_files([FilePayload(name="page.png", mimeType="image/png", buffer=b"<html>not a picture</html>")])
        expect(page.locator("#uploads [role='alert']")).to_contain_text("page.png")
        page.get_by_role("button", name="Dismiss").first.click()
        expect(page.locator("#uploads")).to_be_hidden()


def test_layers_are_ordered_hidden_locked_renamed_and_deleted_in_the_list(editor: Page) -> None:
    upload(editor, ("one.png", picture(900, 600)), ("two.png", picture(900, 600, "#0f766e")))
    names = editor.locator(".ed-layer-name")
    expect(names).to_have_text(["two.png", "one.png"])
    editor.get_by_role("button", name="Send backward").click()
    expect(names).to_have_text(["one.png", "two.png"])
    editor.get_by_role("button", name="Rename").click()
    editor.keyboard.type("Sea")
    editor.keyboard.press("Enter")
    expect(names).to_have_text(["one.png", "Sea"])
    editor.get_by_role("button", name="Lock Sea").click()
    expect(editor.get_by_text("Locked. Unlock it in the list")).to_be_visible()
    editor.locator("#board").press("Delete")
    assert len(layers(editor)) == 2
    editor.get_by_role("button", name="Hide one.png").click()
    assert [(layer["name"], layer["visible"], layer["locked"]) for layer in layers(editor)] == [("Sea", True, True), ("one.png", False, False)]
    editor.get_by_role("button", name="Lock Sea").click()
    editor.get_by_role("button", name="Delete", exact=True).click()
    expect(names).to_have_text(["one.png"])


def test_earlier_artwork_is_placed_again_without_uploading(stage: Stage, editor: Page) -> None:
    upload(editor, ("again.png", picture(900, 600, "#7c3aed")))
    settled(editor)
    begin(editor, stage, "Ceramic mug 11 oz")
    editor.get_by_role("button", name="Place again.png").first.click()
    expect(editor.locator(".ed-layer-name")).to_have_text(["again.png"])


def test_a_listing_is_connected_by_way_of_the_editor(stage: Stage, browser: Browser) -> None:
    """GA-23 to GA-27, as the merchant does it."""
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        page.goto(f"{stage.hub}/stores/")
        page.get_by_role("main").get_by_role("link", name="Amazon.de").first.click()
        page.locator("a[href*='/orders/map/']").first.click()
        page.get_by_role("link", name="MUG-11-WHITE").click()
        listing = page.url
        page.get_by_role("button", name="Open the design editor").click()
        ready(page)
        upload(page, ("wrap.png", picture(2560, 1120)))
        page.get_by_role("button", name="Fill", exact=True).click()
        page.get_by_label("Name of the design").fill("Wrapped disc")
        page.get_by_role("button", name="Save design").click()
        page.wait_for_url(lambda url: "/designs/" not in url or "/progress/" in url)
        if "/progress/" in page.url:
            page.get_by_role("link", name="Go on without waiting").click()
        page.wait_for_url(f"{listing}*design=des_*")
        expect(page.get_by_role("radio", name="Wrapped disc")).to_be_checked()


def test_the_editor_works_on_a_phone(stage: Stage, browser: Browser) -> None:
    with tab(browser, width=PHONE[0], height=PHONE[1], has_touch=True) as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        page.goto(f"{stage.hub}/portal/products/")
        page.get_by_role("link", name="MUG-11-WHITE").click()
        page.get_by_role("link", name="Open the design editor").click()
        page.get_by_role("button", name="Open the design editor").click()
        ready(page)
        page.get_by_role("button", name="Add text").tap()
        field(page, "text").fill("Hi")
        assert sideways(page) == ""
        for panel in ("Add", "Change", "Layers", "Preview"):
            page.get_by_role("navigation", name="Tools").get_by_role("button", name=panel).tap()
            assert sideways(page) == "", panel
            assert axe_findings(page) == [], panel
        small = page.evaluate(
            "[...document.querySelectorAll('button, a, input, summary')].filter((one) => one.checkVisibility() && !one.classList.contains('visually-hidden'))"
            ".map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()]).filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"
        )
        assert [one for one in small if "skip" not in one and "form-check-input" not in one] == [], "WCAG 2.5.8: targets of 24 px"
        settled(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_has_no_axe_violation(stage: Stage, staff: Page, scheme: str) -> None:
    staff.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    begin(staff, stage)
    assert axe_findings(staff) == []
    upload(staff, ("small.png", picture(600, 400)))
    staff.get_by_role("button", name="Add text").click()
    staff.locator("#fonts summary").click()
    assert axe_findings(staff) == []
    staff.keyboard.press("Escape")
    staff.locator(".ed-checks summary").click()
    staff.get_by_role("button", name="Keyboard shortcuts").click()
    assert axe_findings(staff) == []
    staff.get_by_role("button", name="Close").click()
    settled(staff)


def test_without_scripts_a_picture_is_placed_on_the_product(stage: Stage, browser: Browser, tmp_path: Path) -> None:
    with tab(browser, java_script_enabled=False) as page:
        sign_in(page, stage.hub, *stage.login("Ada's Atelier"))
        page.goto(f"{stage.hub}/portal/products/")
        page.get_by_role("link", name="MUG-11-WHITE").click()
        page.get_by_role("link", name="Open the design editor").click()
        page.get_by_role("button", name="Open the design editor").click()
        page.get_by_label("Upload a picture").set_input_files(
            [FilePayload(name="plain.png", mimeType="image/png", buffer=picture(2560, 1120, "#155e75"))]
        )
        page.get_by_role("button", name="Place it").click()
        expect(page.get_by_text("“plain.png” was placed on Wrap.")).to_be_visible()
        page.get_by_role("button", name="Save design").click()
        expect(page.get_by_role("main")).to_contain_text("rint files")
