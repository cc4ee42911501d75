"""The part of the channel contract that makes products and tells stock and prices, in our words only (``abilities``).

A product type is whatever the channel sorts products by and asks attributes for: a product type definition at Amazon, a category at TikTok Shop.
Its attributes come as a flat tuple of named fields, however deep the channel nests them, so that a page can show a form and put each of the
channel's sentences at the field it is about.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from stores.channels.types import Amount

# Troubles may be about what the hub fills in by itself, too; these are the names of those fields.
OWN_FIELDS = ("title", "description", "brand", "price", "sku", "quantity", "handling_days", "pictures", "product_type", "variants")

Value = str | tuple[str, ...]  # several answers only where the field's kind is SEVERAL


@dataclass(frozen=True, slots=True)
class ProductTypeOption:
    """One product type that was found: its id at the channel, its name, and where it stands ("Home > Kitchen > Mugs"; may be empty)."""

    id: str
    name: str
    path: str = ""


class FieldKind(enum.StrEnum):
    """What a merchant does at a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"  # values "true" and "false"


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One value the channel takes, with its words for it."""

    value: str
    words: str


class Size(enum.StrEnum):
    """What the catalog knows of a packed product."""

    WEIGHT = "weight"
    LENGTH = "length"
    WIDTH = "width"
    HEIGHT = "height"


@dataclass(frozen=True, slots=True)
class Measure:
    """That a field asks for what the catalog knows: in which unit (g, kg, lb, mm, cm, in), rounded up to how many places.

    A field that asks for the unit alone has ``word``: what it is answered with where the size is known.
    """

    size: Size
    unit: str
    places: int = 2
    word: str = ""


@dataclass(frozen=True, slots=True)
class ProductField:
    """One attribute that a merchant must or may fill in. ``name`` is the adapter's: it leads back to the place in the channel's document.

    ``open_choice`` says that other values than the options are taken too; ``group`` is a heading under which fields belong together; ``measure`` says
    that the catalog knows an answer to begin with.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    help: str = ""
    options: tuple[FieldOption, ...] = ()
    open_choice: bool = False
    unit: str = ""
    longest: int | None = None
    smallest: Decimal | None = None
    largest: Decimal | None = None
    most: int | None = None  # how many values a SEVERAL takes
    example: str = ""
    group: str = ""
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class ProductType:
    """What the channel asks for one product type. ``version`` changes when the answer may; ``longest_title`` is None where it does not say."""

    id: str
    name: str
    version: str
    fields: tuple[ProductField, ...]
    longest_title: int | None = None
    longest_description: int | None = None
    most_pictures: int = 9
    takes_handling_days: bool = True


@dataclass(frozen=True, slots=True)
class PictureSource:
    """One picture to publish: a public link that works for some days, and its content where the channel wants it uploaded.

    ``read`` is called only where it is; ``key`` is the same for every repetition.
    """

    key: str
    link: str
    read: Callable[[], bytes] = field(repr=False)
    media_type: str = "image/jpeg"


class VariantOption(enum.StrEnum):
    """What tells the variants of a product apart."""

    COLOUR = "colour"
    SIZE = "size"
    KIND = "kind"  # anything else, in one word or a few


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One of several variants of a product: a unit that can be bought. ``key`` is its SKU.

    ``options`` say which one it is, in the order in which buyers choose; the variants of a product have the same options, and no two the same values.
    """

    key: str
    options: tuple[tuple[VariantOption, str], ...]
    price: Amount
    quantity: int


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as it is to be published, complete: one unit that can be bought, or several ``variants`` (``PublishesVariants``).

    ``key`` is the SKU and names the product for good; ``attempt`` is the same for every repetition of one publish, and another one once a person
    changed the draft. ``values`` hold the product type's fields by name. ``pictures`` are what ``keep_picture`` returned, the main one first.
    ``language`` is the one in which the channel's sentences are wanted (``en-GB``). ``product_id`` is set when a product that exists already is changed.
    ``variants`` are empty, or all of them, the first of which has the draft's own key, price and quantity.
    """

    marketplace: str
    key: str
    attempt: str
    product_type: str
    product_type_version: str
    values: Mapping[str, Value]
    title: str
    description: str
    brand: str
    price: Amount
    quantity: int
    handling_days: int | None = None
    stock_place: str = ""  # where stock is kept (DS-14), in the channel's code; empty: the channel's default
    pictures: tuple[str, ...] = ()
    language: str = ""
    product_id: str = ""
    variants: tuple[VariantDraft, ...] = ()


class Severity(enum.StrEnum):
    """Whether a trouble keeps the product from being sold."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ProductTrouble:
    """What the channel finds wrong, in its words. ``field`` is a name of ``ProductType.fields`` or of ``OWN_FIELDS``, empty when it is about the whole.

    ``variant`` is the key of the variant that it is about; empty for all of them, and for a product without any.
    """

    severity: Severity
    words: str
    field: str = ""
    code: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """The answer to a check or a publish. ``accepted`` means taken in for processing, never live; troubles may come with either.

    ``listing_key`` is what syncs and orders will know the listing by, where that is not the draft's own key.
    """

    accepted: bool
    troubles: tuple[ProductTrouble, ...] = ()
    product_id: str = ""
    listing_key: str = ""
    request_id: str = ""


class ProductState(enum.StrEnum):
    """Where the channel is with a product."""

    SUBMITTED = "submitted"  # it is looking at it, or waits for it
    LIVE = "live"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ProductProgress:
    """How far the channel is. ``channel_state`` is its own word; ``listing_key`` as in ``ProductAnswer``."""

    state: ProductState
    product_id: str = ""
    listing_key: str = ""
    channel_state: str = ""
    troubles: tuple[ProductTrouble, ...] = ()
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class StockNotice:
    """How many of a listing can be bought and how soon they are sent. Days of None leave the channel's own handling time alone."""

    key: str
    product_id: str
    quantity: int
    handling_days: int | None = None
    stock_place: str = ""
    product_type: str = ""


@dataclass(frozen=True, slots=True)
class PriceNotice:
    """What one unit of a listing is sold for, before any discount the seller runs at the channel."""

    key: str
    product_id: str
    price: Amount
    product_type: str = ""
