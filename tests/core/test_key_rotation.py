"""Rotation moves everything to the newest key, and nothing that was tampered with (pod_hub/core/key_rotation.py)."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from orders.buyer_data import buyer_of
from orders.models import BuyerData, FileSource, IntakeRecord, Order, Personalisation
from pod_hub.accounts.models import KeptAnswer, Scope
from pod_hub.accounts.second_factor import sealed_secret
from pod_hub.accounts.services.api_keys import make_key
from pod_hub.core.key_rotation import keys_in_use, rotate, sealed_columns
from pod_hub.core.sealing import CannotOpen, key_id_of, sealed_field
from pod_hub.core.tenancy import TenantModel, tenant
from pod_hub.mail.queueing import queue_mail
from stores.models import Authorization, ChannelNotice, GrantedShop
from stores.services.authorizations import account_of
from stores.services.consent_links import send_link
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House, northprint, southprint

OLD, NEW = (f"{name}:{base64.b64encode(byte * 32).decode()}" for name, byte in (("old", b"o"), ("new", b"n")))
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = "https://example.com/archive.zip?token=1"


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def houses(db: None) -> Iterator[tuple[House, House]]:
    """Two tenants with orders, all sealed by the old key."""
    with override_settings(FIELD_KEYS=OLD):
        both = northprint(), southprint()
        line = item(customization={"customizedUrl": ADDRESS})
        bought(both[0], *(amazon_order(orderItems=[item()]) for _number in range(6)), amazon_order(orderItems=[line]))
        with tenant(both[0].psp.pk):
            first = Order.objects.order_by("pk")[0].lines.get()
            row = Personalisation(line=first, authorization_id=both[0].connection.authorization_id)
            row.check_tenant()
            for column in ("address_sealed", "content_sealed"):
                sealed_field(Personalisation, column).seal_into(row, [column])
            row.save()
            send_link(store=both[0].store, email="merchant@shop.test", user=both[0].owner, mail=False)
            seller = Authorization.objects.get(account_id=both[0].store.account_id)
            seller.check_tenant()
            sealed_field(Authorization, "access_token_sealed").seal_into(seller, "access")
            seller.save()
            shop = GrantedShop(authorization=seller, number="7495", marketplace="US")
            notice = ChannelNotice(kind="tiktok", store=both[0].store, key="k", topic="t")
            bucket = FileSource(customer=both[0].customer, name="b", bucket="b")
            others: list[tuple[TenantModel, str]] = [(shop, "key_sealed"), (notice, "content_sealed"), (bucket, "keys_sealed")]
            for other, column in others:
                other.check_tenant()
                sealed_field(type(other), column).seal_into(other, {"id": "1", "secret": "2"})
                other.save()
            key, _text = make_key(name="Plant software", scopes=[Scope.ORDERS_READ], expires_at=None, by=both[0].owner)
            kept = KeptAnswer(api_key=key, key_hash="k", request_hash="r")
            kept.check_tenant()
            sealed_field(KeptAnswer, "answer_sealed").seal_into(kept, {"status": 201})
            kept.save()
            queue_mail(to="ada@ada.test", template="notice", context={"subject": "s", "text": "t"}, key="one")
        queue_mail(to="nobody@nowhere.test", template="notice", context={"subject": "s", "text": "t"}, key="one")
        TOTP.activate(both[0].owner, TOTP_SECRET)
        RecoveryCodes.activate(both[0].owner)
        yield both


def test_every_sealed_column_is_found_in_the_models() -> None:
    assert {f"{model.__name__}.{column.name}" for model, column in sealed_columns()} >= {
        "Authorization.refresh_token_sealed",
        "IntakeRecord.payload_sealed",
        "BuyerData.sealed",
        "Personalisation.address_sealed",
        "Personalisation.content_sealed",
    }


def test_after_rotation_everything_opens_without_the_old_key(houses: tuple[House, House]) -> None:
    before = keys_in_use()
    assert all(set(keys) <= {"old"} for keys in before.values()) and all(before.values()), "a column without rows proves nothing"
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        assert run("--check")[0] == 1
        code, said, complaints = run("--batch", "2")
    assert (code, complaints) == (0, "")
    assert "orders_buyerdata.sealed: 7 resealed" in said
    assert "No value needs old any more" in said
    with override_settings(FIELD_KEYS=NEW):
        assert {key: sum(rows.values()) for key, rows in keys_in_use().items()} == {key: sum(rows.values()) for key, rows in before.items()}
        assert all(set(keys) == {"new"} for keys in keys_in_use().values())
        with tenant(houses[0].psp.pk):
            for order in Order.objects.all():
                details = buyer_of(order)
                assert details is not None and details.name == "Bea Buyer"
            assert account_of(Authorization.objects.get()).refresh_token == "Atzr|north"
            for record in IntakeRecord.objects.all():
                assert sealed_field(IntakeRecord, "payload_sealed").open_from(record)["orderId"] == record.external_id
            row = Personalisation.objects.earliest("pk")
            assert sealed_field(Personalisation, "content_sealed").open_from(Personalisation.objects.latest("pk")) == ["content_sealed"]
            assert row
        with tenant(houses[1].psp.pk):
            assert account_of(Authorization.objects.get()).refresh_token == "Atzr|t"
        assert TOTP(Authenticator.objects.get(type="totp")).validate_code(format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30)))
        assert len(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()) == 10
        assert run("--check")[0] == 0


def test_a_second_factor_whose_key_is_gone_is_named(houses: tuple[House, House]) -> None:
    row = Authenticator.objects.get(type="totp")
    with override_settings(FIELD_KEYS=f"lost:{base64.b64encode(b'l' * 32).decode()}"):
        Authenticator.objects.filter(pk=row.pk).update(data={"secret": sealed_secret("X")})
    plain = Authenticator.objects.create(user=houses[1].owner, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        code, _said, complaints = run()
    assert code == 1
    assert f"mfa_authenticator.data, row {row.pk}: key 'lost' is not in FIELD_KEYS" in complaints
    assert f"mfa_authenticator.data, row {plain.pk}: not a sealed value" in complaints


def test_a_rotation_that_stopped_half_way_goes_on(houses: tuple[House, House]) -> None:
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        first = next(iter(rotate()))
        assert first.resealed
        done = {f"{one.table}.{one.column}": one.resealed for one in rotate()}
        assert done.pop(f"{first.table}.{first.column}") == 0
        assert all(done.values())
        assert sum(one.resealed for one in rotate()) == 0


def test_a_row_whose_key_is_gone_is_named_and_stops_nothing(houses: tuple[House, House]) -> None:
    stranger = f"lost:{base64.b64encode(b'l' * 32).decode()}"
    with tenant(houses[0].psp.pk):
        row = BuyerData.objects.order_by("pk")[2]
        with override_settings(FIELD_KEYS=stranger):
            sealed_field(BuyerData, "sealed").seal_into(row, {"name": "x"})
        row.save()
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        code, said, complaints = run()
        assert code == 1
        assert f"orders_buyerdata.sealed, row {row.pk}: key 'lost' is not in FIELD_KEYS" in complaints
        assert "orders_buyerdata.sealed: 6 resealed" in said
        assert keys_in_use()["orders_buyerdata", "sealed"] == {"lost": 1, "new": 6}


def test_a_value_moved_to_another_row_or_altered_stays_shut_and_is_named(houses: tuple[House, House]) -> None:
    with tenant(houses[0].psp.pk):
        mine, other, third = BuyerData.objects.order_by("pk")[:3]
        BuyerData.objects.filter(pk=mine.pk).update(sealed=other.sealed)
        BuyerData.objects.filter(pk=third.pk).update(sealed=bytes(third.sealed)[:-1] + bytes([bytes(third.sealed)[-1] ^ 1]))
        for pk in (mine.pk, third.pk):
            with pytest.raises(CannotOpen, match="sealed for another place, or altered"):
                sealed_field(BuyerData, "sealed").open_from(BuyerData.objects.get(pk=pk))
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        code, _said, complaints = run()
        assert code == 1
        assert f"row {mine.pk}:" in complaints and f"row {third.pk}:" in complaints
        with tenant(houses[0].psp.pk):
            assert key_id_of(BuyerData.objects.get(pk=mine.pk).sealed) == "old"


def test_another_tenants_value_does_not_open_in_a_row_of_mine(houses: tuple[House, House]) -> None:
    (theirs,) = bought(
        houses[1], amazon_order(salesChannel={"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER", "marketplaceName": "Amazon.com"})
    )
    with tenant(houses[1].psp.pk):
        stolen = BuyerData.objects.get(order=theirs).sealed
    with tenant(houses[0].psp.pk):
        row = BuyerData.objects.earliest("pk")
        row.sealed = stolen
        with pytest.raises(CannotOpen):
            sealed_field(BuyerData, "sealed").open_from(row)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_row_somebody_works_on_is_passed_over_and_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(FIELD_KEYS=OLD):
        house = northprint()
        bought(house, *(amazon_order() for _number in range(3)))
        with tenant(house.psp.pk):
            busy = BuyerData.objects.order_by("pk")[1].pk
    owner = connections["owner"]
    owner.set_autocommit(False)
    with owner.cursor() as cursor:
        cursor.execute("SELECT 1 FROM orders_buyerdata WHERE id = %s FOR UPDATE", [busy])
    waits = []

    def meanwhile(seconds: float) -> None:
        waits.append(seconds)
        owner.rollback()

    monkeypatch.setattr("pod_hub.core.key_rotation.time.sleep", meanwhile)
    try:
        with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
            done = {one.table: one for one in rotate()}
    finally:
        owner.rollback()
        owner.set_autocommit(True)
    assert waits
    assert (done["orders_buyerdata"].resealed, done["orders_buyerdata"].busy) == (3, 0)
    assert connection.in_atomic_block is False
