"""Forms of stores and their connections. Choices come from tenant managers, so another PSP's ids are refused."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import offer
from pod_hub.accounts.models import Customer, Facility, TradingName
from stores.channels.registry import CAPABILITIES, ChannelKind
from stores.channels.types import ChannelState, FulfilledBy
from stores.models import Approval, Connection, Store
from stores.services.setup import ConnectionSettings


class StoreSearch(forms.Form):
    """The filters of the store list."""

    q = forms.CharField(label=_("Name begins with"), required=False, max_length=120, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *Connection.State.choices])


class ListingSearch(forms.Form):
    """The filters of a store's listings."""

    q = forms.CharField(label=_("SKU, ASIN or title"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("All products")), ("unmapped", _("Not connected")), ("mapped", _("Connected")), ("gone", _("Gone from the store"))],
    )


class StoreForm(forms.Form):
    """Where a store's orders print and what it is called."""

    name = forms.CharField(label=_("Store name"), max_length=120)
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

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "facility", Facility.objects.filter(is_active=True).order_by("name"))
        offer(self, "trading_name", TradingName.objects.filter(customer=customer).order_by("name"))

    @classmethod
    def of(cls, store: Store, data: Any = None) -> StoreForm:
        """Return the form of an existing store."""
        initial = {"name": store.name, "facility": store.facility_id, "trading_name": store.trading_name_id}
        form = cls(data, customer=store.customer, initial=initial)
        # A facility that is not used any more stays choosable for the stores that are there.
        offer(form, "facility", (Facility.objects.filter(is_active=True) | Facility.objects.filter(pk=store.facility_id)).order_by("name"))
        return form


def _places() -> list[tuple[str, str]]:
    return [
        (f"{kind.value}:{place.id}", f"{channel.label} · {gettext(place.name)}")
        for kind, channel in CAPABILITIES.items()
        if channel.can_connect
        for place in channel.marketplaces
    ]


class AddStoreForm(forms.Form):
    """A new store: whose, where it sells, where it prints."""

    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Customer"), empty_label=_("Choose a customer"))
    place = forms.ChoiceField(
        label=_("Marketplace"), choices=_places, help_text=_("One store is one marketplace. A seller who sells in two countries has two stores here.")
    )
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
    name = forms.CharField(
        label=_("Store name"), max_length=120, required=False, help_text=_("Left empty, it is made of the trading name and the marketplace.")
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
        """Refuse another customer's trading name, and give the store a name when none was typed."""
        given = super().clean() or self.cleaned_data
        customer, trading_name = given.get("customer"), given.get("trading_name")
        if customer and trading_name and trading_name.customer_id != customer.pk:
            self.add_error("trading_name", gettext("This trading name belongs to another customer. Choose one of “%(name)s”.") % {"name": customer})
        if customer and given.get("place") and not given.get("name"):
            kind, _colon, marketplace = given["place"].partition(":")
            place = next(place for place in CAPABILITIES[ChannelKind(kind)].marketplaces if place.id == marketplace)
            given["name"] = f"{trading_name or customer} · {ChannelKind(kind).label} {gettext(place.name)}"[:120]
        return given


class ConnectionForm(forms.ModelForm[Connection]):
    """The settings of a connection (DS-11 to DS-14, CS-07, CS-14) and its pauses."""

    import_states = forms.MultipleChoiceField(
        label=_("Import orders in status"),
        choices=[
            (ChannelState.UNSHIPPED.value, _("Unshipped")),
            (ChannelState.PARTIALLY_SHIPPED.value, _("Partially shipped")),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Default: both. Orders whose payment is still pending are never imported; they come as soon as they are paid."),
        error_messages={"required": _("Choose at least one status. To import nothing for a while, pause the import instead.")},
    )
    inventory_channel_code = forms.CharField(
        label=_("Fulfillment channel code"),
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+$", _("Use letters, digits, dashes and underscores only."))],
        help_text=_("Default: DEFAULT. Another value only for sellers with several stock locations at the marketplace."),
    )

    class Meta:
        model = Connection
        fields = (
            "fulfilled_by",
            "import_states",
            "max_order_age_days",
            "handling_days",
            "inventory_channel_code",
            "mark_as_despatched",
            "approval",
            "import_paused",
            "push_paused",
        )
        help_texts = {
            "fulfilled_by": _("Default: the merchant. Orders that the marketplace ships from its own warehouse cannot be printed here."),
            "max_order_age_days": _("Default: 7. Older orders are listed in the intake ledger as skipped, with this reason. 1 to 365."),
            "handling_days": _("Default: empty, the marketplace's own handling time. 1 to 30."),
            "mark_as_despatched": _("Default: on. Packages shipped here are confirmed at the marketplace with their tracking number."),
            "approval": _(
                "Default: none. While an order waits it can still be changed: address, artwork, quantity. The wait never takes more than a quarter of"
                " the time that is left until ship-by. Orders that are here already keep the rule they came under."
            ),
            "import_paused": _("No new orders come in. When the import goes on, orders of the pause are fetched, up to the maximum age."),
            "push_paused": _("Packages are not confirmed at the marketplace until it goes on. Mind the ship-by dates."),
        }

    def chosen(self) -> ConnectionSettings:
        """Return what a valid form says."""
        given = self.cleaned_data
        return ConnectionSettings(
            fulfilled_by=FulfilledBy(given["fulfilled_by"]).value,
            import_states=given["import_states"],
            max_order_age_days=given["max_order_age_days"],
            handling_days=given["handling_days"],
            inventory_channel_code=given["inventory_channel_code"],
            mark_as_despatched=given["mark_as_despatched"],
            approval=Approval(given["approval"]).value,
            import_paused=given["import_paused"],
            push_paused=given["push_paused"],
        )
