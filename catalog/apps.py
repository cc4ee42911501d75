"""What can be printed, and for whom."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """Categories, product models, customer products, designs and print files."""

    name = "catalog"
    verbose_name = _("Catalog")
