"""Forms of customers and settings."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Customer, Facility, Psp, Role, Scope, TradingName, User, Weekday
from pod_hub.accounts.print_file_names import known_pattern
from pod_hub.core.file_names import LONGEST_PATTERN
from pod_hub.core.phone_numbers import international


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
            "storefronts_enabled": _(
                "Opens the portal to this customer's admins and lets its stores be connected to marketplaces. Turning it off signs its people out; "
                "connected stores go on."
            ),
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
    field_order = ["name", "logo", "remove_logo"]

    class Meta(TradingNameForm.Meta):
        fields: ClassVar[list[str]] = ["name", "sender", "sender_email", "sender_phone"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "sender": forms.Textarea(attrs={"rows": 4}),
            "sender_phone": forms.TextInput(attrs={"type": "tel", "placeholder": "+49 40 123456"}),
        }
        help_texts: ClassVar[dict[str, object]] = TradingNameForm.Meta.help_texts | {
            "sender": _("Who sells: company, street, town, register number, as the law of your country asks. It stands beneath the name."),
            "sender_email": _("Buyers read it beneath the name."),
            "sender_phone": _("Buyers read it beneath the name. With its country."),
        }

    def clean_sender_phone(self) -> str:
        """Spell the number in one way."""
        typed = str(self.cleaned_data["sender_phone"]).strip()
        return international(typed) if typed else ""


class ProfileForm(forms.ModelForm[User]):
    """One's own name, as colleagues and the print provider see it."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["first_name", "last_name"]


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))] + [
        ("UTC", "UTC")
    ]


STAFF_ROLES = [(role.value, capfirst(role.label)) for role in (Role.OWNER, Role.MANAGER, Role.PRODUCTION, Role.READER)]


class PlaceForm(forms.Form):
    """What somebody of the staff may do, and how much of the print provider they see."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=STAFF_ROLES,
        initial=Role.PRODUCTION,
        widget=forms.RadioSelect,
        help_text=_(
            "Owners may do everything, also name owners and make API keys. Managers run customers, stores and catalog. Production releases, "
            "prints and ships. Accountants look and change nothing."
        ),
    )
    only_customers: forms.ModelMultipleChoiceField[Customer] = forms.ModelMultipleChoiceField(
        queryset=None,
        label=_("Only these customers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none to show all, also those that are added later."),
    )
    only_facilities: forms.ModelMultipleChoiceField[Facility] = forms.ModelMultipleChoiceField(
        queryset=None,
        label=_("Only orders of these facilities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none to show all."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("only_customers", Customer.objects.order_by("name")), ("only_facilities", Facility.objects.order_by("name"))):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = rows
            if not rows:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Refuse limits for owners, who see everything."""
        given = super().clean() or self.cleaned_data
        if given.get("role") == Role.OWNER and (given.get("only_customers") or given.get("only_facilities")):
            self.add_error("role", gettext("Owners see everything. Choose another role, or tick no customers and facilities."))
        return given

    def limits(self) -> dict[str, list[int] | None]:
        """Return the row ids of what was ticked; None where nothing was, which is all."""
        chosen = {name: [row.pk for row in self.cleaned_data.get(name) or []] for name in ("only_customers", "only_facilities")}
        return {name: ids or None for name, ids in chosen.items()}


class InviteForm(PlaceForm):
    """Somebody to invite to the staff."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("The link goes there and works for 72 hours."))
    field_order = ["email", "role", "only_customers", "only_facilities"]


class InviteAdminForm(forms.Form):
    """Somebody of a customer to invite to its portal."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("The login link goes there and works for 72 hours."))
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Surname"), max_length=150)


class AcceptForm(forms.Form):
    """What a new person chooses behind the link of an invitation."""

    first_name = forms.CharField(label=_("First name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    last_name = forms.CharField(label=_("Surname"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    password = forms.CharField(
        label=_("Choose a password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 12 characters. Several words are easier to keep in mind than signs."),
    )


class BrandForm(forms.ModelForm[Psp]):
    """How the print provider shows itself to its customers."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("PNG or JPEG, at most 1 MB. Leave it empty to keep the one there is."),
    )
    remove_logo = forms.BooleanField(label=_("Show no logo"), required=False)

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["display_name", "colour", "mail_sender_name", "reply_to"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "colour": forms.TextInput(attrs={"placeholder": "#1f6f54", "spellcheck": "false", "maxlength": "7"})
        }
        help_texts: ClassVar[dict[str, object]] = {
            "display_name": _("Left empty, customers read the name that stands under Settings."),
            "colour": _("Buttons and links wear it. White text must be readable on it: # and six digits."),
            "mail_sender_name": _("Mails to your customers come from this name. Left empty, from the one that customers are shown."),
            "reply_to": _("Answers to mails go to this address."),
        }

    def clean_colour(self) -> str:
        """Spell it in one way."""
        return str(self.cleaned_data["colour"]).lower()


class PspForm(forms.ModelForm[Psp]):
    """The PSP itself."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, help_text=_("Dates and deadlines are shown in this time zone."))

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["name", "time_zone"]


class SignInRulesForm(forms.ModelForm[Psp]):
    """What a PSP demands of everybody's sign-in."""

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["second_factor_for_all"]


class FileNamesForm(forms.ModelForm[Psp]):
    """How print files are named when they are downloaded."""

    print_file_pattern = forms.CharField(label=_("Pattern"), max_length=LONGEST_PATTERN, validators=[known_pattern])

    class Meta:
        model = Psp
        fields: ClassVar[list[str]] = ["print_file_pattern"]


class FacilityForm(forms.ModelForm[Facility]):
    """A facility; its address is the ship-from address."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, initial="Europe/Berlin")
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=Weekday.choices,
        coerce=int,
        initial=[1, 2, 3, 4, 5],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one day; on no day at all nothing would ever be made.")},
    )

    class Meta:
        model = Facility
        fields: ClassVar[list[str]] = [
            "name",
            "address_lines",
            "postcode",
            "city",
            "region",
            "country",
            "time_zone",
            "working_days",
            "cut_off",
            "is_active",
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "address_lines": forms.Textarea(attrs={"rows": 2}),
            "cut_off": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }
        help_texts: ClassVar[dict[str, object]] = {
            "address_lines": _("Street and number; marketplaces show it as the ship-from address."),
            "cut_off": _("Orders that are ready later than this count for the next working day, in the facility's time zone. Left empty, midnight."),
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
