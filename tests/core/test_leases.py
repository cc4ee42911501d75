"""Keeping a lease alive from another thread."""

from __future__ import annotations

import threading

from pod_hub.core.leases import kept_alive

SOON_S = 5.0


def test_a_lease_is_renewed_while_the_work_goes_on_and_no_longer() -> None:
    renewals, enough = [], threading.Event()

    def renew() -> bool:
        renewals.append(1)
        if len(renewals) == 3:
            enough.set()
        return True

    with kept_alive(renew, every_s=0.01, longest_s=60):
        assert enough.wait(SOON_S)
    counted = len(renewals)
    assert not any(thread.name == "lease-keeper" for thread in threading.enumerate())
    assert len(renewals) == counted


def test_a_lease_that_was_lost_is_not_asked_for_again() -> None:
    renewals, gone = [], threading.Event()

    def renew() -> bool:
        renewals.append(1)
        gone.set()
        return False

    with kept_alive(renew, every_s=0.01, longest_s=60):
        assert gone.wait(SOON_S)
        for thread in threading.enumerate():
            if thread.name == "lease-keeper":
                thread.join(SOON_S)
    assert len(renewals) == 1


def test_a_holder_that_is_stuck_loses_its_lease_in_the_end() -> None:
    renewals: list[int] = []

    def renew() -> bool:
        renewals.append(1)
        return True

    with kept_alive(renew, every_s=0.01, longest_s=0.05):
        for thread in threading.enumerate():
            if thread.name == "lease-keeper":
                thread.join(SOON_S)
    assert len(renewals) == 5
