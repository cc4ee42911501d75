"""Forms of the catalog. Choices come from tenant managers, so another PSP's ids are refused."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.colour_profiles import UnknownProfile, profile_of, profiles
from catalog.models import Artwork, CatalogImport, Category, ColourMode, CustomerProduct, Design, FileType, Mockup, PrintArea, ProductModel, Variant
from catalog.placing import Fit
from catalog.selectors import PriceRow
from catalog.services.print_files import MOST_BYTES
from pod_hub.accounts.models import Customer, Facility
from pod_hub.ui.field_words import InOurWords

# What the browser's file dialog offers; what a file is, its content tells.
ARTWORK_TYPES = "image/png,image/jpeg,image/svg+xml,application/pdf"


class PictureInput(forms.FileInput):
    """A file field that offers pictures first."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/png,image/jpeg"} | (attrs or {}))


class CategoryForm(InOurWords, forms.ModelForm[Category]):
    """A shelf of the catalog."""

    parent: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Belongs to"), required=False, empty_label=_("Top of the catalog")
    )

    picture = forms.FileField(
        label=_("Picture"), required=False, help_text=_("PNG or JPEG, at most 10 MB. Merchants see it above the category."), widget=PictureInput
    )
    remove_picture = forms.BooleanField(label=_("Show no picture"), required=False)

    class Meta:
        model = Category
        fields = ("name", "position")
        help_texts = {"position": _("Smaller numbers come first.")}

    field_order = ("name", "parent", "position", "picture", "remove_picture")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "parent", Category.objects.exclude(pk=self.instance.pk).order_by("name"))
        if not self.instance.picture_name:
            del self.fields["remove_picture"]
        self.initial.setdefault("parent", self.instance.parent_id)


class ProductModelForm(InOurWords, forms.ModelForm[ProductModel]):
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


class PrintAreaForm(InOurWords, forms.ModelForm[PrintArea]):
    """One place of a product model that is printed."""

    colour_modes = forms.MultipleChoiceField(choices=ColourMode, label=_("Colour modes"), widget=forms.CheckboxSelectMultiple)
    file_types = forms.MultipleChoiceField(choices=FileType, label=_("File types"), widget=forms.CheckboxSelectMultiple)
    icc_profile = forms.ChoiceField(
        label=_("Colour profile"),
        required=False,
        help_text=_("The colours that the print file is made in. Profiles of your own machines are put into the hub by whoever operates it."),
    )

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
            "icc_profile",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known, kept = profiles(), self.instance.icc_profile
        choices = [(key, str(profile.name)) for key, profile in known.items()]
        if kept not in known:  # its file was taken away; saving the area must not change it in silence
            choices.append((kept, gettext("%(key)s (not here any more)") % {"key": kept}))
        self.fields["icc_profile"].choices = choices  # type: ignore[attr-defined]

    def clean_icc_profile(self) -> str:
        """Refuse a profile whose file is gone: nothing could be drawn for the area."""
        key: str = self.cleaned_data["icc_profile"]
        try:
            profile_of(key)
        except UnknownProfile as error:
            raise forms.ValidationError(str(error)) from None
        return key

    def clean(self) -> dict[str, Any]:
        """Refuse a smallest resolution above the target."""
        given = super().clean() or self.cleaned_data
        if (given.get("min_dpi") or 0) > (given.get("target_dpi") or 0):
            self.add_error("target_dpi", gettext("The target is below the smallest resolution. Raise the one or lower the other."))
        return given


class VariantForm(InOurWords, forms.ModelForm[Variant]):
    """One kind of a product model."""

    class Meta:
        model = Variant
        fields = ("colour", "colour_code", "size", "sku", "position", "weight_g", "length_mm", "width_mm", "height_mm", "is_active")
        help_texts = {
            "sku": _("Your own number for this blank, as it stands in your warehouse."),
            "colour_code": _("Six digits such as #1f6f54; paints the blank on pictures."),
            "position": _("Smaller numbers come first."),
            "weight_g": _("0: the product model's own, as for the measures."),
        }

    def clean(self) -> dict[str, Any]:
        """A variant without size and colour would be the model itself."""
        given = super().clean() or self.cleaned_data
        if not (given.get("size") or given.get("colour")):
            self.add_error("size", gettext("Give a size or a colour, or both: they say which blank is meant."))
        return given


class PercentField(forms.DecimalField):
    """A place or length on a picture: percent for people, hundredths of a percent in the row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=5, decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show hundredths as percent."""
        return Decimal(value) / 100 if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Return hundredths of a percent."""
        return int(super().clean(value) * 100)


class MockupForm(InOurWords, forms.ModelForm[Mockup]):
    """A picture of the blank, with the print area's place on it."""

    print_area: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Print area"))
    variant: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Variant"), required=False, empty_label=_("all variants"))
    picture = forms.FileField(label=_("Picture"), help_text=_("PNG or JPEG of the blank, at most 20 MB."), widget=PictureInput)
    left = PercentField(label=_("From the left (%)"))
    top = PercentField(label=_("From the top (%)"))
    width = PercentField(label=_("Width (%)"))
    height = PercentField(
        label=_("Height (%)"), help_text=_("The place of the print area on the picture, in percent of the picture's width and height.")
    )

    class Meta:
        model = Mockup
        fields = ("left", "top", "width", "height", "position")

    field_order = ("picture", "print_area", "variant", "left", "top", "width", "height", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "print_area", PrintArea.objects.filter(product_model=self.instance.product_model_id))
        offer(self, "variant", Variant.objects.filter(product_model=self.instance.product_model_id))
        self.initial.setdefault("print_area", self.instance.print_area_id)
        self.initial.setdefault("variant", self.instance.variant_id)
        if self.instance.pk:
            self.fields["picture"].required = False
            self.fields["picture"].help_text = _("Leave empty to keep the picture.")


class CustomerProductForm(InOurWords, forms.ModelForm[CustomerProduct]):
    """A product model as offered to customers."""

    currency = forms.CharField(
        label=_("currency"), max_length=3, initial="EUR", validators=[RegexValidator(r"^[A-Z]{3}$", _("Use a currency code such as EUR."))]
    )
    model_variant: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Made of"), required=False, empty_label=_("no particular variant"), help_text=_("The blank that your plant takes.")
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
        fields = ("name", "variant", "uid", "price", "currency", "is_active", "active_from", "active_until", "for_all_customers")
        widgets = {"active_from": forms.DateInput(attrs={"type": "date"}), "active_until": forms.DateInput(attrs={"type": "date"})}
        help_texts = {
            "uid": _("The product's number that people type into files; letters, digits, dots, dashes."),
            "variant": _("For example a colour or size; may stay empty."),
            "price": _("What customers pay you for one piece; single customers may have a price of their own."),
            "active_from": _("The first day on which it can be chosen for listings."),
            "active_until": _("The last day. Listings that sell it already go on."),
        }

    field_order = ("name", "model_variant", "variant", "uid")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variants = Variant.objects.filter(product_model=self.instance.product_model_id)
        if variants.exists():
            offer(self, "model_variant", variants)
            self.initial.setdefault("model_variant", self.instance.model_variant_id)
        else:
            del self.fields["model_variant"]
        offer(self, "customers", Customer.objects.order_by("name"))
        offer(self, "facilities", Facility.objects.order_by("name"))
        if self.instance.pk:
            self.initial["customers"] = list(self.instance.grants.values_list("customer_id", flat=True))
            self.initial["facilities"] = list(self.instance.made_at.values_list("facility_id", flat=True))


class AccessForm(forms.Form):
    """Which products to give to which customers, or to take away."""

    products: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(queryset=None, to_field_name="public_id")
    customers: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Customers"), to_field_name="public_id", widget=forms.CheckboxSelectMultiple
    )
    give = forms.TypedChoiceField(choices=[("yes", _("give")), ("no", _("take away"))], coerce=lambda value: value == "yes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "products", CustomerProduct.objects.filter(for_all_customers=False))
        offer(self, "customers", Customer.objects.order_by("name"))


class PricesForm(InOurWords, forms.Form):
    """One price for each customer; empty means the list price."""

    def __init__(self, *args: Any, rows: Sequence[PriceRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            self.fields[row.customer.public_id] = forms.DecimalField(
                label=row.customer.name, required=False, min_value=0, max_digits=12, decimal_places=4, initial=row.price
            )


class CatalogFileForm(forms.Form):
    """A table of the catalog to take in."""

    kind = forms.ChoiceField(choices=CatalogImport.Kind, label=_("What is in it"), widget=forms.RadioSelect, initial=CatalogImport.Kind.PRODUCTS)
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX with the header of the exported table, at most 5,000 rows."))


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


class StartOwnDesignForm(forms.Form):
    """A merchant's new design."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("You find the design again by it."))


class StartDesignForm(StartOwnDesignForm):
    """A new design for a customer."""

    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Customer"), to_field_name="public_id")
    field_order = ("customer", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "customer", Customer.objects.order_by("name"))


class PlacePictureForm(forms.Form):
    """One picture on one print area, without the editor's canvas: a new file, or artwork that the customer has uploaded before."""

    area: forms.ModelChoiceField[Any] = forms.ModelChoiceField(queryset=None, label=_("Print area"), to_field_name="public_id", empty_label=None)
    file = forms.FileField(label=_("Upload a picture"), required=False)
    artwork: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None, label=_("Or use earlier artwork"), to_field_name="public_id", required=False, empty_label=_("None")
    )
    fit = forms.ChoiceField(label=_("How it is placed"), choices=Fit, initial=Fit.FILL, widget=forms.RadioSelect)

    def __init__(self, *args: Any, design: Design, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "area", PrintArea.objects.filter(product_model=design.product_model_id))
        offer(self, "artwork", Artwork.objects.filter(customer=design.customer_id).order_by("-created_at", "-pk"))

    def clean(self) -> dict[str, Any]:
        """Ask for a picture."""
        given = super().clean() or self.cleaned_data
        if not (given.get("file") or given.get("artwork") or self.errors):
            self.add_error("file", gettext("Nothing was chosen. Upload a picture, or choose one that was uploaded before."))
        return given


def offer(form: forms.BaseForm, name: str, queryset: Any) -> None:
    """Give a choice field its rows; done in ``__init__``, inside the tenant's scope."""
    form.fields[name].queryset = queryset  # type: ignore[attr-defined]  # only choice fields have it
