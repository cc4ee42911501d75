"""``python -m pod_hub.devstack COMMAND``: the programs behind the Makefile."""

from __future__ import annotations

import os
import sys

from pod_hub.devstack.commands import COMMANDS
from pod_hub.devstack.problems import Interrupted, StackProblem

USAGE, PROBLEM, INTERRUPTED = 2, 1, 128


def main(argv: list[str]) -> int:
    """Run one command and return its exit code: 1 with a message when it cannot go on, 128 + signal when it was interrupted."""
    if not argv or argv[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        lines = [f"  {name:<{width}}  {(run.__doc__ or '').splitlines()[0]}" for name, run in COMMANDS.items()]
        print("usage: python -m pod_hub.devstack COMMAND [ARGUMENTS]\n\n" + "\n".join(lines), file=sys.stderr)
        return USAGE
    try:
        return COMMANDS[argv[0]](os.environ, argv[1:])
    except StackProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return PROBLEM
    except Interrupted as interrupted:
        return INTERRUPTED + interrupted.signal_number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
