"""``manage.py drain_pushes``: tell the channels what left, until nothing is due."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from fulfillment.models import Push
from fulfillment.services.pushing import push_next
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import across_tenants

LOOK_EVERY_S = 2.0


class Command(BaseCommand):
    """With ``--once`` it ends when nothing is due now; without, it stays and works like a worker until Ctrl-C."""

    help = "Work on due pushes over all tenants."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--once``."""
        parser.add_argument("--once", action="store_true", help="end when nothing is due now")

    def handle(self, *args: Any, **options: Any) -> None:
        """Push and report what is left."""
        done = 0
        try:
            while True:
                while count := push_next():
                    done += count
                if options["once"]:
                    break
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        with across_tenants(reason="count pushes by delivery"):
            left = dict(Push.objects.order_by().values_list("delivery").annotate(n=Count("pk")))
        said = ", ".join(f"{count} {Delivery(delivery).label}" for delivery, count in sorted(left.items())) or "none at all"
        self.stdout.write(f"{done} steps done. Pushes now: {said}.")
