"""The cast of the tests: PSP Northprint with customer Ada and colleague Ben, PSP Southprint with Mallory, who is in every access test."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image

from catalog.models import Category, CustomerProduct, Design, PrintArea, PrintFile, ProductGrant, ProductModel
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork
from pod_hub.accounts.models import Customer, Facility, Membership, Psp, Role, TradingName, User
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind
from stores.models import Connection, Listing, Store
from stores.services.authorizations import attach_grant

GERMANY, UNITED_KINGDOM, UNITED_STATES = "A1PA6795UKMFR9", "A1F83G8C2ARO7P", "ATVPDKIKX0DER"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class House:
    """One PSP with a customer, a connected German Amazon store and two products; everything a chain needs."""

    psp: Psp
    owner: User
    worker: User
    reader: User
    facility: Facility
    customer: Customer
    trading_name: TradingName
    store: Store
    connection: Connection
    mug: CustomerProduct
    sticker: CustomerProduct
    print_file: PrintFile
    design: Design
    listing: Listing


def artwork(width: int = 1680, height: int = 720, colour: str = "teal") -> bytes:
    """Return a real PNG of the shape of the cast's mug, large enough for it."""
    sheet = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(sheet, "PNG")
    return sheet.getvalue()


def person(psp: Psp, first: str, role: Role, customer: Customer | None = None) -> User:
    """Return a user with one membership."""
    user = User.objects.create_user(f"{first.lower()}@{psp.slug}.test", PASSWORD, first_name=first, last_name="Testing")
    Membership.objects.create(user=user, psp=psp, role=role, customer=customer)
    return user


def make_house(
    name: str,
    *,
    owner: str,
    worker: str,
    reader: str,
    customer: str,
    seller: str,
    marketplace: str = GERMANY,
    region: str = "EU",
    refresh_token: str = "Atzr|t",
) -> House:
    """Build one PSP. Its store's listing ``MUG-11OZ-WHITE`` exists and is not mapped."""
    psp = Psp.objects.create(name=name, slug=name.lower())
    people = person(psp, owner, Role.OWNER), person(psp, worker, Role.PRODUCTION), person(psp, reader, Role.READER)
    with tenant(psp.pk):
        facility = Facility.objects.create(name=f"{name} plant", address_lines="Dock 1", city="Hamburg", postcode="20457", country="DE")
        merchant = Customer.objects.create(name=customer, storefronts_enabled=True)
        trading = TradingName.objects.create(customer=merchant, name=f"{customer} Trading")
        home = Category.objects.create(name="Home")
        mug_model = ProductModel.objects.create(category=home, name="Mug", sku="BLANK-MUG")
        PrintArea.objects.create(product_model=mug_model, key="wrap", name="Wrap", width_mm=210, height_mm=90, min_dpi=150)
        plain_model = ProductModel.objects.create(category=home, name="Sticker", sku="STOCK-STICKER", needs_design=False)
        mug = CustomerProduct.objects.create(product_model=mug_model, uid="MUG-11", name="Mug", price=Decimal("5.20"), currency="EUR")
        ProductGrant.objects.create(customer_product=mug, customer=merchant)
        sticker = CustomerProduct.objects.create(
            product_model=plain_model, uid="STICKER", name="Sticker", price=Decimal("1.00"), currency="EUR", for_all_customers=True
        )
        uploaded = keep_artwork(customer=merchant, content=io.BytesIO(artwork()), file_name="art.png")
        design = design_from_artwork(customer=merchant, product_model=mug_model, artwork=uploaded, name="Teal")
        print_file = design.print_file
        assert print_file is not None  # the picture has the wrap's shape
        store = Store.objects.create(
            customer=merchant, facility=facility, trading_name=trading, kind=ChannelKind.AMAZON, name=f"{customer} Amazon.de", marketplace=marketplace
        )
        grant = Grant(account_id=seller, refresh_token=refresh_token, access_token="", access_expires_in_s=0)
        connection = attach_grant(store_id=store.pk, grant=grant, region=region)
        listing = Listing.objects.create(store=store, key="MUG-11OZ-WHITE", sku="MUG-11OZ-WHITE", product_id="B0DEMOMUG1", title="Ceramic mug")
        store.refresh_from_db()
    return House(psp, *people, facility, merchant, trading, store, connection, mug, sticker, print_file, design, listing)


def northprint(refresh_token: str = "Atzr|north") -> House:
    """Northprint: Nora owns it, Ben produces, Rita reads; Ada sells."""
    return make_house("Northprint", owner="Nora", worker="Ben", reader="Rita", customer="Ada", seller="A2XDEMONORTH01", refresh_token=refresh_token)


def southprint() -> House:
    """Southprint: Mallory owns it and must never see a byte of Northprint."""
    return make_house(
        "Southprint",
        owner="Mallory",
        worker="Marvin",
        reader="Mona",
        customer="Sampson",
        seller="A3XDEMOSOUTH01",
        marketplace=UNITED_STATES,
        region="NA",
    )
