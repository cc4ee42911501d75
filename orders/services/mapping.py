"""Mapping a listing to a customer product, and releasing every order that waits for it (P13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from orders.models import Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.services.holds import open_hold, release_holds
from orders.states import BEFORE_PRINT
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Listing, ListingMapping

# Longer than any batch of intake may run (its task is ended after a minute).
RETIRED_WITHIN = timedelta(hours=1)


class CannotMap(Exception):
    """The product may not be used for this listing; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What mapping a listing did."""

    mapping: ListingMapping
    lines_filled: int
    holds_released: int


def usable_products(listing: Listing) -> list[CustomerProduct]:
    """Return the active customer products that the listing's customer may use (GA-12), by name."""
    allowed = CustomerProduct.objects.filter(is_active=True).filter(Q(for_all_customers=True) | Q(grants__customer=listing.store.customer))
    return list(
        allowed.select_related("product_model__category").prefetch_related("product_model__print_areas").distinct().order_by("name", "variant", "pk")
    )


@transaction.atomic
def map_listing(*, listing_id: int, customer_product_id: int, design_id: int | None, actor: Actor, quantity: int = 1) -> Mapped:
    """Save a new version of the mapping and fill every waiting line of this listing with it.

    Lines that are printed or shipped keep the version they were made from. Raises ``CannotMap``.
    """
    listing = Listing.objects.select_for_update().select_related("store").get(pk=listing_id)
    product = next((p for p in usable_products(listing) if p.pk == customer_product_id), None)
    if product is None:
        raise CannotMap(_("This product is not offered to the store's customer. Grant it on the product's page, then connect again."))
    design = Design.objects.filter(pk=design_id).select_related("print_file").first() if design_id else None
    if design_id and (design is None or design.customer_id != listing.store.customer_id or design.product_model_id != product.product_model_id):
        raise CannotMap(_("This design belongs to another product or customer. Choose one made for “%(product)s”.") % {"product": product})
    if not product.product_model.needs_design:
        design = None
    active = listing.mappings.filter(retired_at=None).first()
    same = active and (active.customer_product_id, active.design_id, active.quantity) == (product.pk, design.pk if design else None, quantity)
    if active and same:
        mapping = active
    else:
        listing.mappings.filter(retired_at=None).update(retired_at=now())
        version = (listing.mappings.aggregate(top=Max("version"))["top"] or 0) + 1
        mapping = ListingMapping.objects.create(
            listing=listing,
            version=version,
            customer_product=product,
            design=design,
            print_file=design.print_file if design else None,
            quantity=quantity,
            mapped_by_id=actor.user_id,
        )
    filled, released = fill_waiting_lines(mapping, actor=actor)
    return Mapped(mapping, filled, released)


def fill_waiting_lines(mapping: ListingMapping, *, actor: Actor) -> tuple[int, int]:
    """Give the mapping to lines of its listing that are not printed yet; open or release their holds. Returns (lines, holds released).

    Call it under the listing's lock, or a newer mapping could be overtaken by this one.
    """
    waiting = OrderLine.objects.filter(listing_id=mapping.listing_id, state__in=[state.value for state in BEFORE_PRINT]).exclude(mapping=mapping)
    # Orders before their lines, as everywhere: production locks an order and then wants its lines.
    orders = Order.objects.select_for_update().filter(pk__in=list(waiting.values_list("order_id", flat=True))).order_by("pk")
    lines = list(
        waiting.filter(order__in=[order.pk for order in orders]).select_related("order").select_for_update(of=("self",)).order_by("order_id", "pk")
    )
    product = mapping.customer_product
    needs_file = product.product_model.needs_design and mapping.print_file_id is None
    for line in lines:
        line.mapping, line.customer_product, line.print_file, line.pieces_each = mapping, product, mapping.print_file, mapping.quantity
    OrderLine.objects.bulk_update(lines, ["mapping", "customer_product", "print_file", "pieces_each"], batch_size=500)
    summary = _("printed as %(product)s, mapping version %(version)s") % {"product": product, "version": mapping.version}
    OrderEvent.objects.bulk_create(
        (
            OrderEvent(
                order_id=line.order_id,
                line_id=line.pk,
                kind="mapped",
                summary=f"{line.sku or line.title}: {summary}",
                actor_id=actor.user_id,
                actor_label=actor.label,
                facts={"mapping": mapping.public_id, "version": mapping.version},
            )
            for line in lines
        ),
        batch_size=500,
    )
    for line in lines if needs_file else ():
        open_hold(line.order, HoldKind.ARTWORK, missing_artwork(product), line=line, actor=actor)
    solved = [HoldKind.UNMAPPED] if needs_file else [HoldKind.UNMAPPED, HoldKind.ARTWORK]
    holds = Hold.objects.filter(line__in=lines, kind__in=solved, released_at=None)
    released = release_holds(list(holds), actor=actor, reason=_("the listing was mapped to %(product)s") % {"product": product})
    return len(lines), released


def sweep_mapped(*, limit: int = 100) -> int:
    """Fill lines that missed their listing's mapping, over all tenants. Returns how many lines were filled.

    A batch of intake looks a mapping up and commits its lines later; a listing that is mapped in between fills only lines it can see. Those
    lines are due here, found by what they lack, so that nothing has to be remembered and an order is never held for ever.
    """
    recently = now() - RETIRED_WITHIN
    with across_tenants(reason="find lines that missed their listing's mapping"):
        open_lines = OrderLine.objects.filter(state__in=[state.value for state in BEFORE_PRINT])
        # Mapped while the order came in; and mapped anew while it came in, so that it holds a version that is retired.
        unmapped = open_lines.filter(mapping=None, listing__mappings__retired_at=None, listing__mappings__isnull=False)
        outdated = open_lines.filter(mapping__retired_at__gte=recently)
        found = [*unmapped.values_list("listing_id", "psp_id")[:limit], *outdated.values_list("listing_id", "psp_id")[:limit]]
    filled = 0
    for listing_id, psp_id in dict.fromkeys(found):
        with tenant(psp_id):
            Listing.reread(listing_id)
            active = ListingMapping.objects.filter(listing_id=listing_id, retired_at=None).select_related("customer_product__product_model").first()
            if active is not None:
                filled += fill_waiting_lines(active, actor=HUB)[0]
    return filled


def missing_artwork(product: CustomerProduct) -> str:
    """Return the sentence of an artwork hold."""
    return _("“%(product)s” needs a print file and its mapping has none. Choose a design for the listing.") % {"product": product}
