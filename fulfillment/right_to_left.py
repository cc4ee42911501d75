"""Setting Hebrew and Arabic on paper: reportlab draws characters from left to right and one by one, so both are put in order beforehand.

The part of Unicode's bidirectional algorithm (UAX 9) that plain text without control characters needs, and Arabic's joined letters by their
presentation forms, which Unicode lists and the embedded fonts hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

_RIGHT = frozenset({"R", "AL"})
_NUMBER = frozenset({"EN", "AN"})
_FORMS = ("isolated", "final", "initial", "medial")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def is_right_to_left(text: str) -> bool:
    """Return whether the text has any right-to-left letter."""
    return any(unicodedata.bidirectional(char) in _RIGHT for char in text)


def begins_right(text: str) -> bool:
    """Return whether the first letter with a direction runs to the left."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in _RIGHT or kind == "L":
            return kind != "L"
    return False


def visual_lines(text: str, *, fits: Callable[[str], bool]) -> list[str]:
    """Break a text into lines that fit and return each as it is drawn, from left to right."""
    rows: list[str] = []
    for paragraph in text.splitlines():
        row = ""
        for word in joined(paragraph).split(" "):
            longer = f"{row} {word}" if row else word
            if fits(longer):
                row = longer
                continue
            if row:
                rows.append(_drawn(row, paragraph))
            while not fits(word):
                cut = next((n for n in range(len(word) - 1, 1, -1) if fits(word[:n])), 1)
                rows.append(_drawn(word[:cut], paragraph))
                word = word[cut:]
            row = word
        rows.append(_drawn(row, paragraph))
    return rows


def _drawn(row: str, paragraph: str) -> str:
    """Put one line into the order in which it is drawn."""
    clusters: list[str] = []
    for char in row:
        if clusters and unicodedata.combining(char):
            clusters[-1] += char  # a mark stays behind its letter, whichever way the letter goes
        else:
            clusters.append(char)
    base = int(begins_right(paragraph))
    levels = _levels([unicodedata.bidirectional(cluster[0]) for cluster in clusters], base)
    drawn = [cluster.translate(_MIRRORED) if level % 2 else cluster for cluster, level in zip(clusters, levels, strict=True)]
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(drawn):
            end = start
            while end < len(drawn) and levels[end] >= level:
                end += 1
            drawn[start:end] = drawn[start:end][::-1]
            levels[start:end] = levels[start:end][::-1]
            start = end + 1
    return "".join(drawn)


def _with_signs_of_numbers(kinds: list[str]) -> list[str]:
    """Count a point between two digits, and a currency or percent sign beside one, to the number."""
    found = list(kinds)
    for place in range(1, len(found) - 1):
        if found[place] in {"CS", "ES"} and found[place - 1] == found[place + 1] == "EN":
            found[place] = "EN"
    for places in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        for place in places:
            if found[place] == "ET" and found[place - places.step] == "EN":
                found[place] = "EN"
    return found


def _levels(kinds: list[str], base: int) -> list[int]:
    """Return each character's embedding level: odd runs to the left."""
    strong = "R" if base else "L"
    resolved: list[str] = []
    for kind in _with_signs_of_numbers(kinds):
        if kind in _RIGHT or kind == "L":
            strong = "R" if kind in _RIGHT else "L"
            resolved.append(strong)
        elif kind in _NUMBER:
            resolved.append("N" if strong == "R" else "L")
        else:
            resolved.append("")
    for place, kind in enumerate(resolved):
        if not kind:
            before = next((one for one in reversed(resolved[:place]) if one), "R" if base else "L")
            after = next((one for one in resolved[place:] if one), "R" if base else "L")
            sides = {"R" if side == "N" else side for side in (before, after)}
            resolved[place] = sides.pop() if len(sides) == 1 else ("R" if base else "L")
    return [{"R": 1, "N": 2, "L": 2 * base}[kind] for kind in resolved]


@lru_cache(maxsize=1)
def _arabic() -> dict[str, dict[str, str]]:
    """Return {letter or pair: {form: presentation form}} from Unicode's own table."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        form, spelled = kind.strip("<>"), "".join(chr(int(letter, 16)) for letter in letters)
        # Of the ligatures only lam-alef is not a matter of taste.
        if form in _FORMS and (len(spelled) == 1 or (len(spelled) == 2 and spelled[0] == "\u0644" and code >= 0xFEF5)):
            forms.setdefault(spelled, {})[form] = chr(code)
    return forms


def joined(text: str) -> str:
    """Return the text with Arabic letters in the forms that join their neighbours."""
    forms = _arabic()
    letters: list[str] = []
    for char in text:
        if letters and letters[-1] + char in forms:
            letters[-1] += char
        else:
            letters.append(char)
    solid = [place for place, letter in enumerate(letters) if not unicodedata.combining(letter[0])]
    shown = list(letters)
    for rank, place in enumerate(solid):
        known = forms.get(letters[place])
        if known is None:
            continue
        before = forms.get(letters[solid[rank - 1]], {}) if rank else {}
        after = forms.get(letters[solid[rank + 1]], {}) if rank + 1 < len(solid) else {}
        from_right, to_left = "initial" in before and "final" in known, "final" in after and "initial" in known
        wanted = "medial" if from_right and to_left else "final" if from_right else "initial" if to_left else "isolated"
        shown[place] = known.get(wanted, letters[place])
    return "".join(shown)
