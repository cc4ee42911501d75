"""One tracking number on packages of several orders: a slip of the scanner, or one parcel for a buyer who ordered twice. A person decides which."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from fulfillment.models import Package
from orders.states import OrderState

OTHER = "Other"


def same_number_elsewhere(*, order_id: int, carrier_code: str, carrier_name: str, tracking_number: str) -> Package | None:
    """Return a package of another order with this carrier and (clean) number, unless that order is cancelled. One query, by the index on numbers.

    What the reader may not see is not found: a scope that is narrowed to some customers is not told of the others' parcels.
    """
    carrier = carrier_name.strip() if carrier_code == OTHER else carrier_code.strip()
    by_carrier = Q(carrier_code__iexact=carrier) | Q(carrier_code=OTHER, carrier_name__iexact=carrier)
    rows = Package.objects.filter(by_carrier, tracking_number=tracking_number).exclude(order=order_id).exclude(order__state=OrderState.CANCELLED)
    return rows.select_related("order").order_by("pk").first()


def shared_in_words(other: Package) -> str:
    """Say which package of which order has the number already."""
    return _("%(carrier)s %(tracking)s is on package %(n)s of order %(order)s already.") % {
        "carrier": other.carrier_name or other.carrier_code,
        "tracking": other.tracking_number,
        "n": other.number,
        "order": other.order.external_id,
    }
