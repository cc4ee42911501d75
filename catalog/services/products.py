"""Offering product models to customers: customer products, who may use them, where they are made, and what whom they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CustomerPrice, CustomerProduct, ProductFacility, ProductGrant
from catalog.services.product_models import Unfit
from pod_hub.accounts.models import Customer, Facility
from pod_hub.core.twins import refuse_twins


@transaction.atomic
def save_customer_product(*, product: CustomerProduct, customers: Iterable[Customer], facilities: Iterable[Facility]) -> CustomerProduct:
    """Store a customer product with the customers who may use it (GA-12) and the facilities that make it.

    Raises ``AlreadyThere`` when another one has this UID, ``Unfit`` for another model's variant or dates the wrong way round. Taking leave away
    from a customer touches no mapping that exists.
    """
    if product.model_variant is not None and product.model_variant.product_model_id != product.product_model_id:
        raise Unfit(_("This variant belongs to another product model. Choose one of “%(model)s”.") % {"model": product.product_model})
    if product.active_from and product.active_until and product.active_from > product.active_until:
        raise Unfit(_("The product would end before it begins. Exchange the two dates."))
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


@transaction.atomic
def set_customer_prices(*, product: CustomerProduct, prices: Mapping[int, Decimal | None]) -> int:
    """Set what single customers (by row id) pay for one piece; None means the list price again. Returns how many changed."""
    CustomerProduct.reread(product.pk)
    now = dict(CustomerPrice.objects.filter(customer_product=product).values_list("customer_id", "price"))
    changed = {pk: price for pk, price in prices.items() if now.get(pk) != price}
    CustomerPrice.objects.filter(customer_product=product, customer__in=[pk for pk, price in changed.items() if price is None]).delete()
    CustomerPrice.objects.bulk_create(
        [CustomerPrice(customer_product=product, customer_id=pk, price=price) for pk, price in sorted(changed.items()) if price is not None],
        update_conflicts=True,
        unique_fields=["customer_product", "customer"],
        update_fields=["price"],
    )
    return len(changed)


@dataclass(frozen=True, slots=True)
class Access:
    """What a bulk change of access did."""

    given: int
    taken: int


@transaction.atomic
def change_access(*, products: Iterable[CustomerProduct], customers: Iterable[Customer], give: bool) -> Access:
    """Give customers leave to use products, or take it away: every one of these products for every one of these customers.

    What is there already is left alone, so a repetition changes nothing. Mappings that exist stay, whatever is taken away.
    """
    product_ids, customer_ids = sorted({one.pk for one in products}), sorted({one.pk for one in customers})
    there = ProductGrant.objects.filter(customer_product__in=product_ids, customer__in=customer_ids)
    if not give:
        return Access(0, there.delete()[0])
    known = set(there.values_list("customer_product_id", "customer_id"))
    wanted = [(product, customer) for product in product_ids for customer in customer_ids if (product, customer) not in known]
    ProductGrant.objects.bulk_create([ProductGrant(customer_product_id=one, customer_id=other) for one, other in wanted], ignore_conflicts=True)
    return Access(len(wanted), 0)
