"""The development stack as a Django app, for its commands. Production settings leave it out."""

from django.apps import AppConfig


class DevstackConfig(AppConfig):
    """Brings ``seed_demo``."""

    name = "pod_hub.devstack"
    label = "devstack"
