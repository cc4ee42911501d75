"""Correcting the carrier or the tracking number of a package, which the channel is told like the package itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from fulfillment.models import Package, Push
from fulfillment.services.shared_parcels import same_number_elsewhere, shared_in_words
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.models import Order
from orders.services.holds import record_event
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from stores.channels.registry import Corrections, capabilities


class CannotCorrect(Exception):
    """The package cannot be corrected; nothing was written. The message says why and what to do."""


def corrections_of(package: Package) -> Corrections | None:
    """Return how the channel takes corrections of what it was told, or None where it takes none."""
    return capabilities(package.order.store.kind).corrections


def correctable_until(package: Package) -> datetime | None:
    """Return until when the channel takes a correction; None where it sets no time, or was not told yet."""
    push: Push | None = getattr(package, "push", None)
    rules = corrections_of(package)
    if push is None or push.accepted_at is None or rules is None or rules.within is None:
        return None
    return push.accepted_at + rules.within


def why_not(package: Package) -> str:
    """Say why a package cannot be corrected now; empty when it can."""
    push: Push | None = getattr(package, "push", None)
    if package.label_id is not None:
        return _("The label was bought at the marketplace, so its number is the marketplace's own.")
    if push is None or _never_told(push):
        return ""
    rules, until = corrections_of(package), correctable_until(package)
    if push.delivery == Delivery.WITHDRAWN:
        return _("The marketplace cancelled the order, so it is not told of this package.")
    if push.delivery == Delivery.PENDING or push.in_doubt:
        return _("The marketplace is being told of this package right now. Wait until it answered.")
    if rules is None:
        return _("The marketplace takes no correction of a package. Correct it there.")
    if until is not None and until <= now():
        return _("The marketplace takes a correction only for %(hours)s hours after it was told. Ask its support.") % {
            "hours": int((until - (push.accepted_at or until)).total_seconds() // 3600)
        }
    if rules.times is not None and Package.objects.filter(order=package.order_id, corrected_at__isnull=False).count() >= rules.times:
        return _("The marketplace takes one correction for an order, and it was used. Ask its support.")
    if not capabilities(package.order.store.kind).keeps_package_references and not package.channel_id:
        return _("The marketplace's own number of this package is not known yet. Wait until it was read back.")
    return ""


def _never_told(push: Push) -> bool:
    """Whether the channel knows nothing of the package, so that changing it here changes nothing there."""
    return push.accepted_at is None and not push.in_doubt and push.delivery in {Delivery.PENDING, Delivery.PARKED} and push.lease is None


@transaction.atomic
def correct_package(*, package_id: int, carrier_code: str, carrier_name: str, tracking_number: str, actor: Actor, is_shared: bool = False) -> Package:
    """Give a package another carrier or tracking number, and tell the channel. Changing nothing does nothing. Raises ``CannotCorrect``.

    A number that another order's package has is taken only when it is said to be the same parcel (``is_shared``).
    """
    found = Package.objects.get(pk=package_id)
    Order.reread(found.order_id)
    package = Package.objects.select_for_update(of=("self",)).select_related("order__store").get(pk=package_id)
    push = Push.objects.select_for_update().filter(package=package).first()
    try:
        tracking = clean_tracking_number(tracking_number)
    except BadTrackingNumber as error:
        raise CannotCorrect(str(error)) from None
    before = (package.carrier_code, package.carrier_name, package.tracking_number)
    after = (carrier_code.strip(), carrier_name.strip(), tracking)
    if not after[0]:
        raise CannotCorrect(_("The carrier is missing. The marketplace requires one for every package."))
    if before == after:
        return package
    if refusal := why_not(package):
        raise CannotCorrect(refusal)
    other = same_number_elsewhere(order_id=package.order_id, carrier_code=after[0], carrier_name=after[1], tracking_number=tracking)
    if other is not None and not is_shared:
        raise CannotCorrect(shared_in_words(other) + " " + _("Check the number, or confirm that it really is the same parcel."))
    package.carrier_code, package.carrier_name, package.tracking_number = after
    if push is not None:
        if not _never_told(push):
            package.corrected_at = now()
        push.delivery, push.not_before, push.last_error, push.accepted_at = Delivery.PENDING, now(), "", None
        push.attempts, push.read_backs, push.read_back, push.read_back_at, push.sent_at = 0, 0, None, None, None
        push.lease = push.leased_until = None  # a worker that is reading the old facts back settles nothing any more
        push.save()
        hint("fulfillment.push")
    package.save()
    record_event(
        package.order_id,
        "corrected",
        _("Package %(number)s was corrected from %(before)s to %(after)s.")
        % {"number": package.number, "before": f"{before[1] or before[0]} {before[2]}", "after": f"{after[1] or after[0]} {after[2]}"},
        actor=actor,
        facts={"package": package.public_id},
    )
    return package
