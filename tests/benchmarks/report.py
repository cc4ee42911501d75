"""Writing figures into docs/performance.md, between two marks and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tests.benchmarks.measure import Result, machine, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def write_report(results: Mapping[str, Result], *, moment: datetime, quick: bool) -> None:
    """Replace the section of each benchmark that was run; those that were not keep theirs."""
    text = PAGE.read_text()
    for letter, result in results.items():
        begin, end = f"<!-- figures {letter} -->", f"<!-- end of figures {letter} -->"
        if begin not in text:
            raise SystemExit(f"{PAGE.name} has no place for ({letter}): add the lines {begin} and {end}.")
        section = _section(letter, result, moment=moment, quick=quick)
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _match, s=f"{begin}\n{section}\n{end}": s, text, flags=re.DOTALL)  # type: ignore[misc]
    PAGE.write_text(text)
    print(f"\nThe figures stand in docs/{PAGE.name}.")


def _section(letter: str, result: Result, *, moment: datetime, quick: bool) -> str:
    command = f'`make bench ARGS="{letter}{" --quick" if quick else ""}"`'
    parts = [f"{command}, {moment:%d %B %Y}, {machine()}.", "", table(result.figures, ["Measured", "Median (least to most)"])]
    if result.goals:
        parts += ["", table([(what, found, "yes" if met else "**no**") for what, found, met in result.goals], ["Goal", "Found", "Met"])]
    parts += [f"\n{remark}" for remark in result.remarks]
    return "\n".join(parts)
