"""Forms of stores and their connections. Choices come from tenant managers, so another PSP's ids are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import offer
from pod_hub.accounts.models import Customer, Facility, TradingName
from pod_hub.ui.field_words import InOurWords
from stores.channels.registry import CAPABILITIES, ChannelKind
from stores.channels.types import ChannelState, FulfilledBy
from stores.listing_selectors import SHOWS
from stores.models import Approval, Connection, ListingChange, Store
from stores.new_store_form import NewStoreForm
from stores.selectors import connectable_stores
from stores.services.setup import ConnectionSettings
from stores.services.wizard import StoreChoice


class StoreSearch(forms.Form):
    """The filters of the store list."""

    q = forms.CharField(label=_("Name begins with"), required=False, max_length=120, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *Connection.State.choices])


class ListingSearch(forms.Form):
    """The filters of a store's listings. ``number`` is what people call the number of a product at the store's channel."""

    q = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))
    show = forms.ChoiceField(required=False, choices=[(show, show) for show in SHOWS], widget=forms.HiddenInput)
    sync = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    found = forms.ChoiceField(required=False, choices=[("", ""), *ListingChange.Kind.choices], widget=forms.HiddenInput)

    def __init__(self, *args: Any, number: str | Promise = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = (
            gettext("SKU, %(number)s or part of the title") % {"number": number} if number else gettext("SKU or part of the title")
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
    def of(cls, store: Store, data: Any = None, *, chooses_facility: bool = True) -> StoreForm:
        """Return the form of an existing store. Where it prints is the PSP's business, so a merchant is not asked (``chooses_facility``)."""
        initial = {"name": store.name, "facility": store.facility_id, "trading_name": store.trading_name_id}
        form = cls(data, customer=store.customer, initial=initial)
        # A facility that is not used any more stays choosable for the stores that are there.
        if chooses_facility:
            offer(form, "facility", (Facility.objects.filter(is_active=True) | Facility.objects.filter(pk=store.facility_id)).order_by("name"))
        else:
            del form.fields["facility"]
        return form


def _places() -> list[tuple[str, str]]:
    return [
        (f"{kind.value}:{place.id}", f"{channel.label} · {gettext(place.name)}")
        for kind, channel in CAPABILITIES.items()
        if channel.can_connect
        for place in channel.marketplaces
    ]


class AddStoreForm(NewStoreForm):
    """A new store: whose, where it sells, where it prints."""

    field_order = ("customer", "place", "facility", "trading_name", "name")

    place = forms.ChoiceField(
        label=_("Marketplace"), choices=_places, help_text=_("One store is one marketplace. A seller who sells in two countries has two stores here.")
    )
    name = forms.CharField(
        label=_("Store name"), max_length=120, required=False, help_text=_("Left empty, it is made of the trading name and the marketplace.")
    )

    def clean(self) -> dict[str, Any]:
        """Give the store a name when none was typed."""
        given = super().clean()
        customer, trading_name = given.get("customer"), given.get("trading_name")
        if customer and given.get("place") and not given.get("name"):
            kind, _colon, marketplace = given["place"].partition(":")
            place = next(place for place in CAPABILITIES[ChannelKind(kind)].marketplaces if place.id == marketplace)
            given["name"] = f"{trading_name or customer} · {ChannelKind(kind).label} {gettext(place.name)}"[:120]
        return given


class StoreSetupForm(forms.Form):
    """The wizard's second step: an existing store, or what the new one is to be.

    A merchant is not asked whose store it is and where it prints: the one is theirs, the other the PSP's business (GT-14).
    """

    existing: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None,
        label=_("Store"),
        required=False,
        empty_label=_("Create new store"),
        help_text=_("Choose a store that you added before, or that was disconnected; it keeps its own name, marketplace and mappings."),
    )
    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Customer"), empty_label=_("Choose a customer"), help_text=_("Whose orders these are.")
    )
    facility: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Prints at"), empty_label=_("Choose a facility"), help_text=_("New orders go to this facility.")
    )
    place = forms.ChoiceField(
        label=_("Marketplace"),
        help_text=_("The country of the marketplace: a .co.uk store means United Kingdom."),
        error_messages={"required": _("Choose the country in which the store sells; the marketplace asks for the permission there.")},
    )
    trading_name: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None,
        label=_("Trading name"),
        required=False,
        empty_label=_("The customer's own name"),
        help_text=_("It stands on the packing slip."),
    )
    name = forms.CharField(
        label=_("Integration name"), max_length=120, required=False, help_text=_("Left empty, it is made of the trading name and the marketplace.")
    )

    def __init__(self, *args: Any, kind: str, customer: Customer | None, own_store: Store | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.only_customer = kind, customer
        channel = CAPABILITIES[ChannelKind(kind)]
        free = connectable_stores(kind=kind, customer_id=customer.pk if customer else None, but=own_store.pk if own_store else None)
        offer(self, "existing", free)
        plants = Facility.objects.filter(is_active=True).order_by("name")
        names = TradingName.objects.select_related("customer").order_by("customer__name", "name")
        if customer is None:
            offer(self, "customer", Customer.objects.order_by("name"))
            offer(self, "facility", plants)
            if len(plants) == 1:
                self.initial.setdefault("facility", plants[0].pk)
            self._say("existing", lambda row: f"{row.name} · {row.customer}")
            self._say("trading_name", lambda row: f"{row.customer} · {row}")
        else:
            del self.fields["customer"], self.fields["facility"]
            names = names.filter(customer=customer)
        offer(self, "trading_name", names)
        if not free:
            del self.fields["existing"]
        places = [(place.id, gettext(place.name)) for place in channel.marketplaces]
        if places:
            self.fields["place"].choices = [("", gettext("Choose a country")), *places]  # type: ignore[attr-defined]
            if len(places) == 1:
                self.initial.setdefault("place", places[0][0])
        else:
            del self.fields["place"]

    def _say(self, name: str, words: Callable[[Any], str]) -> None:
        self.fields[name].label_from_instance = words  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for nothing that an existing store says itself; refuse another customer's trading name and customers without storefronts (GA-02)."""
        given = super().clean() or self.cleaned_data
        if (existing := given.get("existing")) is not None:
            for name in ("customer", "facility", "place", "trading_name", "name"):
                self.errors.pop(name, None)
            customer = existing.customer
        else:
            customer = self.only_customer or given.get("customer")
        trading_name = given.get("trading_name")
        if existing is None and customer and trading_name and trading_name.customer_id != customer.pk:
            self.add_error("trading_name", gettext("This trading name belongs to another customer. Choose one of “%(name)s”.") % {"name": customer})
        if customer and not customer.storefronts_enabled:
            self.add_error(
                "customer" if existing is None and "customer" in self.fields else None,
                gettext(
                    "“%(name)s” has no storefronts access, so its stores cannot be connected. Turn on “Enable storefronts” on the customer's page."
                )
                % {"name": customer},
            )
        if existing is None and customer and not given.get("name"):
            given["name"] = suggested_name(self.kind, given.get("place", ""), trading_name or customer)
        return given

    def chosen(self, *, facility: Facility | None) -> StoreChoice:
        """Return what a valid form says; ``facility`` is where a merchant's new store prints."""
        given = self.cleaned_data
        existing: Store | None = given.get("existing")
        if existing is not None:
            return StoreChoice(existing.customer, existing.facility, existing.trading_name, existing.marketplace, existing.name, existing)
        plant = given.get("facility") or facility
        assert plant is not None  # a merchant's is looked up before
        return StoreChoice(self.only_customer or given["customer"], plant, given["trading_name"], given.get("place", ""), given["name"])


def suggested_name(kind: str, marketplace: str, seller: Customer | TradingName) -> str:
    """Return the name that a store gets when nobody types one (CS-04): the trading name and the marketplace."""
    place = next((place for place in CAPABILITIES[ChannelKind(kind)].marketplaces if place.id == marketplace), None)
    return f"{seller} · {ChannelKind(kind).label}{' ' + gettext(place.name) if place else ''}"[:120]


class MerchantEmailForm(forms.Form):
    """Where to send the link by which the merchant authorises."""

    email = forms.EmailField(label=_("Merchant's e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class ConnectionForm(InOurWords, forms.ModelForm[Connection]):
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
            "inventory_paused",
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
            "inventory_paused": _("Stock levels and prices are not sent to the marketplace until it goes on."),
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
            import_paused=given.get("import_paused", self.instance.import_paused),
            push_paused=given.get("push_paused", self.instance.push_paused),
            inventory_paused=given.get("inventory_paused", self.instance.inventory_paused),
        )


class FirstSettingsForm(ConnectionForm):
    """The same settings as the wizard offers them: the order statuses as two presets, and nothing to pause yet."""

    import_states = forms.ChoiceField(  # type: ignore[assignment]
        label=_("Import order status"),
        choices=[
            (f"{ChannelState.UNSHIPPED.value},{ChannelState.PARTIALLY_SHIPPED.value}", _("Unshipped and partially shipped (default)")),
            (ChannelState.UNSHIPPED.value, _("Unshipped only")),
        ],
        help_text=_("Orders whose payment is still pending are never imported; they come as soon as they are paid."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("import_paused", "push_paused", "inventory_paused"):
            del self.fields[name]
        self.initial["import_states"] = ",".join(self.instance.import_states)

    def clean_import_states(self) -> list[str]:
        """Turn the preset into its statuses."""
        return str(self.cleaned_data["import_states"]).split(",")
