"""Where a page of the catalog stands."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import ProductModel
from pod_hub.ui.form_pages import Crumb


def catalog_crumb() -> Crumb:
    """The catalog itself."""
    return Crumb(_("Catalog"), reverse("catalog:products"))


def model_crumbs(model: ProductModel, *steps: str) -> list[Crumb]:
    """The way to a page about a product model."""
    return [catalog_crumb(), Crumb(model.name, reverse("catalog:product_model", args=[model.public_id])), *(Crumb(step) for step in steps)]
