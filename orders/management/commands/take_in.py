"""``manage.py take_in``: turn every due intake record into an order, or say why not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from orders.services.take_in import authorizations_with_work, take_in


class Command(BaseCommand):
    """Works until nothing is due; sellers that a worker is at are left to it."""

    help = "Take in all intake records that are due, over all tenants."

    def handle(self, *args: Any, **options: Any) -> None:
        """Take in batch after batch and report the verdicts."""
        total: Counter[str] = Counter()
        while work := authorizations_with_work():
            done = 0
            for authorization_id, psp_id in work:
                taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
                if taken is not None:
                    done += taken.records
                    for name in ("imported", "changed", "skipped", "unreadable", "records"):
                        total[name] += getattr(taken, name)
            if not done:
                self.stdout.write("The rest is being worked on by a worker.")
                break
        said = ", ".join(f"{total[name]} {name}" for name in ("imported", "changed", "skipped", "unreadable"))
        self.stdout.write(f"{total['records']} records: {said}.")
