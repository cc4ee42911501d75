"""``manage.py poll_seller aut_…``: poll one seller now and say what came."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.services.polling import poll_now
from pod_hub.core.tenancy import across_tenants
from stores.models import Authorization


class Command(BaseCommand):
    """Runs one turn of the poll in this process; a worker that polls the seller at this moment goes first."""

    help = "Ask one seller's channel for changed orders now. ID is the authorization's public id (aut_…), which logs and the store's page show."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the authorization's public id."""
        parser.add_argument("id", help="public id of the authorization")

    def handle(self, *args: Any, **options: Any) -> None:
        """Poll and report."""
        with across_tenants(reason="find the authorization an operator named"):
            row = Authorization.objects.filter(public_id=options["id"]).first()
            known = [] if row else list(Authorization.objects.order_by("pk").values_list("public_id", flat=True)[:10])
        if row is None:
            raise CommandError(f"There is no authorization {options['id']}. There are: {', '.join(known) or 'none; connect a store first'}.")
        if row.state != Authorization.State.ACTIVE:
            raise CommandError(f"{row.public_id} is “{row.get_state_display()}”, so it is not polled. The merchant must authorise again.")
        outcome = poll_now(authorization_id=row.pk, psp_id=row.psp_id)
        if outcome is None:
            raise CommandError(f"A worker is polling {row.public_id} at this moment. Look at the store's page, or try again in a minute.")
        self.stdout.write(f"{outcome.seen} orders on {outcome.pages} pages, {outcome.new} of them news.")
        if outcome.waits:
            raise CommandError(f"It did not get to the end: {outcome.waits}")
        if not outcome.finished:
            self.stdout.write("There is more; run it again, or let the workers go on.")
        self.stdout.write("`manage.py take_in` turns them into orders; the intake worker does it by itself.")
