"""Adding a product to a store, step by step, as people do it (GA-28, GA-29, GT-19, GT-20). What the channel is asked for stands in ``publishing``.

Each change makes another ``attempt`` of the draft, so that a check or a publish is known to be about what is there now.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
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
from stores.models import Connection, Listing, Publication, Store
from stores.publishing_models import LONGEST_SKU, LONGEST_TITLE
from stores.services.publication_pictures import copy_own_pictures, plan_pictures

TASK = "stores.publish"
NO_BRAND = "Generic"
# What Unicode does not take apart into a plain letter and its mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "Æ": "AE",
        "æ": "ae",
        "Œ": "OE",
        "œ": "oe",
        "Ø": "O",
        "ø": "o",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Þ": "Th",
        "þ": "th",
        "ı": "i",
    }
)


class CannotAdd(Exception):
    """Nothing was changed; the message says why and what to do. ``field`` names what is to be corrected, where that is one thing."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Details:
    """What a person fills in of a product. ``values`` are the answers to the product type's fields, by name."""

    title: str
    description: str
    brand: str
    price: Decimal | None
    sku: str
    quantity: int
    handling_days: int | None
    values: Mapping[str, Value]


# --- beginning --------------------------------------------------------------------------------------------------------
@transaction.atomic
def start_publication(*, store_id: int, customer_product_id: int, actor: Actor) -> Publication:
    """Begin to add a product of the catalog. Raises ``CannotAdd``."""
    store, connection = _ready_store(store_id)
    product = usable_products(store.customer).filter(pk=customer_product_id).select_related("product_model").first()
    if product is None:
        raise CannotAdd(_("This product is not offered to the store's customer. Grant it on the product's page, then add it."))
    row = _new(store, connection, product, actor=actor)
    row.title, row.description, row.brand = _titled(product), product.product_model.description, NO_BRAND
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


def _titled(product: CustomerProduct) -> str:
    return ", ".join(part for part in (product.name, product.variant) if part)[:LONGEST_TITLE]


def suggested_sku(store: Store, wish: str) -> str:
    """Return a SKU near a wish that nothing in the store has: of plain letters and digits, since not every channel takes others."""
    stem = _plain(wish)[: LONGEST_SKU - 4].strip("-") or "PRODUCT"
    taken = set(Listing.objects.filter(store=store, key__startswith=stem).values_list("key", flat=True))
    taken |= set(Publication.objects.filter(store=store, sku__startswith=stem, dropped_at=None).values_list("sku", flat=True))
    return next(sku for number in range(1, len(taken) + 2) if (sku := stem if number == 1 else f"{stem}-{number}") not in taken)


def _plain(text: str) -> str:
    """Return a text in the letters of ASCII, as near as they come, with single dashes for all that is none."""
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9._-]+", "-", bare)).strip("-")


# --- the steps --------------------------------------------------------------------------------------------------------
@transaction.atomic
def choose_design(*, publication_id: int, design_id: int) -> Publication:
    """Take a design for the product; its mockups are drawn by a worker. Raises ``CannotAdd``."""
    row = _open(publication_id)
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
    row = _open(publication_id)
    row.type_words, row.type_options = words.strip()[:100], []
    row.save(update_fields=["type_words", "type_options"])
    ask(row, Publication.Asks.TYPES)


@transaction.atomic
def choose_type(*, publication_id: int, product_type: str, name: str = "") -> None:
    """Take a product type and have the channel asked what it wants to know. Answers to fields of the same name stay."""
    row = _open(publication_id)
    known = {str(one["id"]): str(one["name"]) for one in row.type_options}
    row.product_type, row.product_type_name = product_type[:100], (known.get(product_type) or name or product_type)[:200]
    row.product_type_version, row.fields = "", []
    changed(row, "product_type", "product_type_name", "product_type_version", "fields")
    ask(row, Publication.Asks.FIELDS)


@transaction.atomic
def save_details(*, publication_id: int, details: Details) -> Publication:
    """Keep what a person filled in, finished or not. Raises ``CannotAdd`` when the SKU is taken."""
    row = _open(publication_id)
    twins = Listing.objects.filter(store=row.store_id, key=details.sku).exclude(publications=row.pk)
    if details.sku and twins.exists():
        raise CannotAdd(_("Another product of this store has the SKU %(sku)s. Choose another one.") % {"sku": details.sku}, field="sku")
    known = {field["name"] for field in row.fields}
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
    if not different:
        return row
    if "sku" in different:
        row.submitted_at, row.product_id, row.listing = None, "", None  # another SKU is another product to the channel
        different += ["submitted_at", "product_id", "listing"]
    for name, value in wanted.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            changed(row, *different)
    except IntegrityError:
        words = _("A product that is being added has the SKU %(sku)s already. Choose another one.") % {"sku": details.sku}
        raise CannotAdd(words, field="sku") from None
    return row


@transaction.atomic
def pictures_changed(*, publication_id: int) -> None:
    """Note that other pictures are to be published than those that were checked."""
    changed(_open(publication_id))


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
    for field in row.fields:
        if field["required"] and not row.values.get(field["name"]):
            found[field["name"]] = _("The marketplace requires this.")
    pictures = list(row.pictures.values_list("delivery", flat=True))
    if not pictures:
        found["pictures"] = _("Add a picture: nothing is sold without one.")
    elif Delivery.PENDING in pictures:
        found["pictures"] = _("The pictures are still being made. Wait for them, then go on.")
    elif Delivery.CONFIRMED not in pictures:
        found["pictures"] = _("No picture could be made. Add one of your own.")
    return found


@transaction.atomic
def ask_check(*, publication_id: int) -> None:
    """Have the channel look at the draft without making anything. Raises ``CannotAdd`` while something is missing."""
    row = _open(publication_id)
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
    row = _open(publication_id)
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
    """Give up adding a product that is not submitted. Its pictures' links end. Raises ``CannotAdd``."""
    row = _open(publication_id)
    row.dropped_at, row.asks, row.delivery, row.lease = now(), "", Delivery.WITHDRAWN, None
    row.save(update_fields=["dropped_at", "asks", "delivery", "lease"])
    row.pictures.update(link_token="", link_until=None)


def ask(row: Publication, what: Publication.Asks) -> None:
    """Give a locked publication something to ask for; whatever a worker is asking for it meanwhile is forgotten."""
    row.asks, row.delivery, row.not_before, row.attempts, row.last_error = what, Delivery.PENDING, now(), 0, ""
    row.lease = row.leased_until = None
    row.save(update_fields=["asks", "delivery", "not_before", "attempts", "last_error", "lease", "leased_until"])
    hint(TASK)


def _complete(row: Publication) -> None:
    if lacking(row):
        raise CannotAdd(_("Something is still missing; it is marked below. Fill it in, then go on."))


def _open(publication_id: int) -> Publication:
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
