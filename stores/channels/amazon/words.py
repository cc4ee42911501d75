"""Amazon's words for how a listing stands, in ours; as the Listings Items API writes them, and as the listings report does."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LISTING_STATES: Mapping[str, str | Promise] = {
    "BUYABLE, DISCOVERABLE": _("Live"),
    "DISCOVERABLE, BUYABLE": _("Live"),
    "BUYABLE": _("Live, but not found by searching"),
    "DISCOVERABLE": _("Shown, but cannot be bought"),
    "Active": _("Live"),
    "Inactive": _("Not on sale"),
    "Incomplete": _("Not on sale: details are missing"),
}
