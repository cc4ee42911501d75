"""Running callables in threads at the same moment, each on a database connection of its own, as workers do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

WITHIN_S = 60
Result = TypeVar("Result")


def together(*jobs: Callable[[], Result]) -> list[Result | BaseException]:
    """Start all jobs at one moment; return their results in order, or what they raised. A deadlock shows as the database's error."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result | BaseException:
        try:
            barrier.wait(WITHIN_S)
            return job()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(WITHIN_S) for future in [pool.submit(run, job) for job in jobs]]


def raised(results: Sequence[object]) -> list[BaseException]:
    """Return what went wrong."""
    return [result for result in results if isinstance(result, BaseException)]
