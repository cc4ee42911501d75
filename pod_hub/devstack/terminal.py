"""Lines on the terminal: progress, other programs' output under their names, tables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95)
NAME_WIDTH = 14


class Terminal:
    """Writes whole lines. A closed terminal or pipe is no reason to stop: the log files have everything."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.coloured = self.out.isatty() and "NO_COLOR" not in os.environ
        self._colour_of: dict[str, int] = {}

    def line(self, text: str = "") -> None:
        """Print one line."""
        try:
            self.out.write(text + "\n")
            self.out.flush()
        except OSError:
            return

    def of(self, name: str, text: str) -> None:
        """Print one line that the program ``name`` wrote."""
        self.line(f"{self.paint(f'{name:<{NAME_WIDTH}}', self._colour(name))}| {text}")

    def paint(self, text: str, colour: int) -> str:
        """Return ``text`` in an ANSI colour, or unchanged when the terminal shows none."""
        return f"\033[{colour}m{text}\033[0m" if self.coloured else text

    def _colour(self, name: str) -> int:
        return self._colour_of.setdefault(name, COLOURS[len(self._colour_of) % len(COLOURS)])

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announce a step, then say how many seconds it took."""
        self.line(f"  {text} ...")
        began = time.monotonic()
        yield
        self.line(f"  {text}: {self.paint('done', 32)} in {time.monotonic() - began:.1f} s")

    def table(self, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print ``rows`` under ``heading`` in columns."""
        widths = [max(len(row[index]) for row in (heading, *rows)) for index in range(len(heading))]
        for row in (heading, ["-" * width for width in widths], *rows):
            self.line("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
