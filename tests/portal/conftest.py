"""People of the portal: Ada's merchant Mia, and a second customer of the same print provider with Otto."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from pod_hub.accounts.models import Customer, Facility, Role, TradingName, User
from pod_hub.core.tenancy import tenant
from stores.channels.registry import ChannelKind
from stores.models import Listing, Store
from tests.factories.browsers import browser_of
from tests.factories.cast import UNITED_KINGDOM, House, person


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another customer of Northprint, with a store that is not connected."""

    customer: Customer
    user: User
    store: Store
    listing: Listing
    trading_name: TradingName


@pytest.fixture
def mia_user(north: House) -> User:
    """Ada's merchant."""
    return person(north.psp, "Mia", Role.MERCHANT, north.customer)


@pytest.fixture
def mia(mia_user: User) -> Client:
    """The browser of Ada's merchant."""
    return browser_of(mia_user)


@pytest.fixture
def otto(north: House) -> Neighbour:
    """A neighbour whose rows Mia must never see."""
    with tenant(north.psp.pk):
        customer = Customer.objects.create(name="Otto", storefronts_enabled=True)
        plant = Facility.objects.get(pk=north.facility.pk)
        store = Store.objects.create(customer=customer, facility=plant, kind=ChannelKind.AMAZON, name="Otto Amazon.co.uk", marketplace=UNITED_KINGDOM)
        listing = Listing.objects.create(store=store, key="OTTO-1", sku="OTTO-1", title="Otto's thing")
        trading_name = TradingName.objects.create(customer=customer, name="Otto Trading")
    return Neighbour(customer, person(north.psp, "Otto", Role.MERCHANT, customer), store, listing, trading_name)
