"""Looks at stored print files: one row for each file that orders wait to be printed from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from catalog.models import PrintFile
from pod_hub.core.narrowing import Through
from pod_hub.core.outbox import OutboxRow
from pod_hub.core.tenancy import TenantOneToOneField


class FileCheck(OutboxRow):
    """The next look at one stored print file, however many orders are printed from it (``orders.services.file_checks``).

    Pending while unprinted lines use the file, due once a day; confirmed when none does. What was found stands on the print file.
    """

    narrowed_by = Through("print_file", writes=False)

    print_file = TenantOneToOneField(PrintFile, models.CASCADE, related_name="check_row")
    asked_at = models.DateTimeField(default=now)

    class Meta(OutboxRow.Meta):
        verbose_name = _("check of a print file")
        verbose_name_plural = _("checks of print files")
        indexes = [models.Index("not_before", "id", name="file_checks_due", condition=Q(delivery="pending"))]

    def __str__(self) -> str:
        return f"check of {self.print_file_id}"
