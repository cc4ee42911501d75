"""Tokens that are renewed in pairs: many workers, one renewal, both tokens kept before either is used."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from pod_hub.accounts.models import Psp
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant, Participation
from stores.channels.errors import ReconnectNeeded, TryLater
from stores.channels.keeping import TokenPair
from stores.channels.tiktok import client, operations
from stores.channels.types import Account
from stores.models import Authorization, Connection, Store
from stores.services.authorizations import account_of, attach_grant
from tests.channels.tiktok.conftest import SHOP, ScriptedTikTok, envelope
from tests.channels.tiktok.conftest import tiktok as scripted_tiktok
from tests.channels.tiny_server import Reply, Seen
from tests.factories.cast import House, northprint
from tests.races.together import raised, together

pytestmark = pytest.mark.django_db(transaction=True)
tiktok = scripted_tiktok
SEARCH = "/order/202309/orders/search"
WORKERS = 8


def old_pair(lives: timedelta = timedelta(minutes=-1)) -> TokenPair:
    moment = datetime.now(UTC)
    return TokenPair("TTP_old", moment + lives, "TTP_refresh-old", moment + timedelta(days=300))


def store_of(house: House, pair: TokenPair) -> Connection:
    """Connect a TikTok shop of Ada's with these tokens."""
    with tenant(house.psp.pk):
        store = Store.objects.create(customer=house.customer, facility=house.facility, kind="tiktok", name="Ada on TikTok", marketplace="US")
        shop = Participation(SHOP, "US", "United States", True, False, "Ada", "US", f"TTP_{SHOP}", "LOCAL")
        grant = Grant("701", pair.refresh_token, pair.access_token, 0, pair=pair)
        return attach_grant(store_id=store.pk, grant=grant, region="US", shops=[shop])


@pytest.fixture
def house() -> House:
    return northprint()


def account(psp: Psp) -> Account:
    with tenant(psp.pk):
        return account_of(Authorization.objects.get(kind="tiktok"))


def ask(psp: Psp) -> str:
    return client.call(account(psp), operations.SEARCH_ORDERS, shop=SHOP, query={"page_size": "1"}, body={}).request_id


@pytest.fixture
def slow_sign_in(tiktok: ScriptedTikTok) -> ScriptedTikTok:
    """A sign-in that takes a while, so that everybody arrives while the first one asks."""
    tokens = tiktok.routes[tiktok.REFRESH]

    def slowly(request: Seen) -> Reply:
        time.sleep(0.3)
        return tokens(request) if callable(tokens) else tokens

    tiktok.routes[tiktok.REFRESH] = slowly
    tiktok.routes[SEARCH] = envelope({"orders": []})
    return tiktok


def test_eight_workers_with_a_worn_token_renew_it_once(house: House, slow_sign_in: ScriptedTikTok) -> None:
    store_of(house, old_pair())
    results = together(*[lambda: ask(house.psp)] * WORKERS)
    assert [
        one for one in raised(results) if not (isinstance(one, TryLater) and one.throttled)
    ] == []  # eight at once may ask for more than the quota
    assert slow_sign_in.refreshes == 1
    assert {request.headers["x-tts-access-token"] for request in slow_sign_in.asked(SEARCH)} == {"TTP_access1"}
    keeper = account(house.psp).keeper
    assert keeper is not None
    assert (keeper.tokens().access_token, keeper.tokens().refresh_token) == ("TTP_access1", "TTP_refresh1")


def test_an_ended_permission_is_asked_about_once_and_stops_the_store(house: House, slow_sign_in: ScriptedTikTok) -> None:
    store_of(house, old_pair())

    def ended(_request: Seen) -> Reply:
        time.sleep(0.3)
        return envelope(code=36004001, message="refresh token expired")

    slow_sign_in.routes[slow_sign_in.REFRESH] = ended
    results = together(*[lambda: ask(house.psp)] * WORKERS)
    assert [type(one) for one in raised(results)] == [ReconnectNeeded] * WORKERS
    assert slow_sign_in.refreshes == 1
    with tenant(house.psp.pk):
        row = Authorization.objects.get(kind="tiktok")
        assert row.state == Authorization.State.RECONNECT
        assert row.connections.get().state == Connection.State.REVOKED


def test_worker_that_died_while_it_renewed_leaves_the_next_one_to_it(house: House, slow_sign_in: ScriptedTikTok) -> None:
    store_of(house, old_pair())
    with tenant(house.psp.pk):
        Authorization.objects.filter(kind="tiktok").update(
            token_lease="00000000-0000-4000-8000-000000000000", token_leased_until=datetime.now(UTC) + timedelta(seconds=0.5)
        )
    ask(house.psp)
    assert slow_sign_in.refreshes == 1


def test_nobody_waits_for_a_renewal_while_the_old_token_still_serves(house: House, slow_sign_in: ScriptedTikTok) -> None:
    store_of(house, old_pair(lives=timedelta(hours=1)))
    with tenant(house.psp.pk):
        Authorization.objects.filter(kind="tiktok").update(
            token_lease="00000000-0000-4000-8000-000000000000", token_leased_until=datetime.now(UTC) + timedelta(seconds=20)
        )
    ask(house.psp)
    assert slow_sign_in.refreshes == 0
    with tenant(house.psp.pk):
        Authorization.objects.filter(kind="tiktok").update(access_ends_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(TryLater) as caught:
        ask(house.psp)
    assert caught.value.ours


def test_consent_renewed_by_the_seller_meanwhile_is_not_overwritten(house: House, slow_sign_in: ScriptedTikTok) -> None:
    connection = store_of(house, old_pair())
    newer = TokenPair("TTP_consented", datetime.now(UTC) + timedelta(days=30), "TTP_refresh-consented", datetime.now(UTC) + timedelta(days=300))

    def consent() -> str:
        time.sleep(0.15)  # while the other one is asking
        with tenant(house.psp.pk):
            attach_grant(store_id=connection.store_id, grant=Grant("701", newer.refresh_token, newer.access_token, 0, pair=newer), region="US")
        return ""

    assert raised(together(consent, lambda: ask(house.psp))) == []
    keeper = account(house.psp).keeper
    assert keeper is not None
    assert keeper.tokens().refresh_token == "TTP_refresh-consented"
