"""The form of a store without a marketplace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import offer
from pod_hub.accounts.models import Customer, Facility, TradingName


class ManualStoreForm(forms.Form):
    """Whose store it is, what it is called and where it prints."""

    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Customer"), empty_label=_("Choose a customer"))
    name = forms.CharField(label=_("Store name"), max_length=120, help_text=_("Such as the web shop's address. Lists of orders show it."))
    facility: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Prints at"), empty_label=_("Choose a facility"), help_text=_("New orders go to this facility.")
    )
    trading_name: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None,
        label=_("Trading name"),
        required=False,
        empty_label=_("The customer's own name"),
        help_text=_("It stands on the packing slip."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "customer", Customer.objects.order_by("name"))
        plants = Facility.objects.filter(is_active=True).order_by("name")
        offer(self, "facility", plants)
        if len(plants) == 1:
            self.initial.setdefault("facility", plants[0].pk)
        offer(self, "trading_name", TradingName.objects.select_related("customer").order_by("customer__name", "name"))
        self.fields["trading_name"].label_from_instance = lambda row: f"{row.customer} · {row}"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse another customer's trading name."""
        given = super().clean() or self.cleaned_data
        customer, trading_name = given.get("customer"), given.get("trading_name")
        if customer and trading_name and trading_name.customer_id != customer.pk:
            self.add_error("trading_name", gettext("This trading name belongs to another customer. Choose one of “%(name)s”.") % {"name": customer})
        return given
