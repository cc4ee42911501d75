"""What the program that opens a file may take and do. Set in the process that does one job, just before it opens anything."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass

MOST_FILES = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take. ``wall_s`` is kept by whoever waits for it; the kernel keeps the others."""

    memory_mb: int
    cpu_s: int
    wall_s: float
    written_mb: int = 512


def confine(limits: Limits) -> None:
    """Bound memory, time and files of this process, and take away its ways to the network and to other programs. There is no way back."""
    _bound(resource.RLIMIT_AS, limits.memory_mb * 1024 * 1024)
    _bound(resource.RLIMIT_CPU, limits.cpu_s)
    _bound(resource.RLIMIT_FSIZE, limits.written_mb * 1024 * 1024)
    _bound(resource.RLIMIT_NOFILE, MOST_FILES)
    _bound(resource.RLIMIT_CORE, 0)
    _forbid_calls()


def _bound(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


# --- System calls that no picture needs -------------------------------------------------------------------------------
# Linux: a filter of the kernel (seccomp) answers them with EPERM. Elsewhere there is none, and the limits above stand alone; production runs Linux.
_CALLS = {
    "x86_64": (
        0xC000003E,
        {"socket": 41, "connect": 42, "execve": 59, "execveat": 322, "ptrace": 101, "fork": 57, "vfork": 58, "io_uring_setup": 425},
    ),
    "aarch64": (0xC00000B7, {"socket": 198, "connect": 203, "execve": 221, "execveat": 281, "ptrace": 117, "io_uring_setup": 425}),
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM = 1
_X32 = 0x40000000
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _forbid_calls() -> None:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _CALLS:
        return
    architecture, calls = _CALLS[machine]
    numbers = sorted(calls.values())
    steps = [_step(_LOAD, 4), _step(_EQUAL, architecture, yes=1), _step(_RETURN, _KILL), _step(_LOAD, 0)]
    steps += [_step(0x35, _X32, yes=len(numbers) + 1)]  # numbers of the other calling convention begin there: as forbidden as the named ones
    steps += [_step(_EQUAL, number, yes=len(numbers) - at) for at, number in enumerate(numbers)]
    steps += [_step(_RETURN, _ALLOW), _step(_RETURN, _ERROR | _EPERM)]
    code = ctypes.create_string_buffer(b"".join(steps))
    program = _Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0):
        # A kernel without filters; the limits hold all the same. Named on stderr, which the hub logs.
        print(f"no system call filter: {os.strerror(ctypes.get_errno())}", file=sys.stderr)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
