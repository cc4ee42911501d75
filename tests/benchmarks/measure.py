"""Repeating, comparing and printing: the parts that every benchmark shares."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """Repeated measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def text(self, form: str = "{:,.0f}") -> str:
        """Return "median (least to most)"."""
        return f"{form.format(self.median)} ({form.format(min(self.values))} to {form.format(max(self.values))})"

    def per(self, other: Series) -> Series:
        """Return the ratios to another series, repeat by repeat: what was measured side by side is compared side by side."""
        return Series(tuple(one / two for one, two in zip(self.values, other.values, strict=True)))


@dataclass(slots=True)
class Result:
    """What one benchmark found: figures in the order in which they are shown, goals with whether they were met, and remarks."""

    title: str
    figures: list[tuple[str, str]] = field(default_factory=list)
    goals: list[tuple[str, str, bool]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def figure(self, what: str, found: str) -> None:
        """Add one line of the table."""
        self.figures.append((what, found))
        print(f"  {what}: {found}", flush=True)

    def goal(self, what: str, found: str, *, met: bool) -> None:
        """Add one goal with what was found."""
        self.goals.append((what, found, met))
        print(f"  {'met    ' if met else 'NOT MET'}  {what}: {found}", flush=True)


def side_by_side(ways: dict[str, Callable[[], float]], *, repeats: int = REPEATS) -> dict[str, Series]:
    """Run each way once a round, in turns, and return what each call returned, one series a way."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(repeats):
        # Every second round backwards, so that nobody always runs in another's wake.
        for name in list(ways) if number % 2 == 0 else reversed(list(ways)):
            found[name].append(ways[name]())
    return {name: Series(tuple(values)) for name, values in found.items()}


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """Say on what this was measured."""
    try:
        with open("/proc/meminfo") as lines:  # noqa: PTH123 - a file of the kernel
            memory_gb = int(lines.readline().split()[1]) / 1024 / 1024
    except OSError:
        memory_gb = 0
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def table(rows: Iterable[Sequence[str]], heads: Sequence[str]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _head in heads) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
