"""Pages' building blocks."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Template tags, context and the page that shows every component."""

    name = "pod_hub.ui"
    label = "ui"
