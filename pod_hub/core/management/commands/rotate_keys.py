"""``manage.py rotate_keys``: move every sealed value to the first key of FIELD_KEYS; ``--check`` only says which keys are in use."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pod_hub.core.key_rotation import BATCH, keys_in_use, rotate
from pod_hub.core.sealing import active_key_id, key_ids


class Command(BaseCommand):
    """Exit code 0 when only the newest key is in use (afterwards), 1 when a person must look."""

    help = "Move every sealed value to the first key of FIELD_KEYS. May be stopped and started again; the hub may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--check`` and ``--batch``."""
        parser.add_argument("--check", action="store_true", help="change nothing; list the keys in use and how many values each seals")
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, then say which keys may be dropped."""
        unopenable = busy = 0
        if not options["check"]:
            for done in rotate(batch=max(1, options["batch"])):
                self.stdout.write(f"{done.table}.{done.column}: {done.resealed} resealed" + (f", {done.busy} busy" if done.busy else ""))
                for one in done.unopenable:
                    self.stderr.write(f"  could not be opened: {one}")
                unopenable, busy = unopenable + len(done.unopenable), busy + done.busy
        in_use = self._keys()
        self._advise(in_use, unopenable=unopenable, busy=busy)
        if set(in_use) - {active_key_id()}:
            raise SystemExit(1)

    def _keys(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for (table, column), keys in keys_in_use().items():
            for key, rows in keys.items():
                total[key] += rows
                self.stdout.write(f"{table}.{column}: {rows} sealed by {key}")
        return total

    def _advise(self, in_use: Counter[str], *, unopenable: int, busy: int) -> None:
        newest, ring = active_key_id(), key_ids()
        gone = sorted(set(in_use) - set(ring))
        if gone:
            self.stderr.write(f"FIELD_KEYS has no key {', '.join(gone)}, so {sum(in_use[key] for key in gone)} values cannot be read. Add it again.")
        elif unopenable:
            self.stderr.write(f"{unopenable} values do not open with their key: they were moved or altered. Restore those rows from a backup.")
        if busy:
            self.stderr.write(f"{busy} rows were in use all the time. Run this again.")
        old = [key for key in ring if key != newest]
        droppable = [key for key in old if not in_use[key]]
        if droppable:
            self.stdout.write(f"No value needs {', '.join(droppable)} any more: it may leave FIELD_KEYS once backups sealed with it have expired.")
        waiting = [key for key in old if in_use[key]]
        if waiting:
            self.stdout.write(f"Still needed: {', '.join(waiting)}. Keep it in FIELD_KEYS and run `manage.py rotate_keys`.")
        if not set(in_use) - {newest}:
            self.stdout.write(f"Everything is sealed by {newest}.")
