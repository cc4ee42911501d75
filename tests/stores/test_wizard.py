"""The wizard: its four steps over the pages, what is kept between them, and what each way to a permission leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from pod_hub.accounts.models import Customer, Role
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection, ConnectionWizard, ConsentLink, Listing, Store
from stores.sandbox.amazon import lwa
from stores.sandbox.amazon.seed import NORTH
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import removing
from stores.services.who_authorises import allow_staff
from tests.factories.browsers import browser_of
from tests.factories.cast import GERMANY, UNITED_KINGDOM, UNITED_STATES, House, person
from tests.stores import walks

pytestmark = pytest.mark.django_db
Budget = Callable[[int], AbstractContextManager[Any]]
FRAME = 7


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def page(browser: Client, name: str, wizard: str) -> str:
    answer = browser.get(reverse(f"stores:{name}", args=[wizard]))
    assert answer.status_code == 200, answer.get("Location")
    return answer.content.decode()


def allowed(house: House) -> None:
    with tenant(house.psp.pk):
        allow_staff(customer_id=house.customer.pk, user=house.owner, allowed=True)


def authorised(browser: Client, house: House, amazon: ImitationAmazon, **changed: Any) -> str:
    """Go through the wizard up to its last step."""
    allowed(house)
    wizard = walks.begin(browser)
    walks.set_up(browser, house, wizard, **changed)
    left = browser.post(reverse("stores:wizard_here", args=[wizard]))["Location"]
    browser.get(walks.confirmed(amazon, left, seller_id=NORTH.seller_id))
    return wizard


def test_four_steps_connect_a_store_and_say_what_comes_next(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    wizard = authorised(nora, north, amazon)
    shown = page(nora, "wizard_finish", wizard)
    assert "Ada&#x27;s Mugs &amp; More" in shown and NORTH.seller_id in shown, "whoever finishes sees whose permission it is"
    answer = nora.post(reverse("stores:wizard_finish", args=[wizard]), follow=True)
    said = answer.content.decode()
    assert "is connected" in said and "Sync Products" in said and "Map products" in said and "Review orders" in said
    row = walks.wizard_of(north, wizard)
    assert row.store is not None
    assert (row.step, row.store.connection.state, row.store.account_id) == ("done", Connection.State.CONNECTED, NORTH.seller_id)
    with tenant(north.psp.pk):
        assert Authorization.objects.count() == 1, "one consent serves both stores of the seller"


def test_the_settings_of_the_second_step_hold_for_the_connection(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    wizard = authorised(
        nora,
        north,
        amazon,
        import_states="unshipped",
        max_order_age_days="30",
        handling_days="3",
        inventory_channel_code="WEST",
        mark_as_despatched="",
    )
    nora.post(reverse("stores:wizard_finish", args=[wizard]))
    row = walks.wizard_of(north, wizard)
    assert row.store is not None
    known = row.store.connection
    kept = (known.import_states, known.max_order_age_days, known.handling_days, known.inventory_channel_code, known.mark_as_despatched)
    assert kept == (["unshipped"], 30, 3, "WEST", False)


def test_a_wizard_goes_on_in_another_browser_of_another_person(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    north.worker.memberships.update(role="manager")
    ben = browser_of(north.worker)
    assert "British shop" in ben.get(reverse("stores:platforms")).content.decode()
    assert ben.get(reverse("stores:wizard", args=[wizard]))["Location"] == reverse("stores:wizard_authorize", args=[wizard])
    assert "British shop" in page(ben, "wizard_setup", wizard)
    assert "waits for the seller&#x27;s permission" in ben.get(reverse("stores:stores")).content.decode()


def test_steps_cannot_be_skipped(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    setup = reverse("stores:wizard_setup", args=[wizard])
    for name in ("wizard_authorize", "wizard_finish"):
        assert nora.get(reverse(f"stores:{name}", args=[wizard]))["Location"] == setup
    assert nora.post(reverse("stores:wizard_finish", args=[wizard]))["Location"] == setup
    assert nora.post(reverse("stores:wizard_here", args=[wizard]))["Location"] == setup


def test_what_was_typed_stays_when_a_field_is_refused(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    answer = walks.set_up(nora, north, wizard, place="", handling_days="31", name="My own name")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "My own name" in shown and 'value="31"' in shown and "id_place_error" in shown and "id_handling_days_error" in shown
    with tenant(north.psp.pk):
        assert Store.objects.count() == 1


def test_a_customer_without_storefronts_is_refused_beside_the_field(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete", storefronts_enabled=False)
    wizard = walks.begin(nora)
    answer = walks.set_up(nora, north, wizard, customer=str(grete.pk))
    assert answer.status_code == 422
    assert "“Grete” has no storefronts access" in answer.content.decode()


def test_every_step_warns_while_the_customer_has_no_usable_product(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    with tenant(north.psp.pk):
        north.sticker.is_active = north.mug.is_active = False
        north.sticker.save()
        north.mug.save()
    wizard = authorised(nora, north, amazon)
    for name in ("wizard_setup", "wizard_authorize", "wizard_finish"):
        assert "may not use any product yet" in page(nora, name, wizard)


def test_the_name_fills_itself_from_trading_name_and_marketplace_unless_somebody_typed_one(nora: Client, north: House) -> None:
    address = reverse("stores:wizard_name", args=[walks.begin(nora)])
    asked = {"trading_name": str(north.trading_name.pk), "place": UNITED_KINGDOM}
    assert 'value="Ada Trading · Amazon United Kingdom"' in nora.get(address, asked).content.decode()
    kept = nora.get(address, asked | {"name": "My own", "suggested": "Ada Trading · Amazon United Kingdom"}).content.decode()
    assert 'value="My own"' in kept
    assert nora.get(address, {"trading_name": "99999999999999999999999", "place": "\0", "name": "a\0b"}).status_code == 200


def test_staff_may_not_authorise_for_a_customer_until_it_is_switched_on(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    shown = page(nora, "wizard_authorize", wizard)
    assert "Your staff may not authorise for" in shown and reverse("stores:wizard_here", args=[wizard]) not in shown
    nora.post(reverse("stores:wizard_allow", args=[wizard]), {"allowed": "yes"})
    assert reverse("stores:wizard_here", args=[wizard]) in page(nora, "wizard_authorize", wizard)


def test_a_customer_with_portal_access_authorises_itself(nora: Client, north: House) -> None:
    allowed(north)
    ada = person(north.psp, "Ada", Role.MERCHANT, north.customer)
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    assert "has portal access, so the merchant authorises" in page(nora, "wizard_authorize", wizard)
    theirs = browser_of(ada)
    shown = page(theirs, "wizard_authorize", wizard)
    assert reverse("stores:wizard_here", args=[wizard]) in shown and "Send to merchant" not in shown


def test_a_merchant_connects_a_store_alone_and_is_not_asked_where_it_prints(north: House, amazon: ImitationAmazon) -> None:
    ada = browser_of(person(north.psp, "Ada", Role.MERCHANT, north.customer))
    wizard = walks.begin(ada)
    shown = page(ada, "wizard_setup", wizard)
    assert 'name="facility"' not in shown and 'name="customer"' not in shown and "is-portal" in shown
    walks.set_up(ada, north, wizard)
    left = ada.post(reverse("stores:wizard_here", args=[wizard]))["Location"]
    ada.get(walks.confirmed(amazon, left, seller_id=NORTH.seller_id))
    ada.post(reverse("stores:wizard_finish", args=[wizard]))
    row = walks.wizard_of(north, wizard)
    assert row.store is not None and row.step == "done"
    with tenant(north.psp.pk):
        assert (row.store.customer_id, row.store.facility_id) == (north.customer.pk, north.facility.pk)


def test_a_merchant_is_offered_what_comes_next_and_reads_no_name_of_the_staff(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    wizard = authorised(nora, north, amazon)
    mia = browser_of(person(north.psp, "Mia", Role.MERCHANT, north.customer))
    unfinished = mia.get(reverse("stores:platforms")).content.decode()
    assert "British shop" in unfinished and "Nora" not in unfinished and "Northprint" in unfinished
    nora.post(reverse("stores:wizard_finish", args=[wizard]))
    row = walks.wizard_of(north, wizard).store
    assert row is not None
    done = page(mia, "wizard_finish", wizard)
    for address in (reverse("stores:sync", args=[row.public_id]), reverse("stores:store", args=[row.public_id]), reverse("portal:orders")):
        assert address in done
    assert mia.post(reverse("stores:sync", args=[row.public_id])).status_code == 302
    nora.post(reverse("stores:test", args=[row.public_id]))
    connection = mia.get(reverse("stores:connection", args=[row.public_id])).content.decode()
    assert "Nora" not in connection and "begun" in connection


def test_a_merchant_sees_no_wizard_of_another_customer(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete", storefronts_enabled=True)
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    theirs = browser_of(person(north.psp, "Grete", Role.MERCHANT, grete))
    assert "British shop" not in theirs.get(reverse("stores:platforms")).content.decode()
    assert theirs.get(reverse("stores:wizard_authorize", args=[wizard])).status_code == 404
    assert theirs.post(reverse("stores:wizard_cancel", args=[wizard])).status_code == 404


def test_a_permission_of_the_same_seller_and_region_is_used_again_without_a_trip(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    row = north.connection.authorization
    assert row is not None
    with tenant(north.psp.pk):
        fresh = Authorization.objects.get()
        sealed_field(Authorization, "refresh_token_sealed").seal_into(fresh, lwa.grant(amazon.world, NORTH.seller_id)["refresh_token"])
        fresh.save()
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    assert "Use a permission that is there already" in page(nora, "wizard_authorize", wizard)
    nora.post(reverse("stores:wizard_reuse", args=[wizard]), {"authorization": row.public_id})
    nora.post(reverse("stores:wizard_finish", args=[wizard]))
    found = walks.wizard_of(north, wizard)
    assert found.store is not None and found.store.connection.authorization_id == row.pk
    other = walks.begin(nora)
    walks.set_up(nora, north, other, place=UNITED_STATES)
    assert "Use a permission that is there already" not in page(nora, "wizard_authorize", other), "another region needs a permission of its own"


def test_connecting_a_shop_that_was_disconnected_brings_its_store_back(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    with tenant(north.psp.pk):
        removing.disconnect(store_id=north.store.pk)
        removing.delete_store(store_id=north.store.pk)
        assert Listing.objects.filter(store=north.store).exists()
    assert "Ada Amazon.de" not in nora.get(reverse("stores:stores")).content.decode()
    wizard = authorised(nora, north, amazon, place=GERMANY)
    nora.post(reverse("stores:wizard_finish", args=[wizard]))
    row = walks.wizard_of(north, wizard)
    assert row.store_id == north.store.pk
    assert "Ada Amazon.de" in nora.get(reverse("stores:stores")).content.decode()
    with tenant(north.psp.pk):
        assert Store.objects.count() == 1, "the store that was added for the wizard is gone"


def test_giving_up_puts_away_the_store_the_link_and_the_waiting_permission(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    with tenant(north.psp.pk):
        removing.disconnect(store_id=north.store.pk)
    wizard = authorised(nora, north, amazon)
    nora.post(reverse("stores:wizard_cancel", args=[wizard]))
    with tenant(north.psp.pk):
        assert Store.objects.count() == 1
        live = Authorization.objects.exclude(state="revoked")
        assert not live.exists() and all(row.refresh_token_sealed is None for row in Authorization.objects.all())
        assert ConnectionWizard.objects.get().cancelled_at is not None
    assert nora.get(reverse("stores:wizard_finish", args=[wizard]))["Location"] == reverse("stores:platforms")


def test_a_mailed_link_says_who_asks_and_lets_the_print_provider_finalize(nora: Client, north: House, amazon: ImitationAmazon) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    answer = nora.post(reverse("stores:wizard_send", args=[wizard]), {"email": "ada@shop.test"}, follow=True)
    assert "ada@shop.test" in answer.content.decode() and "Waiting for the merchant" in answer.content.decode()
    path = walks.link_in_mail()
    merchant = Client()
    asked = merchant.get(path)
    shown = asked.content.decode()
    assert "Northprint asks for a permission" in shown and "British shop" in shown and "Nora" in shown
    assert "noindex" in asked["X-Robots-Tag"] and "no-store" in asked["Cache-Control"]
    assert nora.get(reverse("stores:wizard_state", args=[wizard])).status_code == 204
    assert "amzn1.sp.solution.demo" in shown, "what Amazon will show can be compared"
    left = merchant.post(f"{path}give/")["Location"]
    ended = merchant.get(walks.confirmed(amazon, left, seller_id=NORTH.seller_id), follow=True).content.decode()
    assert "The permission was given" in ended and "Northprint" in ended and "Pod Hub" not in ended
    assert nora.get(reverse("stores:wizard_state", args=[wizard]))["HX-Redirect"] == reverse("stores:wizard", args=[wizard])
    assert "Finalize" in page(nora, "wizard_finish", wizard)
    nora.post(reverse("stores:wizard_finish", args=[wizard]))
    row = walks.wizard_of(north, wizard)
    assert row.store is not None and row.store.connection.state == Connection.State.CONNECTED
    assert "was used already" in merchant.get(path).content.decode()
    walks.link_in_mail()
    assert [message.to for message in mail.outbox] == [["ada@shop.test"], [north.owner.email]], "whoever sent the link learns of the answer"
    assert "is authorised" in mail.outbox[1].subject


def test_a_declined_link_is_shown_and_a_new_one_can_be_sent(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    nora.post(reverse("stores:wizard_send", args=[wizard]), {"email": "ada@shop.test"})
    path = walks.link_in_mail()
    declined = Client().post(f"{path}decline/", follow=True).content.decode()
    assert "You declined" in declined and "ask for a new link" in declined and "Northprint" in declined
    waiting = page(nora, "wizard_authorize", wizard)
    assert "The merchant declined" in waiting and 'value="ada@shop.test"' in waiting, "the address need not be typed again"
    nora.post(reverse("stores:wizard_send", args=[wizard]), {"email": "ada@shop.test"})
    newer = walks.link_in_mail()
    assert newer != path and "asks for a permission" in Client().get(newer).content.decode()


def test_an_address_that_is_none_is_refused_beside_the_field_and_nothing_is_sent(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    answer = nora.post(reverse("stores:wizard_send", args=[wizard]), {"email": "ada"})
    assert answer.status_code == 422 and "id_email_error" in answer.content.decode()
    with tenant(north.psp.pk):
        assert not ConsentLink.objects.exists()


def test_links_to_one_store_are_limited(nora: Client, north: House) -> None:
    wizard = walks.begin(nora)
    walks.set_up(nora, north, wizard)
    answers = [nora.post(reverse("stores:wizard_send", args=[wizard]), {"email": "ada@shop.test"}) for _number in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [422]
    assert "Too many links" in answers[-1].content.decode()


def test_the_steps_stay_within_their_budget(nora: Client, north: House, amazon: ImitationAmazon, django_assert_max_num_queries: Budget) -> None:
    for _number in range(5):
        walks.set_up(nora, north, walks.begin(nora))
    wizard = authorised(nora, north, amazon)
    for name, budget in (("wizard_setup", 10), ("wizard_authorize", 10), ("wizard_finish", 7)):
        with django_assert_max_num_queries(FRAME + budget):
            page(nora, name, wizard)
    with django_assert_max_num_queries(FRAME + 4):
        nora.get(reverse("stores:platforms"))
