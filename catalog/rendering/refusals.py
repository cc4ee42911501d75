"""Why a file cannot be used, as a code with values; the sentence for people stands in ``catalog.services.preflight``."""

from __future__ import annotations


class Refused(Exception):
    """The file cannot be used. ``code`` names the reason in ``catalog.services.preflight.REFUSALS``."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code, self.values = code, values
