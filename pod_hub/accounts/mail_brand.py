"""In whose name a PSP's mails are written (``settings.MAIL_BRAND``)."""

from __future__ import annotations

from pod_hub.accounts.models import Psp
from pod_hub.mail.brand import Brand


def brand_of(psp_id: int) -> Brand:
    """Return what the mails of a PSP show of it."""
    name = Psp.objects.values_list("name", flat=True).get(pk=psp_id)
    return Brand(name=name)
