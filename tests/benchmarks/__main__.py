"""``python -m pod_hub.devstack bench [a b c d e f g h] [--quick] [--write]``: measure, print, and with ``--write`` renew docs/performance.md."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from datetime import UTC, datetime

import django

from tests.benchmarks.measure import Result

# c and e want a million orders in the database and share them; what is measured beside an empty one runs before.
BENCHES = {"a": "intake", "b": "calls", "d": "fleet", "f": "print_files", "g": "catalogue", "h": "bulk", "c": "lists", "e": "memory"}


def main(arguments: list[str]) -> int:
    """Run the chosen benchmarks; 1 when a goal that holds now was missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("chosen", nargs="*", choices=[[], *sorted(BENCHES)], metavar="a b c d e f g h")
    parser.add_argument("--quick", action="store_true", help="a small dose, to see that a benchmark works; its figures mean little")
    parser.add_argument("--write", action="store_true", help="renew the figures in docs/performance.md")
    told = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pod_hub.settings")
    django.setup()
    logging.disable(logging.INFO)  # a line a request, on this terminal, would be measured too
    from tests.benchmarks.report import write_report

    results: dict[str, Result] = {}
    for letter, module in BENCHES.items():
        if told.chosen and letter not in told.chosen:
            continue
        bench = importlib.import_module(f"tests.benchmarks.{module}")
        print(f"\n({letter}) {bench.TITLE}", flush=True)
        results[letter] = Result(bench.TITLE)
        bench.run(results[letter], quick=told.quick)
        if told.write:  # at once: a later one that is interrupted takes nothing away
            write_report({letter: results[letter]}, moment=datetime.now(UTC), quick=told.quick)
    return 1 if any(not met for result in results.values() for _what, _found, met in result.goals) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
