"""``manage.py backup FOLDER``: every row and every stored file (docs/operations.md, "Backup and restore")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pod_hub.backup import BackupProblem, back_up


class Command(BaseCommand):
    """Works while everything runs; sees one moment."""

    help = "Write a backup of database and files into a new folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet or is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up and say how much."""
        try:
            told = back_up(options["folder"], say=self.stdout.write)
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{told.rows} rows of {told.tables} tables and {told.files} files ({told.bytes / 1e6:.1f} MB) are in {options['folder']}.")
        self.stdout.write("The keys in FIELD_KEYS and SEARCH_KEY are not: keep them elsewhere. Without them sealed values stay sealed.")
