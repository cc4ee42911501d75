"""A house with a row of every kind and a mark of its own in every text, so that one byte of it in a wrong answer is seen."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pikepdf
from django.apps import apps
from django.db import connection, models
from django.utils.timezone import now

from catalog.models import (
    Artwork,
    CatalogImport,
    Category,
    CustomerProduct,
    Design,
    DesignSheet,
    Mockup,
    PrintArea,
    PrintFile,
    ProductModel,
    RenderJob,
    Variant,
)
from catalog.services.categories import save_category
from catalog.services.product_models import save_mockup
from fulfillment.models import Label, Push, PushAttempt, PushBatch
from fulfillment.services.label_work import keep_document
from fulfillment.services.shipping import Parcel, ship
from orders.buyer_data import BuyerDetails, Gift, write_buyer
from orders.buyer_looks import BuyerLook
from orders.digest_settings import DigestSetting
from orders.models import (
    BulkImport,
    BulkImportFile,
    BulkImportRow,
    BuyerData,
    FileSource,
    FoundFile,
    Hold,
    HoldKind,
    IntakeRecord,
    Order,
    OrderEvent,
    OrderLine,
    OrderReading,
    OrderReturn,
    Personalisation,
    PurgeRecord,
    Reconciliation,
)
from orders.portal_history import PLAIN
from orders.services.holds import open_hold
from orders.services.mapping import map_listing
from orders.services.production import release_order
from orders.services.remembering_looks import remember_look
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.models import AuditEntry, Customer, Facility, Invitation, KeptAnswer, Membership, PortalVisit, Psp, Role, Scope, User
from pod_hub.accounts.services.api_keys import make_key
from pod_hub.accounts.services.logos import keep_logo, store_logo
from pod_hub.core.public_ids import PublicIdField
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantModel, across_tenants, tenant
from pod_hub.mail.models import Mail
from pod_hub.mail.queueing import queue_mail
from stores.channels.types import Address
from stores.models import (
    CarrierMapping,
    ChannelNotice,
    ConnectionWizard,
    ConsentAttempt,
    GrantedShop,
    Listing,
    ListingMapping,
    ListingSync,
    PricePush,
    Publication,
    PublicationPicture,
    PublicationVariant,
    SelfTest,
    SelfTestStep,
    StockPush,
    StoreCarrier,
    SuggestionRun,
)
from stores.services.consent_links import send_link
from stores.services.granted_shops import seal_key
from stores.services.setup import add_store
from stores.services.who_authorises import allow_staff
from tests.factories.amazon_orders import amazon_order, bought, item, record
from tests.factories.cast import House, artwork, person

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
WATCHED_TABLES = [*sorted(model._meta.db_table for model in TENANT_MODELS), "accounts_membership", "accounts_psp"]
MARKS = re.compile(r"zq[xk][a-z]\d{4}")
SHORTEST = 8  # the length of a mark; shorter columns hold codes
# Columns whose words have a meaning: choosing between them is code, and a mark in their place would only break the page.
CODES = frozenset(
    [
        "kind",
        "state",
        "channel_state",
        "marketplace",
        "region",
        "time_zone",
        "country",
        "ship_to_country",
        "storage_name",
        "preview_name",
        "picture_name",
        "screen_name",
        "asks",
        "fields",
        "values",
        "troubles",
        "type_options",
        "product_type",
        "link_token",
        "scene",
        "made_for",
        "misfits",
        "kept_misfits",
        "trouble",  # whatever stands there keeps the file from being printed
        "logo_name",
        "document_name",
        "document_type",
        "quantities",
        "shop_number",
        "content_type",
        "sha256",
        "poll_page",
        "step",
        "outcome",
        "fulfilled_by",
        "inventory_channel_code",
        "rule",
        "road",
        "verdict",
    ]
)


class Marks:
    """Hands out the marks of one house: ``zqx`` + letter + number, and ``zqk…`` for what is sealed. ``where`` says what each one marks."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.where: dict[str, str] = {}
        self._numbers = itertools.count()

    def new(self, place: str, *, sealed: bool = False) -> str:
        """Return a fresh mark for a place."""
        mark = f"zq{'k' if sealed else 'x'}{self.letter}{next(self._numbers):04d}"
        self.where[mark] = place
        return mark


# What a merchant reads of its own rows; every other column is the print provider's business or nobody's.
MERCHANT_READS = frozenset(
    [
        "Customer.name",
        "TradingName.name",
        "TradingName.sender",
        "TradingName.sender_email",
        "TradingName.sender_phone",
        "Category.name",
        "ProductModel.name",
        "ProductModel.description",
        "PrintArea.key",
        "PrintArea.name",
        "Artwork.file_name",
        "GrantedShop.why_not",
        "CustomerProduct.name",
        "CustomerProduct.variant",
        "CustomerProduct.uid",
        "Design.name",
        "Design.kept_because",
        "PrintFile.area_name",
        "PrintFile.file_name",
        "Store.name",
        "Connection.state_reason",
        "Connection.inventory_channel_code",
        "Authorization.account_id",
        "Authorization.account_name",
        "Authorization.last_error",
        "Authorization.poll_waits_for",
        "Store.account_id",
        "ListingSync.last_error",
        "ListingSync.unreadable",
        "ListingMapping.because",
        "Invitation.email",
        "Invitation.first_name",
        "Invitation.last_name",
        "Listing.key",
        "Listing.sku",
        "Listing.product_id",
        "Listing.title",
        "Listing.variant",
        "Listing.family_title",
        "Listing.problem",
        "Listing.channel_state",
        "Listing.image_url",
        "Publication.title",
        "Publication.description",
        "Publication.brand",
        "Publication.sku",
        "Publication.type_words",
        "Publication.product_type_name",
        "Publication.product_id",
        "Publication.channel_state",
        "Publication.last_error",
        "PublicationPicture.last_error",
        "PublicationVariant.sku",
        "StockPush.last_error",
        "PricePush.last_error",
        "Order.external_id",
        "Order.channel_status",
        "OrderLine.sku",
        "OrderLine.title",
        "OrderLine.product_id",
        "Package.carrier_code",
        "Package.carrier_name",
        "Package.tracking_number",
        "BulkImport.file_name",
        "BulkImport.last_error",
        "BulkImportRow.sku",
        "BulkImportRow.uid",
        "BulkImportRow.link",
        "BulkImportRow.message",
        "FileSource.name",
        "FileSource.endpoint",
        "FileSource.bucket",
        "FileSource.prefix",
        "FileSource.pattern",
        "FileSource.key_hint",
        "FileSource.last_error",
        "FoundFile.name",
        "FoundFile.message",
    ]
)


@dataclass(frozen=True, slots=True)
class MarkedHouse:
    """One PSP full of marks. ``ids`` are the public ids (and row ids where a page uses them) that its addresses are made of.

    ``colleague`` is a manager who is narrowed to the second customer, which has next to nothing: all but ``marks_for_colleague`` is hidden from
    them as if it were another PSP's. ``merchant`` and ``neighbour`` are people of the first and of the second customer.
    """

    house: House
    marks: Marks
    ids: dict[str, str]
    rows: dict[type[TenantModel], int]
    merchant: User
    gone: User
    colleague: User
    marks_for_colleague: frozenset[str]
    neighbour: User
    marks_for_merchant: frozenset[str]
    marks_for_neighbour: frozenset[str]

    @property
    def public_ids(self) -> set[str]:
        """Every id that stands for something of this house alone."""
        return {text for text in self.ids.values() if "_" in text}


def marked(house: House, letter: str) -> MarkedHouse:
    """Fill a house with a row of each kind and mark every text in it."""
    marks = Marks(letter)
    merchant = person(house.psp, f"Merchant{letter}", Role.MERCHANT, house.customer)
    gone = person(house.psp, f"Gone{letter}", Role.OWNER)
    Membership.objects.filter(user=gone).update(is_active=False)
    ids = _fill(house)
    colleague = person(house.psp, f"Colleague{letter}", Role.MANAGER)
    Membership.objects.filter(user=colleague).update(only_customers=[int(ids["second customer pk"])])
    with tenant(house.psp.pk):
        second = Customer.objects.get(pk=int(ids["second customer pk"]))
    neighbour = person(house.psp, f"Neighbour{letter}", Role.MERCHANT, second)
    open_to_colleague: set[str] = set()
    by_row: dict[tuple[type[TenantModel], int], set[str]] = {}
    with tenant(house.psp.pk):
        rows = {model: model.objects.order_by("pk").values_list("pk", flat=True)[0] for model in TENANT_MODELS}
        ids |= {f"{model._meta.app_label}_{model._meta.model_name}": str(pk) for model, pk in rows.items()}
        for model in TENANT_MODELS:
            if model is AuditEntry:
                continue  # nobody can write on an entry; the marks of the other rows reach the trail by themselves
            for row in model.objects.order_by("pk"):
                before = set(marks.where)
                _mark_row(row, marks)
                _seal_row(row, marks)
                by_row[model, row.pk] = set(marks.where) - before
                if _concerns_second_customer(row, ids):
                    open_to_colleague |= set(marks.where) - before
    # People and tenants are global tables; their names are no less somebody's.
    name = marks.new("Psp.name")
    open_to_colleague.add(name)
    # The name for customers stands on the public sign-in page.
    Psp.objects.filter(pk=house.psp.pk).update(name=name, display_name="Prints for everybody")
    open_to_merchant = _read_by_merchants(house, house.customer.pk, marks, by_row)
    open_to_neighbour = _read_by_merchants(house, int(ids["second customer pk"]), marks, by_row)
    for user in (house.owner, house.worker, house.reader, merchant, gone, colleague, neighbour):
        names = {"first_name": marks.new(f"{user} first name"), "last_name": marks.new(f"{user} last name")}
        User.objects.filter(pk=user.pk).update(email=f"{marks.new(f'{user} e-mail')}@{house.psp.slug}.test", **names)
        user.refresh_from_db()
        # People of one print provider may know each other's names; what they work on is another matter.
        own = set(found_in(f"{user.email} {user.get_full_name()}"))
        open_to_colleague |= own
        open_to_merchant |= own if user == merchant else set()
        open_to_neighbour |= own if user == neighbour else set()
    opened = (frozenset(open_to_merchant), frozenset(open_to_neighbour))
    return MarkedHouse(house, marks, ids, rows, merchant, gone, colleague, frozenset(open_to_colleague), neighbour, *opened)


def _read_by_merchants(house: House, customer_id: int, marks: Marks, by_row: dict[tuple[type[TenantModel], int], set[str]]) -> set[str]:
    """Return the marks that a customer's merchants may read: the columns of ``MERCHANT_READS`` in the rows that its scope shows."""
    found: set[str] = set()
    with tenant(house.psp.pk, customers=[customer_id]):
        for model in TENANT_MODELS:
            for row in model.objects.order_by("pk"):
                plain = isinstance(row, OrderEvent) and row.kind in PLAIN
                readable = MERCHANT_READS | ({"OrderEvent.summary"} if plain else set())
                found |= {mark for mark in by_row[model, row.pk] if marks.where[mark] in readable}
    return found


def _concerns_second_customer(row: TenantModel, ids: dict[str, str]) -> bool:
    """Return whether a row is the print provider's for all customers, or the second customer's own."""
    if isinstance(row, Facility | Category | ProductModel | PrintArea | Variant | Mockup):
        return True
    if isinstance(row, CustomerProduct):
        return row.for_all_customers
    if isinstance(row, PrintFile):
        return row.designs.filter(public_id=ids["second customer's design"]).exists()
    return getattr(row, "public_id", "") in {ids["second customer"], ids["second customer's design"]}


def _fill(house: House) -> dict[str, str]:
    sku = "MUG-11OZ-WHITE"
    channel = {"channelName": "AMAZON", "marketplaceId": house.store.marketplace, "marketplaceName": "Amazon"}
    sold = amazon_order(salesChannel=channel, orderItems=[item(sku, quantity=2), item(sku)])
    released, held = bought(house, sold, amazon_order(salesChannel=channel, orderItems=[item("NEVER-SEEN"), item(sku)]))
    record(house, {"orderId": "", "strange": True})
    with tenant(house.psp.pk):
        owner = Actor.person(house.owner)
        second = Customer.objects.create(name="Second", storefronts_enabled=True)
        sibling = Design.objects.create(customer=second, product_model=house.mug.product_model, name="Second's", print_file=house.print_file)
        house.mug.made_at.create(facility=house.facility)
        area = house.mug.product_model.print_areas.get()
        variant = house.mug.product_model.variants.create(size="11 oz", colour="white", sku="BLANK-MUG-11")
        mockup = Mockup(product_model=house.mug.product_model, print_area=area, variant=variant)
        save_mockup(mockup=mockup, picture=artwork(90, 30))
        save_category(category=house.mug.product_model.category, picture=artwork(90, 30))
        house.mug.customer_prices.create(customer=house.customer, price="4.80")
        looks = {"storage_name": house.print_file.storage_name, "preview_name": house.print_file.preview_name, "file_name": "a.png"}
        art = Artwork.objects.create(
            customer=house.customer, content_type="image/png", size_bytes=1, sha256="a", width_px=1700, height_px=740, **looks
        )
        draft = Design.objects.create(customer=house.customer, product_model=house.mug.product_model, name="Draft", state=Design.State.DRAFT)
        sheet = DesignSheet.objects.get(design=house.design, print_area=area)
        sheet.placed.create(artwork=art)
        RenderJob.objects.create(sheet=sheet, delivery="confirmed")
        told = CatalogImport.objects.create(
            kind="products", stage="checked", delivery="confirmed", file_name="p.csv", storage_name="p", count_new=1, asked_by=house.owner
        )
        keep_logo(trading_name=house.trading_name, content=artwork(90, 30))
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=owner)
        Hold.objects.filter(order=released).update(released_at=now(), released_by=house.owner, release_reason="seen")
        Order.objects.filter(pk=released.pk).update(open_holds=0)
        release_order(order_id=released.pk, actor=owner)
        first, second_line = released.lines.order_by("pk")
        ship(order_id=released.pk, parcels=[Parcel("DHL", "00340434161094000001", {first.pk: 1})], actor=owner)
        push = Push.objects.get()
        Push.objects.update(delivery="parked", last_error="refused", read_back={"carrier": "DHL", "tracking_number": "1", "quantities": {"1": 1}})
        PushAttempt.objects.create(push=push, step="send", outcome="refused", detail="refused", request_id="1")
        waiting = held.lines.order_by("pk")[0]
        personal = Personalisation.objects.create(line=second_line, authorization_id=house.connection.authorization_id, delivery="parked")
        OrderLine.objects.filter(pk=personal.line_id).update(is_personalised=True)
        by_hand = open_hold(order=Order.objects.get(pk=held.pk), kind=HoldKind.APPROVAL, reason="look first")
        assert by_hand is not None
        ConsentAttempt.objects.create(
            state_hash=f"{house.psp.pk}" * 8, session_hash="s", store=house.store, kind="amazon", region="EU", marketplace="m", started_by=house.owner
        )
        seller = house.connection.authorization
        assert seller is not None
        allow_staff(customer_id=house.customer.pk, user=house.owner, allowed=True)
        waiting_store = add_store(
            customer=house.customer, facility=house.facility, trading_name=None, kind="amazon", name="Waits", marketplace="A1F83G8C2ARO7P"
        )
        wizard = ConnectionWizard.objects.create(
            kind="amazon", started_by=house.owner, customer=house.customer, store=waiting_store, step="finish", authorization=seller
        )
        merchants_link, token = send_link(store=waiting_store, email="merchant@shop.test", user=house.owner, wizard=wizard, mail=False)
        tested = SelfTest.objects.create(store=house.store, started_by=house.owner, finished_at=now())
        SelfTestStep.objects.create(test=tested, step="permission", outcome="ok", detail="works")
        shop = GrantedShop(authorization=seller, number="7495000000000000101", name="Shop", marketplace=house.store.marketplace)
        seal_key(shop, "TTP_key")
        shop.save()
        OrderReading.objects.create(authorization=seller, external_id=released.external_id, why="told", delivery="confirmed", read_at=now())
        OrderReturn.objects.create(order=released, number="4035", status="REQUEST", opened_at=now(), changed_at=now())
        StoreCarrier.objects.create(store=house.store, delivery_option="7091", option_id="7117", name="USPS")
        carrier = CarrierMapping.objects.create(store=house.store, carrier="Post", option_id="7117", option_name="USPS")
        notice = ChannelNotice(kind="tiktok", store=house.store, key=f"{house.psp.pk}", topic="ORDER_STATUS_CHANGE", delivery="confirmed")
        notice.save()
        label = Label.objects.create(
            order=released,
            authorization=seller,
            quantities={str(second_line.pk): 1},
            **dict.fromkeys(("weight_g", "length_mm", "width_mm", "height_mm"), 100),
            service_id="1",
            service_name="Ground",
            tracking_number="00340434161094000002",
            channel_id="1",
            delivery="confirmed",
        )
        keep_document(label, _page())
        PushBatch.objects.create(authorization=seller, marketplace=house.store.marketplace, delivery="confirmed")
        Reconciliation.objects.create(authorization=seller, window_from=now(), delivery="confirmed", asked_by="x")
        PurgeRecord.objects.create(order=held, store=house.store, rule="requested", reason="asked", actor_label="x")
        invitation = Invitation.objects.create(
            email="new@customer.test",
            role=Role.MERCHANT,
            customer=house.customer,
            token_hash=f"{house.psp.pk}",
            invited_by=house.owner,
            expires_at=now() + Invitation.LIFETIME,
        )
        PortalVisit.objects.create(customer=house.customer, user=house.owner)
        Psp.objects.filter(pk=house.psp.pk).update(logo_name=store_logo(psp_id=house.psp.pk, content=artwork(90, 30)), colour="#1f6f54")
        key, _text = make_key(name="Plant software", scopes=[Scope.ORDERS_READ], expires_at=None, by=house.owner)
        KeptAnswer.objects.create(api_key=key, key_hash="k", request_hash="r")
        queue_mail(to=house.owner.email, template="notice", context={"subject": "s", "text": "t"}, key="k")
        Mail.objects.update(delivery="parked", last_error="refused")
        remember_look([released.pk], actor=owner, road=BuyerLook.Road.PAGE)
        DigestSetting.objects.create()
        Customer.objects.filter(pk=house.customer.pk).update(remote_files_enabled=True)
        bulk = BulkImport.objects.create(
            store=house.store, stage="done", delivery="confirmed", file_name="f", email="a@b.test", started_by=house.owner, rows_total=1
        )
        linked = BulkImportFile.objects.create(bulk_import=bulk, link="l", link_hash="h", artwork=art, delivery="confirmed")
        BulkImportRow.objects.create(
            bulk_import=bulk, number=2, listing=house.listing, customer_product=house.mug, file=linked, verdict="no_design", message="m"
        )
        bucket = FileSource.objects.create(
            customer=house.customer, name="Bucket", bucket="b", next_scan_at=now() + timedelta(days=1), scanned_at=now()
        )
        found = FoundFile.objects.create(source=bucket, name="1_1.png", state="late", delivery="confirmed", order=held, message="m")
        sync = ListingSync.objects.create(store=house.store, delivery="confirmed", finished_at=now())
        sync.changes.create(listing=house.listing, kind="changed")
        run = SuggestionRun.objects.create(store=house.store, level=92, started_by=house.owner, delivery="confirmed")
        ListingMapping.objects.update(run=run)
        added = Publication.objects.create(
            store=house.store, customer_product=house.mug, design=house.design, listing=house.listing, delivery="confirmed", currency="EUR"
        )
        PublicationVariant.objects.create(publication=added, store=house.store, customer_product=house.sticker, position=1, price=5)
        shown = PublicationPicture.objects.create(
            publication=added, position=0, delivery="confirmed", storage_name=house.print_file.preview_name, content_type="image/png"
        )
        StockPush.objects.create(listing=house.listing, quantity=7, delivery="parked")
        PricePush.objects.create(listing=house.listing, amount="19.90", currency="EUR", delivery="parked")
        Listing.objects.filter(pk=house.listing.pk).update(quantity=7)
        unmapped = Listing.objects.exclude(pk=house.listing.pk).order_by("pk")[0]
        skipped = IntakeRecord.objects.order_by("-pk")[0]
        IntakeRecord.objects.filter(pk=skipped.pk).update(verdict="unreadable", rule="unreadable", decided_at=now())
        return {
            "owner pk": str(house.owner.pk),
            "customer": house.customer.public_id,
            "customer pk": str(house.customer.pk),
            "second customer": second.public_id,
            "second customer pk": str(second.pk),
            "facility": house.facility.public_id,
            "facility pk": str(Facility.objects.get().pk),
            "trading name pk": str(house.trading_name.pk),
            "trading name": house.trading_name.public_id,
            "store": house.store.public_id,
            "waiting store": waiting_store.public_id,
            "waiting store pk": str(waiting_store.pk),
            "wizard": wizard.public_id,
            "consent link": merchants_link.public_id,
            "link token": token,
            "authorization": seller.public_id,
            "listing": house.listing.public_id,
            "unmapped listing": unmapped.public_id,
            "mapping": ListingMapping.objects.get().public_id,
            "suggestion run": run.public_id,
            "added product": added.public_id,
            "picture of product": shown.public_id,
            "category": house.mug.product_model.category.public_id,
            "category pk": str(house.mug.product_model.category_id),
            "product model": house.mug.product_model.public_id,
            "print area": area.public_id,
            "print area pk": str(area.pk),
            "variant": variant.public_id,
            "variant pk": str(variant.pk),
            "mockup": mockup.public_id,
            "catalog import": told.public_id,
            "customer product": house.mug.public_id,
            "design": house.design.public_id,
            "draft": draft.public_id,
            "artwork": art.public_id,
            "second customer's design": sibling.public_id,
            "print file": house.print_file.public_id,
            "order": released.public_id,
            "held order": held.public_id,
            "line": first.public_id,
            "personalised line": second_line.public_id,
            "unmapped line": waiting.public_id,
            "hold": by_hand.public_id,
            "push": push.public_id,
            "carrier mapping": carrier.public_id,
            "label": label.public_id,
            "api key": key.public_id,
            "invitation": invitation.public_id,
            "member pk": str(Membership.objects.get(user=house.worker).pk),
            "psp slug": house.psp.slug,
            "bulk import": bulk.public_id,
            "file storage": bucket.public_id,
            "found file": found.public_id,
            "mail": Mail.objects.get().public_id,
            "record": str(skipped.pk),
        }


def _page() -> bytes:
    """Return a PDF of one empty page."""
    sheet = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(sheet)
    return sheet.getvalue()


def _mark_row(row: TenantModel, marks: Marks) -> None:
    changes: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        place = f"{type(row).__name__}.{field.name}"
        if field.name == "findings" and not isinstance(row, CatalogImport):
            continue  # codes of preflight and their values
        if field.name == "findings":
            changes[field.name] = [{"row": 2, "outcome": "new", "what": marks.new(f"{place}.what"), "why": marks.new(f"{place}.why")}]
        elif isinstance(field, models.JSONField) and field.name not in CODES:
            changes[field.name] = {name: marks.new(f"{place}.{name}") for name in ("carrier", "tracking_number", "status", "other")}
        elif is_marked(field):
            shape = (
                "https://pictures.test/{}"
                if isinstance(field, models.URLField)
                else "{}@marks.test"
                if isinstance(field, models.EmailField)
                else "{}"
            )
            changes[field.name] = shape.format(marks.new(place))
    if changes:
        type(row).objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()


def is_marked(field: models.Field[Any, Any]) -> bool:
    """Return whether a column holds free text that is long enough for a mark."""
    if not isinstance(field, models.CharField | models.TextField) or isinstance(field, PublicIdField) or field.choices:
        return False
    return field.name not in CODES and not field.name.endswith("_hash") and (field.max_length or SHORTEST) >= SHORTEST


def _seal_row(row: TenantModel, marks: Marks) -> None:
    """Seal marks into every sealed column; in the shape that its readers expect."""
    if isinstance(row, BuyerData):
        write_buyer(row, _buyer(marks, row))
        return
    for field in row._meta.concrete_fields:
        if isinstance(field, SealedJSON):
            place = f"{type(row).__name__}.{field.name}"
            secret = marks.new(place, sealed=True)
            shapes: dict[str, Any] = {
                "Personalisation.content_sealed": [{"label": secret, "text": marks.new(place, sealed=True)}],
                "Mail.to_sealed": f"{secret}@{row.psp_id}.test",
                "Mail.content_sealed": dict.fromkeys(("subject", "text", "html", "sender_name", "reply_to"), secret),
                "IntakeRecord.payload_sealed": {"orderId": secret, "buyer": {"buyerName": secret}},
            }
            field.seal_into(row, shapes.get(place, secret))
            row.save(update_fields=[field.attname])


def _buyer(marks: Marks, row: BuyerData) -> BuyerDetails:
    def secret(name: str) -> str:
        return marks.new(f"BuyerData.{name}", sealed=True)

    texts = {field.name: secret(field.name) for field in dataclasses.fields(Address) if field.name not in {"lines", "country", "kind"}}
    address = Address(**texts, lines=(secret("line 1"), secret("line 2")), country="DE", kind="RESIDENTIAL")
    gifts = {line.external_line_id: Gift(secret("gift message"), secret("gift wrap")) for line in row.order.lines.all()}
    return BuyerDetails(name=secret("name"), email=f"{secret('e-mail')}@marketplace.test", address=address, gifts=gifts)


Fingerprint = dict[tuple[str, int], str]


def fingerprint() -> Fingerprint:
    """Return a hash of all rows of each tenant in each of its tables; two that are equal say that nothing was changed."""
    parts = [
        f"SELECT '{table}' AS name, psp_id, md5(string_agg(r::text, ',' ORDER BY r.id)) FROM \"{table}\" r GROUP BY psp_id"
        for table in WATCHED_TABLES
        if table != "accounts_psp"
    ]
    with across_tenants(reason="compare all rows"), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([*parts, "SELECT 'accounts_psp', id, md5(r::text) FROM accounts_psp r"]))
        return {(table, psp_id): digest for table, psp_id, digest in cursor.fetchall()}


def found_in(text: str) -> Iterator[str]:
    """Yield the marks that a text holds, each once."""
    yield from dict.fromkeys(MARKS.findall(text.lower()))
