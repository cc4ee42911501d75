"""The left navigation (pod_hub/ui/navigation.py) and the frame's context (pod_hub/ui/context.py)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from pytest_django import Settings

from orders.order_list import VIEWS
from pod_hub.ui.context import chrome
from pod_hub.ui.navigation import DASHBOARD, PORTAL, Link, links


@pytest.fixture(autouse=True)
def _few_pages(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.ui.urls"


def _drawn(path: str, **badges: int) -> list[Link]:
    return [link for group in links(DASHBOARD, path=path, badges=badges) for link in group.links]


def test_pages_that_do_not_exist_yet_are_left_out_with_their_empty_sections() -> None:
    assert [link.href for link in _drawn("/")] == ["/stores/", "/orders/", "/orders/attention/"]
    assert all(group.links for group in links(DASHBOARD, path="/"))
    assert [link.href for group in links(PORTAL, path="/") for link in group.links] == ["/stores/"]


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/orders/", ["/orders/"]),
        ("/orders/028-1/edit/", ["/orders/"]),
        ("/orders/attention/", ["/orders/attention/"]),
        ("/stores", []),
        ("/storeship/", []),
        ("/", []),
    ],
)
def test_longest_matching_address_is_the_active_one(path: str, active: list[str]) -> None:
    assert [link.href for link in _drawn(path) if link.active] == active


def test_badge_numbers_stand_beside_their_entry_only() -> None:
    assert {link.href: link.count for link in _drawn("/", attention=12)} == {"/stores/": 0, "/orders/": 0, "/orders/attention/": 12}


def test_a_number_says_what_it_counts_and_the_tab_of_the_list_has_another_name() -> None:
    groups = links(DASHBOARD, path="/", badges={"attention": 12})
    drawn = render_to_string("layouts/_navigation.html", {"groups": groups})
    assert 'title="12 matters wait for a person; an order may have several"' in drawn
    assert '12<span class="visually-hidden"> matters wait for a person; an order may have several</span>' in drawn
    entries = {str(entry.label) for section in DASHBOARD for entry in section.entries}
    assert not entries & {str(label) for label, _condition in VIEWS.values()}, "two things that are counted apart are called apart"


def test_shortcut_letters_are_not_given_twice() -> None:
    for table in (DASHBOARD, PORTAL):
        keys = [entry.key for section in table for entry in section.entries if entry.key]
        assert len(keys) == len(set(keys))


def test_frame_for_nobody_names_the_hub_and_no_person(rf: RequestFactory) -> None:
    request = rf.get("/")
    assert (chrome(request)["chrome"].brand, chrome(request)["chrome"].person) == ("Pod Hub", "")
    request.user = AnonymousUser()
    assert chrome(request)["chrome"].person == ""


def test_frame_names_psp_customer_and_person(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=True, get_full_name=lambda: "", email="ada@example.test")  # type: ignore[assignment]
    request.membership = SimpleNamespace(psp=SimpleNamespace(name="Northprint"), customer=SimpleNamespace(name="Ada"), facility=None)  # type: ignore[attr-defined]
    frame = chrome(request)["chrome"]
    assert (frame.brand, frame.place, frame.person) == ("Northprint", "Ada", "ada@example.test")


def test_frame_never_fetches_a_row_that_is_not_loaded(rf: RequestFactory) -> None:
    class Membership:
        _state = SimpleNamespace(fields_cache={})

        @property
        def psp(self) -> object:
            raise AssertionError("this would be a query")

        customer = facility = psp

    request = rf.get("/")
    request.membership = Membership()  # type: ignore[attr-defined]
    assert (chrome(request)["chrome"].brand, chrome(request)["chrome"].place) == ("Pod Hub", "")
