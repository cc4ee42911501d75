"""The audit trail: every change of the configuration is in it, whoever makes it; nobody alters it; it tells nothing that must stay shut."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from catalog.models import CustomerProduct
from pod_hub.accounts.audit_log import Action, AuditEntry
from pod_hub.accounts.audit_trail import AuditFilters, audited_kinds
from pod_hub.accounts.models import Customer, Facility, Membership, Psp, Role, Scope, User
from pod_hub.accounts.services.api_keys import make_key, revoke_key
from pod_hub.accounts.services.audit import note
from pod_hub.core.acting import Acting, acting, clean_request_id, shortened
from pod_hub.core.audit import HIDDEN, columns_of
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.consent_types import Grant
from stores.models import Authorization, Connection, Store
from stores.services.authorizations import attach_grant
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.pages import at_most_queries

pytestmark = pytest.mark.django_db
TRAIL = "/settings/audit-trail/"
AUDITED = {
    "accounts.psp",
    "accounts.facility",
    "accounts.customer",
    "accounts.tradingname",
    "accounts.membership",
    "accounts.apikey",
    "accounts.invitation",
    "accounts.portalvisit",
    "catalog.category",
    "catalog.productmodel",
    "catalog.customerproduct",
    "catalog.productgrant",
    "catalog.productfacility",
    "catalog.design",
    "catalog.customerprice",
    "catalog.printarea",
    "catalog.variant",
    "catalog.mockup",
    "stores.authorization",
    "stores.store",
    "stores.connection",
    "stores.consentbystaff",
    "stores.listingmapping",
    "stores.mappingpart",
    "stores.carriermapping",
    "stores.publication",
    "stores.pricepush",
    "stores.publicationvariant",
    "orders.filesource",
}


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def last(house: House, **wanted: Any) -> AuditEntry:
    """The newest entry of a house."""
    with tenant(house.psp.pk):
        return AuditEntry.objects.filter(**wanted).latest("pk")


def count(house: House) -> int:
    with tenant(house.psp.pk):
        return AuditEntry.objects.count()


def test_a_change_on_a_page_says_who_what_when_and_from_where(north: House, nora: Client, caplog: pytest.LogCaptureFixture) -> None:
    address = reverse("accounts:edit_customer", args=[north.customer.public_id])
    nora.post(address, {"name": "Ada & Sons", "storefronts_enabled": "on"}, REMOTE_ADDR="203.0.113.77")
    entry = last(north)
    assert (entry.kind, entry.action, entry.label, entry.public_id) == ("accounts.customer", "changed", "Ada & Sons", north.customer.public_id)
    assert (entry.before, entry.after) == ({"name": "Ada"}, {"name": "Ada & Sons"})
    assert (entry.actor_user_id, entry.address) == (north.owner.pk, "203.0.113.x")
    assert entry.request_id and entry.request_id in caplog.text, "the log tells the rest of the request"


def test_every_way_of_writing_is_seen(north: House) -> None:
    """A service, a queryset, a deletion, and a statement by hand: the pen is in the database."""
    with tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(name="By queryset")
        assert last(north).after == {"name": "By queryset"}
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_customer SET name = 'By hand' WHERE id = %s", [north.customer.pk])
        assert last(north).after == {"name": "By hand"}
        spare = Facility.objects.create(name="Spare", address_lines="1", city="Bonn", postcode="53111", country="DE")
        assert (last(north).action, last(north).label) == ("added", "Spare")
        spare.delete()
        gone = last(north)
        assert (gone.action, gone.before["name"], gone.after) == ("removed", "Spare", {})


def test_programs_workers_and_commands_are_named(north: House) -> None:
    with acting(Acting(label="API key “ERP”", address="2001:db8:1::x")), tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="By key")
    assert (last(north).actor_label, last(north).actor_user_id, last(north).address) == ("API key “ERP”", None, "2001:db8:1::x")
    with tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="By nobody")
    assert last(north).actor_label == ""


def test_who_acts_ends_with_the_block_and_does_not_reach_the_next_scope(north: House) -> None:
    with acting(Acting(user_id=north.owner.pk)), tenant(north.psp.pk):
        pass
    with tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="Later")
    assert last(north).actor_user_id is None


def test_changes_outside_any_scope_and_across_tenants_stand_with_their_own_tenant(north: House, south: House) -> None:
    Membership.objects.filter(user=north.worker).update(role=Role.READER)
    assert (last(north).kind, last(north).before, last(north).after) == ("accounts.membership", {"role": "production"}, {"role": "reader"})
    Psp.objects.filter(pk=north.psp.pk).update(time_zone="Europe/Paris")
    assert last(north).kind == "accounts.psp"
    with across_tenants(reason="test"):
        Customer.objects.filter(pk=south.customer.pk).update(name="Samantha")
    assert last(south).after == {"name": "Samantha"}
    assert last(north).kind == "accounts.psp"


def test_secrets_are_never_in_it(north: House) -> None:
    with tenant(north.psp.pk):
        attach_grant(
            store_id=north.store.pk,
            grant=Grant(account_id="A2XDEMONORTH01", refresh_token="Atzr|fresh", access_token="", access_expires_in_s=0),
            region="EU",
        )
        key, text = make_key(name="ERP", scopes=[Scope.ORDERS_READ], expires_at=None, by=north.owner)
        made = last(north, kind="accounts.apikey")
        assert made.after["secret_hash"] == HIDDEN and made.after["name"] == "ERP"
        renewed = last(north, kind="stores.authorization")
        assert renewed.before["refresh_token_sealed"] == renewed.after["refresh_token_sealed"] == HIDDEN
        revoke_key(key_id=key.pk, by=north.owner)
        assert set(last(north).after) == {"revoked_at", "revoked_by_id"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(e::text, ' ') FROM accounts_auditentry e")
            everything = str(cursor.fetchone())
    assert "Atzr" not in everything and text not in everything and key.secret_hash not in everything
    assert "\\x01" not in everything and "\\\\x01" not in everything


def test_the_hubs_own_bookkeeping_writes_no_entry(north: House) -> None:
    before = count(north)
    with tenant(north.psp.pk):
        Authorization.objects.update(poll_failures=3, poll_page="x", last_error="x")
        Connection.objects.update(push_paused=False)
        store = Store.objects.get(pk=north.store.pk)
        store.save()
    assert count(north) == before


def test_the_application_can_neither_change_nor_delete_an_entry(north: House) -> None:
    for scope in (tenant(north.psp.pk), across_tenants(reason="test")):
        with scope:
            for statement in ("UPDATE accounts_auditentry SET label = ''", "DELETE FROM accounts_auditentry"):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                AuditEntry.objects.all().delete()


def test_the_application_can_neither_silence_the_pen_nor_use_it_for_other_tables(north: House) -> None:
    with tenant(north.psp.pk):
        for statement, why in (
            ("ALTER TABLE accounts_customer DISABLE TRIGGER ALL", "must be owner"),
            ("DROP TRIGGER audit_changes ON accounts_customer", "must be owner"),
            ("SET LOCAL session_replication_role = replica", "permission denied"),
            (
                "CREATE OR REPLACE FUNCTION hub_audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "permission denied|must be owner",
            ),
        ):
            with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_another_tenants_entries_are_not_there(north: House, south: House) -> None:
    with tenant(south.psp.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_auditentry WHERE psp_id = %s", [north.psp.pk])
        assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO accounts_auditentry (psp_id, at, actor_label, request_id, address, kind, action, public_id, label, before, after)"
                " VALUES (%s, now(), '', '', '', '', '', '', '', '{}', '{}')",
                [north.psp.pk],
            )


def triggers() -> dict[str, dict[str, set[str]]]:
    """What each table's trigger covers, as the database tells it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT t.tgname, encode(t.tgargs, 'escape') FROM pg_trigger t WHERE t.tgname IN ('audit_rows', 'audit_changes')")
        found: dict[str, dict[str, set[str]]] = {}
        for name, arguments in cursor.fetchall():
            kind, _tenant, _label, _public, shown, hidden, ignored, _end = arguments.split("\\000")
            parts = zip(("shown", "hidden", "ignored"), (shown, hidden, ignored), strict=True)
            found.setdefault(kind, {})[name] = {f"{what}:{column}" for what, columns in parts for column in columns.split(",") if column}
        return found


def test_every_configuration_table_has_both_triggers() -> None:
    assert set(audited_kinds()) == AUDITED
    assert all(set(pair) == {"audit_rows", "audit_changes"} and pair["audit_rows"] == pair["audit_changes"] for pair in triggers().values())


@pytest.mark.parametrize("kind", sorted(AUDITED))
def test_a_trigger_knows_every_column_of_its_table(kind: str) -> None:
    """Who adds a column repeats ``Audit`` in that migration, or this fails."""
    from django.apps import apps

    model = apps.get_model(kind)
    covered = triggers()[kind]["audit_rows"]
    ignored = {text.removeprefix("ignored:") for text in covered if text.startswith("ignored:")}
    shown, hidden = columns_of(model, hidden=(), ignored=tuple(ignored))
    columns = {text.split(":")[1] for text in covered if not text.startswith("ignored:")}
    assert columns == {*shown, *hidden}
    assert {f"hidden:{column}" for column in hidden} <= covered


def test_the_page_tells_changes_in_words_with_the_names_of_what_they_point_at(north: House, nora: Client) -> None:
    with acting(Acting(user_id=north.owner.pk, address="203.0.113.x")), tenant(north.psp.pk):
        CustomerProduct.objects.filter(pk=north.mug.pk).update(price="6.50", product_model=north.sticker.product_model)
        Membership.objects.filter(user=north.reader).update(role=Role.MANAGER)
    shown = nora.get(TRAIL).content.decode()
    for text in (
        "Nora Testing",
        "from 203.0.113.x",
        "<del>5.2</del>",
        "<ins>6.5</ins>",
        "<del>Mug</del>",
        "<ins>Sticker</ins>",
        "<ins>manager</ins>",
    ):
        assert text in shown, text


def test_filters_choose_by_person_kind_period_and_thing(north: House, nora: Client) -> None:
    with acting(Acting(user_id=north.owner.pk)), tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(name="Renamed")
    with acting(Acting(user_id=north.worker.pk)), tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="Moved")

    def kinds(**query: Any) -> set[tuple[str, str]]:
        page = nora.get(TRAIL, query)
        return {(row.entry.kind, row.entry.action) for row in page.context["rows"]}

    assert kinds(who=north.owner.pk) == {("accounts.customer", "changed")}
    assert kinds(who=north.worker.pk) == {("stores.store", "changed")}
    assert ("stores.store", "added") in kinds(who="none")
    assert kinds(kind="accounts.customer", action="changed") == {("accounts.customer", "changed")}
    assert {kind for kind, _action in kinds(object=north.store.public_id)} == {"stores.store"}
    assert kinds(until="2020-01-01") == set()
    assert kinds(since="2020-01-01")
    assert kinds(since="yesterday", who="99999999") >= {("stores.store", "added")}, "what is wrong filters nothing"


def test_pages_follow_each_other_without_gaps_and_keep_their_budget(north: House, nora: Client) -> None:
    with tenant(north.psp.pk):
        for number in range(120):
            note(action=Action.VIEWED, kind="orders.order", public_id=f"ord_{number}")
    seen: list[int] = []
    address = TRAIL + "?action=viewed"
    while address:
        with at_most_queries(6):
            page = nora.get(address)
        seen += [row.entry.pk for row in page.context["rows"]]
        address = TRAIL + page.context["page"].older if page.context["page"].older else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


def test_the_export_streams_what_fits_and_is_itself_noted(north: House, nora: Client) -> None:
    with acting(Acting(user_id=north.owner.pk)), tenant(north.psp.pk):
        for number in range(1200):
            note(action=Action.VIEWED, kind="orders.order", public_id=f"ord_{number}", label="=HYPERLINK(1)")
    answer = nora.post(TRAIL + "export/", {"action": "viewed"})
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(body)))
    assert len(rows) == 1200
    assert {row["who"] for row in rows} == {"Nora Testing"}
    assert {row["which"] for row in rows} == {"'=HYPERLINK(1)"}, "a spreadsheet must not calculate it"
    assert len({row["id"] for row in rows}) == 1200
    noted = last(north)
    assert (noted.action, noted.actor_user_id, noted.after) == ("exported", north.owner.pk, {"action": "viewed"})


def test_only_owners_and_managers_read_it(north: House, south: House) -> None:
    assert browser_of(north.reader).get(TRAIL).status_code == 403
    assert browser_of(north.worker).post(TRAIL + "export/").status_code == 403
    assert Client().get(TRAIL).status_code == 302
    with tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(name="Northern secret")
    assert "Northern secret" not in browser_of(south.owner).get(TRAIL).content.decode()


def test_other_tenants_people_are_no_choice_of_the_filter(north: House, south: House) -> None:
    with tenant(south.psp.pk):
        assert "who" in AuditFilters({"who": str(north.owner.pk)}, psp_id=south.psp.pk).errors


def test_what_happens_to_an_account_stands_with_every_psp_of_the_person(north: House, south: House) -> None:
    Membership.objects.create(user=north.owner, psp=south.psp, role=Role.READER)
    browser = browser_of(north.owner)
    browser.post(
        reverse("account_change_password"),
        {"oldpassword": "correct horse battery staple", "password1": "an entirely new phrase", "password2": "an entirely new phrase"},
    )
    for house in (north, south):
        entry = last(house, action="account")
        assert (entry.object_id, entry.after, entry.actor_user_id) == (north.owner.pk, {"event": "password changed"}, north.owner.pk)
    assert "an entirely" not in str(last(north).after)


def test_an_id_that_somebody_sends_cannot_leave_its_place(north: House) -> None:
    hostile = "x'); DROP TABLE accounts_auditentry; --\\"
    with acting(Acting(label=hostile, request_id=clean_request_id(hostile))), tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(name="Still here")
    assert (last(north).actor_label, last(north).request_id) == (hostile, "xDROPTABLEaccounts_auditentry--")


def test_erasing_a_person_leaves_the_trail_and_takes_the_name(north: House, nora: Client) -> None:
    temp = User.objects.create_user("temp@northprint.test", None, first_name="Tempo", last_name="Rary")
    with acting(Acting(user_id=temp.pk)), tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(name="By Tempo")
    assert "Tempo Rary" in nora.get(TRAIL).content.decode()
    with across_tenants(reason="test"):
        temp.delete()
    shown = nora.get(TRAIL).content.decode()
    assert "Tempo Rary" not in shown and "somebody who is gone" in shown


def test_a_command_is_named(north: House) -> None:
    from pod_hub.core.acting import NOBODY, begin_acting

    token = begin_acting(Acting(label="command: shell"))
    with tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="By command")
    begin_acting(NOBODY)
    assert token is not None and last(north).actor_label == "command: shell"
    call_command("check")


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("203.0.113.77", "203.0.113.x"),
        ("2001:db8:7:8::1", "2001:db8:7::x"),
        ("::ffff:203.0.113.77", "203.0.113.x"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_addresses_are_kept_without_their_last_part(address: str, short: str) -> None:
    assert shortened(address) == short
