"""From "ready to print" to "the channel knows"."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfillmentConfig(AppConfig):
    """Shipments, packages and pushes."""

    name = "fulfillment"
    verbose_name = _("Fulfillment")
