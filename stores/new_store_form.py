"""What is asked of every new store, wherever it sells: whose it is, where it prints, under which trading name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import offer
from pod_hub.accounts.models import Customer, Facility, TradingName


class NewStoreForm(forms.Form):
    """Base of the forms of new stores; a subclass adds what its kind needs and says in ``field_order`` where."""

    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Customer"), empty_label=_("Choose a customer"))
    facility: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Prints at"), empty_label=_("Choose a facility"), help_text=_("New orders go to this facility.")
    )
    trading_name: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None,
        label=_("Trading name"),
        required=False,
        empty_label=_("The customer's own name"),
        help_text=_("It stands on the packing slip. Add more on the customer's page."),
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
