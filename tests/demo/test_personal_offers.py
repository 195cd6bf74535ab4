"""The demo's customer gets offers that fit what they like and have used."""

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import CUSTOMER
from tests.demo.tabs import Tabs, open_tabs


async def test_the_customer_gets_offers_for_reasons_of_their_own(
    settings: Settings, keys: SigningKeys, demo_data: str
) -> None:
    async with open_tabs(settings, keys, demo_data, ()) as anyone:
        customer = await anyone.as_account(CUSTOMER)
        own = await kinds(customer)
        assert own & {"LIKED_CATEGORY", "USED_CATEGORY"}
        assert "NEAR" in own
        await customer.run("Personal", "TurnPersonal")
        assert await kinds(customer) == await kinds(anyone) == {"NOT_PERSONAL"}
        await customer.run("Personal", "TurnPersonal", personal={"enabled": True})
        assert await kinds(customer) == own


async def kinds(tabs: Tabs) -> set[str]:
    edges = (await tabs.run("Personal", "Personal"))["offers"]["edges"]
    assert len(edges) == 5
    return {one["kind"] for edge in edges for one in edge["reasons"]}
