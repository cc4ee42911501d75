"""Adding and changing what can be printed, and for whom."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Category, CustomerProduct, PrintArea, ProductFacility, ProductGrant, ProductModel
from pod_hub.accounts.models import Customer, Facility
from pod_hub.core.twins import refuse_twins


class Circle(ValueError):
    """A category would stand on a shelf below itself; the message says what to do."""


def save_category(*, category: Category) -> Category:
    """Store a category; raises ``AlreadyThere`` for a second one of this name on the shelf, ``Circle`` when it would be below itself."""
    above = category.parent
    while above is not None:
        if above.pk == category.pk:
            raise Circle(_("A category cannot stand below itself. Choose another place."))
        above = above.parent
    with refuse_twins(_("There is a category of this name in this place. Choose another name.")):
        category.save()
    return category


def save_product_model(*, model: ProductModel) -> ProductModel:
    """Store a product model; raises ``AlreadyThere`` when another one has this blank SKU."""
    with refuse_twins(_("Another product model has this blank SKU. Open that one, or choose another SKU.")):
        model.save()
    return model


@transaction.atomic
def save_print_area(*, area: PrintArea) -> PrintArea:
    """Store a print area; raises ``AlreadyThere`` when the model has one with this key. The model's revision grows: designs have to fit anew."""
    model = ProductModel.reread(area.product_model_id)
    with refuse_twins(_("This product model has an area with this key. Open that one, or choose another key.")):
        area.save()
    model.revision += 1
    model.save(update_fields=["revision"])
    return area


@transaction.atomic
def save_customer_product(*, product: CustomerProduct, customers: Iterable[Customer], facilities: Iterable[Facility]) -> CustomerProduct:
    """Store a customer product with the customers who may use it (GA-12) and the facilities that make it.

    Raises ``AlreadyThere`` when another one has this UID. Taking leave away from a customer touches no mapping that exists.
    """
    with refuse_twins(_("Another product has this UID. Open that one, or choose another UID.")):
        product.save()
    wanted = {customer.pk for customer in customers}
    ProductGrant.objects.filter(customer_product=product).exclude(customer__in=wanted).delete()
    known = set(ProductGrant.objects.filter(customer_product=product).values_list("customer_id", flat=True))
    ProductGrant.objects.bulk_create(ProductGrant(customer_product=product, customer_id=pk) for pk in sorted(wanted - known))
    made_at = {facility.pk for facility in facilities}
    ProductFacility.objects.filter(customer_product=product).exclude(facility__in=made_at).delete()
    there = set(ProductFacility.objects.filter(customer_product=product).values_list("facility_id", flat=True))
    ProductFacility.objects.bulk_create(ProductFacility(customer_product=product, facility_id=pk) for pk in sorted(made_at - there))
    return product
