"""The table of the hub's own programs: what `make demo` and `make journey` start, with which arguments, and when each is ready."""

from __future__ import annotations

import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pod_hub.devstack import ports
from pod_hub.devstack.layout import CHECKOUT, Layout
from pod_hub.devstack.supervisor import Program

# worker -> its queues. Together these are the queues of pod_hub.celery.QUEUES, which a test compares: slow file work and pushes to a slow
# channel must not hold up polling, nor a merchant's slow server the drawing of print files. Production runs one worker for each queue (docker-compose.yml).
WORKERS: dict[str, tuple[str, ...]] = {
    "worker-poll": ("poll",),
    "worker-intake": ("intake", "default"),
    "worker-output": ("push", "files"),
    "worker-fetch": ("fetch",),
}
WORKER_PROCESSES = 2
POLL_THREADS = 16
# What a worker says of each message: every few seconds one asks for due rows and finds none.
ROUTINE = re.compile(r"^$| INFO celery\.(worker\.strategy|app\.trace) Task \S+ (received|succeeded)")
MAILBOX_ROUTINE = re.compile(r'"GET /')  # a line for each page that somebody reads
STORAGE_ROUTINE = re.compile(r'"(GET|PUT|HEAD) /|WARNING: This is a development server|Running on|Press CTRL')  # a line for each request
BEAT_SETTLES_S = 3.0
DEMO_TIME_FACTOR = "60"
WEB_PORT, IMITATION_PORT, TIKTOK_PORT, MAILBOX_PORT, SMTP_PORT, STORAGE_PORT = 8000, 8090, 8091, 8025, 1025, 9020
PORT_VARIABLES = ("PORT", "AMAZON_PORT", "TIKTOK_PORT", "MAILBOX_PORT", "SMTP_PORT", "STORAGE_PORT")
CONSENT_RETURN_PATH = "/stores/connect/amazon/return/"
TIKTOK_RETURN_PATH, TIKTOK_NOTICES_PATH = "/stores/connect/tiktok/return/", "/stores/connect/tiktok/notices/"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the programs listen, and the addresses people and programs use for them."""

    host: str
    web_port: int
    imitation_port: int
    hub_url: str
    imitation_url: str
    mailbox_port: int = MAILBOX_PORT
    smtp_port: int = SMTP_PORT
    tiktok_port: int = TIKTOK_PORT
    storage_port: int = STORAGE_PORT

    @property
    def storage_url(self) -> str:
        """Where the S3 server of the demo answers."""
        return f"http://localhost:{self.storage_port}"

    @property
    def mailbox_url(self) -> str:
        """Where the mails of the demo are read."""
        return f"http://localhost:{self.mailbox_port}"

    @property
    def tiktok_url(self) -> str:
        """Where the imitation TikTok Shop is."""
        return f"http://localhost:{self.tiktok_port}"

    def by_name(self) -> dict[str, str]:
        """Return the addresses for the note on what runs."""
        return {
            "hub": self.hub_url,
            "imitation": self.imitation_url,
            "imitation_tiktok": self.tiktok_url,
            "mailbox": self.mailbox_url,
            "storage": self.storage_url,
        }


def choose_addresses(environ: Mapping[str, str]) -> Addresses:
    """Choose all ports; taken ones are stepped over. The ``*PORT`` variables, HOST and PUBLIC_URL in ``environ`` are demands."""
    host = environ.get("HOST", "").strip() or "127.0.0.1"
    chosen: list[int] = []
    for name, variable, preferred in (
        ("The hub", "PORT", WEB_PORT),
        ("The imitation Amazon", "AMAZON_PORT", IMITATION_PORT),
        ("The imitation TikTok Shop", "TIKTOK_PORT", TIKTOK_PORT),
        ("The mailbox", "MAILBOX_PORT", MAILBOX_PORT),
        ("The mail server", "SMTP_PORT", SMTP_PORT),
        ("The S3 server", "STORAGE_PORT", STORAGE_PORT),
    ):
        listens_at = "127.0.0.1" if chosen else host  # only the hub itself may be shown to other machines
        chosen.append(ports.choose(name, variable=variable, preferred=preferred, environ=environ, host=listens_at, taken=frozenset(chosen)))
    web, imitation, tiktok, mailbox, smtp, storage = chosen
    hub_url = environ.get("PUBLIC_URL", "").rstrip("/") or f"http://localhost:{web}"
    return Addresses(host, web, imitation, hub_url, f"http://localhost:{imitation}", mailbox, smtp, tiktok, storage)


def hub_environment(environ: Mapping[str, str], addresses: Addresses, *, hub_env: str = "demo") -> dict[str, str]:
    """Return ``environ`` with what the settings must know of ``addresses``; whatever the caller has set himself stays."""
    name = urlsplit(addresses.hub_url).hostname or "localhost"
    defaults = {
        "HUB_ENV": hub_env,
        "TIME_FACTOR": DEMO_TIME_FACTOR,
        "AMAZON_SANDBOX_URL": addresses.imitation_url,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([name, addresses.host, "localhost", "127.0.0.1", "[::1]"])),
        "EMAIL_URL": f"smtp://127.0.0.1:{addresses.smtp_port}",
        "TYPED_ADDRESSES_ALSO": f"localhost:{addresses.storage_port},127.0.0.1:{addresses.storage_port}",
        "AMAZON_REDIRECT_URI": addresses.hub_url + CONSENT_RETURN_PATH,
        "TIKTOK_SANDBOX_URL": addresses.tiktok_url,
        "TIKTOK_REDIRECT_URI": addresses.hub_url + TIKTOK_RETURN_PATH,
        "TIKTOK_WEBHOOK_URL": addresses.hub_url + TIKTOK_NOTICES_PATH,
    }
    return defaults | {key: value for key, value in environ.items() if value} | {"PUBLIC_URL": addresses.hub_url, "PYTHONUNBUFFERED": "1"}


def manage(name: str, env: Mapping[str, str], *arguments: str, echo: bool = False) -> Program:
    """Return one management command as a program that runs to its end; its log is called ``name``."""
    return Program(name=name, argv=[sys.executable, str(CHECKOUT / "manage.py"), *arguments], env=env, restart=False, echo=echo)


def imitation_amazon(env: Mapping[str, str], addresses: Addresses, layout: Layout) -> Program:
    """Return the imitation Amazon; its books stand in the layout's folder and survive a restart."""
    options = ["--port", str(addresses.imitation_port), "--data", str(layout.imitation), "--factor", env["TIME_FACTOR"]]
    return Program(
        name="amazon",
        argv=[sys.executable, "-m", "stores.sandbox.amazon", *options],
        env=env,
        ready=lambda _run: answers(f"http://127.0.0.1:{addresses.imitation_port}/"),
    )


def imitation_tiktok(env: Mapping[str, str], addresses: Addresses, layout: Layout) -> Program:
    """Return the imitation TikTok Shop; its books stand in the layout's folder and survive a restart."""
    options = ["--port", str(addresses.tiktok_port), "--data", str(layout.imitation_tiktok), "--factor", env["TIME_FACTOR"]]
    return Program(
        name="tiktok",
        argv=[sys.executable, "-m", "stores.sandbox.tiktok", *options],
        env=env,
        ready=lambda _run: answers(f"http://127.0.0.1:{addresses.tiktok_port}/"),
    )


def mailbox(env: Mapping[str, str], addresses: Addresses, layout: Layout) -> Program:
    """Return the mail server that takes the demo's mails and shows them; they stand in the layout's folder."""
    options = ["--smtp-port", str(addresses.smtp_port), "--port", str(addresses.mailbox_port), "--data", str(layout.mails)]
    return Program(
        name="mailbox",
        argv=[sys.executable, "-m", "pod_hub.devstack.mailbox", *options],
        env=env,
        ready=lambda _run: answers(f"http://127.0.0.1:{addresses.mailbox_port}/", exactly=200),
        routine=MAILBOX_ROUTINE,
    )


def storage(env: Mapping[str, str], addresses: Addresses, _layout: Layout) -> Program:
    """Return a real S3 server (moto), in which the demo's customers keep files; it forgets them when it ends, and the seed puts them there again."""
    return Program(
        name="storage",
        argv=[sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(addresses.storage_port)],
        env=env,
        ready=lambda _run: answers(f"http://127.0.0.1:{addresses.storage_port}/moto-api/", exactly=200),
        routine=STORAGE_ROUTINE,
    )


def web(env: Mapping[str, str], addresses: Addresses) -> Program:
    """Return the web server."""
    options = ["--interface", "wsgi", "--host", addresses.host, "--port", str(addresses.web_port), "--no-ws"]
    # Threads, because pages wait for the database; a kill time-out, because a worker in a long download would otherwise never stop.
    options += ["--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "5", "--respawn-failed-workers"]
    probe = "127.0.0.1" if addresses.host == "0.0.0.0" else addresses.host  # noqa: S104  we compare, we do not bind
    return Program(
        name="web",
        argv=[sys.executable, "-m", "granian", *options, "pod_hub.wsgi:application"],
        env=env,
        ready=lambda _run: answers(f"http://{probe}:{addresses.web_port}/healthz", exactly=200),
    )


def worker(name: str, queues: Sequence[str], env: Mapping[str, str], *further: str) -> Program:
    """Return a Celery worker, started with ``further`` options. Its supervisor restarts it: it can end by itself when the broker comes back at the wrong moment."""
    # Polls wait for marketplaces and nothing else, so they are threads; the rest computes, so it is processes.
    pool = ("threads", POLL_THREADS) if "poll" in queues else ("prefork", WORKER_PROCESSES)
    options = ["--queues", ",".join(queues), "--hostname", f"{name}@%h", "--pool", pool[0], "--concurrency", str(pool[1])]
    options += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Program(
        name=name,
        argv=[
            sys.executable,
            "-W",
            "ignore:You're running the worker with superuser",
            "-m",
            "celery",
            "-A",
            "pod_hub.celery",
            "worker",
            *options,
            *further,
        ],
        env=env,
        ready=lambda run: any(line.rstrip().endswith("ready.") for line in run.said),
        stop_within_s=15,
        routine=ROUTINE,
    )


def beat(env: Mapping[str, str], *, name: str = "beat") -> Program:
    """Return the clock that reminds the workers to look for due rows."""
    return Program(
        name=name,
        argv=[sys.executable, "-m", "celery", "-A", "pod_hub.celery", "beat", "--pidfile=", "--loglevel", "WARNING"],
        env=env,
        ready=lambda run: time.monotonic() - run.started > BEAT_SETTLES_S,  # it says nothing; a wrong setting ends it at once
    )


def answers(url: str, *, exactly: int | None = None) -> bool:
    """Return whether ``url`` answers at all over HTTP, or with the status ``exactly``."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy
    try:
        with opener.open(url, timeout=2) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, ValueError):
        return False
    return exactly is None or status == exactly
