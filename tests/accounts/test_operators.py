"""Django admin: operators look at whom they chose, nobody else gets in, lists cost the same however long, and secrets stay where they are."""

from __future__ import annotations

import re
import time

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.buyer_data import buyer_of
from orders.models import Order, OrderEvent
from pod_hub.accounts.models import Membership, OperatorVisit, Psp, User
from pod_hub.accounts.operator_choice import ALL_LASTS_S, SESSION_KEY
from pod_hub.accounts.operator_lists import MOST_PAGES
from pod_hub.accounts.operators import OperatorPage, TenantAdmin, is_secret
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Store
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.operators import looking_at, operator, operators_browser

pytestmark = pytest.mark.django_db
OURS = {"accounts", "catalog", "stores", "orders", "fulfillment"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]
IN_ADMIN = list(admin.site._registry)
OF_TENANTS = [model for model in IN_ADMIN if isinstance(admin.site._registry[model], TenantAdmin)]
MOST_QUERIES = 8


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row: models.Model, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def shown(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


# --- Whose rows -------------------------------------------------------------------------------------------------------
def test_every_model_has_a_page_and_every_page_is_of_our_shape() -> None:
    assert [model for model in MODELS if model not in admin.site._registry] == []
    assert [model for model, page in admin.site._registry.items() if not isinstance(page, OperatorPage)] == []


def test_rows_of_tenants_stay_closed_until_somebody_is_chosen(north: House) -> None:
    browser = browser_of(operator())
    assert len(OF_TENANTS) > 25
    for model in OF_TENANTS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for address in (list_of(model), reverse(f"{name}_change", args=[1]), reverse(f"{name}_history", args=[1])):
            answer = browser.get(address)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("admin:choose")), address


def test_choosing_a_psp_is_recorded_and_opens_its_rows_alone(north: House, south: House) -> None:
    olga = operator()
    browser = browser_of(olga)
    asked = browser.get(list_of(Store))
    answer = browser.post(asked["Location"], {"psp": north.psp.public_id, "reason": "ticket 7", "next": list_of(Store)})
    assert (answer.status_code, answer["Location"]) == (302, list_of(Store))
    page = shown(browser, list_of(Store))
    assert "You look at" in page and north.psp.name in page
    assert "Ada Amazon.de" in page and "Sampson Amazon.de" not in page
    visit = OperatorVisit.objects.get()
    assert (visit.operator, visit.psp, visit.reason) == (olga, north.psp, "ticket 7")
    assert browser.get(page_of(south.store)).status_code == 302  # Django's answer to what does not exist: back to the start
    assert browser.get(page_of(north.store)).status_code == 200


def test_all_psps_need_a_reason_and_say_whose_each_row_is(north: House, south: House) -> None:
    browser = browser_of(operator())
    refused = browser.post(reverse("admin:choose"), {"psp": "all", "reason": " "})
    assert refused.status_code == 422 and "Say in a few words" in refused.content.decode()
    assert not OperatorVisit.objects.exists() and SESSION_KEY not in browser.session
    browser.post(reverse("admin:choose"), {"psp": "all", "reason": "alarm at night"})
    page = shown(browser, list_of(Store))
    assert "all print providers" in page and "alarm at night" in page
    assert "Ada Amazon.de" in page and "Sampson Amazon.de" in page and north.psp.name in page and south.psp.name in page
    visit = OperatorVisit.objects.get()
    assert (visit.psp_id, visit.reason) == (None, "alarm at night")


def test_looking_at_all_ends_after_an_hour_and_any_choice_by_closing_it(north: House) -> None:
    browser = operators_browser()
    assert browser.get(list_of(Store)).status_code == 200
    session = browser.session
    session[SESSION_KEY] |= {"at": time.time() - ALL_LASTS_S - 1}
    session.save()
    assert browser.get(list_of(Store)).status_code == 302
    looking_at(browser, north.psp)
    assert browser.get(list_of(Store)).status_code == 200
    browser.post(reverse("admin:choose"), {"leave": "1"})
    assert browser.get(list_of(Store)).status_code == 302


def test_choosing_leads_to_pages_of_the_admin_only(north: House) -> None:
    browser = browser_of(operator())
    for elsewhere in ("https://elsewhere.test/operator/", "//elsewhere.test/operator/", "/accounts/logout/"):
        answer = browser.post(reverse("admin:choose"), {"psp": north.psp.public_id, "next": elsewhere})
        assert answer["Location"] == reverse("admin:index")


def test_the_record_of_visits_cannot_be_changed_by_the_application(north: House) -> None:
    visit = OperatorVisit.objects.create(operator=operator(), psp=north.psp)
    for act in (lambda: OperatorVisit.objects.update(reason="x"), visit.delete):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            act()


def test_owners_of_a_psp_and_plain_staff_do_not_get_in(north: House) -> None:
    for person in (north.owner, north.worker):
        person.is_staff = True
        person.save()
        assert looking_at(browser_of(person), None).get(list_of(Store)).status_code == 302
        assert browser_of(person).get(reverse("system")).status_code == 302
    assert Client().get(reverse("admin:index")).status_code == 302


def test_an_operators_wide_view_ends_at_the_admin(north: House) -> None:
    assert operators_browser().get(reverse("stores:store", args=[north.store.public_id])).status_code == 404


# --- Lists ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("everybody", [False, True], ids=["one", "all"])
def test_every_list_opens_within_its_budget_counts_nothing_and_obeys_the_policy(north: House, south: House, everybody: bool) -> None:
    with tenant(north.psp.pk):
        bought(north, amazon_order(), amazon_order())
    browser = operators_browser(None if everybody else north.psp)
    for model in IN_ADMIN:
        with CaptureQueriesContext(connection) as asked:
            page = shown(browser, list_of(model))
        own = [query["sql"] for query in asked if not query["sql"].startswith(("SET LOCAL", "SAVEPOINT", "RELEASE"))]
        assert len(own) <= MOST_QUERIES, (model, own)
        assert not [query for query in own if "COUNT(" in query], model
        assert "<style" not in page and not re.search(r"\sstyle=|\son[a-z]+=\"", page), model
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), model


def test_a_list_of_more_rows_costs_no_more_queries(north: House) -> None:
    browser = operators_browser(north.psp)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(browser, list_of(Order))
        return len(asked)

    with tenant(north.psp.pk):
        bought(north, amazon_order())
    few = cost()
    with tenant(north.psp.pk):
        bought(north, *(amazon_order() for _ in range(12)))
    assert cost() == few


def test_searches_are_exact_and_each_column_leads_an_index(north: House) -> None:
    browser = operators_browser(north.psp)
    for model in IN_ADMIN:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT array_agg(pg_get_indexdef(indexrelid, place, true) ORDER BY place) FROM generate_series(1, indnkeyatts) place)"
                " FROM pg_index WHERE indrelid = %s::regclass AND indpred IS NULL",
                [model._meta.db_table],
            )
            indexes = [row[0] for row in cursor.fetchall()]
        for name in admin.site._registry[model].search_fields:
            column = next(field.column for field in model._meta.concrete_fields if field.name == name)
            assert any(index[0] == column or index[:2] == ["psp_id", column] for index in indexes), (model, name, indexes)
        with CaptureQueriesContext(connection) as asked:
            shown(browser, f"{list_of(model)}?q=nothing-has-this%25name")
        assert not [query for query in asked if "LIKE" in query["sql"]], model


def test_an_order_is_found_by_its_exact_number_in_one_psp_and_in_all(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        first, second = bought(north, amazon_order(), amazon_order())
    for browser in (operators_browser(north.psp), looking_at(browser_of(operator("otto@hub.test")), None)):
        page = shown(browser, f"{list_of(Order)}?q={first.external_id}")
        assert first.external_id in page and second.external_id not in page
        assert first.external_id not in shown(browser, f"{list_of(Order)}?q={first.external_id[:-2]}")


def test_long_lists_go_on_page_by_page_without_counting(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant(north.psp.pk):
        orders = bought(north, *(amazon_order() for _ in range(5)))
    monkeypatch.setattr(admin.site._registry[Order], "list_per_page", 2)
    browser, seen = operators_browser(north.psp), []
    page = shown(browser, list_of(Order))
    seen += [order.external_id for order in orders if f">{order.external_id}<" in page]
    while following := re.search(r'href="(\?p=\d+)" rel="next"', page):
        page = shown(browser, list_of(Order) + following[1])
        seen += [order.external_id for order in orders if f">{order.external_id}<" in page]
    assert sorted(seen) == sorted(order.external_id for order in orders)
    assert 'rel="prev"' in page
    assert browser.get(f"{list_of(Order)}?p={MOST_PAGES + 1}").status_code == 302


@pytest.mark.parametrize("query", ["", "?state=received"])
def test_the_list_of_a_psps_orders_is_read_from_its_index(north: House, query: str) -> None:
    browser = operators_browser(north.psp)
    with CaptureQueriesContext(connection) as asked:
        shown(browser, list_of(Order) + query)
    reading = next(found["sql"] for found in asked if 'FROM "orders_order"' in found["sql"])
    with tenant(north.psp.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {reading}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert ("order_list_by_state" if query else "order_list") in plan and "Sort" not in plan, plan


# --- What is shown ----------------------------------------------------------------------------------------------------
def test_secret_columns_are_on_no_page(north: House) -> None:
    browser = operators_browser(north.psp)
    with tenant(north.psp.pk):
        order = bought(north, amazon_order())[0]
        Authorization.objects.update(poll_page="page-token-1")
        rows: list[models.Model] = [Authorization.objects.get(), order, order.buyer_data]
        stored = order.buyer_data.postcode_hash
        assert stored
    for row in rows:
        page = shown(browser, page_of(row))
        for secret in ("sealed", "_hash", stored, "page-token-1", "poll_lease<"):
            assert secret not in page


@pytest.mark.parametrize("model", OF_TENANTS, ids=lambda model: model.__name__)
def test_no_page_names_a_secret_column(model: type[models.Model]) -> None:
    page = admin.site._registry[model]
    secret = {field.name for field in model._meta.concrete_fields if is_secret(field)}
    must_be = {field.name for field in model._meta.concrete_fields if isinstance(field, SealedJSON) or field.name.endswith(("_hash", "_lease"))}
    assert must_be <= secret
    assert not secret & {*page.get_fields(None), *page.list_display}  # type: ignore[arg-type]


def test_nobodys_password_hash_is_shown_and_signing_in_keeps_no_query(north: House) -> None:
    browser = browser_of(operator())
    page = shown(browser, page_of(north.owner))
    assert north.owner.password.split("$")[-1][:6] not in page and "md5" not in page
    attempt = AccessAttempt.objects.create(
        username="ada",
        get_data="next=/x&key=secret-key",
        post_data="login=ada",
        http_accept="*",
        path_info="/accounts/login/",
        failures_since_start=1,
    )
    assert "secret-key" not in shown(browser, page_of(attempt)) + shown(browser, list_of(AccessAttempt))


def test_tenants_rows_are_not_changed_here(north: House) -> None:
    browser = operators_browser(north.psp)
    assert browser.post(page_of(north.store), {"name": "X"}).status_code == 403
    assert browser.post(page_of(north.store, "delete"), {"post": "yes"}).status_code == 403


def test_the_first_owner_of_a_psp_is_made_here_inside_its_scope(north: House, south: House) -> None:
    browser = operators_browser(north.psp)
    newcomer = User.objects.create_user("new@north.test", None)
    address = reverse("admin:accounts_membership_add")
    assert south.psp.name not in shown(browser, address)
    answer = browser.post(address, {"user": newcomer.pk, "psp": north.psp.pk, "role": "owner", "is_active": "on"})
    assert answer.status_code == 302
    membership = Membership.objects.get(user=newcomer)
    assert (membership.psp, membership.role) == (north.psp, "owner")
    foreign = browser.post(address, {"user": newcomer.pk, "psp": south.psp.pk, "role": "owner", "is_active": "on"})
    assert foreign.status_code == 200 and not Membership.objects.filter(user=newcomer, psp=south.psp).exists()
    assert south.owner.email not in shown(browser, list_of(Membership))


def test_a_psp_is_made_here_and_never_deleted() -> None:
    browser = browser_of(operator())
    answer = browser.post(
        reverse("admin:accounts_psp_add"),
        {"name": "Eastprint", "slug": "east", "time_zone": "Europe/Riga", "print_file_pattern": "{order_number}.{ext}"},
    )
    assert answer.status_code == 302
    assert browser.post(page_of(Psp.objects.get(slug="east"), "delete"), {"post": "yes"}).status_code == 403


# --- The buyer --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("everybody", [False, True], ids=["one", "all"])
def test_a_buyer_is_shown_for_a_reason_that_stands_on_the_orders_timeline(north: House, everybody: bool) -> None:
    with tenant(north.psp.pk):
        order = bought(north, amazon_order())[0]
    browser = operators_browser(None if everybody else north.psp)
    address = reverse("admin:orders_order_buyer", args=[order.pk])
    assert address in shown(browser, page_of(order))
    before = shown(browser, address)
    refused = browser.post(address, {"reason": "  "})
    assert refused.status_code == 422
    answer = browser.post(address, {"reason": "parcel came back"})
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    with tenant(north.psp.pk):
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None
        event = OrderEvent.objects.get(order=order, kind="buyer_shown")
    assert buyer.address.name in answer.content.decode()
    assert buyer.address.name not in before + refused.content.decode()
    assert "parcel came back" in event.summary and "Olga Opp, operator of the hub" in event.summary
    assert event.actor_label.startswith("Olga Opp")


def test_a_buyer_of_another_psp_is_not_there(north: House, south: House) -> None:
    channel = {"channelName": "AMAZON", "marketplaceId": south.store.marketplace, "marketplaceName": "Amazon"}
    with tenant(south.psp.pk):
        order = bought(south, amazon_order(salesChannel=channel))[0]
    browser = operators_browser(north.psp)
    address = reverse("admin:orders_order_buyer", args=[order.pk])
    assert browser.post(address, {"reason": "curious"}).status_code == 404
    with tenant(south.psp.pk):
        assert not OrderEvent.objects.filter(kind="buyer_shown").exists()
