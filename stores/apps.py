"""Where customers sell."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    """Stores, authorizations, connections, listings and their mappings."""

    name = "stores"
    verbose_name = _("Stores")
