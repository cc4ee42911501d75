"""The program beside the hub that opens people's files: ``python -m catalog.rendering.program``, started by ``workshop``.

It imports its libraries once and opens nothing itself. Each job runs in a process forked for it alone and confined before it opens the file: what a
file does to that process ends with it, and the next customer's job starts from the same clean state. Talks in lines of JSON.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pyvips
import resvg_py
import uharfbuzz

from catalog.rendering import drawing, looking, mockups
from catalog.rendering.confining import Limits, confine
from catalog.rendering.refusals import Refused

LOADED = (pikepdf, pypdfium2, resvg_py, uharfbuzz)  # by the program, so that its jobs need not
JOBS: dict[str, Callable[..., dict[str, Any]]] = {"look": looking.look_at, "draw": drawing.draw, "mock_up": mockups.mock_up}
_OUT_OF_MEMORY = ("out of memory", "insufficient memory", "memory allocation", "unable to malloc", "unable to allocate", "creating thread")


def main() -> None:
    """Do one job after another until the hub closes its end."""
    _calm_vips()
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the hub, which then closes our input
    for line in iter(jobs.readline, b""):
        job = json.loads(line)
        answer = _in_a_process_of_its_own(job["name"], job["arguments"], Limits(**job["limits"]))
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _calm_vips() -> None:
    """No cache between jobs, which have no between, and no loader but those of our file types."""
    pyvips.cache_set_max(0)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in ("VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadVips", "VipsForeignLoadSvg", "VipsForeignLoadRaw"):
        pyvips.operation_block_set(loader, False)


def _in_a_process_of_its_own(name: str, arguments: dict[str, Any], limits: Limits) -> dict[str, Any]:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        # Whatever happens, this process goes no further than here: below, it would take itself for the program that waits for it.
        try:
            os.setpgid(0, 0)
            os.close(ours)
            _do(name, arguments, limits, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    told, in_time = _listen(ours, time.monotonic() + limits.wall_s)
    os.close(ours)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _pid, status, used = os.wait4(child, 0)
    facts = {"peak_mb": used.ru_maxrss // (1024 if sys.platform == "linux" else 1024 * 1024), "cpu_s": round(used.ru_utime + used.ru_stime, 3)}
    if in_time and told and os.waitstatus_to_exitcode(status) == 0:
        answer: dict[str, Any] = json.loads(told)
        return answer | facts
    why = "time" if not in_time or -os.waitstatus_to_exitcode(status) == signal.SIGXCPU else "crash"
    return {"died": why, "status": os.waitstatus_to_exitcode(status)} | facts


def _listen(pipe: int, until: float) -> tuple[bytes, bool]:
    """Read what the job tells until it ends, its time is over, or the hub is gone."""
    parts: list[bytes] = []
    while (left := until - time.monotonic()) > 0:
        ready, _writable, _broken = select.select([pipe, 0], [], [], left)
        if pipe in ready:
            part = os.read(pipe, 65_536)
            if not part:
                return b"".join(parts), True
            parts.append(part)
        elif ready:
            return b"", False  # nobody asks while a job runs: the hub's end was closed
    return b"", False


def _do(name: str, arguments: dict[str, Any], limits: Limits, pipe: int) -> None:
    """Do the job, tell what came of it and end this process."""
    status = 0
    answer: dict[str, Any]
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        confine(limits)
        answer = {"done": JOBS[name](**arguments)}
    except Refused as error:
        answer = {"refused": error.code, "values": error.values}
    except MemoryError:
        answer = {"died": "memory"}
    except pyvips.Error as error:
        answer = {"died": "memory"} if any(words in str(error).lower() for words in _OUT_OF_MEMORY) else {"refused": "damaged", "values": {}}
    except BaseException:  # noqa: BLE001 - a job's process has nothing behind it that could handle this
        traceback.print_exc()
        answer, status = {}, 1
    try:
        os.write(pipe, json.dumps(answer).encode())
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
