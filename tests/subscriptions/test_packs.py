"""Quota that the managers of a vendor follow live."""

from typing import Any

from models.vendors import MemberRole
from tests.client import gid
from tests.factories.packs import PRICE, buying
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($vendorId: ID!, $after: String) {
    packBalanceChanges(vendorId: $vendorId, after: $after) { cursor quotas { unit unitsLeft } } }"""


async def follow(shop: Shop, user: Any, after: str) -> Any:
    variables = {"vendorId": gid(shop.vendor), "after": after}
    return await shop._subscribe(tokens=[shop.token(user)], query=CHANGES, variables=variables)


async def test_managers_follow_the_quota_of_their_vendor_and_resume(
    shop: Shop, world: World
) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    subscriber = await follow(shop, manager, await shop.cursor(shop.topic))
    await subscriber.connected()
    await world.fund(shop.vendor, 2 * PRICE)
    owner, pack = shop.api.signed_in(shop.owner), await world.pack()
    bought = buying(shop.vendor, pack, provider="WALLET")
    assert await owner.refusal_codes("buyPack", bought) == []
    (first,) = await subscriber.received(1)
    assert {"unit": "OFFER", "unitsLeft": 5} in first["quotas"]
    await subscriber.stop()
    again = buying(shop.vendor, pack, provider="WALLET")
    assert await owner.refusal_codes("buyPack", again) == []
    resumed = await follow(shop, manager, first["cursor"])
    later = (await resumed.received(1))[-1]
    assert {"unit": "OFFER", "unitsLeft": 10} in later["quotas"]
