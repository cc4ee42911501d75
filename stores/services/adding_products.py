"""Adding a product to a store, step by step, as people do it (GA-28, GA-29, GT-19, GT-20). What the channel is asked for stands in ``publishing``.

Each change makes another ``attempt`` of the draft, so that a check or a publish is known to be about what is there now.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from catalog.services.fitting import flaw_of
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from stores.channels.publishing_types import Value
from stores.channels.registry import capabilities, marketplace_info
from stores.models import Connection, Listing, Publication, PublicationVariant, Store
from stores.publishing_errors import CannotAdd
from stores.publishing_models import LONGEST_TITLE
from stores.publishing_selectors import units_of
from stores.services.publication_pictures import copy_own_pictures, plan_pictures
from stores.services.publication_skus import refuse_taken_skus, suggested_sku

TASK = "stores.publish"
NO_BRAND = "Generic"


@dataclass(frozen=True, slots=True)
class VariantDetails:
    """What a person fills in of a further variant. Without a price of its own it costs what the first costs."""

    price: Decimal | None
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Details:
    """What a person fills in of a product. ``values`` are the answers to the product type's fields, by name.

    ``variants`` are those beside the first, by their public ids; one that is not among them stays as it is.
    """

    title: str
    description: str
    brand: str
    price: Decimal | None
    sku: str
    quantity: int
    handling_days: int | None
    values: Mapping[str, Value]
    variants: Mapping[str, VariantDetails] = field(default_factory=dict)


# --- beginning --------------------------------------------------------------------------------------------------------
@transaction.atomic
def start_publication(*, store_id: int, customer_product_id: int, actor: Actor) -> Publication:
    """Begin to add a product of the catalog. Raises ``CannotAdd``."""
    store, connection = _ready_store(store_id)
    product = usable_products(store.customer).filter(pk=customer_product_id).select_related("product_model").first()
    if product is None:
        raise CannotAdd(_("This product is not offered to the store's customer. Grant it on the product's page, then add it."))
    row = _new(store, connection, product, actor=actor)
    row.title, row.description, row.brand = proposed_title(product, alone=True), product.product_model.description, NO_BRAND
    row.save()
    if not product.product_model.needs_design:
        plan_pictures(row)
    return row


@transaction.atomic
def copy_listing(*, store_id: int, listing_id: int, actor: Actor) -> Publication:
    """Begin to add what another store of the same customer already sells: its product, design, name, price and own pictures. Raises ``CannotAdd``."""
    store, connection = _ready_store(store_id)
    listing = Listing.objects.select_related("store").get(pk=listing_id)
    if listing.store.customer_id != store.customer_id or listing.store_id == store.pk:
        raise CannotAdd(_("This product is not sold in another store of the same customer. Choose one that is."))
    mapping = listing.mappings.filter(retired_at=None).first()
    parts = list(mapping.parts.select_related("customer_product__product_model", "design")) if mapping else []
    if len(parts) != 1 or parts[0].quantity != 1:
        raise CannotAdd(
            _("“%(listing)s” is not connected to exactly one product, so it cannot be copied. Connect it, or pick from the catalog.")
            % {"listing": listing}
        )
    (part,) = parts
    if not usable_products(store.customer).filter(pk=part.customer_product_id).exists():
        raise CannotAdd(_("“%(product)s” is not offered to this customer any more. Pick another product.") % {"product": part.customer_product})
    row = _new(store, connection, part.customer_product, actor=actor)
    former = listing.publications.order_by("-pk").first()
    row.copied_from, row.design = listing, part.design
    row.title = listing.title[:LONGEST_TITLE]
    row.description = former.description if former else part.customer_product.product_model.description
    row.brand = former.brand if former else NO_BRAND
    if listing.currency == row.currency:
        row.price = listing.price
    row.sku = suggested_sku(store, listing.sku or part.customer_product.uid)
    row.save()
    if former is not None:
        copy_own_pictures(source=former, target=row)
    plan_pictures(row)
    return row


def _ready_store(store_id: int) -> tuple[Store, Connection]:
    store = Store.objects.select_related("customer").get(pk=store_id)
    connection = Connection.objects.filter(store=store).exclude(authorization=None).exclude(state=Connection.State.DISABLED).first()
    if not capabilities(store.kind).publishes:
        raise CannotAdd(_("Products cannot be added to stores of this kind."))
    if connection is None:
        raise CannotAdd(_("The store is not connected, so nothing can be added to it. Connect it first."))
    return store, connection


def _new(store: Store, connection: Connection, product: CustomerProduct, *, actor: Actor) -> Publication:
    place = marketplace_info(store.kind, store.marketplace)
    return Publication(
        store=store,
        customer_product=product,
        currency=place.currency if place else "",
        sku=suggested_sku(store, product.uid),
        handling_days=connection.handling_days,
        delivery=Delivery.CONFIRMED,
        attempt=uuid.uuid4(),
        started_by_id=actor.user_id,
    )


def proposed_title(product: CustomerProduct, *, alone: bool) -> str:
    """Return the name with which a product begins: with what tells it from its siblings, unless they are sold with it."""
    return ", ".join(part for part in (product.name, product.variant if alone else "") if part)[:LONGEST_TITLE]


# --- the steps --------------------------------------------------------------------------------------------------------
@transaction.atomic
def choose_design(*, publication_id: int, design_id: int) -> Publication:
    """Take a design for the product; its mockups are drawn by a worker. Raises ``CannotAdd``."""
    row = open_publication(publication_id)
    design = Design.objects.get(pk=design_id)
    model = row.customer_product.product_model
    if design.customer_id != row.store.customer_id or design.product_model_id != model.pk:
        raise CannotAdd(_("This design belongs to another product or customer. Choose one made for “%(product)s”.") % {"product": model})
    if design.state in {Design.State.DRAFT, Design.State.FAILED}:
        raise CannotAdd(_("The design “%(design)s” is not finished. Save it in the editor, then choose it.") % {"design": design})
    if flaw := flaw_of_design(design):
        raise CannotAdd(flaw)
    if row.design_id != design.pk:
        row.design = design
        changed(row, "design")
        plan_pictures(row)
    return row


def flaw_of_design(design: Design | None) -> str:
    """Return why a design that was chosen is not printed from, or nothing: its orders would wait."""
    if design is None:
        return ""
    if design.state == Design.State.FAILED:
        return _("The print file of “%(design)s” could not be made. Correct the design or choose another.") % {"design": design}
    flaw = flaw_of(design, [design.print_file, *(sheet.print_file for sheet in design.sheets.select_related("print_file"))])
    return flaw.text if flaw else ""


@transaction.atomic
def search_types(*, publication_id: int, words: str) -> None:
    """Have the channel asked which product types fit some words."""
    row = open_publication(publication_id)
    row.type_words, row.type_options = words.strip()[:100], []
    row.save(update_fields=["type_words", "type_options"])
    ask(row, Publication.Asks.TYPES)


@transaction.atomic
def choose_type(*, publication_id: int, product_type: str, name: str = "") -> None:
    """Take a product type and have the channel asked what it wants to know. Answers to fields of the same name stay."""
    row = open_publication(publication_id)
    known = {str(one["id"]): str(one["name"]) for one in row.type_options}
    row.product_type, row.product_type_name = product_type[:100], (known.get(product_type) or name or product_type)[:200]
    row.product_type_version, row.fields = "", []
    changed(row, "product_type", "product_type_name", "product_type_version", "fields")
    ask(row, Publication.Asks.FIELDS)


@transaction.atomic
def save_details(*, publication_id: int, details: Details) -> Publication:
    """Keep what a person filled in, finished or not. Raises ``CannotAdd`` when the SKU is taken."""
    row = open_publication(publication_id)
    told = {public_id: replace(one, price=one.price or details.price) for public_id, one in details.variants.items()}
    further = [(unit, given) for unit in units_of(row) if unit.row and (given := told.get(unit.row.public_id))]
    refuse_taken_skus(row, {"sku": details.sku} | {unit.field("sku"): given.sku for unit, given in further})
    known = {asked["name"] for asked in row.fields}
    wanted: dict[str, Any] = {
        "title": details.title,
        "description": details.description,
        "brand": details.brand,
        "price": details.price,
        "sku": details.sku,
        "quantity": details.quantity,
        "handling_days": details.handling_days,
        "values": {name: list(value) if isinstance(value, tuple) else value for name, value in details.values.items() if name in known and value},
    }
    different = [name for name, value in wanted.items() if getattr(row, name) != value]
    moved = [
        (unit.row, given) for unit, given in further if unit.row and (unit.sku, unit.price, unit.quantity) != (given.sku, given.price, given.quantity)
    ]
    if not different and not moved:
        return row
    if "sku" in different:
        row.listing = None
        different.append("listing")
        if not row.variants.exists():  # another SKU is another product to the channel; one with variants goes by its number there
            row.submitted_at, row.product_id = None, ""
            different += ["submitted_at", "product_id"]
    for name, value in wanted.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            changed(row, *different)
            _save_variants(moved)
    except IntegrityError:
        words = _("A product that is being added has the SKU %(sku)s already. Choose another one.") % {"sku": details.sku}
        raise CannotAdd(words, field="sku") from None
    return row


def _save_variants(moved: Sequence[tuple[PublicationVariant, VariantDetails]]) -> None:
    PublicationVariant.objects.filter(pk__in=[row.pk for row, _given in moved]).update(sku="")  # two may have changed places
    for row, given in moved:
        if row.sku != given.sku:
            row.listing = None
        row.sku, row.price, row.quantity = given.sku, given.price, given.quantity
        row.save(update_fields=["sku", "price", "quantity", "listing"])


@transaction.atomic
def pictures_changed(*, publication_id: int) -> None:
    """Note that other pictures are to be published than those that were checked."""
    changed(open_publication(publication_id))


def changed(row: Publication, *names: str) -> None:
    """Save some columns of an open publication; what was checked or refused before was another attempt."""
    row.attempt, row.sent_at = uuid.uuid4(), None
    if row.state == Publication.State.REJECTED:
        row.state = Publication.State.DRAFT
    row.save(update_fields=[*names, "attempt", "sent_at", "state"])


# --- what is asked ----------------------------------------------------------------------------------------------------
def lacking(row: Publication) -> dict[str, str]:
    """Return what has to be there before the channel is asked, by field, in sentences."""
    wanted = {
        "title": _("Give the product a name."),
        "description": _("Describe the product."),
        "brand": _("Name the brand, or type “Generic”."),
        "sku": _("Give the product a SKU."),
        "product_type": _("Choose the product type."),
    }
    found = {name: sentence for name, sentence in wanted.items() if not getattr(row, name)}
    if row.asks == Publication.Asks.FIELDS:
        found["product_type"] = _("What this product type asks is not known yet. Wait for the marketplace's answer, then fill that in.")
    if row.customer_product.product_model.needs_design and row.design_id is None:
        found["design"] = _("Choose a design: the product is printed with it.")
    elif flaw := flaw_of_design(row.design):
        found["design"] = flaw
    if not row.price:
        found["price"] = _("Give the price.")
    found |= _lacking_of_variants(row)
    for asked in row.fields:
        if asked["required"] and not row.values.get(asked["name"]):
            found[asked["name"]] = _("The marketplace requires this.")
    pictures = list(row.pictures.values_list("delivery", flat=True))
    if not pictures:
        found["pictures"] = _("Add a picture: nothing is sold without one.")
    elif Delivery.PENDING in pictures:
        found["pictures"] = _("The pictures are still being made. Wait for them, then go on.")
    elif Delivery.CONFIRMED not in pictures:
        found["pictures"] = _("No picture could be made. Add one of your own.")
    return found


def _lacking_of_variants(row: Publication) -> dict[str, str]:
    first, *further = units_of(row)
    found = {unit.field("sku"): _("Give the variant a SKU.") for unit in further if not unit.sku}
    found |= {unit.field("price"): _("Give the variant's price.") for unit in further if not unit.price}
    if further and not first.options:
        found["variants"] = _("The catalog does not tell these variants apart any more. Choose others, or correct them in the catalog.")
    return found


@transaction.atomic
def ask_check(*, publication_id: int) -> None:
    """Have the channel look at the draft without making anything. Raises ``CannotAdd`` while something is missing."""
    row = open_publication(publication_id)
    _complete(row)
    row.state, row.troubles = Publication.State.CHECKING, []
    row.save(update_fields=["state", "troubles"])
    ask(row, Publication.Asks.CHECK)


@transaction.atomic
def ask_publish(*, publication_id: int, actor: Actor) -> None:
    """Have the product made. Asking twice makes one product. Raises ``CannotAdd`` for what did not pass the channel's check."""
    row = Publication.reread(publication_id)
    if row.state in {Publication.State.SUBMITTED, Publication.State.LIVE}:
        return
    row = open_publication(publication_id)
    _complete(row)
    if not row.is_checked:
        raise CannotAdd(_("The product was changed after the marketplace checked it. Check it again, then publish."))
    row.state, row.published_by_id = Publication.State.SUBMITTED, actor.user_id
    row.save(update_fields=["state", "published_by"])
    ask(row, Publication.Asks.PUBLISH)


@transaction.atomic
def ask_again(*, publication_id: int) -> None:
    """Go on with what a worker gave up."""
    row = Publication.reread(publication_id)
    if row.delivery == Delivery.PARKED and row.asks:
        row.attempts = 0
        row.save(update_fields=["attempts"])
        ask(row, Publication.Asks(row.asks))


@transaction.atomic
def drop_publication(*, publication_id: int) -> None:
    """Give up adding a product that is not submitted. Its pictures' links end, and its SKUs are free. Raises ``CannotAdd``."""
    row = open_publication(publication_id)
    row.dropped_at, row.asks, row.delivery, row.lease = now(), "", Delivery.WITHDRAWN, None
    row.save(update_fields=["dropped_at", "asks", "delivery", "lease"])
    row.pictures.update(link_token="", link_until=None)
    row.variants.all().delete()


def ask(row: Publication, what: Publication.Asks) -> None:
    """Give a locked publication something to ask for; whatever a worker is asking for it meanwhile is forgotten."""
    row.asks, row.delivery, row.not_before, row.attempts, row.last_error = what, Delivery.PENDING, now(), 0, ""
    row.lease = row.leased_until = None
    row.save(update_fields=["asks", "delivery", "not_before", "attempts", "last_error", "lease", "leased_until"])
    hint(TASK)


def _complete(row: Publication) -> None:
    if lacking(row):
        raise CannotAdd(_("Something is still missing; it is marked below. Fill it in, then go on."))


def open_publication(publication_id: int) -> Publication:
    """Return a publication, locked, with its store and product. Raises ``CannotAdd`` for one that people may not change now."""
    row: Publication = Publication.reread(publication_id)
    if not row.is_open:
        raise CannotAdd(closed_words(row))
    row.store, row.customer_product = (
        Store.objects.select_related("customer").get(pk=row.store_id),
        CustomerProduct.objects.select_related("product_model").get(pk=row.customer_product_id),
    )
    return row


def closed_words(row: Publication) -> str:
    """Return why nothing of a publication that is not open may be changed, and what to do."""
    if row.dropped_at is not None:
        return _("Nothing was changed: the product was given up, perhaps in another window. Add it anew if you want it after all.")
    if row.state == Publication.State.LIVE:
        return _("Nothing was changed: the product is live. Change it at the marketplace; its stock is told from its listing.")
    if row.state == Publication.State.CHECKING:
        return _("Nothing was changed: the marketplace is checking the product, perhaps for another window. Wait for its answer, then change it.")
    return _("Nothing was changed: the product was published meanwhile, perhaps in another window. Wait for the marketplace's verdict.")
