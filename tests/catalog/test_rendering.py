"""The rows of work that ask for print files (catalog/services/rendering.py): done by one worker, again after a crash, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.timezone import now
from PIL import Image

from catalog.models import Artwork, Design, PrintArea, PrintFile, RenderJob
from catalog.placing import Fit, placed
from catalog.rendering.confining import Limits
from catalog.rendering.workshop import WORKSHOP, Unfinished
from catalog.scenes import Scene, TextLayer
from catalog.services import rendering
from catalog.services.artwork import keep_artwork
from catalog.services.designs import save_design
from catalog.services.print_files import content_of
from catalog.services.rendering import progress_of, render_next
from catalog.services.sheets import keep_scene
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from tests.factories.artwork_files import picture
from tests.factories.cast import House, northprint
from tests.factories.workers import dying_at

HELLO = TextLayer(id="t1", text="Hello", font="lora", size=20, colour="#223344", x=105, y=45)


@pytest.fixture
def north(db: None) -> House:
    return northprint()


def uploaded(north: House) -> Artwork:
    with tenant(north.psp.pk):
        return keep_artwork(customer=north.customer, content=io.BytesIO(picture((1500, 1500))), file_name="square.png")


def saved(north: House, *, back: bool = False) -> Design:
    """Return a design that waits for its print files: a picture and a text on the wrap, and a text on the back if asked for."""
    artwork = uploaded(north)
    with tenant(north.psp.pk):
        model = north.mug.product_model
        wrap = PrintArea.objects.get(product_model=model, key="wrap")
        PrintArea.objects.filter(pk=wrap.pk).update(bleed_mm=2)
        wrap.refresh_from_db()
        design = Design.objects.create(customer=north.customer, product_model=model, name="Hello", state=Design.State.DRAFT)
        keep_scene(design, wrap, Scene((placed(artwork, wrap, fit=Fit.FIT), HELLO)))
        if back:
            area = PrintArea.objects.create(product_model=model, key="back", name="Back", position=1, width_mm=80, height_mm=40, output="pdf")
            keep_scene(design, area, Scene((replace(HELLO, x=40, y=20),), background="#ffeedd"))
        return save_design(design=design, actor=HUB)


def reread(north: House, design: Design) -> Design:
    with tenant(north.psp.pk):
        return Design.objects.select_related("print_file").get(pk=design.pk)


def test_a_saved_design_becomes_ready_with_exact_pixels_at_the_areas_resolution(north: House) -> None:
    design = saved(north)
    assert render_next() and not render_next()
    design = reread(north, design)
    assert design.state == Design.State.READY and design.print_file is not None
    file = design.print_file
    # 214 x 94 mm with bleed at 300 dpi.
    assert ((file.width_px, file.height_px), file.dpi, file.content_type) == ((2528, 1110), 300, "image/png")
    with tenant(north.psp.pk):
        content = content_of(file)
        assert RenderJob.objects.get(sheet__design=design).delivery == Delivery.CONFIRMED
        assert progress_of(design).done == progress_of(design).total == 1
    made = Image.open(io.BytesIO(content))
    assert (made.size, made.mode) == ((2528, 1110), "RGBA") and len(content) == file.size_bytes
    assert file.storage_name == f"psp-{north.psp.pk}/print-files/{file.sha256[:2]}/{file.sha256}.png"
    assert default_storage.exists(file.preview_name)


def test_each_area_has_a_file_of_its_own_in_what_its_machines_take(north: House) -> None:
    design = saved(north, back=True)
    assert render_next()
    halfway = reread(north, design)
    with tenant(north.psp.pk):
        assert (progress_of(design).done, progress_of(design).total) == (1, 2)
    assert halfway.state == Design.State.RENDERING
    assert render_next()
    with tenant(north.psp.pk):
        sheets = list(design.sheets.select_related("print_file").order_by("print_area__position"))
        assert [sheet.print_file.content_type for sheet in sheets if sheet.print_file] == ["image/png", "application/pdf"]
        assert reread(north, design).print_file == sheets[0].print_file


def test_the_same_scene_gives_the_same_file_and_is_stored_once(north: House) -> None:
    first, second = saved(north), saved(north)
    while render_next():
        pass
    assert reread(north, first).print_file == reread(north, second).print_file
    folder = Path(settings.MEDIA_ROOT) / f"psp-{north.psp.pk}" / "print-files"
    assert len([path for path in folder.rglob("*.png") if ".preview" not in path.name]) == 1


def test_two_workers_make_it_once(north: House) -> None:
    saved(north)
    with tenant(north.psp.pk):
        held = RenderJob.lease_next(limit=1)
    assert len(held) == 1
    assert not render_next()


@pytest.mark.parametrize("point", ["render.leased", "render.drawn", "render.stored"])
def test_a_worker_that_dies_leaves_nothing_half_and_another_one_finishes(north: House, point: str) -> None:
    design = saved(north)

    with dying_at(point, rendering):
        render_next()
    with tenant(north.psp.pk):
        assert reread(north, design).print_file is None and PrintFile.objects.count() == 1
        assert not render_next()  # still leased to the dead one
        RenderJob.objects.update(leased_until=now() - timedelta(seconds=1))
    assert render_next()
    file = reread(north, design).print_file
    assert file is not None
    with tenant(north.psp.pk):
        assert hashlib.sha256(content_of(file)).hexdigest() == file.sha256


def test_a_worker_that_lost_its_lease_changes_nothing(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    design = saved(north)

    def lose(name: str) -> None:
        if name == "render.stored":
            with tenant(north.psp.pk):
                RenderJob.objects.update(lease=None)

    monkeypatch.setattr(rendering, "crash_point", lose)
    assert render_next()
    assert reread(north, design).state == Design.State.RENDERING


def test_a_drawing_that_takes_too_much_is_tried_three_times_and_then_given_up_with_a_reason(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    design = saved(north)
    monkeypatch.setattr(rendering, "DRAWING", Limits(memory_mb=90, cpu_s=20, wall_s=20))
    for _turn in range(3):
        assert render_next()
        with tenant(north.psp.pk):
            RenderJob.objects.update(not_before=now())
    assert not render_next()
    with tenant(north.psp.pk):
        assert "takes too long or too much memory" in progress_of(design).why
        failed = reread(north, design)
        assert failed.state == Design.State.FAILED
        monkeypatch.undo()
        save_design(design=failed, actor=HUB)
    assert render_next()
    assert reread(north, design).state == Design.State.READY


def test_a_storage_that_does_not_answer_is_asked_again_later(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    design = saved(north)

    def silent(name: str, target: Path) -> None:
        raise OSError("no answer")

    monkeypatch.setattr(rendering, "bring", silent)
    assert render_next()
    with tenant(north.psp.pk):
        job = RenderJob.objects.get(sheet__design=design)
        assert job.delivery == Delivery.PENDING and job.not_before > now() and "could not be read or stored" in job.last_error
        RenderJob.objects.update(not_before=now())
    monkeypatch.undo()
    assert render_next()
    assert reread(north, design).state == Design.State.READY


def test_a_design_that_is_not_waiting_any_more_costs_no_drawing(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    design = saved(north)
    with tenant(north.psp.pk):
        Design.objects.filter(pk=design.pk).update(state=Design.State.FAILED)

    def never(*_arguments: object, **_named: object) -> None:
        raise Unfinished("crash")

    monkeypatch.setattr(WORKSHOP, "do", never)
    assert render_next()
    with tenant(north.psp.pk):
        assert RenderJob.objects.get().delivery == Delivery.WITHDRAWN


def test_nobody_finds_a_part_of_a_file(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage is looked at from outside at every write: a name either is not there or has all of its bytes."""
    seen: list[str] = []
    real = os.write

    def watched(descriptor: int, body: bytes) -> int:
        folder = Path(settings.MEDIA_ROOT) / f"psp-{north.psp.pk}" / "print-files"
        for path in _files(folder):
            seen.append(path.name)
            if path.suffix == ".png" and ".preview" not in path.name:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        return real(descriptor, body[:100_000])

    monkeypatch.setattr(os, "write", watched)
    design = saved(north)
    assert render_next()
    assert reread(north, design).state == Design.State.READY


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
