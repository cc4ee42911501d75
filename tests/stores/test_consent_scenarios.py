"""Sixty and more ways in which the answer of a consent page can be wrong, stolen or replayed. None of them connects or authorises anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from pod_hub.accounts.models import Customer, Membership, User
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.consent_types import Grant
from stores.models import Authorization, ConnectionWizard, ConsentAttempt, ConsentLink, Store
from stores.sandbox.amazon import lwa
from stores.sandbox.amazon.seed import NORTH, SOUTH
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import consent_links, removing, wizard
from stores.services.authorizations import attach_grant
from stores.services.who_authorises import allow_staff
from stores.views.browsers import BROWSER_KEY
from tests.factories.browsers import browser_of
from tests.factories.cast import GERMANY, UNITED_KINGDOM, UNITED_STATES, House
from tests.stores import walks

RETURN = "/stores/connect/amazon/return/"
START = "/stores/connect/amazon/start/"
FRANCE = "A13V1IB3VIYZZH"


class Scene:
    """Nora connects a British store of Ada, whose German one is connected already; Mallory of Southprint watches."""

    def __init__(self, amazon: ImitationAmazon, north: House, south: House) -> None:
        self.amazon, self.north, self.south = amazon, north, south
        self.nora = browser_of(north.owner)
        with tenant(north.psp.pk):
            allow_staff(customer_id=north.customer.pk, user=north.owner, allowed=True)
        self.wizard = walks.begin(self.nora)
        walks.set_up(self.nora, north, self.wizard)
        self.before = self.authorizations()

    # What the browser does.
    def leave(self) -> str:
        return str(self.nora.post(reverse("stores:wizard_here", args=[self.wizard]))["Location"])

    def good(self, seller: str = NORTH.seller_id) -> str:
        """The address of an answer that would be taken."""
        return walks.confirmed(self.amazon, self.leave(), seller_id=seller)

    def send_link(self) -> str:
        """Mail a link; return its path."""
        self.nora.post(reverse("stores:wizard_send", args=[self.wizard]), {"email": "ada@shop.test"})
        with tenant(self.north.psp.pk):
            row = walks.wizard_of(self.north, self.wizard)
            assert row.store is not None
            _link, token = consent_links.send_link(store=row.store, email="ada@shop.test", user=self.north.owner, wizard=row)
        return reverse("stores:permission", args=[token])

    def good_by_link(self, merchant: Client, path: str | None = None) -> str:
        path = path or self.send_link()
        return walks.confirmed(self.amazon, merchant.post(f"{path}give/")["Location"], seller_id=NORTH.seller_id)

    def mend(self, address: str, **changed: str | None) -> str:
        """Change parameters of an answer; None takes one away."""
        for name, value in changed.items():
            address = re.sub(
                rf"([?&]){name}=[^&]*", (lambda found: found[1]) if value is None else (lambda found, v=value, n=name: f"{found[1]}{n}={v}"), address
            )
        return address

    def as_if_same_browser(self, user: User) -> Client:
        """Somebody else who got hold of the value that stands for Nora's browser."""
        other = browser_of(user)
        session = other.session
        session[BROWSER_KEY] = self.nora.session[BROWSER_KEY]
        session.save()
        return other

    # What is there.
    def authorizations(self) -> list[tuple[Any, ...]]:
        with across_tenants(reason="test"):
            rows = Authorization.objects.order_by("pk")
            return [(row.pk, row.psp_id, row.account_id, row.state, bytes(row.refresh_token_sealed or b"")) for row in rows]

    def nothing_happened(self) -> None:
        assert self.authorizations() == self.before, "a permission was kept or changed"
        with tenant(self.north.psp.pk):
            row = ConnectionWizard.objects.select_related("store").get(public_id=self.wizard)
            assert row.authorization_id is None
            assert row.store is None or row.store.account_id == ""


Act = Callable[[Scene], Any]
SCENARIOS: list[tuple[str, Act]] = []


def scenario(sentence: str) -> Callable[[Act], Act]:
    """Add a way of its own to the table."""

    def add(act: Act) -> Act:
        SCENARIOS.append((sentence, act))
        return act

    return add


def changed_answer(sentence: str, **changed: str | None) -> None:
    """Add an answer of which some parameters are different."""
    SCENARIOS.append((sentence, lambda s: s.nora.get(s.mend(s.good(), **changed))))


changed_answer("the answer has no state", state=None)
changed_answer("its state is empty", state="")
changed_answer("its state was made up", state="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
changed_answer("its state is a NUL", state="%00")
changed_answer("its state is ten thousand letters long", state="a" * 10_000)
changed_answer("its state is SQL", state="'%20OR%201=1--")
changed_answer("its state is a wildcard", state="%25")
changed_answer("the answer has no code", spapi_oauth_code=None)
changed_answer("its code is empty", spapi_oauth_code="")
changed_answer("its code was made up", spapi_oauth_code="ANS00000000000000000000")
changed_answer("its code is a NUL", spapi_oauth_code="%00")
changed_answer("its code is ten thousand letters long", spapi_oauth_code="A" * 10_000)
changed_answer("the answer names no seller", selling_partner_id=None)
changed_answer("its seller is empty", selling_partner_id="")
changed_answer("its seller is another one of the marketplace", selling_partner_id=SOUTH.seller_id)
changed_answer("its seller is not known anywhere", selling_partner_id="A9SOMEBODYELSE")
changed_answer("its seller is a NUL", selling_partner_id="%00")
changed_answer("its seller has 65 letters", selling_partner_id="A" * 65)
changed_answer("its seller is a path", selling_partner_id="..%2F..%2Forders")
changed_answer("its seller is a list of two", selling_partner_id=f"{NORTH.seller_id},{SOUTH.seller_id}")


@scenario("its state has one letter more")
def _(s: Scene) -> Any:
    return s.nora.get(s.good().replace("state=", "state=x"))


@scenario("its state is written in capitals")
def _(s: Scene) -> Any:
    address = s.good()
    found = re.search(r"state=([^&]+)", address)
    assert found is not None
    return s.nora.get(address.replace(found[1], found[1].upper()))


@scenario("its state is the hash that the database keeps")
def _(s: Scene) -> Any:
    address = s.good()
    with tenant(s.north.psp.pk):
        kept = ConsentAttempt.objects.latest("pk").state_hash
    return s.nora.get(s.mend(address, state=kept))


@scenario("a wrong state follows the right one in the same answer")
def _(s: Scene) -> Any:
    return s.nora.get(s.good() + "&state=wrong")


@scenario("the code comes under OAuth's usual name")
def _(s: Scene) -> Any:
    return s.nora.get(s.good().replace("spapi_oauth_code=", "code="))


@scenario("the code was spent by somebody who was quicker")
def _(s: Scene) -> Any:
    address = s.good()
    found = re.search(r"spapi_oauth_code=([^&]+)", address)
    assert found is not None
    s.amazon.books.spend_code(found[1], redirect_uri=f"http://localhost:8000{RETURN}", now=s.amazon.world.clock.epoch())
    return s.nora.get(address)


@scenario("the code was given for another redirect address")
def _(s: Scene) -> Any:
    code = lwa.consent_code(s.amazon.world, seller_id=NORTH.seller_id, redirect_uri="https://elsewhere.test/")
    return s.nora.get(s.mend(s.good(), spapi_oauth_code=code))


@scenario("the code belongs to another seller than the answer names")
def _(s: Scene) -> Any:
    code = lwa.consent_code(s.amazon.world, seller_id=SOUTH.seller_id, redirect_uri=f"http://localhost:8000{RETURN}")
    return s.nora.get(s.mend(s.good(), spapi_oauth_code=code))


@scenario("the seller declines")
def _(s: Scene) -> Any:
    return s.nora.get(walks.declined(s.leave()))


@scenario("the channel names an error")
def _(s: Scene) -> Any:
    return s.nora.get(walks.declined(s.leave()) + "&error=access_denied")


@scenario("the channel's error is markup, which the page shows as text")
def _(s: Scene) -> Any:
    answer = s.nora.get(walks.declined(s.leave()) + "&error=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in s.nora.get(answer["Location"], follow=True).content.decode()
    return answer


@scenario("the seller declines first and confirms in the same trip afterwards")
def _(s: Scene) -> Any:
    left = s.leave()
    s.nora.get(walks.declined(left))
    return s.nora.get(walks.confirmed(s.amazon, left, seller_id=NORTH.seller_id))


@scenario("the answer is opened in another browser of the same person")
def _(s: Scene) -> Any:
    return browser_of(s.north.owner).get(s.good())


@scenario("the answer is opened by somebody who is not signed in")
def _(s: Scene) -> Any:
    return Client().get(s.good())


@scenario("the answer is opened after signing out")
def _(s: Scene) -> Any:
    address = s.good()
    s.nora.logout()
    return s.nora.get(address)


@scenario("the answer is opened after signing out and in again")
def _(s: Scene) -> Any:
    address = s.good()
    s.nora.logout()
    s.nora.force_login(s.north.owner, backend="django.contrib.auth.backends.ModelBackend")
    return s.nora.get(address)


@scenario("a colleague has Nora's answer and the value of her browser")
def _(s: Scene) -> Any:
    address = s.good()
    s.north.worker.memberships.update(role="manager")
    return s.as_if_same_browser(s.north.worker).get(address)


@scenario("a colleague who may only read has both")
def _(s: Scene) -> Any:
    address = s.good()
    return s.as_if_same_browser(s.north.reader).get(address)


@scenario("the owner of another print provider has both")
def _(s: Scene) -> Any:
    address = s.good()
    return s.as_if_same_browser(s.south.owner).get(address)


@scenario("a merchant of the house has both")
def _(s: Scene) -> Any:
    address = s.good()
    s.north.worker.memberships.update(role="merchant", customer=s.north.customer)
    return s.as_if_same_browser(s.north.worker).get(address)


@scenario("an operator without a membership has both")
def _(s: Scene) -> Any:
    address = s.good()
    return s.as_if_same_browser(User.objects.create_superuser("olga@hub.test", "a long passphrase")).get(address)


@scenario("Nora's membership ended while she was away")
def _(s: Scene) -> Any:
    address = s.good()
    Membership.objects.filter(user=s.north.owner).update(is_active=False)
    return s.nora.get(address)


@scenario("Nora's role was lowered while she was away")
def _(s: Scene) -> Any:
    address = s.good()
    Membership.objects.filter(user=s.north.owner).update(role="reader")
    return s.nora.get(address)


@scenario("Nora works for another print provider now, in the same browser")
def _(s: Scene) -> Any:
    address = s.good()
    other = Membership.objects.create(user=s.north.owner, psp=s.south.psp, role="owner")
    session = s.nora.session
    session["membership"] = other.pk
    session.save()
    return s.nora.get(address)


@scenario("Mallory starts a trip and makes Nora's browser open its end")
def _(s: Scene) -> Any:
    mallory = browser_of(s.south.owner)
    with tenant(s.south.psp.pk):
        allow_staff(customer_id=s.south.customer.pk, user=s.south.owner, allowed=True)
    theirs = walks.begin(mallory)
    walks.set_up(mallory, s.south, theirs, place="A2EUQ1WTGCTBG2")
    left = mallory.post(reverse("stores:wizard_here", args=[theirs]))["Location"]
    return s.nora.get(walks.confirmed(s.amazon, left, seller_id=SOUTH.seller_id))


@scenario("the trip took thirty minutes and a second")
def _(s: Scene) -> Any:
    address = s.good()
    with time_machine.travel(now() + timedelta(minutes=30, seconds=1)):
        return s.nora.get(address)


@scenario("the trip took eleven hours")
def _(s: Scene) -> Any:
    address = s.good()
    with time_machine.travel(now() + timedelta(hours=11)):
        return s.nora.get(address)


@scenario("the answer is posted")
def _(s: Scene) -> Any:
    answer = s.nora.post(s.good())
    assert answer.status_code == 405
    return answer


@scenario("the answer comes to an address of another platform")
def _(s: Scene) -> Any:
    return s.nora.get(s.good().replace("/amazon/", "/csv/"))


@scenario("the answer comes to a platform that does not exist")
def _(s: Scene) -> Any:
    return s.nora.get(s.good().replace("/amazon/", "/ebay/"))


@scenario("the answer wants to lead somewhere else")
def _(s: Scene) -> Any:
    answer = s.nora.get(s.mend(s.good(), state="wrong") + "&next=https://evil.test/&redirect_uri=https://evil.test/")
    assert "evil.test" not in answer["Location"]
    return answer


@scenario("the wizard was given up meanwhile")
def _(s: Scene) -> Any:
    address = s.good()
    s.nora.post(reverse("stores:wizard_cancel", args=[s.wizard]))
    return s.nora.get(address)


@scenario("the wizard is about another marketplace of the region now")
def _(s: Scene) -> Any:
    address = s.good()
    walks.set_up(s.nora, s.north, s.wizard, place="APJ6JRA9NG5V4")
    return s.nora.get(address)


@scenario("the wizard is about another region now")
def _(s: Scene) -> Any:
    address = s.good()
    walks.set_up(s.nora, s.north, s.wizard, place=UNITED_STATES)
    return s.nora.get(address)


@scenario("the wizard is about another store now")
def _(s: Scene) -> Any:
    address = s.good()
    with tenant(s.north.psp.pk):
        other = Store.objects.create(customer=s.north.customer, facility=s.north.facility, kind="amazon", name="Other", marketplace=UNITED_KINGDOM)
    walks.set_up(s.nora, s.north, s.wizard, existing=str(other.pk))
    return s.nora.get(address)


@scenario("the seller is connected to another print provider")
def _(s: Scene) -> Any:
    with tenant(s.north.psp.pk):
        removing.disconnect(store_id=s.north.store.pk)
    with tenant(s.south.psp.pk):
        grant = Grant(account_id=NORTH.seller_id, refresh_token="Atzr|taken", access_token="", access_expires_in_s=0)
        taken = Store.objects.create(customer=s.south.customer, facility=s.south.facility, kind="amazon", name="Taken", marketplace=GERMANY)
        attach_grant(store_id=taken.pk, grant=grant, region="EU")
    s.before = s.authorizations()
    answer = s.nora.get(s.good())
    assert "Southprint" not in s.nora.get(answer["Location"], follow=True).content.decode()
    return answer


@scenario("the seller is connected under another customer of the house")
def _(s: Scene) -> Any:
    with tenant(s.north.psp.pk):
        grete = Customer.objects.create(name="Grete", storefronts_enabled=True)
        allow_staff(customer_id=grete.pk, user=s.north.owner, allowed=True)
    walks.set_up(s.nora, s.north, s.wizard, customer=str(grete.pk))
    return s.nora.get(s.good())


@scenario("the seller's shop on this marketplace is a store that is connected already")
def _(s: Scene) -> Any:
    walks.set_up(s.nora, s.north, s.wizard, place=GERMANY)
    return s.nora.get(s.good())


@scenario("the seller does not sell on the marketplace")
def _(s: Scene) -> Any:
    walks.set_up(s.nora, s.north, s.wizard, place=FRANCE)
    return s.nora.get(s.good())


@scenario("the seller's listings there are suspended")
def _(s: Scene) -> Any:
    seller = s.amazon.books.seller(NORTH.seller_id)
    assert seller is not None
    seller.suspended.append(UNITED_KINGDOM)
    s.amazon.books.keep_seller(seller)
    return s.nora.get(s.good())


@scenario("the seller belongs to another region")
def _(s: Scene) -> Any:
    return s.nora.get(s.good(SOUTH.seller_id))


@scenario("Nora may no longer authorise for this customer when she leaves")
def _(s: Scene) -> Any:
    with tenant(s.north.psp.pk):
        allow_staff(customer_id=s.north.customer.pk, user=s.north.owner, allowed=False)
    left = s.nora.post(reverse("stores:wizard_here", args=[s.wizard]))
    assert left["Location"] == reverse("stores:wizard_authorize", args=[s.wizard])
    return s.nora.get(f"{RETURN}?state=x&spapi_oauth_code=y&selling_partner_id={NORTH.seller_id}")


@scenario("the customer has no storefronts access when Nora leaves")
def _(s: Scene) -> Any:
    with tenant(s.north.psp.pk):
        Customer.objects.update(storefronts_enabled=False)
    left = s.nora.post(reverse("stores:wizard_here", args=[s.wizard]))
    assert "sellercentral" not in left["Location"] and s.amazon.url not in left["Location"]
    return left


@scenario("the answer to a mailed link is opened in another browser")
def _(s: Scene) -> Any:
    return Client().get(s.good_by_link(Client()))


@scenario("the answer to a mailed link is opened by Nora, who sent it")
def _(s: Scene) -> Any:
    return s.nora.get(s.good_by_link(Client()))


@scenario("the answer to a mailed link is opened by Mallory")
def _(s: Scene) -> Any:
    return browser_of(s.south.owner).get(s.good_by_link(Client()))


@scenario("the answer to Nora's own trip is opened by the holder of a link")
def _(s: Scene) -> Any:
    merchant = Client()
    s.good_by_link(merchant)
    return merchant.get(s.good())


@scenario("the link was withdrawn while the merchant was away")
def _(s: Scene) -> Any:
    merchant = Client()
    address = s.good_by_link(merchant)
    s.nora.post(reverse("stores:wizard_withdraw", args=[s.wizard]))
    return merchant.get(address)


@scenario("a newer link was sent while the merchant was away")
def _(s: Scene) -> Any:
    merchant = Client()
    address = s.good_by_link(merchant)
    s.send_link()
    return merchant.get(address)


@scenario("the link expired while the merchant was away")
def _(s: Scene) -> Any:
    merchant = Client()
    address = s.good_by_link(merchant)
    with tenant(s.north.psp.pk):
        ConsentLink.objects.update(expires_at=now() - timedelta(seconds=1))
    return merchant.get(address)


@scenario("the wizard of the link was given up while the merchant was away")
def _(s: Scene) -> Any:
    merchant = Client()
    address = s.good_by_link(merchant)
    s.nora.post(reverse("stores:wizard_cancel", args=[s.wizard]))
    return merchant.get(address)


@scenario("the merchant started again, and the first trip's answer comes")
def _(s: Scene) -> Any:
    merchant, path = Client(), s.send_link()
    address = s.good_by_link(merchant, path)
    merchant.post(f"{path}give/")
    return merchant.get(address)


@scenario("the merchant declined here, and confirms at the channel after all")
def _(s: Scene) -> Any:
    merchant, path = Client(), s.send_link()
    address = s.good_by_link(merchant, path)
    merchant.post(f"{path}decline/")
    return merchant.get(address)


@scenario("somebody guesses a link")
def _(s: Scene) -> Any:
    s.send_link()
    answer = Client().post(reverse("stores:permission_give", args=["A" * 43]))
    assert answer.status_code == 404
    return answer


@scenario("the link's token is the hash that the database keeps")
def _(s: Scene) -> Any:
    s.send_link()
    with tenant(s.north.psp.pk):
        kept = ConsentLink.objects.latest("pk").token_hash
    answer = Client().post(reverse("stores:permission_give", args=[kept]))
    assert answer.status_code == 404
    return answer


@scenario("a mail program opens the link")
def _(s: Scene) -> Any:
    answer = Client().get(s.send_link())
    assert answer.status_code == 200
    with tenant(s.north.psp.pk):
        assert not ConsentAttempt.objects.exists()
    return answer


def started_there(sentence: str, address: str) -> None:
    """Add a start at the channel whose answer would go elsewhere."""

    def act(s: Scene) -> Any:
        answer = s.nora.get(START, {"amazon_callback_uri": address, "amazon_state": "s", "selling_partner_id": NORTH.seller_id})
        assert answer.status_code == 400 and "evil" not in answer.get("Location", "")
        left = s.leave()
        assert left.startswith(s.amazon.url), left
        return answer

    SCENARIOS.append((sentence, act))


started_there("a start claims to come from another host", "https://evil.test/apps/authorize/confirm")
started_there("a start hides another host behind a user name", "https://sellercentral.amazon.com@evil.test/apps")
started_there("a start names a host that only ends alike", "https://evil-sellercentral.amazon.com.evil.test/apps")
started_there("a start would be answered without encryption", "http://sellercentral.amazon.com/apps")
started_there("a start is a script", "javascript:alert(1)//sellercentral.amazon.com")
started_there("a start has no address", "")


@scenario("the seller who confirms is not the one who started at the channel")
def _(s: Scene) -> Any:
    s.nora.get(START, {"amazon_callback_uri": f"{s.amazon.url}/apps/authorize/confirm", "amazon_state": "s", "selling_partner_id": SOUTH.seller_id})
    left = s.leave()
    assert "amazon_state=s" in left
    query = left.partition("?")[2]
    asked = f"{s.amazon.url}/apps/authorize/consent?application_id={s.amazon.world.application.application_id}&{query}&version=beta"
    return s.nora.get(walks.confirmed(s.amazon, asked, seller_id=NORTH.seller_id))


@pytest.fixture
def scene(amazon: ImitationAmazon, north: House, south: House) -> Scene:
    return Scene(amazon, north, south)


def test_there_are_at_least_sixty_scenarios_and_each_has_a_sentence_of_its_own() -> None:
    assert len({sentence for sentence, _act in SCENARIOS}) == len(SCENARIOS) >= 60


@pytest.mark.parametrize("act", [act for _sentence, act in SCENARIOS], ids=[sentence for sentence, _act in SCENARIOS])
def test_nothing_is_connected_when(scene: Scene, act: Act) -> None:
    answer = act(scene)
    assert answer.status_code in {200, 302, 400, 403, 404, 405}
    assert "spapi" not in answer.get("Location", "") and "state=" not in answer.get("Location", "")
    if answer.wsgi_request.path == RETURN and answer.status_code == 302 and "login" not in answer["Location"]:
        assert answer["Referrer-Policy"] == "no-referrer" and "no-store" in answer["Cache-Control"]
    scene.nothing_happened()


def test_the_same_trip_without_a_mistake_does_authorise(scene: Scene) -> None:
    """The scenarios prove something only because this one works."""
    address = scene.good()
    answer = scene.nora.get(address)
    assert answer["Location"] == reverse("stores:wizard_finish", args=[scene.wizard])
    row = walks.wizard_of(scene.north, scene.wizard)
    assert row.authorization is not None and row.step == ConnectionWizard.Step.FINISH
    assert row.store is not None and row.store.connection.authorization_id is None, "nothing is imported before the last step"
    kept = scene.authorizations()
    again = scene.nora.get(address)
    assert again.status_code == 302 and scene.authorizations() == kept, "the answer was used twice"


def test_the_same_link_without_a_mistake_does_authorise_once(scene: Scene) -> None:
    merchant, path = Client(), scene.send_link()
    address = scene.good_by_link(merchant, path)
    answer = merchant.get(address)
    assert answer["Location"] == reverse("stores:permission_answer")
    assert "The permission was given" in merchant.get(answer["Location"]).content.decode()
    assert walks.wizard_of(scene.north, scene.wizard).step == ConnectionWizard.Step.FINISH
    kept = scene.authorizations()
    assert merchant.post(f"{path}give/").status_code == 409
    merchant.get(address)
    assert scene.authorizations() == kept


def test_a_start_at_the_channel_comes_back_into_the_wizard(scene: Scene) -> None:
    there = f"{scene.amazon.url}/apps/authorize/confirm"
    answer = scene.nora.get(START, {"amazon_callback_uri": there, "amazon_state": "theirs", "selling_partner_id": NORTH.seller_id})
    assert answer["Location"] == START, "nothing of Amazon's address stays in ours"
    assert "Which store do you connect" in scene.nora.get(START).content.decode()
    left = scene.leave()
    assert left.startswith(there) and "amazon_state=theirs" in left
    query = left.partition("?")[2]
    asked = f"{scene.amazon.url}/apps/authorize/consent?application_id={scene.amazon.world.application.application_id}&{query}&version=beta"
    scene.nora.get(walks.confirmed(scene.amazon, asked, seller_id=NORTH.seller_id))
    assert walks.wizard_of(scene.north, scene.wizard).step == ConnectionWizard.Step.FINISH
    assert "amazon_state" not in scene.leave(), "the start was used twice"


def test_a_wizard_that_is_done_takes_no_further_permission(scene: Scene) -> None:
    late = scene.good()
    scene.nora.get(scene.good())
    scene.nora.post(reverse("stores:wizard_finish", args=[scene.wizard]))
    kept = scene.authorizations()
    scene.nora.get(late)
    assert scene.authorizations() == kept
    with tenant(scene.north.psp.pk), pytest.raises(wizard.WizardOver):
        wizard.finish(wizard_id=walks.wizard_of(scene.north, scene.wizard).pk)
