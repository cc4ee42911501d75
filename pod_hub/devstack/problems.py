"""What can go wrong while the stack starts, said so that the reader can act on it."""

from __future__ import annotations


class StackProblem(Exception):
    """The stack cannot go on; the message says what happened, why, and what to do next. Shown without a traceback."""


class Interrupted(Exception):
    """Somebody asked the supervisor to stop (Ctrl-C, SIGTERM, a closed terminal)."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}")
        self.signal_number = signal_number
