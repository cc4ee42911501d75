"""A parcel that wants a label of the marketplace: what is in it, its weight and size, and which of the offers is bought."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Packed
from fulfillment.models import Label
from fulfillment.packing import packed_together
from fulfillment.services.labelling import Wanted, labelable
from orders.models import OrderLine
from pod_hub.ui.field_words import InOurWords

MM_PER_CM = 10
HEAVIEST_G = 70_000


class LabelForm(InOurWords, forms.Form):
    """One parcel. Each line that can get a label has a field for its units. ``labels`` is how many the order has: the page remembers it as ``known``.

    Weight and size are proposed from the catalog; what it does not know is taken over from ``like``, the label before.
    """

    weight_g = forms.IntegerField(
        label=gettext_lazy("Weight (g)"),
        min_value=1,
        max_value=HEAVIEST_G,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": gettext_lazy("Weigh the packed parcel: the marketplace asks for it.")},
    )
    length_cm = forms.DecimalField(label=gettext_lazy("Length (cm)"), min_value=Decimal("0.1"), max_value=300, max_digits=5, decimal_places=1)
    width_cm = forms.DecimalField(label=gettext_lazy("Width (cm)"), min_value=Decimal("0.1"), max_value=300, max_digits=5, decimal_places=1)
    height_cm = forms.DecimalField(label=gettext_lazy("Height (cm)"), min_value=Decimal("0.1"), max_value=300, max_digits=5, decimal_places=1)
    known = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[OrderLine], labels: int = 0, like: Label | None = None, **kwargs: Any) -> None:
        self.lines = [line for line in lines if labelable(line)]
        packed = packed_together((line, labelable(line)) for line in self.lines)
        self.is_estimated = bool(packed.weight_g)
        measures = (_measures(like) if like is not None else {}) | _measures(packed)
        kwargs["initial"] = measures | {"known": labels} | {line.public_id: labelable(line) for line in self.lines}
        super().__init__(*args, **kwargs)
        for line in self.lines:
            self.fields[line.public_id] = forms.IntegerField(
                label=line.sku or line.title,
                min_value=0,
                max_value=labelable(line),
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def clean(self) -> dict[str, Any]:
        """Ask for something in the parcel."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(line.public_id) for line in self.lines) and not any(line.public_id in self.errors for line in self.lines):
            self.add_error(None, _("This parcel is empty. Say how many units of which line are in it."))
        return cleaned

    def quantity_fields(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Return each line with its field, for the template."""
        return [(line, self[line.public_id]) for line in self.lines]

    def known_labels(self) -> int | None:
        """Return how many labels the page knew of, whether or not the rest is valid."""
        self.errors  # noqa: B018 - what validates the form
        known: int | None = self.cleaned_data.get("known")
        return known

    def wanted(self) -> Wanted:
        """Return what was entered; only after ``is_valid``."""
        data = self.cleaned_data
        return Wanted(
            quantities={line.pk: data[line.public_id] for line in self.lines if data.get(line.public_id)},
            weight_g=data["weight_g"],
            length_mm=int(data["length_cm"] * MM_PER_CM),
            width_mm=int(data["width_cm"] * MM_PER_CM),
            height_mm=int(data["height_cm"] * MM_PER_CM),
        )


def _measures(of: Label | Packed) -> dict[str, Any]:
    """Return the fields' values of what a label or the catalog says, without what it does not."""
    sizes = {"length_cm": of.length_mm, "width_cm": of.width_mm, "height_cm": of.height_mm}
    known = {name: Decimal(size) / MM_PER_CM for name, size in sizes.items() if size}
    return known | ({"weight_g": of.weight_g} if of.weight_g else {})
