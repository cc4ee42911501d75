"""People and tenants."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """PSPs, their facilities, customers and members."""

    name = "pod_hub.accounts"
    label = "accounts"
    verbose_name = _("People and tenants")


class OperatorAdminConfig(AdminConfig):
    """Makes the operators' site the one that ``admin.site`` and ``admin.register`` mean."""

    default_site = "pod_hub.accounts.operators.OperatorSite"
