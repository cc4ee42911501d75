"""Each wall alone: with the other one taken away, another tenant's owner and a narrowed colleague still get no byte of what is not theirs, and change none of
its rows."""

from __future__ import annotations

import pytest

from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from tests.isolation.url_walk import Address, Walk, addresses
from tests.isolation.verdicts import ACCOUNT, HUB

WITHOUT_MANAGERS, WITHOUT_POLICIES = {"managers": False}, {"policies": False}
pytestmark = [
    pytest.mark.usefixtures("files_of_the_houses"),
    pytest.mark.parametrize("walk", [WITHOUT_MANAGERS, WITHOUT_POLICIES], ids=["row-level security alone", "managers alone"], indirect=True),
]
PAGES = [address for address in addresses() if address.name in HUB or address.name in ACCOUNT]


def test_one_wall_is_really_gone(walk: Walk, request: pytest.FixtureRequest) -> None:
    with tenant(walk.south.house.psp.pk):
        seen = Customer.objects.filter(psp_id=walk.north.house.psp.pk)
        if request.node.callspec.params["walk"] == WITHOUT_MANAGERS:
            assert "WHERE" not in str(Customer.objects.all().query)
        else:
            assert Customer.objects.raw("SELECT * FROM accounts_customer WHERE psp_id = %s", [walk.north.house.psp.pk])[0].pk
        assert not seen.exists()


@pytest.mark.parametrize("who", ["foreign", "colleague"])
@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_outsiders_and_colleagues_get_nothing_that_is_not_theirs(walk: Walk, address: Address, who: str) -> None:
    page = (HUB | ACCOUNT)[address.name]
    path = page.path(address, walk.north)
    for method, row in (("GET", page.get), ("POST", page.post)):
        answer = walk.ask(who, method, path, page.data(walk.north))
        assert answer.outcome == row.of(who), method
        open_to = walk.north.marks_for_colleague if who == "colleague" else frozenset()
        assert not [walk.north.marks.where[mark] for mark in answer.marks if mark in walk.north.marks.where and mark not in open_to], method
        own = (address.name, who) == ("stores:wizard_start", "colleague")  # begins for the customer they look after
        assert own or not [table for table, psp in answer.changed if psp == walk.north.house.psp.pk], method
