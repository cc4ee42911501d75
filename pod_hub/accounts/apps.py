"""People and tenants."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """PSPs, their facilities, customers and members."""

    name = "pod_hub.accounts"
    label = "accounts"
    verbose_name = _("People and tenants")

    def ready(self) -> None:
        """Bring second factors under key rotation and into the audit trail."""
        from pod_hub.accounts import second_factor
        from pod_hub.accounts.sealed_authenticators import AuthenticatorSecrets
        from pod_hub.core.key_rotation import also_rotate

        also_rotate(AuthenticatorSecrets())
        second_factor.note_changes()


class OperatorAdminConfig(AdminConfig):
    """Makes the operators' site the one that ``admin.site`` and ``admin.register`` mean."""

    default_site = "pod_hub.accounts.operators.OperatorSite"
