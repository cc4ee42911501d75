"""Adding and changing customers and the names they sell under."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pod_hub.accounts.models import Customer, TradingName
from pod_hub.core.twins import refuse_twins


def save_customer(*, customer: Customer) -> Customer:
    """Store a new or changed customer; raises ``AlreadyThere`` when another one has this name, in any case of letters."""
    with refuse_twins(_("You have a customer of this name. Open that one, or choose another name.")):
        customer.save()
    return customer


def add_trading_name(*, customer: Customer, name: str) -> TradingName:
    """Give a customer one more name to sell under; raises ``AlreadyThere`` when it has it."""
    with refuse_twins(_("This customer has this trading name already.")):
        return TradingName.objects.create(customer=customer, name=name)


def save_trading_name(*, trading_name: TradingName) -> TradingName:
    """Store a changed trading name; raises ``AlreadyThere`` when the customer has another of this name."""
    with refuse_twins(_("This customer has this trading name already.")):
        trading_name.save()
    return trading_name
