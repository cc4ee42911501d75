"""In whose name a PSP's mails are written (``settings.MAIL_BRAND``)."""

from __future__ import annotations

from pod_hub.accounts.models import Psp
from pod_hub.mail.brand import HUB_COLOUR, Brand


def brand_of(psp_id: int) -> Brand:
    """Return what the mails of a PSP show of it."""
    psp = Psp.objects.only("name", "display_name", "colour", "mail_sender_name", "reply_to").get(pk=psp_id)
    return Brand(name=psp.shown_name, colour=psp.colour or HUB_COLOUR, sender_name=psp.mail_sender_name, reply_to=psp.reply_to)
