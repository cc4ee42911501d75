"""Forms of adding a product. What a product type asks becomes fields like any other; the marketplace's sentences stand at them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.forms.utils import ErrorDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.forms import PictureInput
from catalog.models import CustomerProduct
from pod_hub.ui.asking_back import AsksBack, Tick
from pod_hub.ui.field_words import InOurWords
from stores.channels.publishing_types import FieldKind, Value
from stores.measures import known_in_words
from stores.models import Listing, Publication
from stores.publishing_models import LEAST_PRICE, LONGEST_SKU, LONGEST_TITLE, MOST_STOCK
from stores.publishing_presentation import FIELD_LABELS, MARK, field_label, field_meant
from stores.publishing_selectors import UNIT_FIELDS, units_of
from stores.services.adding_products import Details, VariantDetails
from stores.services.prices import is_surprising
from stores.services.publication_pictures import OWN
from stores.variant_options import variant_name


class Suggesting(forms.TextInput):
    """A text field that suggests values and takes others too."""

    def __init__(self, suggestions: Iterable[str]) -> None:
        super().__init__()
        self.suggestions = list(suggestions)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Draw the field and its list beside it."""
        listed = f"{(attrs or {}).get('id', name)}-values"
        field = super().render(name, value, (attrs or {}) | {"list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', field, listed, options)


class TypeSearchForm(forms.Form):
    """Words that find a product type."""

    words = forms.CharField(
        label=_("What buyers would call it"),
        max_length=100,
        required=False,
        help_text=_("In a few words, such as “mug” or “t-shirt”. Empty shows what there is."),
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class OwnPictureForm(forms.Form):
    """A merchant's own picture."""

    picture = forms.FileField(
        label=_("Add a picture of your own"), widget=PictureInput, error_messages={"required": _("Choose the picture's file first.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longer, shorter = OWN.least
        words = _now("PNG or JPEG, at most 10 MB; %(longer)s pixels or more on its longer side and %(shorter)s on its shorter.")
        self.fields["picture"].help_text = words % {"longer": longer, "shorter": shorter}


class StockForm(InOurWords, forms.Form):
    """How many can be bought, and how soon they are sent."""

    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=MOST_STOCK)
    handling_days = forms.IntegerField(
        label=_("Handling time (days)"),
        min_value=1,
        max_value=30,
        required=False,
        help_text=_("How long it takes until it is sent. Empty: the marketplace's own default, or what was told before."),
    )


class PriceForm(AsksBack, InOurWords, forms.Form):
    """What a listing is sold for. ``sure`` is asked only about a price that looks like a slip."""

    price = forms.DecimalField(
        label=_("Price"), min_value=LEAST_PRICE, max_digits=12, decimal_places=2, help_text=_("As buyers see it there, before discounts.")
    )
    with_variants = forms.BooleanField(required=False)
    sure = forms.BooleanField(label=_("This is the price I mean"), required=False, widget=Tick)

    question = "sure"

    def __init__(self, data: Any = None, *, listing: Listing, currency: str, variants: Sequence[Listing], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.listing, self.currency, self.variants = listing, currency, variants
        self.fields["price"].label = f"{_now('Price')} ({currency})"
        if variants:
            label = ngettext("Its other variant costs this too", "Its other %(n)s variants cost this too", len(variants)) % {"n": len(variants)}
            self.fields["with_variants"].label = label
            self.fields["with_variants"].help_text = self._what_variants_cost()
        else:
            del self.fields["with_variants"]

    def clean(self) -> dict[str, Any]:
        """Ask back when the price looks like a slip."""
        given = super().clean() or {}
        amount = given.get("price")
        if amount is None:
            return given
        touched = [self.listing, *(self.variants if given.get("with_variants") else ())]
        slip = next((one for one in touched if is_surprising(one.price, amount)), None)
        if slip is not None and not self.is_meant(f"{amount} for {len(touched)}"):
            words = _now("“%(listing)s” costs %(before)s %(currency)s now, and this is %(change)s. Tick below if you mean it.")
            self.add_error("price", words % {"listing": slip.named, "before": slip.price, "currency": self.currency, "change": _change(slip, amount)})
        return given

    def _what_variants_cost(self) -> str:
        costs = sorted(one.price for one in self.variants if one.price is not None)
        if not costs:
            return ngettext("What it costs now is not known.", "What they cost now is not known.", len(self.variants))
        if costs[0] == costs[-1]:
            words = ngettext("It costs %(price)s %(currency)s now.", "They cost %(price)s %(currency)s now.", len(self.variants))
            return words % {"price": costs[0], "currency": self.currency}
        return _now("They cost %(least)s to %(most)s %(currency)s now.") % {"least": costs[0], "most": costs[-1], "currency": self.currency}


def _change(listing: Listing, amount: Decimal) -> str:
    before = listing.price or Decimal(1)
    if amount < before:
        return _now("%(percent)s %% less") % {"percent": f"{(before - amount) / before * 100:.0f}"}
    return _now("%(times)s times as much") % {"times": f"{amount / before:.1f}"}


class VariantsForm(forms.Form):
    """Which of its model's products a product is made in, as its variants."""

    products = forms.MultipleChoiceField(
        label=_("Variants"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one variant."),
            "invalid_choice": _("A chosen variant is not offered to the store's customer. Choose from the list."),
        },
    )

    def __init__(self, data: Any = None, *, products: Iterable[CustomerProduct]) -> None:
        super().__init__(data)
        self.offered = {product.public_id: product for product in products}
        choices = [(public_id, variant_name(product)) for public_id, product in self.offered.items()]
        self.fields["products"].choices = choices  # type: ignore[attr-defined]

    def product_ids(self) -> list[int]:
        """Return the rows of what was chosen."""
        return [self.offered[public_id].pk for public_id in self.cleaned_data["products"]]


class DetailsForm(InOurWords, forms.Form):
    """Name, description, price, brand and stock of a product, and whatever its product type asks; price, SKU and quantity of each of its variants."""

    title = forms.CharField(
        label=_("Name"), max_length=LONGEST_TITLE, help_text=_("As buyers read it."), error_messages={"required": _("Give the product a name.")}
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Describe the product.")},
    )
    price = forms.DecimalField(
        label=_("Price"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2, error_messages={"required": _("Give the price.")}
    )
    brand = forms.CharField(label=_("Brand"), max_length=100, error_messages={"required": _("Name the brand, or type “Generic”.")})
    sku = forms.RegexField(
        label=_("SKU"),
        regex=r"^[^\s]+$",
        max_length=LONGEST_SKU,
        help_text=_("Names the product for good, here and at the marketplace."),
        error_messages={"required": _("Give the product a SKU."), "invalid": _("Leave out blanks, which not every marketplace takes.")},
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=MOST_STOCK, help_text=_("How many can be bought."))
    handling_days = forms.IntegerField(
        label=_("Handling time (days)"), min_value=1, max_value=30, required=False, help_text=_("Empty: the marketplace's default.")
    )

    def __init__(self, data: Any = None, *, row: Publication, complete: bool = True) -> None:
        initial = {name: getattr(row, name) for name in ("title", "description", "price", "brand", "sku", "quantity", "handling_days")}
        initial |= {MARK + name: "\n".join(value) if isinstance(value, list) else value for name, value in row.values.items()}
        super().__init__(data, initial=initial)
        self.told: list[Mapping[str, Any]] = list(row.fields)
        self.units = units_of(row)
        for unit in self.units if len(self.units) > 1 else ():
            for name in UNIT_FIELDS:
                self.fields[unit.field(name)] = one = copy.deepcopy(self.fields[name])
                one.label, one.help_text = field_label(row, unit.field(name)), ""
                self.initial[unit.field(name)] = getattr(unit, name)
                if name == "price" and unit.row:
                    one.required = False
                    one.widget.attrs["placeholder"] = _now("as the first")
        if len(self.units) == 1:
            self.fields["price"].label = f"{_now('Price')} ({row.currency})"
        if row.longest_title:
            self.fields["title"].validators = [MaxLengthValidator(min(row.longest_title, LONGEST_TITLE)), ProhibitNullCharactersValidator()]
            self.fields["title"].widget.attrs["maxlength"] = row.longest_title
        for field in self.told:
            self.fields[MARK + field["name"]] = _field_of(row, field)
            if field["kind"] == FieldKind.SEVERAL and field["options"] and not field["open_choice"]:
                self.initial[MARK + field["name"]] = row.values.get(field["name"], [])
        if not complete:
            for one in self.fields.values():
                one.required = False

    @property
    def own(self) -> list[forms.BoundField]:
        """The fields that every product has, but its stock; nor the price where each variant has its own."""
        return [self[name] for name in ("title", "description", "price", "brand") if name != "price" or len(self.units) == 1]

    @property
    def variants(self) -> list[tuple[str, list[tuple[str, forms.BoundField]]]]:
        """The fields of each variant, with what it and each of them is called; none where there is one."""
        several = self.units if len(self.units) > 1 else []
        return [(unit.name, [(str(FIELD_LABELS[name]), self[unit.field(name)]) for name in UNIT_FIELDS]) for unit in several]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The product type's fields that must be filled in."""
        return [self[MARK + field["name"]] for field in self.told if field["required"]]

    @property
    def offered(self) -> list[forms.BoundField]:
        """The product type's fields that may be."""
        return [self[MARK + field["name"]] for field in self.told if not field["required"]]

    @property
    def offered_is_wrong(self) -> bool:
        """Whether one of the fields that may be left out is filled in wrongly."""
        return any(bound.errors for bound in self.offered)

    def show(self, troubles: Iterable[Mapping[str, Any]]) -> None:
        """Put the marketplace's sentences at their fields of a form that nobody has sent."""
        found = ErrorDict()
        for trouble in troubles:
            name = field_meant(trouble, self.units)
            name = name if name in self.fields else MARK + name
            if name in self.fields:
                found.setdefault(name, self.error_class()).append(trouble["words"])
        self._errors = found

    def details(self) -> Details:
        """Return what was filled in."""
        given = self.cleaned_data
        return Details(
            title=given.get("title") or "",
            description=given.get("description") or "",
            brand=given.get("brand") or "",
            price=given.get("price"),
            sku=given.get("sku") or "",
            quantity=given.get("quantity") or 0,
            handling_days=given.get("handling_days"),
            values={field["name"]: _value_of(field, given.get(MARK + field["name"])) for field in self.told},
            variants={
                unit.row.public_id: VariantDetails(
                    price=given.get(unit.field("price")), sku=given.get(unit.field("sku")) or "", quantity=given.get(unit.field("quantity")) or 0
                )
                for unit in self.units
                if unit.row
            },
        )


def _value_of(field: Mapping[str, Any], given: Any) -> Value:
    if field["kind"] == FieldKind.SEVERAL:
        lines = given if isinstance(given, list) else str(given or "").splitlines()
        return tuple(line.strip() for line in lines if line.strip())[: field["most"]]
    return "" if given is None else str(given).strip()


def _field_of(row: Publication, field: Mapping[str, Any]) -> forms.Field:
    """Return the form field of one attribute."""
    choices = [(one["value"], one["words"]) for one in field["options"]]
    about: dict[str, Any] = {"label": field_label(row, field["name"]), "required": field["required"], "help_text": _help(row, field)}
    longest = field["longest"]
    match field["kind"]:
        case FieldKind.CHOICE if not field["open_choice"]:
            return forms.ChoiceField(choices=[("", _now("Choose")), *choices], **about)
        case FieldKind.CHOICE:
            return forms.CharField(max_length=longest, widget=Suggesting(words for _value, words in choices), **about)
        case FieldKind.SEVERAL if choices and not field["open_choice"]:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **about)
        case FieldKind.SEVERAL:
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **about)
        case FieldKind.YES_NO:
            return forms.ChoiceField(choices=[("", _now("Not said")), ("true", _now("Yes")), ("false", _now("No"))], **about)
        case FieldKind.NUMBER:
            smallest, largest = (None if field[bound] is None else Decimal(field[bound]) for bound in ("smallest", "largest"))
            return forms.DecimalField(min_value=smallest, max_value=largest, **about)
        case FieldKind.LONG_TEXT:
            return forms.CharField(max_length=longest, widget=forms.Textarea(attrs={"rows": 3}), **about)
        case _:
            return forms.CharField(max_length=longest, **about)


def _help(row: Publication, field: Mapping[str, Any]) -> str:
    parts = [field["help"]] if field["help"] and field["help"] != field["label"] else []
    if field["most"]:
        parts.append(_now("One in a line, at most %(n)s.") % {"n": field["most"]})
    if field["example"]:
        parts.append(_now("For example: %(example)s") % {"example": field["example"]})
    if known := known_in_words(field, row.customer_product):
        parts.append(_now("In the catalog: %(known)s.") % {"known": known})
    return format_html("{}", " ".join(part if part.endswith((".", "!", "?")) or part is parts[-1] else f"{part}." for part in parts))
