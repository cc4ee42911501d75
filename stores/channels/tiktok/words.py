"""TikTok Shop's words for how a product stands and of what kind an order is, in ours."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LISTING_STATES: Mapping[str, str | Promise] = {
    "DRAFT": _("Draft"),
    "PENDING": _("Being reviewed"),
    "FAILED": _("Rejected"),
    "ACTIVATE": _("Live"),
    "NORMAL": _("Live"),
    "SELLER_DEACTIVATED": _("Taken off sale by the seller"),
    "PLATFORM_DEACTIVATED": _("Taken off sale by TikTok Shop"),
    "FREEZE": _("Frozen by TikTok Shop"),
    "DEACTIVATED": _("Not on sale"),
    "DELETED": _("Deleted"),
}
