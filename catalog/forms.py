"""Forms of the catalog. Choices come from tenant managers, so another PSP's ids are refused."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, ColourMode, CustomerProduct, FileType, PrintArea, ProductModel
from catalog.services.print_files import MOST_BYTES
from pod_hub.accounts.models import Customer, Facility

# What the browser's file dialog offers; what a file is, its content tells.
ARTWORK_TYPES = "image/png,image/jpeg,image/svg+xml,application/pdf"


class CategoryForm(forms.ModelForm[Category]):
    """A shelf of the catalog."""

    parent: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Belongs to"), required=False, empty_label=_("Top of the catalog")
    )

    class Meta:
        model = Category
        fields = ("name", "position")
        help_texts = {"position": _("Smaller numbers come first.")}

    field_order = ("name", "parent", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "parent", Category.objects.exclude(pk=self.instance.pk).order_by("name"))
        self.initial.setdefault("parent", self.instance.parent_id)


class ProductModelForm(forms.ModelForm[ProductModel]):
    """A blank thing."""

    category: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Category"))

    class Meta:
        model = ProductModel
        fields = (
            "name",
            "sku",
            "description",
            "needs_design",
            "weight_g",
            "length_mm",
            "width_mm",
            "height_mm",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "sku": _("Your own number for the blank, as it stands in your warehouse."),
            "needs_design": _("Turn off for things that are shipped as they are."),
        }

    field_order = ("name", "category", "sku")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", Category.objects.order_by("name"))
        self.initial.setdefault("category", self.instance.category_id)


class PrintAreaForm(forms.ModelForm[PrintArea]):
    """One place of a product model that is printed."""

    colour_modes = forms.MultipleChoiceField(choices=ColourMode, label=_("Colour modes"), widget=forms.CheckboxSelectMultiple)
    file_types = forms.MultipleChoiceField(choices=FileType, label=_("File types"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = PrintArea
        fields = (
            "name",
            "key",
            "position",
            "width_mm",
            "height_mm",
            "bleed_mm",
            "safe_mm",
            "min_dpi",
            "target_dpi",
            "colour_modes",
            "file_types",
            "output",
        )
        help_texts = {
            "key": _("The area's name in files and programs, such as front or left_sleeve."),
            "position": _("Smaller numbers come first."),
            "bleed_mm": _("Printed beyond the area on each side and cut off."),
            "safe_mm": _("What is nearer to the edge may be cut off; the editor warns."),
            "min_dpi": _("Files below this resolution are refused."),
            "target_dpi": _("The resolution your machines print best at."),
            "output": _("What your machines take."),
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a smallest resolution above the target."""
        given = super().clean() or self.cleaned_data
        if (given.get("min_dpi") or 0) > (given.get("target_dpi") or 0):
            self.add_error("target_dpi", gettext("The target is below the smallest resolution. Raise the one or lower the other."))
        return given


class CustomerProductForm(forms.ModelForm[CustomerProduct]):
    """A product model as offered to customers."""

    currency = forms.CharField(
        label=_("currency"), max_length=3, initial="EUR", validators=[RegexValidator(r"^[A-Z]{3}$", _("Use a currency code such as EUR."))]
    )
    customers: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        queryset=None,
        label=_("Customers who may use it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Not needed when every customer may use it."),
    )
    facilities: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Made at"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = CustomerProduct
        fields = ("name", "variant", "uid", "price", "currency", "is_active", "for_all_customers")
        help_texts = {
            "uid": _("The product's number that people type into files; letters, digits, dots, dashes."),
            "variant": _("For example a colour or size; may stay empty."),
            "price": _("What the customer pays you for one piece."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "customers", Customer.objects.order_by("name"))
        offer(self, "facilities", Facility.objects.order_by("name"))
        if self.instance.pk:
            self.initial["customers"] = list(self.instance.grants.values_list("customer_id", flat=True))
            self.initial["facilities"] = list(self.instance.made_at.values_list("facility_id", flat=True))


class OwnDesignForm(forms.Form):
    """A merchant's own artwork for a product model."""

    name = forms.CharField(label=_("Name"), max_length=120)
    file = forms.FileField(
        label=_("Print file"), widget=forms.FileInput(attrs={"accept": ARTWORK_TYPES}), help_text=_("PNG, JPEG, PDF or SVG, at most 200 MB.")
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read into memory."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext("“%(name)s” is larger than 200 MB. Save it with compression and upload it again.") % {"name": upload.name}
            )
        return upload


class DesignForm(OwnDesignForm):
    """A customer's artwork for a product model."""

    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Customer"))
    field_order = ("customer", "name", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "customer", Customer.objects.order_by("name"))


def offer(form: forms.BaseForm, name: str, queryset: Any) -> None:
    """Give a choice field its rows; done in ``__init__``, inside the tenant's scope."""
    form.fields[name].queryset = queryset  # type: ignore[attr-defined]  # only choice fields have it
