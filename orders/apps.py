"""From "seen on a channel" to "ready to print"."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Intake records, orders, lines, holds and events."""

    name = "orders"
    verbose_name = _("Orders")
