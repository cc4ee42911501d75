"""The design system's template tags (pod_hub/ui/templatetags/ui.py) as a page uses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django import forms
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from pytest_django import Settings

from pod_hub.ui import views
from pod_hub.ui.clock import deadline, relative, span
from pod_hub.ui.look import Look, Tone
from pod_hub.ui.toasts import with_toast

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draw(source: str, **context: Any) -> str:
    """Render a piece of template and fold its white space."""
    return re.sub(r"\s+", " ", engines["django"].from_string(source).render(context)).strip()


class Person(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the parcel.")
    size = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    agreed = forms.BooleanField(required=False)


def test_icon_without_label_is_decoration_and_with_label_is_announced() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "truck" %}')
    announced = draw('{% icon "truck" label="Shipped" %}')
    assert 'role="img" aria-label="Shipped"' in announced
    assert "sprite.svg#truck" in announced


def test_status_badge_takes_a_look_or_single_arguments() -> None:
    from_look = draw("{% status_badge look %}", look=Look("Printing", Tone.ACTIVE, "printer"))
    assert "tone-active" in from_look and "Printing" in from_look and "#printer" in from_look
    assert draw('{% status_badge "Late" tone="bad" href="/x/" %}').startswith('<a class="hub-badge tone-bad" href="/x/">')


def test_unknown_tone_is_refused() -> None:
    with pytest.raises(ValueError, match="pink"):
        draw('{% status_badge "Late" tone="pink" %}')


def test_text_from_people_is_escaped_everywhere() -> None:
    evil = '"><script>alert(1)</script>'
    source = """{% fragment as actions %}{{ evil }}{% endfragment %}{% panel evil actions=actions %}{{ evil }}{% endpanel %}
    {% button evil href=evil hx_get=evil %}{% post_button evil evil %}{% copyable evil %}{% status_badge evil %}{% kv evil evil %}{% avatar evil %}
    {% table evil %}{% endtable %}{% menu evil %}{{ evil }}{% endmenu %}{% confirm id="c" title=evil trigger=evil action=evil %}{{ evil }}{% endconfirm %}
    {% timeline entries %}{% kv_block evil %}{{ evil }}{% endkv_block %}{% crumb evil evil %}{% filters target=evil %}{% endfilters %}
    {% include "components/notice.html" with title=evil text=evil detail=evil %}{% include "components/file_card.html" with name=evil facts=evil %}"""
    drawn = draw(source, evil=evil, entries=[SimpleNamespace(at=NOW, text=evil, detail=evil, actor=evil)])
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


def test_panel_keeps_markup_of_its_body_and_slots() -> None:
    drawn = draw("{% fragment as actions %}<b>do</b>{% endfragment %}{% panel 'Facts' actions=actions flush=True %}<i>body</i>{% endpanel %}")
    assert "<h2>Facts</h2>" in drawn and "<b>do</b>" in drawn and "<i>body</i>" in drawn and "is-flush" in drawn


def test_nested_panels_keep_their_own_slots() -> None:
    drawn = draw("{% fragment as a %}outer{% endfragment %}{% panel 'O' actions=a %}{% panel 'I' %}x{% endpanel %}{% endpanel %}")
    assert drawn.count("outer") == 1


def test_field_ties_help_and_error_to_its_widget() -> None:
    drawn = draw("{% field form.name %}", form=Person({}))
    assert 'for="id_name"' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn and 'aria-invalid="true"' in drawn
    assert 'id="id_name_helptext"' in drawn and 'id="id_name_error"' in drawn and "This field is required." in drawn


def test_choices_become_a_fieldset_and_a_tick_stands_before_its_label() -> None:
    group = draw("{% field form.size %}", form=Person({}))
    assert group.startswith("<fieldset") and 'aria-describedby="id_size_error"' in group and "<legend>Size</legend>" in group
    tick = draw("{% field form.agreed %}", form=Person())
    assert tick.index("<input") < tick.index("<label")


def test_compact_field_keeps_its_label_for_screen_readers() -> None:
    drawn = draw('{% field form.name compact=True placeholder="Who?" %}', form=Person())
    assert '<label for="id_name" class="visually-hidden">' in drawn and 'placeholder="Who?"' in drawn


def test_filters_are_a_plain_get_form_that_htmx_may_enhance() -> None:
    drawn = draw('{% filters target="#rows" clear="/orders/" active=True %}<input name="q">{% endfilters %}')
    assert 'method="get"' in drawn and 'type="submit"' in drawn
    assert 'hx-push-url="true"' in drawn and 'hx-target="#rows"' in drawn and 'href="/orders/"' in drawn
    assert "hx-" not in draw("{% filters %}{% endfilters %}").replace("htmx-", "")


def test_changing_buttons_post_with_the_token_in_a_form_of_their_own() -> None:
    drawn = draw('{% post_button "Import now" "/poll/" hx_post="/poll/" name="go" value="1" %}', csrf_token="TOKEN")
    assert 'method="post" action="/poll/" hx-post="/poll/"' in drawn and 'value="TOKEN"' in drawn and 'name="go" value="1"' in drawn


def test_confirm_posts_from_a_dialog_and_can_fall_back_to_a_page() -> None:
    drawn = draw('{% confirm id="c" title="Sure?" trigger="Cancel" action="/x/" page="/x/ask/" %}Why{% endconfirm %}', csrf_token="TOKEN")
    assert '<dialog class="hub-dialog" id="c" aria-labelledby="c-title">' in drawn and 'value="TOKEN"' in drawn
    assert '<a class="btn" href="/x/ask/" data-dialog="c">' in drawn
    assert 'command="show-modal" commandfor="d"' in draw('{% confirm id="d" title="Sure?" trigger="Cancel" action="/x/" %}{% endconfirm %}')


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1248.5", "EUR", "1,248.50"),
        ("2980", "JPY", "2,980"),
        ("0.125", "USD", "0.125"),
        ("0", "GBP", "0.00"),
        ("-3", "EUR", "-3.00"),
        ("100", "EUR", "100.00"),
    ],
)
def test_money_has_the_digits_of_its_currency_and_loses_none(amount: str, currency: str, shown: str) -> None:
    assert (
        draw("{% money amount currency %}", amount=Decimal(amount), currency=currency)
        == f'<span class="hub-money">{shown} <abbr>{currency}</abbr></span>'
    )


def test_money_takes_one_object_and_shows_a_dash_for_nothing() -> None:
    assert "7.00" in draw("{% money price %}", price=SimpleNamespace(amount=Decimal(7), currency="EUR"))
    assert "–" in draw("{% money price %}", price=None)


def test_money_follows_the_reader_s_number_format() -> None:
    with translation.override("de"):
        assert "1.248,50" in draw("{% money amount 'EUR' %}", amount=Decimal("1248.5"))


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(days=3), "3 days left", Tone.OK),
        (timedelta(hours=47), "47 hours left", Tone.OK),
        (timedelta(hours=12), "12 hours left", Tone.WARN),
        (timedelta(minutes=1), "1 minute left", Tone.WARN),
        (timedelta(0), "0 minutes left", Tone.WARN),
        (timedelta(minutes=-119), "119 minutes late", Tone.BAD),
    ],
)
def test_deadline_says_how_long_is_left_and_how_serious_that_is(left: timedelta, words: str, tone: Tone) -> None:
    judged = deadline(NOW + left, now=NOW)
    assert (judged.words, judged.tone) == (words, tone)


def test_relative_time_in_both_directions() -> None:
    assert relative(NOW - timedelta(seconds=20), now=NOW) == "just now"
    assert relative(NOW - timedelta(minutes=5), now=NOW) == "5 minutes ago"
    assert relative(NOW + timedelta(hours=3), now=NOW) == "in 3 hours"
    assert span(timedelta(hours=1)) == "60 minutes"


@time_machine.travel(NOW, tick=False)
def test_ship_by_clock_stands_still_when_done() -> None:
    assert "data-clock" in draw("{% ship_by when %}", when=NOW + timedelta(hours=1))
    assert "data-clock" not in draw("{% ship_by when done=True %}", when=NOW + timedelta(hours=1))
    assert "No deadline" in draw("{% ship_by None %}")


def test_avatar_keeps_its_colour_and_survives_odd_names() -> None:
    assert draw('{% avatar "Ada Lovelace" %}') == draw('{% avatar "Ada Lovelace" %}')
    assert ">AL<" in draw('{% avatar "Ada Lovelace" %}')
    assert ">?<" in draw('{% avatar "" %}') and ">?<" in draw('{% avatar "–" %}')


def test_pagination_disables_the_ends_and_says_how_many() -> None:
    drawn = draw('{% pagination older="?after=9" shown=50 total="1,000+" %}')
    assert 'rel="next" href="?after=9"' in drawn and 'rel="prev"' not in drawn and "50 of 1,000+" in drawn
    assert draw("{% pagination %}") == ""


def test_progress_polls_until_finished() -> None:
    source = '{% include "components/progress.html" with id="p" label="Sync" value=3 max=9 text="3 of 9" poll=poll %}'
    assert 'hx-trigger="every 2s"' in draw(source, poll="/p/")
    assert "hx-" not in draw(source, poll="")


def test_withheld_address_says_that_it_will_come_by_itself() -> None:
    assert "arrives by itself" in draw('{% include "components/address.html" %}', address=None)


def test_toast_travels_in_the_answer_s_header() -> None:
    answer = with_toast(HttpResponse(), "Order released", tone=Tone.OK)
    assert answer["HX-Trigger"] == '{"toast": {"text": "Order released", "tone": "ok"}}'


@pytest.mark.parametrize("layout", ["dashboard", "portal"])
def test_styleguide_draws_every_component_for_anybody(rf: RequestFactory, settings: Settings, layout: str) -> None:
    settings.ROOT_URLCONF = "tests.ui.urls"
    answer = views.styleguide(rf.get("/styleguide/", {"layout": layout}))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1") == 1 and page.count("<main") == 1
    assert "{%" not in page and "{#" not in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [name for name in ids if ids.count(name) > 1 and not name.startswith("id_")] == []


@pytest.mark.parametrize("page", ["403", "403_csrf", "404", "500", "503"])
def test_error_page_needs_no_request_and_offers_a_way_on(page: str) -> None:
    drawn = engines["django"].get_template(f"{page}.html").render()
    assert 'class="btn btn-primary"' in drawn and drawn.count("<h1") == 1
