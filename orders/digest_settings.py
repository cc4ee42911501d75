"""Whether, when and how a PSP gets its digest."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pod_hub.core.narrowing import Never
from pod_hub.core.tenancy import TenantModel


class DigestWhen(models.TextChoices):
    """How quiet a PSP wants it."""

    DAILY = "daily", _("every day on which something waits")
    URGENT = "urgent", _("only when something is urgent")
    OFF = "off", _("never")


class DigestSetting(TenantModel):
    """A PSP's choice for its digest; without a row the defaults hold. ``done_on`` is the last day that was looked at, in its time zone."""

    narrowed_by = Never()

    wanted = models.CharField(
        _("send the digest"),
        max_length=8,
        choices=DigestWhen,
        default=DigestWhen.DAILY,
        help_text=_("Urgent is: a ship-by within a day, a buyer's request to cancel, a refused package, or a seller's permission that is gone."),
    )
    hour = models.PositiveSmallIntegerField(
        _("hour of the day"), default=7, validators=[MaxValueValidator(23)], help_text=_("0 to 23, in your time zone.")
    )
    done_on = models.DateField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("digest setting")
        constraints = [models.UniqueConstraint(fields=["psp"], name="one_digest_setting_per_psp")]

    def __str__(self) -> str:
        return f"digest {self.wanted} at {self.hour}"


def digest_setting(**defaults: Any) -> DigestSetting:
    """Return the setting of the open scope's PSP, made with the defaults when there is none yet."""
    setting, _made = DigestSetting.objects.get_or_create(defaults=defaults)
    return setting
