"""People and tenants."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """PSPs, their facilities, customers and members."""

    name = "pod_hub.accounts"
    label = "accounts"
    verbose_name = _("People and tenants")
