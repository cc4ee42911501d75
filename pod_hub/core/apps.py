"""Core: tenancy, sealing, outbox, money, public ids, HTTP. Imports no app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers core's checks."""

    name = "pod_hub.core"
    label = "core"

    def ready(self) -> None:
        """Load the checks that guard the wall."""
        from pod_hub.core import checks  # noqa: F401 - registration by import
