"""The record of what operators asked to see: whose rows, or all rows, and why."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class OperatorVisit(models.Model):
    """One choice of an operator to look at a PSP's rows, or (``psp`` None) at everybody's.

    Append-only: the application's role may insert and read, and nothing else. A global table, because it is read before any scope is open.
    """

    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("operator"))
    psp = models.ForeignKey("accounts.Psp", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("print service provider"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), default=now)

    class Meta:
        verbose_name = _("operator's visit")
        verbose_name_plural = _("operators' visits")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints = [models.CheckConstraint(name="looking_at_everybody_has_a_reason", condition=models.Q(psp__isnull=False) | ~models.Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.operator_id} at {self.psp_id or 'all'}"
