"""Mail to people, as rows that are delivered later."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    """Queued mails and their delivery."""

    name = "pod_hub.mail"
    label = "mail"
    verbose_name = _("Mail")
