"""Hebrew and Arabic in the order in which they are drawn (fulfillment/right_to_left.py)."""

from __future__ import annotations

import pytest

from fulfillment.right_to_left import begins_right, is_right_to_left, joined, visual_lines


def drawn(text: str) -> list[str]:
    return visual_lines(text, fits=lambda row: len(row) <= 40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("שלום", "םולש"),
        ("שלום Anna Müller, 2026", "Anna Müller, 2026 םולש"),
        ("Anna says שלום עולם!", "Anna says םלוע םולש!"),
        ("מחיר 12.50 (חדש)", "(שדח) 12.50 ריחמ"),
        ("מחיר 1,250 € ו-5%", "5%-ו € 1,250 ריחמ"),
        ("12 שדרות", "תורדש 12"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_line_is_put_into_the_order_of_drawing(text: str, shown: str) -> None:
    assert drawn(text) == ([shown] if text else [])


def test_a_mark_stays_behind_its_letter() -> None:
    assert drawn("שָׁלוֹם") == ["םוֹלשָׁ"]


def test_arabic_letters_join_and_lam_alef_is_one() -> None:
    assert [f"{ord(char):04X}" for char in joined("سلام")] == ["FEB3", "FEFC", "FEE1"]
    assert [f"{ord(char):04X}" for char in joined("بيت")] == ["FE91", "FEF4", "FE96"]
    assert joined("Köln 2026") == "Köln 2026"


def test_lines_are_broken_before_they_are_turned() -> None:
    text = "אחת שתיים שלוש ארבע חמש שש"
    rows = visual_lines(text, fits=lambda row: len(row) <= 10)
    assert all(len(row) <= 10 for row in rows)
    assert " ".join(row[::-1] for row in rows) == text
    assert visual_lines("א" * 25, fits=lambda row: len(row) <= 10) == ["א" * 10, "א" * 10, "א" * 5]


def test_direction_is_known_by_letters() -> None:
    assert is_right_to_left("Anna שלום") and not is_right_to_left("Köln 12")
    assert begins_right("12 שלום") and not begins_right("Anna שלום") and not begins_right("12")
