"""F4: PostgreSQL dies without a farewell while people look at pages."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings
from django.test import Client

from pod_hub.accounts.models import Membership, Role, User
from tests.faults import processes
from tests.faults.alone import Outcome
from tests.faults.crowd import Fault, end_of, moments_of, play
from tests.faults.marketplace import Marketplace
from tests.faults.scene import Scene, build_scene

PAGES = ("/orders/", "/orders/attention/", "/stores/")
CALM = "The hub will be back in a moment"
SIGNED_IN = "/accounts/logout/"


@dataclass(slots=True)
class Visitor:
    """Somebody who is signed in: who that is, what they may see and what is on the page all come from the database."""

    session: str
    seen: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def signed_in(cls, scene: Scene) -> Visitor:
        """Sign an owner of the scene's PSP in."""
        user = User.objects.create(email=f"{scene.sellers[0].lower()}@hub.example")
        Membership.objects.create(user=user, psp_id=scene.psp_id, role=Role.OWNER)
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return cls(str(browser.cookies[settings.SESSION_COOKIE_NAME].value))

    def look(self) -> None:
        """Look at every page: it is there for this person, or it is a calm notice with 503. Anything else is a problem."""
        for path in PAGES:
            try:
                answer = httpx.get(os.environ["HUB_URL"] + path, timeout=10, trust_env=False, cookies={settings.SESSION_COOKIE_NAME: self.session})
            except httpx.HTTPError as error:
                self.problems.append(f"{path} gave no answer ({type(error).__name__})")
                continue
            self.seen[answer.status_code] += 1
            expected = {200: SIGNED_IN, 503: CALM}.get(answer.status_code)
            if expected is None or expected not in answer.text or "Traceback" in answer.text:
                self.problems.append(f"{path} answered {answer.status_code}: {answer.text[:200]}")


def lose_the_database(market: Marketplace, *, seed: int, orders: int, restarts: int, backends: int) -> Outcome:
    """F4: PostgreSQL restarts at once without a farewell, and single backends are killed; pages say so calmly."""
    scene = build_scene(market, "F4", sellers=3, seed=seed)
    visitor = Visitor.signed_in(scene)

    def restart() -> None:
        for pid in processes.running("postgres"):
            processes.send(pid, signal.SIGQUIT)
        for _look in range(4):
            visitor.look()
            time.sleep(0.3)

    def kill_backend() -> None:
        for postmaster in processes.running("postgres"):
            serving = [pid for pid in processes.children_of(postmaster) if b"hub_app" in _title(pid)]
            if serving:
                processes.send(scene.chance.choice(serving), signal.SIGKILL)
        visitor.look()

    seconds = max(16.0, 4.0 * (restarts + backends))
    moments = moments_of(scene, restarts + backends, seconds)
    scene.chance.shuffle(moments)
    faults: list[Fault] = [(at, restart) for at in moments[:restarts]]
    faults += [(at, kill_backend) for at in moments[restarts:]]
    struck = play(scene, orders=orders, seconds=seconds, faults=faults)
    outcome = end_of(scene, f"{restarts} restarts, {backends} backends killed", struck)
    visitor.look()
    outcome.verdict.problems += visitor.problems
    if not (visitor.seen[200] and visitor.seen[503]):
        outcome.verdict.problems.append(f"the pages were never seen both well and away: {dict(visitor.seen)}")
    outcome.notes.append(f"pages of a person who is signed in answered {dict(sorted(visitor.seen.items()))}")
    return outcome


def _title(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
