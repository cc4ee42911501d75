"""Become another program, tied to the process that asked for it.

A stand-alone script (``python -I -S launch.py TIES PROGRAM ARGS...``) and not a ``preexec_fn``: Python code between fork and exec is unsafe as
soon as the parent has threads. TIES is a JSON object:

``parent``          the pid of the supervisor; when it is gone already, nothing is started
``death_signal``    the signal the kernel sends when the supervisor dies in whatever way (Linux only; elsewhere the warden alone does this)
``user_namespace``  enter a new user namespace without any mapping: the program sees itself as ``nobody``, so a server that refuses to run as
                    root accepts it, while its files stay root's and a 0700 folder stays 0700
``user``            become this user instead (null: stay who we are)

Exit codes before the program runs: 125 the ties could not be made, 126 the program cannot be executed, 127 there is none.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
CANNOT_TIE, CANNOT_EXECUTE, NO_PROGRAM = 125, 126, 127


def _fail(code: int, text: str) -> NoReturn:
    print(f"launch: {text}", file=sys.stderr, flush=True)
    raise SystemExit(code)


def _call(name: str, *arguments: int) -> None:
    """Call a C function that returns -1 and sets errno on failure."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def become(ties: dict[str, object], argv: Sequence[str]) -> NoReturn:
    """Make the ties, then replace this process by ``argv``."""
    # A shell that starts us with "&" ignores SIGINT, and ignored signals survive exec: granian would then never stop.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        if ties.get("user_namespace"):
            _call("unshare", CLONE_NEWUSER)
        if ties.get("user"):
            account = pwd.getpwnam(str(ties["user"]))
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        # Last of the ties: a change of credentials clears the death signal.
        if sys.platform == "linux" and ties.get("death_signal"):
            _call("prctl", PR_SET_PDEATHSIG, int(str(ties["death_signal"])))
    except (OSError, KeyError, AttributeError) as error:
        _fail(CANNOT_TIE, str(error))
    if os.getppid() != ties["parent"]:
        _fail(CANNOT_TIE, "the supervisor is gone already")
    try:
        os.execvp(argv[0], list(argv))  # noqa: S606  exactly this is its work
    except FileNotFoundError:
        _fail(NO_PROGRAM, f"{argv[0]} does not exist")
    except OSError as error:
        _fail(CANNOT_EXECUTE, f"{argv[0]} cannot be executed: {error.strerror}")


if __name__ == "__main__":
    become(json.loads(sys.argv[1]), sys.argv[2:])
