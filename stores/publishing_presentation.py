"""How products that are added, and stock and prices that are told, are said to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Look, Tone
from stores.models import Publication
from stores.publishing_models import ListingPush
from stores.publishing_selectors import UNIT_FIELDS, Unit, units_of

State, Asks = Publication.State, Publication.Asks

STATE_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        State.DRAFT.value: Look(gettext_lazy("Draft"), Tone.NEUTRAL, "pencil"),
        State.CHECKING.value: Look(gettext_lazy("Being checked"), Tone.ACTIVE, "loader-2"),
        State.SUBMITTED.value: Look(gettext_lazy("Submitted"), Tone.ACTIVE, "loader-2"),
        State.LIVE.value: Look(gettext_lazy("Live"), Tone.OK, "circle-check"),
        State.REJECTED.value: Look(gettext_lazy("Rejected"), Tone.BAD, "circle-x"),
    }
)
CHECKED = Look(gettext_lazy("Checked, ready to publish"), Tone.INFO, "check")
STOPPED = Look(gettext_lazy("Needs attention"), Tone.WARN, "alert-triangle")
WISH_LOOK: Mapping[str, Look] = MappingProxyType(
    {
        Delivery.PENDING.value: Look(gettext_lazy("Waits to be told"), Tone.ACTIVE, "loader-2"),
        Delivery.ACCEPTED.value: Look(gettext_lazy("Told, not read back yet"), Tone.ACTIVE, "loader-2"),
        Delivery.CONFIRMED.value: Look(gettext_lazy("The marketplace shows it"), Tone.OK, "circle-check"),
        Delivery.PARKED.value: Look(gettext_lazy("Not taken"), Tone.BAD, "circle-x"),
    }
)
WAITING = {
    Asks.TYPES: gettext_lazy("Looking for product types"),
    Asks.FIELDS: gettext_lazy("Asking which attributes the product type has"),
    Asks.CHECK: gettext_lazy("The marketplace checks the product"),
    Asks.PUBLISH: gettext_lazy("The product is sent to the marketplace"),
    Asks.PROGRESS: gettext_lazy("The marketplace looks at the product"),
}
FIELD_LABELS = {
    "design": gettext_lazy("Design"),
    "pictures": gettext_lazy("Pictures"),
    "product_type": gettext_lazy("Product type"),
    "variants": gettext_lazy("Variants"),
    "title": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "brand": gettext_lazy("Brand"),
    "price": gettext_lazy("Price"),
    "sku": gettext_lazy("SKU"),
    "quantity": gettext_lazy("Quantity"),
    "handling_days": gettext_lazy("Handling time"),
}
MARK = "about-"  # before the names of a product type's fields in forms: they are the marketplace's to choose
# Which step a field is filled in at; attributes of the product type are details.
STEP_OF = {"variants": "variants", "design": "design", "pictures": "pictures", "product_type": "type"}


def look_of(row: Publication) -> Look:
    """Return how a product that is added looks now."""
    if row.delivery == Delivery.PARKED:
        return STOPPED
    if row.state == State.DRAFT and row.is_checked:
        return CHECKED
    return STATE_LOOK[row.state]


def wish_look(row: ListingPush) -> Look:
    """Return how far a wish about a listing's stock or price is."""
    return WISH_LOOK.get(row.delivery, STOPPED)


def field_label(row: Publication, name: str) -> str:
    """Return what people call a field, the hub's or the product type's, with the unit it is asked in."""
    told = next((field for field in row.fields if field["name"] == name), None)
    if told is None and (of := _of_variant(row, name)):
        return of
    if name in FIELD_LABELS or told is None:
        return str(FIELD_LABELS.get(name, name))
    return f"{told['label']} ({told['unit']})" if told["unit"] else str(told["label"])


def _of_variant(row: Publication, name: str) -> str:
    """Return what people call a field of one variant; empty for any other field, and for those of a product without variants."""
    units = units_of(row)
    known = {unit.field(own): (own, unit.name) for unit in units for own in UNIT_FIELDS if len(units) > 1}
    if name not in known:
        return ""
    own, variant = known[name]
    return _("%(field)s of %(variant)s") % {"field": FIELD_LABELS[own], "variant": variant}


def field_meant(trouble: Mapping[str, Any], units: Sequence[Unit]) -> str:
    """Return the name of the field that a trouble is about: that of its variant, where it is about one that is still there."""
    unit = next((one for one in units if one.sku == trouble.get("variant")), None)
    return unit.field(trouble["field"]) if unit and trouble["field"] in UNIT_FIELDS else str(trouble["field"])


def step_address(row: Publication, name: str) -> str:
    """Return the page on which a field is filled in."""
    step = _step_of(name)
    address = reverse(f"stores:product_{step}", args=[row.public_id])
    is_own = name in FIELD_LABELS or bool(_of_variant(row, name))
    return address if step != "details" else f"{address}#id_{name if is_own else MARK + name}"


def shown_troubles(row: Publication) -> list[dict[str, Any]]:
    """Return the channel's sentences with the names of their fields, of the variants they are about, and where to change them."""
    units = units_of(row)
    return [
        {
            "words": one["words"],
            "tone": "bad" if one["severity"] == "error" else "warn",
            "label": field_label(row, name) if name else "",
            "href": step_address(row, name) if name and row.is_open else "",
        }
        for one in row.troubles
        for name in [field_meant(one, units)]
    ]


def steps_of(row: Publication | None, here: str, *, lacking: Iterable[str] = (), has_variants: bool = False) -> list[dict[str, Any]]:
    """Return the steps of adding a product, for the component; without a product it is the first. ``has_variants``: there are some to choose from.

    ``lacking`` are the fields that wait for something. A step is done when none of its fields is among them, and the channel has asked for no change of
    any; the last one when the product is live.
    """
    names = [("product", _("Product")), ("design", _("Design")), ("pictures", _("Pictures")), ("type", _("Product type")), ("details", _("Details"))]
    names.append(("publish", _("Check and publish")))
    if has_variants:
        names.insert(1, ("variants", _("Variants")))
    if row is not None and not row.customer_product.product_model.needs_design:
        names = [one for one in names if one[0] != "design"]
    unfinished = {_step_of(name) for name in lacking}
    if row is None:
        unfinished |= {name for name, _label in names}
    else:
        unfinished |= {_step_of(one["field"]) for one in row.troubles if one["severity"] == "error" and one["field"]}
        unfinished |= set() if row.state == State.LIVE else {"publish"}
    return [
        {
            "number": number,
            "label": label,
            "here": name == here,
            "done": name not in unfinished and (name != here or name == "publish"),
            "href": reverse(f"stores:product_{name}", args=[row.public_id]) if row and row.is_open and name not in {here, "product"} else "",
        }
        for number, (name, label) in enumerate(names, start=1)
    ]


def _step_of(field: str) -> str:
    return STEP_OF.get(field, "details")
