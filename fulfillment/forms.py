"""Describing packages, with how many units of which line are in each; what to cancel and why; what to look for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fulfillment.services.shared_parcels import OTHER, same_number_elsewhere
from fulfillment.services.shipping import SHIPPABLE, Parcel
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.models import Order, OrderLine
from orders.states import OPEN, LineState
from pod_hub.ui.asking_back import AsksBack, Tick
from pod_hub.ui.field_words import InOurWords
from stores.channels.telling_types import DeclineReason

MOST_PACKAGES = 20
NO_CARRIER = {"required": gettext_lazy("Name the carrier: the marketplace requires one for every package.")}
NO_TRACKING = {"required": gettext_lazy("Enter the number from the label: the marketplace refuses packages without one.")}


class FinderForm(forms.Form):
    """Any number: the marketplace's, ours, or a carrier's."""

    q = forms.CharField(
        label=gettext_lazy("Order number, our number or tracking number"),
        required=False,
        max_length=80,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )


class CancelForm(forms.Form):
    """Which lines of an order are cancelled, and why. ``printed`` says that the person knows that some are printed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The marketplace is told this reason. Only “the buyer asked to cancel” does not count against the seller."),
        error_messages={"required": gettext_lazy("Choose the reason: the marketplace asks for one.")},
    )
    lines = forms.MultipleChoiceField(
        label=gettext_lazy("Lines to cancel"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one line, or go back.")},
    )
    printed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order_lines: Sequence[OrderLine], reasons: Sequence[tuple[str, str | Promise]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_lines = order_lines
        cast("forms.ChoiceField", self.fields["reason"]).choices = [("", _("Choose…")), *reasons]
        may_go = [line for line in order_lines if line.state in OPEN and not line.quantity_shipped]
        # A second press of the button names lines that are cancelled by now; that is no mistake of the person's.
        offered = order_lines if self.is_bound else may_go
        self.is_possible = bool(may_go)
        choices = [(line.public_id, f"{line} · {LineState(line.state).label}") for line in offered]
        cast("forms.MultipleChoiceField", self.fields["lines"]).choices = choices

    def chosen(self) -> list[OrderLine]:
        """Return the ticked lines; only after ``is_valid``."""
        return [line for line in self.order_lines if line.public_id in self.cleaned_data["lines"]]


class DeclineForm(forms.Form):
    """That a person means it when they decline a buyer's request to cancel, and with which of the marketplace's reasons where it asks for one."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The marketplace offers these reasons for this request, and shows the one you choose to the buyer."),
        error_messages={"required": gettext_lazy("Choose the reason: the marketplace asks for one.")},
    )
    confirmed = forms.BooleanField(widget=forms.HiddenInput, initial=True)

    def __init__(self, *args: Any, reasons: Sequence[DeclineReason], by_shipping: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["reason"]).choices = [("", _("Choose…")), *((one.key, one.words) for one in reasons)]
        if by_shipping:
            del self.fields["reason"]


class ElsewhereForm(forms.Form):
    """Which lines were shipped outside the hub, and whether the marketplace must be told. ``carriers`` as in ``PackageForm``."""

    lines = forms.MultipleChoiceField(
        label=gettext_lazy("Lines that were shipped elsewhere"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one line, or go back.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Stands in the history, for your colleagues. No buyer's data, please."),
        error_messages={"required": gettext_lazy("Say why: the lines end without a print job, and that cannot be undone.")},
    )
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Only if the marketplace does not know of the package yet: then it is told. Left empty, nothing is pushed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    carrier_code = forms.CharField(label=gettext_lazy("Carrier"), required=False, max_length=60)
    carrier_name = forms.CharField(
        label=gettext_lazy("Name of the carrier"), max_length=60, required=False, help_text=gettext_lazy("Only when the carrier is “Other”.")
    )

    def __init__(self, *args: Any, order_lines: Sequence[OrderLine], carriers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_lines = order_lines
        open_lines = [line for line in order_lines if line.state in OPEN]
        self.is_possible = bool(open_lines)
        # A second press of the button names lines that have left by now; that is no mistake of the person's.
        offered = order_lines if self.is_bound else open_lines
        choices = [(line.public_id, f"{line} · {LineState(line.state).label}") for line in offered]
        cast("forms.MultipleChoiceField", self.fields["lines"]).choices = choices
        if carriers:
            self.fields["carrier_code"] = forms.ChoiceField(
                label=gettext_lazy("Carrier"), required=False, choices=[("", gettext_lazy("Choose…")), *((code, code) for code in carriers)]
            )
        if OTHER not in carriers:
            del self.fields["carrier_name"]

    def clean(self) -> dict[str, Any]:
        """Ask for the carrier beside a tracking number."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("tracking_number"):
            try:
                cleaned["tracking_number"] = clean_tracking_number(cleaned["tracking_number"])
            except BadTrackingNumber as error:
                self.add_error("tracking_number", str(error))
            if not cleaned.get("carrier_code") and "carrier_code" not in self.errors:
                self.add_error("carrier_code", NO_CARRIER["required"])
            elif cleaned.get("carrier_code") == OTHER and not cleaned.get("carrier_name"):
                self.add_error("carrier_name", _("Name the carrier: the marketplace asks for its name when it is not in the list."))
        elif cleaned.get("carrier_code"):
            self.add_error("tracking_number", _("A carrier alone tells nothing. Enter the tracking number too, or leave both empty."))
        return cleaned

    def chosen(self) -> list[OrderLine]:
        """Return the ticked lines; only after ``is_valid``."""
        return [line for line in self.order_lines if line.public_id in self.cleaned_data["lines"]]

    def parcel(self) -> Parcel | None:
        """Return the package to tell of, or None; only after ``is_valid``."""
        data = self.cleaned_data
        if not data["tracking_number"]:
            return None
        return Parcel(data["carrier_code"], data["tracking_number"], {}, data.get("carrier_name", ""))


class CarrierMappingForm(forms.Form):
    """Which carrier of the marketplace is meant by one of ours."""

    carrier = forms.CharField(
        label=gettext_lazy("Your carrier"),
        max_length=60,
        help_text=gettext_lazy("As you write it when you ship, or as your programs send it."),
        error_messages={"required": gettext_lazy("Name your carrier, as you write it when you ship.")},
    )
    option_id = forms.ChoiceField(
        label=gettext_lazy("Carrier at the marketplace"),
        error_messages={"required": gettext_lazy("Choose which of the marketplace's carriers it is.")},
    )

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["option_id"]).choices = [("", _("Choose…")), *options]


class TrackingForm(AsksBack, InOurWords, forms.Form):
    """Carrier and tracking number of a package of ``order``. ``carriers`` empty means the channel does not mind the spelling: the carrier is typed.

    ``is_shared`` is asked only about a number that another order's package has.
    """

    carrier_code = forms.CharField(label=gettext_lazy("Carrier"), max_length=60, error_messages=NO_CARRIER)
    carrier_name = forms.CharField(
        label=gettext_lazy("Name of the carrier"), max_length=60, required=False, help_text=gettext_lazy("Only when the carrier is “Other”.")
    )
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"),
        error_messages=NO_TRACKING,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    is_shared = forms.BooleanField(label=gettext_lazy("It really is the same parcel"), required=False, widget=Tick)

    question = "is_shared"

    def __init__(self, *args: Any, order: Order, carriers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        if carriers:
            self.fields["carrier_code"] = forms.ChoiceField(
                label=gettext_lazy("Carrier"),
                error_messages=NO_CARRIER,
                choices=[("", gettext_lazy("Choose…")), *((code, code) for code in carriers)],
            )
        if OTHER not in carriers:
            del self.fields["carrier_name"]

    def clean_tracking_number(self) -> str:
        """Clean what scanners and mails add; refuse what no carrier prints."""
        try:
            return clean_tracking_number(self.cleaned_data["tracking_number"])
        except BadTrackingNumber as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Ask for the carrier's name beside “Other”, and back when another order's package has the number."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("carrier_code") == OTHER and "carrier_name" in self.fields and not cleaned.get("carrier_name"):
            self.add_error("carrier_name", _("Name the carrier: the marketplace asks for its name when it is not in the list."))
        if not {"carrier_code", "carrier_name", "tracking_number"} & self.errors.keys() and self.has_changed():
            self._ask_back(cleaned)
        return cleaned

    def _ask_back(self, cleaned: Mapping[str, Any]) -> None:
        other = same_number_elsewhere(
            order_id=self.order.pk,
            carrier_code=cleaned["carrier_code"],
            carrier_name=cleaned.get("carrier_name", ""),
            tracking_number=cleaned["tracking_number"],
        )
        if other is None or self.is_meant(f"{cleaned['carrier_code']} {cleaned['tracking_number']}"):
            return
        link = format_html('<a href="{}">{}</a>', reverse("orders:order", args=[other.order.public_id]), other.order.external_id)
        words = _("Package {n} of order {order} has this number already. Check the label; tick below if both orders are in one parcel.")
        self.add_error("tracking_number", format_html(words, n=other.number, order=link))


class PackageForm(TrackingForm):
    """One package, with how many units of which line are in it."""

    shipping_method = forms.CharField(label=gettext_lazy("Shipping method"), max_length=60, required=False)

    def __init__(self, *args: Any, order: Order, lines: Sequence[OrderLine], carriers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, order=order, carriers=carriers, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[line.public_id] = forms.IntegerField(
                label=line.sku or line.title,
                min_value=0,
                max_value=1_000_000,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def clean(self) -> dict[str, Any]:
        """Ask for something in the package."""
        cleaned = super().clean()
        if not any(cleaned.get(line.public_id) for line in self.lines) and not any(line.public_id in self.errors for line in self.lines):
            self.add_error(None, _("This package is empty. Say how many units of which line are in it, or remove it."))
        return cleaned

    def quantity_fields(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Return each line with its field, for the template."""
        return [(line, self[line.public_id]) for line in self.lines]

    def parcel(self) -> Parcel:
        """Return what was entered; only after ``is_valid``."""
        data = self.cleaned_data
        return Parcel(
            carrier_code=data["carrier_code"],
            carrier_name=data.get("carrier_name", ""),
            tracking_number=data["tracking_number"],
            shipping_method=data["shipping_method"],
            quantities={line.pk: data[line.public_id] for line in self.lines if data.get(line.public_id)},
            is_shared=data.get("is_shared", False),
        )


class ShipForm:
    """One to twenty packages of an order. Adding and removing are submit buttons, so it works without scripts; what was typed stays."""

    def __init__(self, order: Order, lines: Sequence[OrderLine], *, carriers: Sequence[str], data: QueryDict | None = None) -> None:
        self.order = order
        self.all_lines = lines
        self.lines = [line for line in lines if line.state in SHIPPABLE and line.quantity_open]
        self.carriers = carriers
        self.error = ""
        self.is_asking = False
        self.as_typed: list[Parcel] = []
        if data is None:
            self.packages = [self._package(0, initial={line.public_id: line.quantity_open for line in self.lines})]
            return
        typed = [self._typed(data, index) for index in range(self._count(data))]
        self.as_typed = [self._parcel(one) for one in typed]
        if "add" in data and len(typed) < MOST_PACKAGES:
            typed.append(self._rest(typed))
        removed = data.get("remove", "")
        if removed.isascii() and removed.isdigit() and int(removed) < len(typed) > 1:
            del typed[int(removed)]
        self.is_asking = "add" in data or "remove" in data
        if self.is_asking:
            self.packages = [self._package(index, initial=values) for index, values in enumerate(typed)]
        else:
            self.packages = [PackageForm(data, prefix=f"p{index}", order=order, lines=self.lines, carriers=carriers) for index in range(len(typed))]

    @staticmethod
    def _count(data: QueryDict) -> int:
        text = data.get("packages", "1")
        return min(max(int(text), 1), MOST_PACKAGES) if text.isascii() and text.isdigit() and len(text) < 4 else 1

    def _package(self, index: int, *, initial: Mapping[str, Any]) -> PackageForm:
        return PackageForm(prefix=f"p{index}", order=self.order, lines=self.lines, carriers=self.carriers, initial=dict(initial))

    def _typed(self, data: QueryDict, index: int) -> dict[str, str]:
        names = ["carrier_code", "carrier_name", "tracking_number", "shipping_method", *(line.public_id for line in self.all_lines)]
        return {name: data.get(f"p{index}-{name}", "") for name in names}

    def _parcel(self, typed: Mapping[str, str]) -> Parcel:
        """Read a package unchecked, whatever of its lines has left meanwhile: a second press of the button is known by it."""
        amounts = {line.pk: int(text) for line in self.all_lines if (text := typed[line.public_id]).isascii() and text.isdigit() and len(text) < 8}
        return Parcel(typed["carrier_code"], typed["tracking_number"], amounts, typed["carrier_name"], typed["shipping_method"])

    def _rest(self, typed: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Prefill another package with what the typed ones leave over, from the same carrier."""
        rest: dict[str, Any] = {name: typed[-1].get(name, "") for name in ("carrier_code", "carrier_name", "shipping_method")}
        for line in self.lines:
            packed = sum(int(text) for one in typed if (text := one.get(line.public_id, "")).isascii() and text.isdigit() and len(text) < 8)
            rest[line.public_id] = max(line.quantity_open - packed, 0)
        return rest

    def is_valid(self) -> bool:
        """Check every package, and that together they hold no more than is open."""
        checked = [package.is_valid() for package in self.packages]  # all of them, so that each shows its errors
        if not all(checked):
            return False
        for line in self.lines:
            packed = sum(package.cleaned_data.get(line.public_id) or 0 for package in self.packages)
            if packed > line.quantity_open:
                words = _("%(n)s are packed, but only %(open)s are open. Lower the quantity.") % {"n": packed, "open": line.quantity_open}
                self.packages[-1].add_error(line.public_id, words)
        return all(package.is_valid() for package in self.packages)

    def parcels(self) -> list[Parcel]:
        """Return the packages; only after ``is_valid``."""
        return [package.parcel() for package in self.packages]
