"""``manage.py restore FOLDER``: bring a backup into an empty, migrated database (docs/operations.md, "Backup and restore")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pod_hub.backup import BackupProblem, restore


class Command(BaseCommand):
    """All or nothing; refuses a database or a storage that holds anything."""

    help = "Restore a backup of database and files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="a folder that `manage.py backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore and say how much."""
        try:
            told = restore(options["folder"], say=self.stdout.write)
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{told.rows} rows of {told.tables} tables and {told.files} files ({told.bytes / 1e6:.1f} MB) are back and checked.")
        self.stdout.write("Next: start web, workers and beat, and run `manage.py doctor`; it says whether the keys open what is sealed.")
