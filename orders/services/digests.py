"""The digest: once a day, to a PSP's owners and managers, what waits for a person. It holds counts and times, no buyer and no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from orders import attention
from orders.digest_settings import DigestSetting, DigestWhen, digest_setting
from orders.models import HoldKind
from orders.presentation import hold_look
from pod_hub.accounts.models import Membership, Psp, Role
from pod_hub.core.tenancy import tenant
from pod_hub.mail.queueing import queue_mail

URGENT_WITHIN = timedelta(days=1)
READERS = (Role.OWNER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Cause:
    """One line of the digest. Times are in the PSP's time zone."""

    label: str
    count: int
    oldest: datetime | None
    nearest: datetime | None
    link: str


def send_due_digests() -> int:
    """Look at every PSP whose hour has come and that was not looked at today; mail those with something to say. Returns how many mails were queued.

    May be called as often as one likes: the day that was looked at stands in a row, and each mail has a key of its day and reader.
    """
    queued = 0
    for psp_id, zone in Psp.objects.order_by("pk").values_list("pk", "time_zone"):
        today = now().astimezone(ZoneInfo(zone))
        with tenant(psp_id), timezone.override(zone):
            setting = DigestSetting.objects.select_for_update(skip_locked=True).filter(pk=digest_setting().pk).first()
            if setting is None or today.hour < setting.hour or setting.done_on == today.date():
                continue
            queued += _send(setting, psp_id=psp_id, day=today.date())
            setting.done_on = today.date()
            setting.save(update_fields=["done_on"])
    return queued


def _send(setting: DigestSetting, *, psp_id: int, day: date) -> int:
    if setting.wanted == DigestWhen.OFF:
        return 0
    box = attention.inbox()
    causes = causes_of(box)
    urgent = is_urgent(box)
    if not causes or (setting.wanted == DigestWhen.URGENT and not urgent):
        return 0
    nearest = min((cause.nearest for cause in causes if cause.nearest), default=None)
    context = {
        "causes": causes,
        "total": sum(cause.count for cause in causes),
        "urgent": urgent,
        "nearest": nearest,
        "overdue": nearest is not None and nearest < now(),
        "link": settings.PUBLIC_URL + reverse("orders:attention"),
        "settings_link": settings.PUBLIC_URL + reverse("order_settings:digest"),
    }
    found = Membership.objects.filter(Q(role__in=READERS), psp_id=psp_id, is_active=True, user__is_active=True).select_related("user").order_by("pk")
    # The counts are the whole print provider's, which who looks after a part of it does not see.
    readers = [membership for membership in found if not membership.is_narrowed]
    for membership in readers:
        queue_mail(to=membership.user.email, template="digest", context=context, key=f"digest:{day.isoformat()}:{membership.pk}")
    return len(readers)


def causes_of(box: attention.Inbox) -> list[Cause]:
    """Return the digest's lines, most urgent cause first, each with the address of its remedy."""
    inbox, orders = settings.PUBLIC_URL + reverse("orders:attention"), settings.PUBLIC_URL + reverse("orders:orders")
    lost = [one.last_error_at for one in box.permissions if one.last_error_at]
    causes = [Cause(_("Seller's permission is gone"), len(box.permissions), min(lost, default=None), None, inbox)]
    causes.append(Cause(_("Seller's permission ends soon"), len(box.ending), None, None, inbox))
    causes += [_cause(str(hold_look(pile.kind, pile.cause).label), pile, f"{orders}?view=attention&hold={pile.kind}") for pile in box.holds]
    causes += [
        _cause(_("Not taken by the marketplace"), box.parked, inbox),
        _cause(_("Could not be read"), box.unreadable, f"{settings.PUBLIC_URL}{reverse('orders:ledger')}?verdict=unreadable"),
        _cause(_("Mails that were not delivered"), box.mails, f"{settings.PUBLIC_URL}{reverse('accounts:mails')}"),
        Cause(_("Import does not get through"), len(box.quiet), None, None, inbox),
        Cause(
            _("Prices and stock not taken by the marketplace"),
            len(box.not_taken),
            min((one.since for one in box.not_taken), default=None),
            None,
            inbox,
        ),
    ]
    found = [cause for cause in causes if cause.count]
    late = datetime.max.replace(tzinfo=ZoneInfo("UTC"))
    return sorted(found, key=lambda cause: cause.nearest or late)


def _cause(label: str, pile: attention.Pile, link: str) -> Cause:
    oldest, nearest = (localtime(moment) if moment else None for moment in (pile.oldest, pile.nearest))
    return Cause(label, pile.count, oldest, nearest, link)


def is_urgent(box: attention.Inbox) -> bool:
    """Return whether something cannot wait for tomorrow: see ``DigestSetting.wanted``."""
    soon = now() + URGENT_WITHIN
    piles = [*box.holds, box.parked]
    asked = any(pile.kind == HoldKind.CANCEL_REQUEST for pile in box.holds)
    return bool(asked or box.permissions or box.parked.count or any(pile.nearest and pile.nearest < soon for pile in piles))
