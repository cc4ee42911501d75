"""Entering an order by hand, or by a program, into a store that has no channel.

It takes the same road as every other order: a record in the ledger first, sealed as it was told, then the order that the record explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from orders.buyer_data import BuyerDetails, write_buyer
from orders.models import BuyerData, IntakeRecord, Order, OrderLine
from orders.services.holds import hold_for_artwork, record_event
from orders.services.recipes import lack_of, lack_of_files
from orders.services.watching_files import watch_files
from orders.states import LineState, OrderState
from pod_hub.accounts.actors import Actor
from pod_hub.core.sealing import sealed_field
from pod_hub.core.twins import refuse_twins
from stores.channels.registry import ChannelKind
from stores.channels.types import Address, ChannelState
from stores.models import Store

RULE = "entered"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ManualLine:
    """One line as entered: a customer product by its UID, how many, and the design by its public id where the product needs one."""

    product_uid: str
    quantity: int
    design: str = ""


@dataclass(frozen=True, slots=True)
class ManualOrder:
    """An order as entered. ``number`` is the merchant's own and unique within the store."""

    number: str
    lines: Sequence[ManualLine]
    ship_to: Address
    email: str = ""
    placed_at: datetime | None = None
    ship_by: datetime | None = None


class CannotEnter(Exception):
    """The order cannot be entered as told; nothing was written. ``faults`` are (place in the order, sentence) pairs, at least one."""

    def __init__(self, faults: Sequence[tuple[Path, str]]) -> None:
        super().__init__(" ".join(said for _path, said in faults))
        self.faults = list(faults)


@transaction.atomic
def enter_order(*, store: Store, told: ManualOrder, actor: Actor) -> Order:
    """Write the record, the order with its lines and buyer, and the timeline's first entry.

    A line whose product needs artwork and has none is taken in and held. Raises ``CannotEnter``, and ``AlreadyThere`` for a number that the
    store has.
    """
    if store.kind != ChannelKind.MANUAL:
        raise CannotEnter(
            [(("store",), _("“%(store)s” gets its orders from its marketplace. Enter them into a store of kind manual.") % {"store": store})]
        )
    products, designs = _look_up(store, told)
    moment = now()
    with refuse_twins(
        _("Store “%(store)s” has an order with this number. Read that one, or enter this one under another number.") % {"store": store}
    ):
        order = Order.objects.create(
            store=store,
            customer_id=store.customer_id,
            facility_id=store.facility_id,
            external_id=told.number,
            revision=moment,
            state=OrderState.RECEIVED,
            channel_state=ChannelState.UNSHIPPED.value,
            channel_status=str(IntakeRecord.Road.MANUAL.label),
            marketplace=store.marketplace,
            placed_at=told.placed_at or moment,
            ship_by=told.ship_by,
            ship_to_country=told.ship_to.country,
            imported_at=moment,
        )
        record = _record(order, store, told, moment, actor)
    buyer = BuyerData(order=order)
    buyer.check_tenant()
    write_buyer(buyer, BuyerDetails(name=told.ship_to.name, email=told.email, address=told.ship_to))
    record_event(
        order.pk,
        "imported",
        _("Entered into %(store)s by %(actor)s.") % {"store": store.name, "actor": actor.label},
        actor=actor,
        facts={"record": record.pk, "rule": RULE},
    )
    for number, line in enumerate(told.lines, start=1):
        _line(order, number, line, products[line.product_uid], designs.get(line.design), actor)
    order.refresh_from_db()
    return order


def _look_up(store: Store, told: ManualOrder) -> tuple[dict[str, CustomerProduct], dict[str, Design]]:
    """Return products by UID and designs by id; raise ``CannotEnter`` with everything that is wrong with the lines."""
    allowed = usable_products(store.customer).filter(uid__in={line.product_uid for line in told.lines}).select_related("product_model")
    products = {product.uid: product for product in allowed}
    found = Design.objects.filter(public_id__in={line.design for line in told.lines if line.design}, customer_id=store.customer_id)
    designs = {design.public_id: design for design in found}
    faults: list[tuple[Path, str]] = []
    for at, line in enumerate(told.lines):
        product, design = products.get(line.product_uid), designs.get(line.design)
        if product is None:
            faults.append(
                (
                    ("lines", at, "product_uid"),
                    _("No active product with this UID is offered to the store's customer. The product list has the UIDs."),
                )
            )
        elif line.design and (design is None or design.product_model_id != product.product_model_id):
            words = _("No design of the store's customer for “%(product)s” has this id. The design list has the ids.")
            faults.append((("lines", at, "design"), words % {"product": product}))
        elif line.design and not product.product_model.needs_design:
            faults.append((("lines", at, "design"), _("“%(product)s” is printed without a design. Leave it out.") % {"product": product}))
    if faults:
        raise CannotEnter(faults)
    return products, designs


def _record(order: Order, store: Store, told: ManualOrder, moment: datetime, actor: Actor) -> IntakeRecord:
    record = IntakeRecord(
        store=store,
        external_id=told.number,
        revision=moment,
        marketplace=store.marketplace,
        road=IntakeRecord.Road.MANUAL,
        verdict=IntakeRecord.Verdict.IMPORTED,
        rule=RULE,
        reason=_("Entered by %(actor)s.") % {"actor": actor.label},
        seen_at=moment,
        decided_at=moment,
        order=order,
    )
    record.check_tenant()
    payload: dict[str, Any] = asdict(told)
    payload |= {name: payload[name].isoformat() if payload[name] else None for name in ("placed_at", "ship_by")}
    sealed_field(IntakeRecord, "payload_sealed").seal_into(record, payload)
    record.save()
    return record


def _line(order: Order, number: int, told: ManualLine, product: CustomerProduct, design: Design | None, actor: Actor) -> None:
    print_file_id = design.print_file_id if design else None
    line = OrderLine.objects.create(
        order=order,
        external_line_id=str(number),
        customer_product=product,
        print_file_id=print_file_id,
        design=design,
        sku=product.uid,
        title=str(product),
        quantity=told.quantity,
        state=LineState.RECEIVED,
    )
    lack = lack_of(product, design) if product.product_model.needs_design and print_file_id is None else lack_of_files(design, [line.print_file])
    if lack:
        hold_for_artwork(line, lack, actor=actor)
    watch_files([print_file_id])
