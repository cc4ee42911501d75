"""In whose name a mail is written: the app above tells it by ``settings.MAIL_BRAND``, because this one knows no PSP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

HUB_COLOUR = "#3b5bdb"


@dataclass(frozen=True, slots=True)
class Brand:
    """What a mail shows of its sender. ``colour`` is ``#rrggbb`` and dark enough for white text."""

    name: str = "Pod Hub"
    colour: str = HUB_COLOUR
    sender_name: str = ""
    reply_to: str = ""


def brand_of(psp_id: int | None) -> Brand:
    """Return the brand of a PSP's mails, or the hub's own for mails that are no tenant's."""
    if psp_id is None:
        return Brand()
    ask: Callable[[int], Brand] = import_string(settings.MAIL_BRAND)
    return ask(psp_id)
