"""``manage.py find_order NUMBER``: what the hub knows about an order or tracking number, in plain words."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fulfillment.services.finding import find, in_words
from orders.services.asking import ask_for
from pod_hub.accounts.models import Psp
from pod_hub.core.tenancy import tenant


class Command(BaseCommand):
    """Prints when a number was seen, what was decided by which rule, where it is, and what the marketplace was told."""

    help = "Say everything known about a marketplace order number, one of our ids, or a tracking number."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("number", metavar="NUMBER", help="marketplace order number, public id or tracking number")
        parser.add_argument("--psp", metavar="SLUG", help="look at this PSP only")
        parser.add_argument("--ask", action="store_true", help="ask the marketplace for a number that was never seen, and import it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at every PSP, or the one that is named."""
        psps = list(Psp.objects.filter(**({"slug": options["psp"]} if options["psp"] else {})).order_by("pk"))
        if not psps:
            raise CommandError(f"There is no PSP {options['psp']!r}. There are: {', '.join(Psp.objects.values_list('slug', flat=True)) or 'none'}.")
        seen = False
        for psp in psps:
            with tenant(psp.pk):
                findings = find(options["number"])
                words = in_words(findings)
            if findings.found:
                seen = True
                self.stdout.write("\n".join([f"{psp.name}:", *words]))
        if seen:
            return
        self.stdout.write(f"{options['number']}: no PSP here has ever seen this number.")
        if not options["ask"]:
            self.stdout.write("Add --ask to ask the marketplaces for it.")
            return
        for psp in psps:
            self.stdout.write(f"{psp.name}: {ask_for(options['number'], psp).words}")
