"""Product models with their print areas (a row for each area), and variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Category, ColourMode, FileType, PrintArea, PrintOutput, ProductModel, Variant
from catalog.services.categories import save_category
from catalog.services.product_models import save_print_area, save_product_model, save_variant
from catalog.tables import cells
from catalog.tables.cells import BadCell
from catalog.tables.changes import Change, Outcome, checked, planned, put
from pod_hub.core.spreadsheets import Row

PATH = " > "
# field of the model -> column; whole numbers all
MEASURES = {"weight_g": "Weight (g)", "length_mm": "Length (mm)", "width_mm": "Width (mm)", "height_mm": "Height (mm)"}
AREA_NUMBERS = {
    "width_mm": "Print width (mm)",
    "height_mm": "Print height (mm)",
    "bleed_mm": "Bleed (mm)",
    "safe_mm": "Safe zone (mm)",
    "min_dpi": "Smallest dpi",
    "target_dpi": "Target dpi",
}


class ProductModels:
    """A row for each print area; what is said of the model counts in its first row and may be empty in the others."""

    columns = (
        "Blank SKU", "Name", "Category", "Description", "Needs design", *MEASURES.values(),
        "Area", "Area name", *AREA_NUMBERS.values(), "Colour modes", "File types", "Print file",
    )  # fmt: skip
    needed = ("Blank SKU",)

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._areas: set[tuple[str, str]] = set()

    def written(self) -> Iterator[list[object]]:
        """Return every model, its areas in their order."""
        shelves = _paths()
        for model in ProductModel.objects.prefetch_related("print_areas").order_by("sku", "pk"):
            head: list[object] = [model.sku, model.name, shelves[model.category_id], model.description, cells.yes_no(model.needs_design)]
            head += [getattr(model, name) for name in MEASURES]
            areas: list[PrintArea | None] = [*model.print_areas.all()]
            for area in areas or [None]:
                yield head + (_area_cells(area) if area else [""] * (len(self.columns) - len(head)))

    def plan(self, rows: Sequence[Row]) -> Iterator[Change]:
        """Read models by blank SKU and areas by key."""
        known = {one.sku: one for one in ProductModel.objects.filter(sku__in=[row["Blank SKU"] for row in rows]).prefetch_related("print_areas")}
        shelves = {path.casefold(): pk for pk, path in _paths().items()}
        for row in rows:
            yield planned(row, row["Blank SKU"], lambda one: self._row(one, known, shelves))

    def _row(self, row: Row, known: dict[str, ProductModel], shelves: dict[str, int]) -> Change:
        sku = cells.text(row, "Blank SKU", most=60, needed=True)
        model, first = known.get(sku), sku not in self._seen
        made = model is None
        if model is None:
            model = known[sku] = ProductModel(sku=sku)
        path: str = ""
        changed: list[str] = []
        if first:
            self._seen[sku] = row.number
            changed, path = self._model(row, model, shelves)
        area, area_changed = self._area(row, model)
        if not (changed or path or area_changed or made):
            return Change(row.number, Outcome.SAME, sku)
        outcome = Outcome.NEW if (made and first) or (area is not None and area.pk is None) else Outcome.CHANGED
        return Change(row.number, outcome, sku, ", ".join([*changed, *area_changed]), lambda: _save(model, path, area if area_changed else None))

    def _model(self, row: Row, model: ProductModel, shelves: dict[str, int]) -> tuple[list[str], str]:
        values: dict[str, Any] = {name: cells.whole(row, column, default=getattr(model, name)) for name, column in MEASURES.items()}
        values["needs_design"] = cells.truth(row, "Needs design", default=model.needs_design)
        if row["Name"] or model.pk is None:
            values["name"] = cells.text(row, "Name", most=120, needed=True)
        if "Description" in row.cells:
            values["description"] = row["Description"]
        changed, path = put(model, values), ""
        if row["Category"] or model.pk is None:
            path = cells.text(row, "Category", most=400, needed=True)
            shelf = shelves.get(path.casefold())
            if shelf is not None and shelf == model.category_id:
                path = ""
            else:
                changed.append(str(_("category")))
        checked(model, [*values])
        return changed, path

    def _area(self, row: Row, model: ProductModel) -> tuple[PrintArea | None, list[str]]:
        key = row["Area"]
        if not key:
            if any(row[column] for column in AREA_NUMBERS.values()):
                raise BadCell(_("“Area” is empty, but the row says how large it is. Give the area a key such as front."))
            return None, []
        if (model.sku, key) in self._areas:
            raise BadCell(_("The area “%(key)s” of %(sku)s stands in the file twice.") % {"key": key, "sku": model.sku})
        self._areas.add((model.sku, key))
        there = list(model.print_areas.all()) if model.pk else []
        area = next((one for one in there if one.key == key), None) or PrintArea(key=key, name=key.capitalize(), position=len(there))
        values: dict[str, Any] = {name: cells.whole(row, column, default=getattr(area, name) or 0) for name, column in AREA_NUMBERS.items()}
        values["colour_modes"] = cells.words(row, "Colour modes", ColourMode.values, default=area.colour_modes)
        values["file_types"] = cells.words(row, "File types", FileType.values, default=area.file_types)
        values["output"] = cells.choice(row, "Print file", PrintOutput.values, default=area.output)
        if row["Area name"]:
            values["name"] = row["Area name"]
        changed = put(area, values)
        checked(area, [*values, "key"])
        if area.min_dpi > area.target_dpi:
            raise BadCell(_("“Smallest dpi” is above “Target dpi”. Raise the one or lower the other."))
        return area, [f"{area.key}: {name}" for name in changed] if area.pk else changed


def _area_cells(area: PrintArea) -> list[object]:
    return [
        area.key,
        area.name,
        *(getattr(area, name) for name in AREA_NUMBERS),
        cells.joined(area.colour_modes),
        cells.joined(area.file_types),
        area.output,
    ]


def _save(model: ProductModel, path: str, area: PrintArea | None) -> None:
    if path:
        model.category = _shelf(path)
    save_product_model(model=model)
    if area is not None:
        area.product_model = model
        save_print_area(area=area)


def _paths() -> dict[int, str]:
    """Return each category with the names above it."""
    rows = {one.pk: one for one in Category.objects.all()}

    def path(one: Category) -> str:
        return f"{path(rows[one.parent_id])}{PATH}{one.name}" if one.parent_id else one.name

    return {pk: path(one) for pk, one in rows.items()}


def _shelf(path: str) -> Category:
    """Return the category of a path; shelves that are missing are added at the end."""
    above, _mark, name = path.rpartition(PATH.strip())
    parent = _shelf(above) if above.strip() else None
    found = Category.objects.filter(parent=parent, name__iexact=name.strip()).first()
    return found or save_category(
        category=Category(parent=parent, name=name.strip()[:80], position=Category.objects.filter(parent=parent).count() + 1)
    )


class Variants:
    """A row for each variant, found by its blank SKU."""

    columns = ("Blank SKU", "Product model", "Colour", "Colour code", "Size", "Position", *MEASURES.values(), "Active")
    needed = ("Blank SKU", "Product model")

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def written(self) -> Iterator[list[object]]:
        """Return every variant, model by model."""
        for one in Variant.objects.select_related("product_model").order_by("product_model__sku", "position", "pk"):
            numbers = [getattr(one, name) for name in MEASURES]
            yield [one.sku, one.product_model.sku, one.colour, one.colour_code, one.size, one.position, *numbers, cells.yes_no(one.is_active)]

    def plan(self, rows: Sequence[Row]) -> Iterator[Change]:
        """Read variants by blank SKU."""
        known = {one.sku: one for one in Variant.objects.filter(sku__in=[row["Blank SKU"] for row in rows])}
        models = {one.sku.casefold(): one for one in ProductModel.objects.filter(sku__in={row["Product model"] for row in rows})}
        for row in rows:
            yield planned(row, row["Blank SKU"], lambda one: self._row(one, known, models))

    def _row(self, row: Row, known: dict[str, Variant], models: dict[str, ProductModel]) -> Change:
        sku = cells.text(row, "Blank SKU", most=60, needed=True)
        if sku in self._seen:
            raise BadCell(_("The blank SKU %(sku)s stands in the file twice.") % {"sku": sku})
        self._seen.add(sku)
        model = models.get(row["Product model"].casefold())
        if model is None:
            raise BadCell(_("There is no product model with the blank SKU “%(sku)s”. Add it first.") % {"sku": row["Product model"]})
        variant = known.get(sku) or Variant(sku=sku, product_model=model)
        if variant.product_model_id != model.pk:
            raise BadCell(_("%(sku)s is a variant of another product model and cannot move.") % {"sku": sku})
        values: dict[str, Any] = {name: cells.whole(row, column, default=getattr(variant, name)) for name, column in MEASURES.items()}
        values |= {
            "position": cells.whole(row, "Position", default=variant.position),
            "is_active": cells.truth(row, "Active", default=variant.is_active),
        }
        for name, column in (("colour", "Colour"), ("colour_code", "Colour code"), ("size", "Size")):
            if column in row.cells:
                values[name] = row[column]
        changed, made = put(variant, values), variant.pk is None
        checked(variant, [*values])
        if not (variant.colour or variant.size):
            raise BadCell(_("Give a size or a colour, or both: they say which blank is meant."))
        if not (made or changed):
            return Change(row.number, Outcome.SAME, sku)
        return Change(row.number, Outcome.NEW if made else Outcome.CHANGED, sku, ", ".join(changed), lambda: save_variant(variant=variant))
