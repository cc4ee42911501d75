"""``manage.py doctor``: what is wrong with this installation, why it matters and what to do."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from pod_hub.doctor import examine


class Command(BaseCommand):
    """Exit code 0 when nothing needs a person, 1 otherwise. Changes nothing but a small file that it deletes again."""

    help = "Examine settings, database, tenant walls, migrations, broker, workers, files, keys, due work and sellers."
    # It must be able to say what is wrong when Django's own checks complain.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each finding."""
        problems = 0
        for finding in examine():
            if not finding.is_problem:
                self.stdout.write(f"ok       {finding.what}")
                continue
            problems += 1
            self.stdout.write(f"PROBLEM  {finding.what}\n         Why: {finding.why}\n         Next: {finding.next}")
        if problems:
            self.stdout.write(f"\n{problems} problem{'s' if problems > 1 else ''} found.")
            raise SystemExit(1)
        self.stdout.write("\nNothing to do.")
