"""``manage.py seed_demo``: two PSPs, their people, catalog and connected stores: Amazon for each, TikTok Shop beside it for one. Safe to repeat."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Category, CustomerProduct, Design, Mockup, PrintArea, ProductFacility, ProductGrant, ProductModel, Variant
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork
from catalog.services.product_models import save_mockup
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer, Facility, Membership, Psp, Role, TradingName, User
from pod_hub.core.tenancy import tenant
from pod_hub.devstack.artwork import mug_blank, mug_wrap, tee_blank, tee_print
from pod_hub.devstack.management import demo_storage, demo_tiktok
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind
from stores.channels.types import IncomingLine
from stores.models import Approval, Authorization, Connection, Store
from stores.services.authorizations import attach_grant
from stores.services.listings import listings_for
from stores.services.syncing import start_sync

PASSWORD = "print-on-demand"  # noqa: S105 - the demo's, shown on the terminal; production never runs this command


@dataclass(frozen=True, slots=True)
class Person:
    """One login of the demo."""

    email: str
    first: str
    last: str
    role: Role


NORTH_STAFF = (
    Person("nora@northprint.test", "Nora", "Nordin", Role.OWNER),
    Person("ben@northprint.test", "Ben", "Berg", Role.PRODUCTION),
    Person("rita@northprint.test", "Rita", "Rask", Role.READER),
)
ADA = Person("ada@atelier.test", "Ada", "Nilsson", Role.MERCHANT)
GRETE = Person("grete@gretes-gifts.test", "Grete", "Gruber", Role.MERCHANT)
SAM = Person("sam@southern-prints.test", "Sam", "Southern", Role.MERCHANT)
SOUTH_STAFF = (Person("mallory@southprint.test", "Mallory", "Moore", Role.OWNER),)
OPERATOR = "operator@hub.test"


def mockup(area: PrintArea, picture: bytes, *, variant: Variant | None = None, left: int, top: int, width: int, height: int) -> None:
    """Keep a picture of a blank with the place of a print area on it, in hundredths of a percent."""
    place = Mockup(product_model=area.product_model, print_area=area, variant=variant, left=left, top=top, width=width, height=height)
    save_mockup(mockup=place, picture=picture)


class Command(BaseCommand):
    """Seeds the demo; with ``--print-logins`` prints the logins as JSON lines."""

    help = "Seed two PSPs with people, catalog and a connected store each (demo only)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --print-logins."""
        parser.add_argument("--print-logins", action="store_true", help="print the logins as one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, then print."""
        if settings.PRODUCTION:
            raise CommandError("seed_demo makes accounts with a known password and does not run in production.")
        if not User.objects.filter(email=OPERATOR).exists():
            User.objects.create_superuser(OPERATOR, PASSWORD, first_name="Olga", last_name="Operator")
        self.seed_north()
        self.seed_south()
        if options["print_logins"]:
            for line in self.logins():
                self.stdout.write(json.dumps(line))

    def logins(self) -> list[dict[str, str]]:
        """Return the ways in, for the table that make demo prints."""
        rows = [
            {"what": "PSP Northprint, owner", "address": "/", "login": NORTH_STAFF[0].email, "password": PASSWORD},
            {"what": "PSP Northprint, production", "address": "/", "login": NORTH_STAFF[1].email, "password": PASSWORD},
            {"what": "PSP Northprint, read only", "address": "/", "login": NORTH_STAFF[2].email, "password": PASSWORD},
            {"what": "Customer Ada's Atelier of Northprint (portal)", "address": "/at/northprint/", "login": ADA.email, "password": PASSWORD},
            {"what": "Customer Grete's Gifts, who only begins (portal)", "address": "/at/northprint/", "login": GRETE.email, "password": PASSWORD},
            {"what": "PSP Southprint, owner", "address": "/", "login": SOUTH_STAFF[0].email, "password": PASSWORD},
            {
                "what": "Customer Southern Prints, with print files in a bucket (portal)",
                "address": "/at/southprint/",
                "login": SAM.email,
                "password": PASSWORD,
            },
            {"what": "Operator (Django admin)", "address": "/operator/", "login": OPERATOR, "password": PASSWORD},
        ]
        if settings.AMAZON_SANDBOX_URL:
            rows.append({"what": "Imitation Amazon: storefront", "address": f"{settings.AMAZON_SANDBOX_URL}/shop/", "login": "", "password": ""})
            rows.append(
                {"what": "Imitation Amazon: Seller Central", "address": f"{settings.AMAZON_SANDBOX_URL}/seller/", "login": "", "password": ""}
            )
        if settings.TIKTOK_SANDBOX_URL:
            rows.append({"what": "Imitation TikTok Shop: shopper", "address": f"{settings.TIKTOK_SANDBOX_URL}/shop/", "login": "", "password": ""})
            rows.append(
                {"what": "Imitation TikTok Shop: Seller Center", "address": f"{settings.TIKTOK_SANDBOX_URL}/seller/", "login": "", "password": ""}
            )
        return rows

    def seed_north(self) -> None:
        """Northprint with customer Ada, whose German Amazon store and American TikTok Shop sell a mapped mug."""
        psp = self.psp("Northprint", "northprint", "Europe/Berlin", NORTH_STAFF)
        Psp.objects.filter(pk=psp.pk, colour="").update(colour="#1f6f54", display_name="Northprint Studio")
        with tenant(psp.pk):
            if Store.objects.filter(marketplace="A1PA6795UKMFR9").exists():
                return
            plant, _made = Facility.objects.get_or_create(
                name="Hamburg plant",
                defaults={
                    "address_lines": "Speicherstadt 12",
                    "city": "Hamburg",
                    "postcode": "20457",
                    "country": "DE",
                    "time_zone": "Europe/Berlin",
                },
            )
            ada = Customer.objects.create(name="Ada's Atelier", storefronts_enabled=True)
            grete = Customer.objects.create(name="Grete's Gifts", storefronts_enabled=True)
            self.merchant(psp, ada, ADA)
            self.merchant(psp, grete, GRETE)
            trading = TradingName.objects.create(customer=ada, name="Ada's Mugs & More")
            mug, tee, _sticker = self.catalog(ada, plant)
            sunset = self.design(ada, mug, "Sunset", mug_wrap(), "sunset-mug-wrap.png")
            rings = self.design(ada, tee, "Tree rings", tee_print(), "tree-rings-chest.png")
            store = Store.objects.create(
                customer=ada,
                facility=plant,
                trading_name=trading,
                kind=ChannelKind.AMAZON,
                name="Ada's Mugs & More · Amazon.de",
                marketplace="A1PA6795UKMFR9",
            )
            tiktok = Store.objects.create(
                customer=ada, facility=plant, trading_name=trading, kind=ChannelKind.TIKTOK, name="Ada's Mugs & More · TikTok Shop", marketplace="US"
            )
        self.connect(psp, store, "A2XDEMONORTH01", "EU")
        is_selling = demo_tiktok.connect(psp.pk, tiktok)
        with tenant(psp.pk):
            self.sell(store, "MUG-11OZ-WHITE", "Ceramic mug 11oz, white", mug, sunset)
            if is_selling:
                self.sell(tiktok, demo_tiktok.MUG, "Ceramic mug 11 oz", mug, sunset)
                self.sell(tiktok, demo_tiktok.TEE, "Classic T-shirt, black", tee, rings)
        if is_selling:
            demo_tiktok.buy_and_ask(psp)

    def seed_south(self) -> None:
        """Southprint with Mallory: another tenant, with a store of its own in the United States, whose orders wait for print files in a bucket."""
        psp = self.psp("Southprint", "southprint", "America/New_York", SOUTH_STAFF)
        with tenant(psp.pk):
            is_there = Store.objects.filter(marketplace="ATVPDKIKX0DER").exists()
        if not is_there:
            self.fill_south(psp)
        demo_storage.put_files(psp.pk)

    def fill_south(self, psp: Psp) -> None:
        """Southprint's plant, customer, products and store."""
        with tenant(psp.pk):
            plant, _made = Facility.objects.get_or_create(
                name="Savannah plant",
                defaults={
                    "address_lines": "17 River Street",
                    "city": "Savannah",
                    "region": "GA",
                    "postcode": "31401",
                    "country": "US",
                    "time_zone": "America/New_York",
                },
            )
            sam = Customer.objects.create(name="Southern Prints", storefronts_enabled=True, remote_files_enabled=True)
            self.merchant(psp, sam, SAM)
            mug, *_others = self.catalog(sam, plant)
            store = Store.objects.create(
                customer=sam, facility=plant, kind=ChannelKind.AMAZON, name="Southern Prints · Amazon.com", marketplace="ATVPDKIKX0DER"
            )
        self.connect(psp, store, "A3XDEMOSOUTH01", "NA")
        if not settings.AMAZON_SANDBOX_URL or not demo_storage.server():
            return
        with tenant(psp.pk):
            Connection.objects.filter(store=store).update(approval=Approval.MANUAL)
            self.sell(store, demo_storage.MUG, "Ceramic mug 15oz, white", mug, None)  # every order brings a file of its own
            demo_storage.connect_storage(sam)
        demo_storage.place_orders()

    @staticmethod
    def psp(name: str, slug: str, time_zone: str, staff: tuple[Person, ...]) -> Psp:
        """Return the PSP with its people."""
        psp, _made = Psp.objects.get_or_create(slug=slug, defaults={"name": name, "time_zone": time_zone})
        for person in staff:
            user = User.objects.filter(email=person.email).first()
            if user is None:
                user = User.objects.create_user(person.email, PASSWORD, first_name=person.first, last_name=person.last)
            Membership.objects.get_or_create(user=user, psp=psp, customer=None, defaults={"role": person.role})
        return psp

    @staticmethod
    def merchant(psp: Psp, customer: Customer, person: Person) -> None:
        """Let a person into a customer's portal."""
        user = User.objects.create_user(person.email, PASSWORD, first_name=person.first, last_name=person.last)
        Membership.objects.create(user=user, psp=psp, role=person.role, customer=customer)

    @staticmethod
    def design(customer: Customer, product: CustomerProduct, name: str, content: bytes, file_name: str) -> Design:
        """Upload artwork of a customer and make a design of it."""
        artwork = keep_artwork(customer=customer, content=content, file_name=file_name)
        return design_from_artwork(customer=customer, product_model=product.product_model, artwork=artwork, name=name)

    @staticmethod
    def catalog(customer: Customer, plant: Facility) -> tuple[CustomerProduct, CustomerProduct, CustomerProduct]:
        """Return the demo's three products: two with artwork, one that needs none."""
        home = Category.objects.create(name="Home & living", position=1)
        wear = Category.objects.create(name="Clothing", position=2)
        mug = ProductModel.objects.create(
            category=home, name="Ceramic mug 11 oz", sku="BLANK-MUG-11", weight_g=340, length_mm=120, width_mm=100, height_mm=110
        )
        wrap = PrintArea.objects.create(product_model=mug, key="wrap", name="Wrap", width_mm=210, height_mm=90, bleed_mm=2, safe_mm=4, min_dpi=200)
        mockup(wrap, mug_blank(), left=1000, top=3900, width=7000, height=3000)
        tee = ProductModel.objects.create(
            category=wear, name="Classic T-shirt", sku="BLANK-TEE", weight_g=180, length_mm=300, width_mm=250, height_mm=30
        )
        chest = PrintArea.objects.create(product_model=tee, key="chest", name="Chest", width_mm=300, height_mm=400, safe_mm=5, min_dpi=150)
        back = PrintArea.objects.create(product_model=tee, key="back", name="Back", position=1, width_mm=300, height_mm=400, safe_mm=5, min_dpi=150)
        PrintArea.objects.create(product_model=tee, key="sleeve", name="Left sleeve", position=2, width_mm=80, height_mm=80, min_dpi=150)
        for position, (colour, code) in enumerate((("black", "#1d2129"), ("white", "#f4f4f1"), ("forest", "#24543f"))):
            blank = Variant.objects.create(
                product_model=tee, size="M", colour=colour, colour_code=code, sku=f"BLANK-TEE-{colour.upper()}-M", position=position
            )
            mockup(chest, tee_blank(code), variant=blank, left=3150, top=2500, width=3700, height=4933)
            mockup(back, tee_blank(code, back=True), variant=blank, left=3150, top=2100, width=3700, height=4933)
        sheet = ProductModel.objects.create(
            category=home,
            name="Sticker sheet, stock design",
            sku="STOCK-STICKER",
            needs_design=False,
            weight_g=20,
        )
        PrintArea.objects.create(product_model=sheet, key="sheet", name="Sheet", width_mm=148, height_mm=210)
        products = (
            CustomerProduct.objects.create(product_model=mug, uid="MUG-11-WHITE", name="Mug 11 oz", variant="white", price="5.20", currency="EUR"),
            CustomerProduct.objects.create(
                product_model=tee,
                model_variant=tee.variants.get(colour="black"),
                uid="TEE-BLACK-M",
                name="T-shirt",
                variant="black, M",
                price="8.40",
                currency="EUR",
            ),
            CustomerProduct.objects.create(
                product_model=sheet, uid="STICKER-A5", name="Sticker sheet", variant="A5", price="1.10", currency="EUR", for_all_customers=True
            ),
        )
        larger = Variant.objects.create(product_model=tee, size="L", colour="black", sku="BLANK-TEE-BLACK-L", position=3)  # drawn as the smaller one
        siblings = [
            CustomerProduct.objects.create(
                product_model=tee,
                model_variant=blank,
                uid=f"TEE-{kind.upper()}",
                name="T-shirt",
                variant=kind.replace("-", ", "),
                price="8.40",
                currency="EUR",
            )
            for kind, blank in (("black-L", larger), ("white-M", tee.variants.get(colour="white")))
        ]
        for product in (*products, *siblings):
            ProductFacility.objects.create(customer_product=product, facility=plant)
            if not product.for_all_customers:
                ProductGrant.objects.create(customer_product=product, customer=customer)
        return products

    def connect(self, psp: Psp, store: Store, seller: str, region: str) -> None:
        """Connect a store by a ready permission from the imitation Amazon, as if the seller had just confirmed."""
        with tenant(psp.pk):
            if not settings.AMAZON_SANDBOX_URL or Authorization.objects.filter(account_id=seller).exists():
                return
        answer = httpx.post(f"{settings.AMAZON_SANDBOX_URL}/_control/grants", json={"seller_id": seller}, timeout=10)
        answer.raise_for_status()
        grant = Grant(account_id=seller, refresh_token=answer.json()["refresh_token"], access_token="", access_expires_in_s=0)
        with tenant(psp.pk):
            attach_grant(store_id=store.pk, grant=grant, region=region)
            start_sync(store_id=store.pk)

    @staticmethod
    def sell(store: Store, sku: str, title: str, product: CustomerProduct, design: Design | None) -> None:
        """Map a listing at once, met before the first sync is through."""
        line = IncomingLine("", sku, sku, "", title, 1, 0, None, None)
        listing = listings_for([(store.pk, line)])[store.pk, sku]
        map_listing(listing_id=listing.pk, customer_product_id=product.pk, design_id=design.pk if design else None, actor=HUB)
