"""Rows that owe the outside world something: due time, lease, attempts, settlement (docs/outbox.md).

A worker leases due rows in a short transaction, does its call under the lease alone, and settles with the lease as fencing token: a
worker that lost its lease changes nothing.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import TenantModel

# A call to a channel ends within 15 s; the lease outlives it, so a live worker is never overtaken (quality R3). Not scaled: both are real.
LEASE_S = 20
FIRST_RETRY_S = 30
LONGEST_RETRY_S = 4 * 3600
MOST_ATTEMPTS = 15


class Delivery(models.TextChoices):
    """Where a row stands with the outside world."""

    PENDING = "pending", _("waiting to be sent")
    ACCEPTED = "accepted", _("accepted, not read back yet")
    CONFIRMED = "confirmed", _("read back")
    PARKED = "parked", _("needs a person")
    WITHDRAWN = "withdrawn", _("withdrawn")


class OutboxRow(TenantModel):
    """Abstract row of work towards the outside. Subclasses add what is owed; this class owns when and by whom.

    ``due_states`` are the deliveries in which a row is still to be worked on.
    """

    delivery = models.CharField(max_length=12, choices=Delivery, default=Delivery.PENDING)
    not_before = models.DateTimeField(default=now)
    attempts = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        abstract = True

    due_states: tuple[str, ...] = (Delivery.PENDING, Delivery.ACCEPTED)

    @classmethod
    def due(cls) -> models.QuerySet[Self]:
        """Return rows that may be worked on now, oldest first."""
        free = Q(leased_until=None) | Q(leased_until__lt=now())
        rows: models.QuerySet[Self] = cls.objects.filter(free, delivery__in=cls.due_states, not_before__lte=now()).order_by("not_before", "pk")
        return rows

    @classmethod
    @transaction.atomic
    def lease_next(cls, *, limit: int, seconds: int = LEASE_S, only: Q | None = None) -> list[Self]:
        """Take due rows for this worker. The locks end here; the call comes after, under the lease alone."""
        due = cls.due().filter(only) if only is not None else cls.due()
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        for row in rows:
            row.lease, row.leased_until, row.attempts = uuid.uuid4(), now() + timedelta(seconds=seconds), row.attempts + 1
        cls.objects.bulk_update(rows, ["lease", "leased_until", "attempts"])
        return rows

    def settle(self, **changes: Any) -> bool:
        """Write the outcome and give the lease back. Returns False, having changed nothing, when the lease was lost meanwhile."""
        rows = type(self).objects.filter(pk=self.pk, lease=self.lease)
        if not rows.update(lease=None, leased_until=None, **changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        self.lease = self.leased_until = None
        return True

    def renew(self, *, seconds: int = LEASE_S, **changes: Any) -> bool:
        """Write how far the work is and keep the lease for longer. Returns False, having changed nothing, when the lease was lost meanwhile."""
        rows = type(self).objects.filter(pk=self.pk, lease=self.lease)
        return bool(rows.update(leased_until=now() + timedelta(seconds=seconds), **changes))

    def still_leased(self) -> bool:
        """Return whether this worker may still act for the row; ask right before an outgoing write (quality R3)."""
        return bool(type(self).objects.filter(pk=self.pk, lease=self.lease, leased_until__gt=now()).exists())

    def next_try(self, *, wait_s: float | None = None, longest_s: float = LONGEST_RETRY_S) -> datetime:
        """Return when to try again: the wait that was asked for, else jittered doubling from 30 s up to ``longest_s`` (quality R4)."""
        if wait_s is not None:
            return now() + timedelta(seconds=wait_s)
        doubled = min(FIRST_RETRY_S * 2 ** max(self.attempts - 1, 0), longest_s)
        return now() + scaled(doubled * random.uniform(0.75, 1.25))  # noqa: S311 - spreading retries, no secret
