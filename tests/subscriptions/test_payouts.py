"""Payouts and balances that the owners and managers of a vendor follow live."""

from typing import Any

from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($vendorId: ID!, $after: String) {
  payoutsChanged(vendorId: $vendorId, after: $after) {
    cursor payout { payoutState money { amountMinor } }
    vendorBalance { payoutSchedule own { available { amountMinor } } } } }"""


async def follow(shop: Shop, user: Any) -> Any:
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    return await shop._subscribe(tokens=[shop.token(user)], query=CHANGES, variables=variables)


async def test_managers_follow_the_payouts_of_their_vendor(shop: Shop, world: World) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    await world.payout_account(shop.vendor, shop.owner)
    await world.earned(shop.vendor, 500_00)
    subscriber = await follow(shop, manager)
    await subscriber.connected()
    owner = shop.api.signed_in(shop.owner)
    given = {"vendorId": gid(shop.vendor)}
    requested = given | {"idempotencyKey": "one"}
    assert await owner.refusal_codes("requestPayout", requested) == []
    (change,) = await subscriber.received(1)
    assert change["payout"] == {"payoutState": "PLANNED", "money": {"amountMinor": 500_00}}
    assert change["vendorBalance"]["own"] == {"available": {"amountMinor": 500_00}}
    scheduled = given | {"schedule": "DAILY"}
    assert await owner.refusal_codes("setPayoutSchedule", scheduled) == []
    second = (await subscriber.received(2))[1]
    assert (second["payout"], second["vendorBalance"]["payoutSchedule"]) == (None, "DAILY")


async def test_staff_do_not_follow_payouts(shop: Shop, world: World) -> None:
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    for user in (staff, shop.customer):
        subscriber = await follow(shop, user)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
