"""Adding a product to a store: from the catalog to a live, mapped listing (stores/services/adding_products.py, publishing.py, publication_pictures.py)."""

from __future__ import annotations

import io
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils.timezone import now
from PIL import Image

from catalog.models import PrintArea, ProductModel
from catalog.services.product_models import save_print_area
from orders.services.fitting import judge_next
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Listing, Publication, PublicationPicture, StockPush, Store
from stores.publishing_errors import CannotAdd
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import adding_products as adding
from stores.services import publishing
from stores.services.adding_products import Details
from stores.services.publication_pictures import add_own_picture, give_link, make_main, read_picture, remove_picture
from stores.services.publication_skus import suggested_sku
from stores.services.publishing import public_address, publish_next
from tests.factories.cast import House, artwork, northprint
from tests.factories.workers import dying_at, publish_due

pytestmark = pytest.mark.django_db
ANSWERS = {
    "bullet_point": ("Holds 330 ml",),
    "country_of_origin": "DE",
    "supplier_declared_dg_hz_regulation": "not_applicable",
    "color": "White",
    "material": ("Ceramic",),
    "capacity": "330",
    "capacity.unit": "milliliters",
}


@pytest.fixture
def house(amazon: ImitationAmazon) -> House:
    return northprint(amazon.refresh_token())


def details(sku: str = "NEW-MUG", **changed: object) -> Details:
    given = {"title": "Mug “Teal”", "description": "A teal mug.", "brand": "Generic", "price": Decimal("16.90"), "sku": sku, "quantity": 20}
    return Details(**{**given, "handling_days": 3, "values": ANSWERS, **changed})  # type: ignore[arg-type]


def due(house: House) -> None:
    """Let what waits for its time be due."""
    with tenant(house.psp.pk):
        Publication.objects.filter(delivery=Delivery.PENDING).update(not_before=now())


def row_of(house: House, row: Publication) -> Publication:
    with tenant(house.psp.pk):
        found: Publication = Publication.objects.select_related("listing").get(pk=row.pk)
    return found


def filled(house: House, **changed: object) -> Publication:
    """A product that lacks nothing but the marketplace's check."""
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=house.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        adding.choose_design(publication_id=row.pk, design_id=house.design.pk)
        adding.choose_type(publication_id=row.pk, product_type="DRINKING_CUP")
    publish_due()
    with tenant(house.psp.pk):
        return adding.save_details(publication_id=row.pk, details=details(**changed))  # type: ignore[arg-type]


def checked(house: House, **changed: object) -> Publication:
    row = filled(house, **changed)
    with tenant(house.psp.pk):
        adding.ask_check(publication_id=row.pk)
    publish_due()
    return row_of(house, row)


def published(house: House, amazon: ImitationAmazon) -> Publication:
    row = checked(house)
    ask(house, row)
    publish_due()
    amazon.clock.advance(600)
    due(house)
    publish_due()
    return row_of(house, row)


def ask(house: House, row: Publication) -> None:
    with tenant(house.psp.pk):
        adding.ask_publish(publication_id=row.pk, actor=Actor.person(house.owner))


def sold(amazon: ImitationAmazon, sku: str = "NEW-MUG") -> int:
    return len(amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku=sku))


# --- the whole way ----------------------------------------------------------------------------------------------------
def test_a_product_of_the_catalog_is_live_and_mapped_so_that_its_orders_print(house: House, amazon: ImitationAmazon) -> None:
    row = published(house, amazon)
    assert (row.state, row.delivery, row.troubles) == (Publication.State.LIVE, Delivery.CONFIRMED, [])
    assert row.product_id.startswith("B0")
    with tenant(house.psp.pk):
        listing = Listing.objects.get(store=house.store, key="NEW-MUG")
        part = listing.mappings.get(retired_at=None).parts.get()
        assert (part.customer_product_id, part.design_id, part.print_file_id) == (house.mug.pk, house.design.pk, house.print_file.pk)
        assert (listing.state, listing.product_id, listing.price, listing.gone_at) == (Listing.State.MAPPED, row.product_id, Decimal("16.90"), None)
        stock = StockPush.objects.get(listing=listing)
        assert (stock.quantity, stock.handling_days, stock.delivery) == (20, 3, Delivery.CONFIRMED)
    (there,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku="NEW-MUG")
    assert there.attributes["fulfillment_availability"] == [{"fulfillment_channel_code": "DEFAULT", "quantity": 20, "lead_time_to_ship_max_days": 3}]


def test_accepted_is_submitted_and_not_live_yet_but_mapped_already(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    ask(house, row)
    publish_due()
    row = row_of(house, row)
    assert (row.state, row.asks) == (Publication.State.SUBMITTED, Publication.Asks.PROGRESS)
    assert row.listing is not None
    with tenant(house.psp.pk):
        assert row.listing.mappings.filter(retired_at=None).exists()
    assert sold(amazon) == 0


def test_a_product_that_needs_no_design_gets_no_design_step(house: House) -> None:
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=house.store.pk, customer_product_id=house.sticker.pk, actor=Actor.person(house.owner))
        assert "design" not in adding.lacking(row)
        assert "pictures" in adding.lacking(row)  # the catalog has no mockup of it


# --- beginning --------------------------------------------------------------------------------------------------------
def test_what_another_store_of_the_customer_sells_is_copied_with_design_name_and_price(house: House, amazon: ImitationAmazon) -> None:
    first = published(house, amazon)
    with tenant(house.psp.pk):
        own = add_own_picture(publication=first, content=artwork(1200, 1200, "red"))
        other = Store.objects.get(pk=house.store.pk)
        other.pk, other.public_id, other.name, other.marketplace = None, "sto_other", "Ada Amazon.fr", seed.FR
        other.save()
        authorization = Authorization.objects.get(connections__store=house.store)
        other_connection = house.connection
        other_connection.pk, other_connection.public_id, other_connection.store = None, "con_other", other
        other_connection.authorization = authorization
        other_connection.save()
        listing = Listing.objects.get(store=house.store, key="NEW-MUG")
        row = adding.copy_listing(store_id=other.pk, listing_id=listing.pk, actor=Actor.person(house.owner))
        assert (row.customer_product_id, row.design_id, row.title, row.price, row.sku) == (
            house.mug.pk,
            house.design.pk,
            "Mug “Teal”",
            Decimal("16.90"),
            "NEW-MUG",
        )
        assert row.description == "A teal mug."
        copied = [one for one in row.pictures.all() if one.is_own]
        assert [(one.storage_name, one.width_px, one.delivery) for one in copied] == [(own.storage_name, 1200, Delivery.CONFIRMED)]
        assert copied[0].link_token == "", "each product shows its pictures under links of its own"
        remove_picture(picture=copied[0])
        assert read_picture(own.storage_name), "the other product still shows the file"
        with pytest.raises(CannotAdd, match="another store"):
            adding.copy_listing(store_id=house.store.pk, listing_id=listing.pk, actor=Actor.person(house.owner))


def test_a_listing_that_is_not_connected_is_not_copied(house: House) -> None:
    with tenant(house.psp.pk):
        other = Store.objects.create(customer=house.customer, facility=house.facility, kind="amazon", name="Other", marketplace=seed.UK)
        loose = Listing.objects.create(store=other, key="LOOSE", title="Loose")
        with pytest.raises(CannotAdd, match="exactly one product"):
            adding.copy_listing(store_id=house.store.pk, listing_id=loose.pk, actor=Actor.person(house.owner))


def test_a_suggested_sku_is_one_that_nothing_in_the_store_has(house: House) -> None:
    with tenant(house.psp.pk):
        Listing.objects.create(store=house.store, key="MUG-11", title="taken")
        row = adding.start_publication(store_id=house.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        assert row.sku == "MUG-11-2"


@pytest.mark.parametrize(
    ("wish", "sku"),
    [("SUN — Ø 20 -", "SUN-O-20"), ("SUN--MUG", "SUN-MUG"), ("Straße/Œuvre", "Strasse-OEuvre"), ("Café Łódź", "Cafe-Lodz"), ("日本", "PRODUCT")],
)
def test_a_suggested_sku_has_plain_letters_and_single_dashes(house: House, wish: str, sku: str) -> None:
    with tenant(house.psp.pk):
        assert suggested_sku(house.store, wish) == sku


def test_two_products_that_are_added_cannot_have_one_sku(house: House) -> None:
    filled(house)
    with tenant(house.psp.pk):
        second = adding.start_publication(store_id=house.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        with pytest.raises(CannotAdd, match="NEW-MUG"):
            adding.save_details(publication_id=second.pk, details=details())


# --- the design -------------------------------------------------------------------------------------------------------
def misfit(house: House) -> None:
    """Make the area another one than the design was made for, as the product's form does, and let the workers judge."""
    with tenant(house.psp.pk):
        area = PrintArea.objects.get(product_model=house.mug.product_model_id)
        area.width_mm = 230
        save_print_area(area=area)
    while judge_next():
        pass


def test_a_design_that_misfits_is_not_chosen(house: House) -> None:
    misfit(house)
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=house.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        with pytest.raises(CannotAdd, match="“Teal” no longer fits its product"):
            adding.choose_design(publication_id=row.pk, design_id=house.design.pk)


def test_a_design_that_misfits_since_it_was_chosen_is_not_published(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    misfit(house)
    with tenant(house.psp.pk):
        assert "no longer fits" in adding.lacking(row_of(house, row))["design"]
        with pytest.raises(CannotAdd):
            adding.ask_publish(publication_id=row.pk, actor=Actor.person(house.owner))


# --- checking ---------------------------------------------------------------------------------------------------------
def test_product_types_and_their_attributes_are_asked_by_workers_and_kept(house: House) -> None:
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=house.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        adding.search_types(publication_id=row.pk, words="mug")
    publish_due()
    assert [one["id"] for one in row_of(house, row).type_options] == ["DRINKING_CUP"]
    with tenant(house.psp.pk):
        adding.choose_type(publication_id=row.pk, product_type="DRINKING_CUP")
    publish_due()
    row = row_of(house, row)
    assert row.product_type_name == "Drinking Cup"
    with tenant(house.psp.pk):
        assert {"country_of_origin", "capacity", "capacity.unit"} <= set(adding.lacking(row))


def test_weight_and_size_are_those_of_the_catalog_until_somebody_says_otherwise(house: House) -> None:
    with tenant(house.psp.pk):
        ProductModel.objects.filter(pk=house.mug.product_model_id).update(weight_g=380, length_mm=125, width_mm=100, height_mm=105)
    row = row_of(house, filled(house, values={}))
    known = {name: value for name, value in row.values.items() if name.startswith(("item_weight", "item_package"))}
    assert known == {}, "whoever empties the fields has emptied them"
    with tenant(house.psp.pk):
        adding.choose_type(publication_id=row.pk, product_type="WALL_ART")
    publish_due()
    values = row_of(house, row).values
    assert (values["item_weight"], values["item_weight.unit"]) == ("380", "grams")
    assert (values["item_package_dimensions.length"], values["item_package_dimensions.length.unit"]) == ("12.5", "centimeters")


def test_the_marketplace_is_not_asked_before_it_has_said_what_the_type_needs(house: House) -> None:
    row = row_of(house, filled(house))
    with tenant(house.psp.pk):
        adding.choose_type(publication_id=row.pk, product_type="WALL_ART")
        assert "not known yet" in adding.lacking(row_of(house, row))["product_type"]
        with pytest.raises(CannotAdd):
            adding.ask_check(publication_id=row.pk)


def test_the_marketplace_is_not_asked_while_something_is_missing(house: House, amazon: ImitationAmazon) -> None:
    row = filled(house, title="")
    with tenant(house.psp.pk), pytest.raises(CannotAdd, match="missing"):
        adding.ask_check(publication_id=row.pk)
    assert [entry for entry in amazon.world.books.requests() if entry.operation == "putListingsItem"] == []


def test_what_the_check_finds_stands_at_its_field_and_nothing_is_made(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house, brand="My own brand")
    assert (row.state, row.is_checked) == (Publication.State.DRAFT, False)
    assert [(one["field"], one["severity"]) for one in row.troubles] == [("brand", "error")]
    with tenant(house.psp.pk), pytest.raises(CannotAdd, match="Check it again"):
        adding.ask_publish(publication_id=row.pk, actor=Actor.person(house.owner))
    assert amazon.world.books.submissions(seed.NORTH.seller_id) == []


def test_a_change_after_the_check_asks_for_another_check(house: House) -> None:
    row = checked(house)
    assert row.is_checked
    with tenant(house.psp.pk):
        adding.save_details(publication_id=row.pk, details=details(title="Another name"))
        with pytest.raises(CannotAdd, match="Check it again"):
            adding.ask_publish(publication_id=row.pk, actor=Actor.person(house.owner))


# --- once, whatever happens -------------------------------------------------------------------------------------------
def test_a_publish_whose_answer_is_lost_is_read_back_and_made_once(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    amazon.scenario("product_lost_after_success")
    ask(house, row)
    publish_due()
    assert row_of(house, row).asks == Publication.Asks.PUBLISH
    due(house)
    publish_due()
    row = row_of(house, row)
    assert (row.state, row.asks) == (Publication.State.SUBMITTED, Publication.Asks.PROGRESS)
    puts = [entry for entry in amazon.world.books.requests() if entry.operation == "putListingsItem" and "VALIDATION" not in entry.query]
    assert len(puts) == 1
    amazon.clock.advance(600)
    due(house)
    publish_due()
    assert sold(amazon) == 1


def test_a_publish_that_never_arrived_is_sent_again(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    amazon.scenario("product_lost_before_effect")
    ask(house, row)
    publish_due()
    due(house)
    publish_due()
    assert row_of(house, row).asks == Publication.Asks.PROGRESS


@pytest.mark.parametrize("point", ["publish.leased", "publish.sending", "publish.answered", "publish.settling"])
def test_a_worker_that_dies_anywhere_leaves_one_product(house: House, amazon: ImitationAmazon, point: str) -> None:
    row = checked(house)
    ask(house, row)
    with dying_at(point, publishing):
        publish_next()
    with tenant(house.psp.pk):
        Publication.objects.update(leased_until=now())  # its lease runs out
    publish_due()
    assert row_of(house, row).asks == Publication.Asks.PROGRESS
    amazon.clock.advance(600)
    due(house)
    publish_due()
    assert row_of(house, row).state == Publication.State.LIVE
    assert sold(amazon) == 1
    with tenant(house.psp.pk):
        assert Listing.objects.get(store=house.store, key="NEW-MUG").mappings.count() == 1


def test_a_sku_that_somebody_else_made_at_the_marketplace_is_not_overwritten(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house, sku="MUG-NAME-X")
    with tenant(house.psp.pk):
        adding.save_details(publication_id=row.pk, details=details("TEE-CLASSIC-M"))  # sold there, never synced here
        adding.ask_check(publication_id=row.pk)
    publish_due()
    ask(house, row)
    publish_due()
    row = row_of(house, row)
    assert (row.state, row.troubles[0]["field"]) == (Publication.State.REJECTED, "sku")
    (there,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku="TEE-CLASSIC-M")
    assert there.title.startswith("Classic T-shirt")


def test_asking_twice_publishes_once(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    ask(house, row)
    ask(house, row)
    publish_due()
    ask(house, row)
    publish_due()
    puts = [entry for entry in amazon.world.books.requests() if entry.operation == "putListingsItem" and "VALIDATION" not in entry.query]
    assert len(puts) == 1


# --- rejected ---------------------------------------------------------------------------------------------------------
def test_a_rejected_product_tells_why_and_is_published_again_after_a_change(house: House, amazon: ImitationAmazon) -> None:
    amazon.scenario("product_rejected")
    row = published(house, amazon)
    assert row.state == Publication.State.REJECTED
    assert [(one["field"], one["severity"]) for one in row.troubles] == [("product_type", "error")]
    with tenant(house.psp.pk):
        assert Listing.objects.get(publications=row).gone_at is not None
        adding.save_details(publication_id=row.pk, details=details(title="Mug “Teal”, again"))
        adding.ask_check(publication_id=row.pk)
    publish_due()
    ask(house, row)
    publish_due()
    amazon.clock.advance(600)
    due(house)
    publish_due()
    row = row_of(house, row)
    assert row.state == Publication.State.LIVE
    with tenant(house.psp.pk):
        assert Listing.objects.get(publications=row).gone_at is None
    assert sold(amazon) == 1


def test_a_store_that_lost_its_permission_parks_the_product_until_somebody_goes_on(house: House, amazon: ImitationAmazon) -> None:
    row = checked(house)
    ask(house, row)
    amazon.scenario("consent_revoked")
    publish_due()
    row = row_of(house, row)
    assert row.delivery == Delivery.PARKED
    assert "permission" in row.last_error
    with tenant(house.psp.pk):
        adding.ask_again(publication_id=row.pk)
    assert row_of(house, row).delivery == Delivery.PENDING


def test_a_product_that_is_sold_or_looked_at_cannot_be_changed_or_dropped(house: House, amazon: ImitationAmazon) -> None:
    row = published(house, amazon)
    with tenant(house.psp.pk):
        for change in (
            lambda: adding.save_details(publication_id=row.pk, details=details(title="x")),
            lambda: adding.drop_publication(publication_id=row.pk),
            lambda: adding.choose_type(publication_id=row.pk, product_type="SHIRT"),
        ):
            with pytest.raises(CannotAdd):
                change()


# --- pictures ---------------------------------------------------------------------------------------------------------
def picture_of(house: House) -> PublicationPicture:
    with tenant(house.psp.pk):
        found: PublicationPicture = PublicationPicture.objects.get()
        give_link(found)
    return found


def test_the_design_is_drawn_as_a_picture_that_shops_take(house: House) -> None:
    filled(house)
    with tenant(house.psp.pk):
        picture = PublicationPicture.objects.get()
    assert (picture.delivery, picture.content_type) == (Delivery.CONFIRMED, "image/jpeg")
    assert min(picture.width_px, picture.height_px) >= 1000


def test_a_picture_is_shown_to_whoever_has_its_link_and_to_nobody_else(house: House, client: Client) -> None:
    filled(house)
    picture = picture_of(house)
    answer = client.get(urlsplit(public_address(picture)).path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    shown = Image.open(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    red, green, blue = shown.convert("RGB").getpixel((600, 600))  # type: ignore[misc]
    assert green > red and blue > red  # the teal artwork
    assert client.get(f"/product-pictures/{'x' * 43}/").status_code == 404


def test_a_link_ends_with_its_time_with_its_picture_and_when_the_product_is_given_up(house: House, client: Client) -> None:
    row = filled(house)
    picture = picture_of(house)
    path = urlsplit(public_address(picture)).path
    with tenant(house.psp.pk):
        PublicationPicture.objects.update(link_until=now())
    assert client.get(path).status_code == 404
    picture_of(house)
    assert client.get(path).status_code == 200
    with tenant(house.psp.pk):
        adding.drop_publication(publication_id=row.pk)
    assert client.get(path).status_code == 404
    assert client.get("/product-pictures//").status_code == 404


def test_own_pictures_stay_when_the_design_changes_and_any_may_be_the_main_one(house: House) -> None:
    row = filled(house)
    with tenant(house.psp.pk):
        own = add_own_picture(publication=row_of(house, row), content=artwork(1200, 1200, "red"))
        make_main(picture=own)
        assert row.pictures.first() == own
        remove_picture(picture=row.pictures.last())  # type: ignore[arg-type]
        assert list(row.pictures.all()) == [own]
