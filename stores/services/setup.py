"""Adding a store, and the settings of its connection."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from pod_hub.accounts.models import Customer, Facility, TradingName
from stores.models import Authorization, Connection, Store


@transaction.atomic
def add_store(*, customer: Customer, facility: Facility, trading_name: TradingName | None, kind: str, name: str, marketplace: str) -> Store:
    """Add a store that is not connected yet; its connection waits with the settings' defaults (DS-11 to DS-15)."""
    store: Store = Store.objects.create(
        customer=customer, facility=facility, trading_name=trading_name, kind=kind, name=name, marketplace=marketplace
    )
    Connection.objects.create(store=store)
    return store


@transaction.atomic
def change_store(*, store_id: int, name: str, facility: Facility, trading_name: TradingName | None) -> Store:
    """Change what a store is called and where its new orders print; orders taken in already stay where they are."""
    store = Store.reread(store_id)
    if store.facility_id != facility.pk:
        store.past_facilities = sorted({*store.past_facilities, store.facility_id} - {facility.pk})
    store.name, store.facility, store.trading_name = name, facility, trading_name
    store.save(update_fields=["name", "facility", "past_facilities", "trading_name"])
    return store


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What a PSP may choose for one store's connection (DS-11 to DS-14, CS-07, CS-14) and its pauses."""

    fulfilled_by: str
    import_states: list[str]
    max_order_age_days: int
    handling_days: int | None
    inventory_channel_code: str
    mark_as_despatched: bool
    approval: str
    import_paused: bool = False
    push_paused: bool = False
    inventory_paused: bool = False


@transaction.atomic
def change_settings(*, store_id: int, chosen: ConnectionSettings) -> Connection:
    """Save a connection's settings.

    When the import goes on after a pause, the next poll looks back over the whole maximum order age: the authorization's cursor may have
    moved with the seller's other stores meanwhile, and an order of the pause must not be lost.
    """
    connection, _made = Connection.objects.select_for_update().get_or_create(store_id=store_id)
    goes_on = connection.import_paused and not chosen.import_paused
    connection.fulfilled_by, connection.import_states = chosen.fulfilled_by, chosen.import_states
    connection.max_order_age_days, connection.handling_days = chosen.max_order_age_days, chosen.handling_days
    connection.inventory_channel_code, connection.mark_as_despatched = chosen.inventory_channel_code, chosen.mark_as_despatched
    connection.approval = chosen.approval
    connection.import_paused, connection.push_paused, connection.inventory_paused = chosen.import_paused, chosen.push_paused, chosen.inventory_paused
    connection.save()
    if goes_on and connection.authorization_id is not None:
        look_back(authorization_id=connection.authorization_id)
    return connection


def look_back(*, authorization_id: int) -> None:
    """Make the next poll start from the maximum order age instead of the cursor. Orders seen already are recognised and change nothing."""
    row = Authorization.reread(authorization_id)
    row.orders_cursor = None
    row.poll_page, row.poll_since, row.poll_high_water = "", None, None
    row.save(update_fields=["orders_cursor", "poll_page", "poll_since", "poll_high_water"])
