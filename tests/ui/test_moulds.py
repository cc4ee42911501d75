"""Components that are rendered once and filled many times (pod_hub/ui/moulds.py), and drop-downs (pod_hub/ui/form_renderer.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from pytest_django import Settings

from pod_hub.ui.clock import moment
from pod_hub.ui.moulds import kept, poured
from pod_hub.ui.templatetags.ui import ago, copyable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVIL = "\"'><script>alert(1)</script>&%(text)s%s%%"


@pytest.fixture
def template(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A template of the test's own, by the name of piece.html."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    yield tmp_path / "piece.html"
    from pod_hub.ui import moulds

    for cache in (moulds._kept, moulds._mould):
        cache.cache_clear()


def test_a_mould_draws_what_the_template_would_have_drawn() -> None:
    first, second = copyable("302-1", href="/orders/a/"), copyable("302-2", href="/orders/b/")
    assert first.replace("302-1", "302-2").replace("/orders/a/", "/orders/b/") == second
    assert 'href="/orders/a/"' in first and 'aria-label="Copy 302-1"' in first


def test_whatever_is_poured_is_escaped_unless_it_is_safe() -> None:
    drawn = copyable(EVIL, href=EVIL)
    assert "<script" not in drawn and drawn.count("&lt;script&gt;") == 4
    assert "%(text)s%s%%" in drawn
    safe = poured("components/ago.html", {"words": mark_safe("<b>soon</b>")}, known=False)
    assert "<b>soon</b>" in safe and isinstance(safe, SafeString)


def test_a_safe_text_does_not_stand_in_for_an_equal_one_that_must_be_escaped() -> None:
    assert "<b>" in kept("components/status_badge.html", label=mark_safe("<b>x</b>"), tone="ok")
    assert "<b>" not in kept("components/status_badge.html", label="<b>x</b>", tone="ok")


@pytest.mark.parametrize(
    "asking", ["{% if hole %}yes{% endif %}", '{{ hole|default:"-" }}', "{% if not hole %}no{% endif %}", '{% if hole == "x" %}x{% endif %}']
)
def test_a_template_that_asks_about_a_hole_is_refused(template: Path, asking: str) -> None:
    template.write_text(asking + "{{ hole }}")
    with pytest.raises(TypeError, match="as a constant"):
        poured("piece.html", {"hole": "x"})


@pytest.mark.parametrize("changing", ["{{ hole|upper }}", "{{ hole|truncatechars:4 }}", "nothing of it", "{{ hole|slice:3 }} "])
def test_a_template_that_changes_a_hole_is_refused(template: Path, changing: str) -> None:
    template.write_text(changing)
    with pytest.raises(ValueError, match=r"piece\.html"):
        poured("piece.html", {"hole": "x"})


def test_a_mould_belongs_to_one_language(template: Path) -> None:
    template.write_text("{% get_current_language as language %}{{ language }} {{ hole }}")
    with translation.override("de"):
        assert poured("piece.html", {"hole": 1}) == "de 1"
    with translation.override("en"):
        assert poured("piece.html", {"hole": 2}) == "en 2"


@time_machine.travel(NOW, tick=False)
def test_moments_are_written_in_the_reader_s_time_zone() -> None:
    when = NOW - timedelta(hours=13, minutes=1)
    with timezone.override("Europe/Berlin"):
        assert moment(when).full == "28 Feb 2026, 23:59 CET" and moment(when).short == "28 Feb, 23:59"
    with timezone.override("UTC"):
        assert moment(when).full == "28 Feb 2026, 22:59 UTC" and moment(when).iso == "2026-02-28T22:59:00+00:00"
        assert ">13 hours ago<" in ago(when)


class Wish(forms.Form):
    """Every kind of drop-down."""

    plain = forms.ChoiceField(choices=[("", "Any <thing>"), ("a", "A & B"), ("b", EVIL)])
    grouped = forms.ChoiceField(choices=[("Warm", [("r", "Red")]), ("Cold", [("b", "Blue")]), ("x", "None")], required=False)
    many = forms.ChoiceField(choices=[(str(number), f"Number {number}") for number in range(150)], disabled=True)
    marked = forms.ChoiceField(choices=[("m", mark_safe("<b>bold</b>"))])
    some = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")])


@pytest.mark.parametrize("data", [None, {"plain": "b", "grouped": "b", "many": "77", "marked": "m", "some": ["a", "b"]}, {"plain": "lost"}])
@pytest.mark.parametrize("name", list(Wish.base_fields))
def test_drop_downs_are_the_ones_that_django_draws(data: dict[str, object] | None, name: str) -> None:
    ours, theirs = Wish(data)[name], Wish(data, renderer=DjangoTemplates())[name]
    assert parse_html(str(ours)) == parse_html(str(theirs))
