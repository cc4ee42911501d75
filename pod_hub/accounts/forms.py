"""Forms of customers and settings."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Customer, Facility, Psp, Scope, TradingName, User
from pod_hub.accounts.print_file_names import known_pattern
from pod_hub.core.file_names import LONGEST_PATTERN


class CustomerSearch(forms.Form):
    """The filter of the customer list."""

    q = forms.CharField(label=_("Name begins with"), required=False, max_length=120, widget=forms.TextInput(attrs={"type": "search"}))


class CustomerForm(forms.ModelForm[Customer]):
    """A customer."""

    class Meta:
        model = Customer
        fields: ClassVar[list[str]] = ["name", "storefronts_enabled"]
        labels: ClassVar[dict[str, object]] = {"storefronts_enabled": _("Enable storefronts")}
        help_texts: ClassVar[dict[str, object]] = {
            "name": _("Your name for this merchant. Buyers see the trading names, not this one."),
            "storefronts_enabled": _("Stores of this customer may be connected to a marketplace. Turning it off leaves connected stores alone."),
        }


class TradingNameForm(forms.ModelForm[TradingName]):
    """A name under which a customer sells."""

    class Meta:
        model = TradingName
        fields: ClassVar[list[str]] = ["name"]
        help_texts: ClassVar[dict[str, object]] = {"name": _("It stands on the packing slip.")}


class EditTradingNameForm(TradingNameForm):
    """A trading name with its logo."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("It stands on the packing slip. PNG or JPEG, at most 1 MB. Leave it empty to keep the one there is."),
    )
    remove_logo = forms.BooleanField(label=_("Print without a logo"), required=False)


class ProfileForm(forms.ModelForm[User]):
    """One's own name, as colleagues and the print provider see it."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["first_name", "last_name"]


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))] + [
        ("UTC", "UTC")
    ]


class PspForm(forms.ModelForm[Psp]):
    """The PSP itself."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, help_text=_("Dates and deadlines are shown in this time zone."))

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["name", "time_zone"]


class FileNamesForm(forms.ModelForm[Psp]):
    """How print files are named when they are downloaded."""

    print_file_pattern = forms.CharField(label=_("Pattern"), max_length=LONGEST_PATTERN, validators=[known_pattern])

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["print_file_pattern"]


class FacilityForm(forms.ModelForm[Facility]):
    """A facility; its address is the ship-from address."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, initial="Europe/Berlin")

    class Meta:
        model = Facility
        fields: ClassVar[list[str]] = ["name", "address_lines", "postcode", "city", "region", "country", "time_zone", "is_active"]
        widgets: ClassVar[dict[str, forms.Widget]] = {"address_lines": forms.Textarea(attrs={"rows": 2})}
        help_texts: ClassVar[dict[str, object]] = {
            "address_lines": _("Street and number; marketplaces show it as the ship-from address."),
            "is_active": _("New stores can print here."),
        }


class ApiKeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The program that will use it. Timelines show this name."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one; a key that may do nothing is of no use.")},
    )
    lasts_days = forms.ChoiceField(
        label=_("Expires"),
        required=False,
        initial="365",
        choices=[("365", _("after a year")), ("90", _("after 90 days")), ("30", _("after 30 days")), ("", _("never"))],
        help_text=_("Make a new key before, use both for a while, then revoke the old one."),
    )
