"""The onboarding checklist of a customer: the four phases of GA-05, ticked from what really is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, ProductGrant, offered_today
from orders.models import Order
from orders.states import OrderState
from pod_hub.accounts.models import Customer, TradingName
from pod_hub.core.outbox import Delivery
from stores.channels.registry import ChannelKind
from stores.models import Connection, ListingMapping, ListingSync, Store


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to have. While it is missing, ``who`` says that somebody else does it; else ``label`` and ``href`` lead there, once it ``can`` be done."""

    title: str
    text: str
    done: bool
    label: str = ""
    href: str = ""
    who: str = ""
    can: bool = True


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase with its steps, in the order in which they are done."""

    title: str
    steps: Sequence[Step]

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is missing."""
        return all(step.done for step in self.steps)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The whole of it. ``next_step`` is the first that is missing, or None."""

    phases: Sequence[Phase]
    has_orders: bool

    @property
    def steps(self) -> list[Step]:
        """Every step of every phase."""
        return [step for phase in self.phases for step in phase.steps]

    @property
    def done(self) -> int:
        """How many steps are there."""
        return sum(step.done for step in self.steps)

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return self.done == self.total

    @property
    def next_step(self) -> Step | None:
        """The first step that is missing."""
        return next((step for step in self.steps if not step.done), None)


def checklist(customer: Customer, *, psp: str) -> Checklist:
    """Read a customer's checklist in one query. ``psp`` is the print provider's name, for the steps that are theirs."""
    found: dict[str, Any] = _facts(customer)
    stores, products, settings = reverse("stores:stores"), reverse("portal:products"), reverse("portal:settings")
    store = reverse("stores:store", args=[found["store"]]) if found["store"] else stores
    connection = reverse("stores:connection", args=[found["store"]]) if found["store"] else stores
    preparation = (
        Step(
            _("Products you can sell"),
            _("%(psp)s chooses what it prints for you.") % {"psp": psp},
            found["product"],
            _("See your products"),
            products,
            who="" if found["product"] else psp,
        ),
        Step(
            _("The name on your packing slips"),
            _("Buyers see your trading name and your logo, not ours."),
            found["trading_name"],
            _("Add a trading name"),
            settings,
        ),
    )
    connecting = (
        Step(_("A store"), _("One for each marketplace on which you sell."), found["any_store"], _("Add a store"), stores),
        Step(
            _("The marketplace's permission"),
            _("You sign in there once and allow orders to be read. No password and no key is given to anybody."),
            found["connected"],
            _("Connect the store"),
            connection,
            can=found["any_store"],
        ),
    )
    setup = (
        Step(
            _("Your listings are read"),
            _("What your store offers, with its SKUs."),
            found["synced"],
            _("Sync the products"),
            store,
            can=found["connected"],
        ),
        Step(
            _("A listing is connected to a product"),
            _("Say once what is printed for a listing and with which artwork. Its orders then need no more of you."),
            found["mapped"],
            _("Connect listings"),
            f"{store}?show=unmapped",
            can=found["synced"] or found["ordered"],
        ),
    )
    testing = (
        Step(
            _("The first order arrived"),
            _("New orders are read about every 15 minutes. Place one yourself to see it happen."),
            found["ordered"],
            _("Look at your orders"),
            reverse("portal:orders"),
            can=found["connected"],
        ),
        Step(
            _("It was shipped and the marketplace knows"),
            _("The tracking number is told to the marketplace by itself."),
            found["told"],
            _("Look at your orders"),
            reverse("portal:orders"),
            who=psp if found["ordered"] and found["mapped"] else "",
            can=found["ordered"],
        ),
    )
    phases = (
        Phase(_("Preparation"), preparation),
        Phase(_("Store connection"), connecting),
        Phase(_("Product setup"), setup),
        Phase(_("Testing"), testing),
    )
    return Checklist(phases, has_orders=found["ordered"])


def _facts(customer: Customer) -> dict[str, Any]:
    """Return what is there. One query, which stops at the first row of each kind."""
    mine = OuterRef("pk")
    without_consent = Store.objects.filter(customer=mine, kind__in=[ChannelKind.CSV, ChannelKind.MANUAL])
    orders = Order.objects.filter(customer=mine)
    found: dict[str, Any] = dict(
        Customer.objects.filter(pk=customer.pk)
        .annotate(
            shared=Exists(CustomerProduct.objects.filter(offered_today(), for_all_customers=True)),
            granted=Exists(ProductGrant.objects.filter(offered_today("customer_product__"), customer=mine)),
            trading_name=Exists(TradingName.objects.filter(customer=mine)),
            any_store=Exists(Store.objects.filter(customer=mine)),
            connected=Exists(Connection.objects.filter(store__customer=mine, state=Connection.State.CONNECTED)),
            needs_none=Exists(without_consent),
            synced=Exists(ListingSync.objects.filter(store__customer=mine, delivery=Delivery.CONFIRMED)),
            mapped=Exists(ListingMapping.objects.filter(listing__store__customer=mine, retired_at=None)),
            ordered=Exists(orders),
            shipped=Exists(orders.filter(state=OrderState.SHIPPED)),
            # Pushes stand on the upper floor; the order knows them only by the name of the relation.
            confirmed=Exists(orders.filter(pushes__delivery=Delivery.CONFIRMED)),
            store=Store.objects.filter(customer=mine).order_by("pk").values("public_id")[:1],
        )
        .values()
        .get()
    )
    # A store without a consent is connected by being there, and has no listings to read.
    found["connected"] = found["connected"] or found["needs_none"]
    found["synced"] = found["synced"] or (found["needs_none"] and found["ordered"])
    found["mapped"] = found["mapped"] or (found["needs_none"] and found["ordered"])
    found["told"] = found["confirmed"] or (found["needs_none"] and found["shipped"])
    found["product"] = found["shared"] or found["granted"]
    return found
