"""What people may ask of order lists, and the form that connects a listing to a product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import CustomerProduct, Design
from orders.models import HoldKind, IntakeRecord
from orders.presentation import HOLD, ORDER_STATE, VERDICT
from orders.states import OrderState
from stores.models import Listing, Store

MOST_UPLOAD_NAME = 120


class OrderFilters(forms.Form):
    """Filters of the order list. A wrong value is an error beside its field and filters nothing."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, strip=True, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label=_("State"), required=False)
    store = forms.ChoiceField(label=_("Store"), required=False)
    customer = forms.ChoiceField(label=_("Customer"), required=False)
    hold = forms.ChoiceField(label=_("Waiting for"), required=False)
    due = forms.ChoiceField(label=_("Ship by"), required=False)

    def __init__(self, *args: Any, stores: Iterable[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = list(stores)
        customers = {store.customer.public_id: store.customer.name for store in shops}
        self._choices("state", _("Any state"), [(state.value, ORDER_STATE[state].label) for state in OrderState])
        self._choices("store", _("All stores"), [(store.public_id, store.name) for store in shops])
        self._choices("customer", _("All customers"), sorted(customers.items(), key=lambda pair: pair[1].casefold()))
        self._choices(
            "hold", _("Held or not"), [("any", _("Anything")), ("none", _("Nothing"))] + [(kind.value, HOLD[kind].label) for kind in HoldKind]
        )
        self._choices("due", _("Any ship-by"), [("late", _("Late")), ("today", _("Today"))])

    def _choices(self, name: str, anything: Any, choices: list[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [("", anything), *choices]

    def wanted(self) -> dict[str, str]:
        """Return the filters that are set and right."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class LedgerFilters(forms.Form):
    """Filters of the intake ledger."""

    q = forms.CharField(label=_("Order number"), required=False, max_length=80, strip=True, widget=forms.TextInput(attrs={"type": "search"}))
    verdict = forms.ChoiceField(label=_("Verdict"), required=False, choices=[("", _("Any verdict")), *((v.value, VERDICT[v].label) for v in VERDICT)])
    road = forms.ChoiceField(label=_("Road"), required=False, choices=[("", _("Any road")), *IntakeRecord.Road.choices])
    store = forms.ChoiceField(label=_("Store"), required=False)

    def __init__(self, *args: Any, stores: Iterable[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = ((store.public_id, store.name) for store in stores)
        cast("forms.ChoiceField", self.fields["store"]).choices = [("", _("All stores")), ("none", _("No store of ours")), *shops]

    def wanted(self) -> dict[str, str]:
        """Return the filters that are set and right."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class MapForm(forms.Form):
    """Connects a listing to a product that is chosen already: how many pieces, and which artwork or which new file."""

    quantity = forms.IntegerField(
        label=_("Pieces per unit sold"), min_value=1, max_value=10_000, initial=1, help_text=_("2 for a listing that sells a pair.")
    )
    design: forms.ModelChoiceField[Design] = forms.ModelChoiceField(
        label=_("Design"), queryset=None, required=False, empty_label=None, to_field_name="public_id"
    )
    upload = forms.FileField(
        label=_("Or upload a new file"), required=False, widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}), help_text=_("PNG or JPEG.")
    )

    def __init__(self, *args: Any, listing: Listing, product: CustomerProduct, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product
        if product.product_model.needs_design:
            field = cast("forms.ModelChoiceField[Design]", self.fields["design"])
            made = Design.objects.filter(customer=listing.store.customer_id, product_model=product.product_model_id).select_related("print_file")
            field.queryset = made.order_by("-created_at", "-pk")
        else:
            del self.fields["design"], self.fields["upload"]

    def clean(self) -> dict[str, Any]:
        """Ask for a design where the product needs one."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.product.product_model.needs_design and not (cleaned.get("design") or cleaned.get("upload") or self.errors):
            self.add_error("upload", _("“%(product)s” needs artwork. Choose a design, or upload a PNG or JPEG.") % {"product": self.product})
        return cleaned
