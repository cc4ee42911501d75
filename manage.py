#!/usr/bin/env python
"""Django's command line for the hub."""

import os
import sys


def main() -> None:
    """Run a management command with the hub's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pod_hub.settings")
    from django.core.management import execute_from_command_line

    from pod_hub.core.acting import Acting, begin_acting

    begin_acting(Acting(label=f"command: {sys.argv[1]}" if len(sys.argv) > 1 else ""))  # what the audit trail says
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
