"""``manage.py purge_buyer_data``: what is due by the rules, or one order or store on request."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.models import Order, PurgeRecord
from orders.services.purging import Purged, purge_due, purge_orders
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import Psp
from pod_hub.core.tenancy import tenant
from stores.models import Store

OPERATOR = Actor(None, "operator")


class Command(BaseCommand):
    """Removes buyer data and says how much; every removal leaves a purge record."""

    help = "Remove buyer data whose time is over, or that of one order or store on request. Everything removed is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--psp", metavar="SLUG", help="only this PSP; needed when an order number exists at several")
        parser.add_argument("--order", metavar="NUMBER", help="this order at once: marketplace number or public id")
        parser.add_argument("--store", metavar="ID", help="all orders of this store at once: public id")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge and report."""
        psps = list(Psp.objects.filter(**({"slug": options["psp"]} if options["psp"] else {})).order_by("pk"))
        if not psps:
            raise CommandError("There is no such PSP. Leave --psp out to see all.")
        if options["order"] or options["store"]:
            self._on_request(psps, options)
            return
        total = Purged()
        for psp in psps:
            done = purge_due(psp_id=psp.pk, dry_run=options["dry_run"])
            total.orders, total.numbers = total.orders + done.orders, total.numbers + done.numbers
            total.add(done.removed)
        self._say(total, dry_run=options["dry_run"])

    def _on_request(self, psps: list[Psp], options: dict[str, Any]) -> None:
        found: list[tuple[Psp, list[int]]] = []
        for psp in psps:
            with tenant(psp.pk):
                orders = Order.objects.all()
                if options["order"]:
                    orders = orders.filter(external_id=options["order"]) | orders.filter(public_id=options["order"])
                if options["store"]:
                    orders = orders.filter(store__in=Store.objects.filter(public_id=options["store"]))
                ids = list(orders.order_by("pk").values_list("pk", flat=True))
            if ids:
                found.append((psp, ids))
        if not found:
            raise CommandError("No such order or store was found, so nothing was removed. Compare the number with the order's page.")
        if len(found) > 1:
            raise CommandError(f"The number exists at {', '.join(psp.slug for psp, _ids in found)}. Name one with --psp; nothing was removed.")
        psp, ids = found[0]
        total = Purged()
        if options["dry_run"]:
            total.orders = len(ids)
        for start in range(0, 0 if options["dry_run"] else len(ids), 100):
            with tenant(psp.pk):
                for removed in purge_orders(order_ids=ids[start : start + 100], rule=PurgeRecord.Rule.REQUESTED, actor=OPERATOR):
                    total.orders += 1
                    total.add(removed)
        self._say(total, dry_run=options["dry_run"])

    def _say(self, total: Purged, *, dry_run: bool) -> None:
        kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(total.removed.items())) or "nothing"
        if dry_run:
            self.stdout.write(f"Due: {total.orders} orders and {total.numbers} numbers that were never imported. Nothing was removed (--dry-run).")
        else:
            self.stdout.write(f"Purged {total.orders} orders and {total.numbers} numbers that were never imported: {kinds} removed.")
