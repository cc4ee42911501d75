"""What people may ask of order lists, change on an order, and say of a listing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from catalog.design_choice import DesignOrUpload
from catalog.models import CustomerProduct, Design
from catalog.selectors import printable_designs
from orders.digest_settings import DigestSetting
from orders.models import HoldKind, IntakeRecord, OrderLine
from orders.presentation import HOLD, ORDER_STATE, VERDICT
from orders.states import OrderState
from pod_hub.ui.field_words import InOurWords
from stores.channels.types import Address
from stores.models import Listing, Store

MOST_UPLOAD_NAME = 120


class CustomerToChoose(Protocol):
    """A customer that a list can be filtered by."""

    @property
    def public_id(self) -> str:
        """What stands in the address."""

    @property
    def name(self) -> str:
        """What people read."""


class StoreToChoose(CustomerToChoose, Protocol):
    """A store that a list can be filtered by, with its customer."""

    @property
    def customer(self) -> CustomerToChoose:
        """Whose store it is."""


class OrderFilters(forms.Form):
    """Filters of the order list. A wrong value is an error beside its field and filters nothing."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, strip=True, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label=_("State"), required=False)
    store = forms.ChoiceField(label=_("Store"), required=False)
    customer = forms.ChoiceField(label=_("Customer"), required=False)
    hold = forms.ChoiceField(label=_("Waiting for"), required=False)
    due = forms.ChoiceField(label=_("Ship by"), required=False)

    def __init__(self, *args: Any, stores: Iterable[StoreToChoose], **kwargs: Any) -> None:
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


class PortalOrderFilters(forms.Form):
    """Filters of a merchant's order list. A wrong value is an error beside its field and filters nothing."""

    q = forms.CharField(
        label=_("Order or tracking number"), required=False, max_length=80, strip=True, widget=forms.TextInput(attrs={"type": "search"})
    )
    store = forms.ChoiceField(label=_("Store"), required=False)
    days = forms.ChoiceField(
        label=_("Placed"),
        required=False,
        choices=[("", _("Any time")), ("7", _("Last 7 days")), ("30", _("Last 30 days")), ("90", _("Last 90 days"))],
    )

    def __init__(self, *args: Any, stores: Iterable[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["store"]).choices = [("", _("All stores")), *((store.public_id, store.name) for store in stores)]

    def clean_q(self) -> str:
        """Find nothing for what no number holds, instead of upsetting the database."""
        return str(self.cleaned_data["q"]).replace("\0", "")

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

    def __init__(self, *args: Any, stores: Iterable[StoreToChoose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = ((store.public_id, store.name) for store in stores)
        cast("forms.ChoiceField", self.fields["store"]).choices = [("", _("All stores")), ("none", _("No store of ours")), *shops]

    def wanted(self) -> dict[str, str]:
        """Return the filters that are set and right."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def countries_offered(*, kept: str = "") -> list[tuple[str, str]]:
    """Return ISO 3166 codes with the names of their countries; ``kept`` is one that a marketplace told, which stays whatever it is."""
    known = dict(countries)
    offered = [("", _("Choose a country")), *known.items()]
    return offered if not kept or kept in known else [*offered, (kept, _("%(code)s (as the marketplace told it)") % {"code": kept})]


class AddressForm(InOurWords, forms.Form):
    """Where an order goes. Never filled from the address of the page, always from the sealed data."""

    name = forms.CharField(label=_("Name"), max_length=120)
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    line1 = forms.CharField(label=_("Street and number"), max_length=180)
    line2 = forms.CharField(label=_("Second line"), max_length=180, required=False)
    line3 = forms.CharField(label=_("Third line"), max_length=180, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=120)
    district = forms.CharField(label=_("District"), max_length=120, required=False)
    region = forms.CharField(label=_("State or region"), max_length=120, required=False)
    country = forms.ChoiceField(
        label=_("Country"),
        error_messages={
            "required": _("Choose the country: no label can be bought without it."),
            "invalid_choice": _("There is no country “%(value)s”. Choose one of the list."),
        },
    )
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    instructions = forms.CharField(label=_("For the carrier"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["country"]).choices = countries_offered(kept=self.initial.get("country", ""))

    @staticmethod
    def initial_of(address: Address | None) -> dict[str, str]:
        """Return what the form shows of an address."""
        if address is None:
            return {}
        lines = [*address.lines, "", "", ""]
        kept = {
            name: getattr(address, name) for name in ("name", "company", "postcode", "city", "district", "region", "country", "phone", "instructions")
        }
        return kept | {"line1": lines[0], "line2": lines[1], "line3": ", ".join(line for line in lines[2:] if line)}

    def address(self, before: Address | None) -> Address:
        """Return what was entered; only after ``is_valid``. What the form does not ask for stays as it was."""
        given = dict(self.cleaned_data)
        lines = tuple(line for line in (given.pop("line1"), given.pop("line2"), given.pop("line3")) if line)
        return Address(**{**given, "lines": lines, "kind": before.kind if before else ""})


class QuantityForm(InOurWords, forms.Form):
    """How many units of a line are made."""

    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=1_000_000)
    reason = forms.CharField(label=_("Why"), max_length=200, required=False, help_text=_("For the history; no names or addresses."))


class ArtworkForm(DesignOrUpload):
    """Another print file for one line: one of the customer's designs for this product, or a new file."""

    def __init__(self, *args: Any, line: OrderLine, **kwargs: Any) -> None:
        model = line.customer_product.product_model_id if line.customer_product else None
        made = Design.objects.filter(customer=line.order.store.customer_id, product_model=model, print_file__isnull=False)
        super().__init__(*args, designs=made.order_by("-created_at", "-pk"), **kwargs)
        cast("forms.ModelChoiceField[Design]", self.fields["design"]).empty_label = _("None of these")


class MapForm(DesignOrUpload):
    """Connects a listing to a product that is chosen already: how many pieces, and which artwork or which new file."""

    quantity = forms.IntegerField(
        label=_("Pieces per unit sold"), min_value=1, max_value=10_000, initial=1, help_text=_("2 for a listing that sells a pair.")
    )
    field_order = ("quantity", "design", "upload")

    def __init__(self, *args: Any, listing: Listing, product: CustomerProduct, **kwargs: Any) -> None:
        designs = printable_designs(customer_id=listing.store.customer_id, product_model_id=product.product_model_id)
        super().__init__(*args, designs=designs, needs_artwork=product.product_model.needs_design, **kwargs)
        self.lacks_both = _("“%(product)s” needs artwork. Choose a design, or upload a picture.") % {"product": product}


class LevelForm(forms.Form):
    """From which confidence on suggestions are accepted."""

    level = forms.TypedChoiceField(
        label=_("Accept suggestions from"),
        coerce=int,
        initial=92,
        widget=forms.RadioSelect,
        choices=[
            (100, _("100 %: the SKU is the product UID")),
            (92, _("92 %: also the UID spelled differently, and what you connected elsewhere")),
            (80, _("80 %: also SKUs that hold the UID, and variants of what is connected")),
            (65, _("65 %: also titles that are alike; look at the result")),
        ],
    )


class DigestForm(forms.ModelForm[DigestSetting]):
    """Whether and when the digest is sent."""

    hour = forms.TypedChoiceField(
        label=_("Hour of the day"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)], help_text=_("In your time zone.")
    )

    class Meta:
        model = DigestSetting
        fields = ("wanted", "hour")
        widgets = {"wanted": forms.RadioSelect}


class BulkUploadForm(forms.Form):
    """A filled-in file of a store's products, and where the result goes (GT-24)."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("The result goes there as a file with one verdict for each row. It stays on this page too."),
    )
    file = forms.FileField(
        label=_("Upload CSV"),
        max_length=MOST_UPLOAD_NAME,
        help_text=_("CSV or Excel (XLSX), up to 50,000 rows. Commas, semicolons or tabs are all right."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class KeepDesignForm(forms.Form):
    """Why a design is printed as it is although its product was changed."""

    because = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the audit trail and on the design's page."),
    )
