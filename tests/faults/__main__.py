"""``python -m tests.faults``: play cells of the fault matrix on the stack that ``python -m pod_hub.devstack faults`` has started."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from tests.faults.alone import Outcome
    from tests.faults.marketplace import Marketplace

HEADING = (
    "cell", "over", "fault", "dose", "seed", "orders", "lost", "doubled", "lines missing", "pushed twice", "forgotten", "recovery p50/p99 s", "s", "verdict",
)  # fmt: skip


def cells() -> dict[str, tuple[str, bool, Callable[..., Outcome], Mapping[str, Any], Mapping[str, Any]]]:
    """Return name → (fault, needs workers, cell, short dose, full dose)."""
    from tests.faults import alone, crowd, dead_seller, lost_database, notices

    return {
        "F1": ("workers killed", True, crowd.kill_workers, {"orders": 60, "sellers": 4, "kills": 8}, {"orders": 10_000, "sellers": 40, "kills": 200}),
        "F2": ("death at a named point", False, alone.crash_at_every_point, {"times": 1}, {"times": 25}),
        "F3": (
            "broker lost",
            True,
            crowd.lose_the_broker,
            {"orders": 30, "kills": 2, "flushes": 1, "hang_s": 4},
            {"orders": 400, "kills": 20, "flushes": 5, "hang_s": 120},
        ),
        "F4": (
            "database lost",
            True,
            lost_database.lose_the_database,
            {"orders": 30, "restarts": 2, "backends": 3},
            {"orders": 400, "restarts": 20, "backends": 200},
        ),
        "F5": (
            "schedulers lost",
            True,
            crowd.kill_schedulers,
            {"orders": 20, "sellers": 6, "kills": 4, "freeze_s": 6},
            {"orders": 200, "sellers": 500, "kills": 50, "freeze_s": 300},
        ),
        "F5-frozen": ("worker frozen past its lease", False, alone.freeze_and_overtake, {"times": 1}, {"times": 10}),
        "F6": ("answer lost", True, crowd.lose_answers, {"orders": 40}, {"orders": 1000}),
        "F8": ("quota cut to a quarter", True, crowd.cut_buckets, {"orders": 30, "seconds": 15}, {"orders": 300, "seconds": 30}),
        "F9": (
            "one dead seller",
            True,
            dead_seller.one_dead_seller,
            {"orders": 40, "sellers": 5, "minutes": 6},
            {"orders": 400, "sellers": 200, "minutes": 30},
        ),
        "F12": ("poison", True, crowd.poison, {"orders": 30}, {"orders": 1000}),
        "F13": ("clocks differ", True, crowd.skew_clocks, {"orders": 24}, {"orders": 3000}),
        "F14": ("lists shift", True, crowd.shift_pages, {"rounds": 4}, {"rounds": 40}),
        "F19": ("one order by four roads", False, alone.meet_on_many_roads, {"races": 40}, {"races": 10_000, "together_each": 50}),
        "F21": ("webhooks muddled", True, notices.muddle_webhooks, {"orders": 30}, {"orders": 1000}),
        "F20": ("cancel, print and ship at once", False, alone.cancel_while_shipping, {"orders": 24}, {"orders": 1000}),
    }


# What two cores and a quarter of an hour allow, between the short dose and the matrix's own.
LONG: Mapping[str, Mapping[str, Any]] = {
    "F1": {"orders": 1_000, "sellers": 8, "kills": 200},
    "F2": {"times": 2},
    "F6": {"orders": 1_000},
    "F19": {"races": 1_000, "together_each": 25},
    "F20": {"orders": 240, "together_each": 12},
}


# Cells that are played over other marketplaces than Amazon alone; docs/faults.md says why the others are not.
OVER: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("F1", "F2", "F3", "F6", "F19", "F20"), ("amazon", "tiktok")),
    "F21": ("tiktok",),
}


def main(argv: Sequence[str]) -> int:
    """Play the chosen cells of one phase, add their rows to the results, print the table; 1 when a cell failed."""
    parser = argparse.ArgumentParser(prog="python -m pod_hub.devstack faults")
    parser.add_argument("cells", nargs="*")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--dose", choices=["short", "long", "full"], default="short")
    parser.add_argument("--over", nargs="*", default=[], help="these marketplaces alone")
    parser.add_argument("--workers", choices=["yes", "no"], required=True, help="whether workers and beats run beside us")
    parser.add_argument("--leave-out", nargs="*", default=[], help="cells that are played elsewhere, at another pace")
    given = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pod_hub.settings")
    django.setup()
    logging.disable(logging.WARNING)  # children and threads of ours do what workers do, and would say so between the cells

    from tests.faults import mutations  # noqa: F401 - importing it takes out the guard that the environment names
    from tests.faults.amazon import Amazon
    from tests.faults.tiktok import TikTok

    known = cells()
    markets: dict[str, Marketplace] = {"amazon": Amazon(os.environ["IMITATION_URL"]), "tiktok": TikTok(os.environ["TIKTOK_IMITATION_URL"])}
    file = Path(os.environ["FAULT_RESULTS"])
    rows: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    for name in given.cells or known:
        fault, needs_workers, play, short, full = known[name]
        if needs_workers != (given.workers == "yes") or name in given.leave_out:
            continue
        dose = dict({"short": short, "long": LONG.get(name, short), "full": full}[given.dose])
        if os.environ.get("FAULT_POINTS") and name in {"F2", "F5-frozen"}:
            dose["points"] = os.environ["FAULT_POINTS"].split(",")
        for over in OVER.get(name, ("amazon",)):
            if not given.over or over in given.over:
                rows.append(_play(markets[over], name, fault, play, dose, given.seed))
                file.write_text(json.dumps(rows))
    return 1 if any(row["verdict"] != "held" for row in rows) else 0


def _play(market: Marketplace, name: str, fault: str, play: Callable[..., Outcome], dose: Mapping[str, Any], seed: int) -> dict[str, Any]:
    print(f"\n{name} over {market.KIND.label}: {fault} ...", flush=True)
    began = time.monotonic()
    row: dict[str, Any] = dict.fromkeys(HEADING, "") | {"cell": name, "over": str(market.KIND.label), "fault": fault, "seed": seed}
    try:
        outcome = play(market, seed=seed, **dose)
    except Exception:  # noqa: BLE001 - a cell that breaks is a cell that fails, and the others still run
        traceback.print_exc()
        market.behave()
        return row | {"verdict": "BROKE", "s": round(time.monotonic() - began)}
    verdict = outcome.verdict
    for note in outcome.notes:
        print(f"    {note}")
    for problem in verdict.problems[:12]:
        print(f"    ! {problem}")
    if len(verdict.problems) > 12:
        print(f"    ! and {len(verdict.problems) - 12} more")
    took = time.monotonic() - began
    print(f"    {outcome.dose}; {took:.0f} s: {'FAILED' if verdict.problems else 'held'}", flush=True)
    waits = sorted(verdict.recoveries)
    return row | {
        "dose": outcome.dose,
        "orders": verdict.orders,
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "lines missing": verdict.lines_missing,
        "pushed twice": verdict.pushed_twice + verdict.told_again,
        "forgotten": verdict.forgotten,
        "recovery p50/p99 s": f"{waits[len(waits) // 2]:.1f} / {waits[min(len(waits) - 1, int(len(waits) * 0.99))]:.1f}" if waits else "",
        "s": round(took),
        "verdict": "FAILED" if verdict.problems else "held",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
