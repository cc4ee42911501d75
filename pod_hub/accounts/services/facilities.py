"""Adding and changing facilities."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pod_hub.accounts.models import Facility
from pod_hub.core.twins import refuse_twins


def save_facility(*, facility: Facility) -> Facility:
    """Store a new or changed facility; raises ``AlreadyThere`` when another one has this name, in any case of letters."""
    with refuse_twins(_("You have a facility of this name. Open that one, or choose another name.")):
        facility.save()
    return facility
