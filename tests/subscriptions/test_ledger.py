"""Wallets that their users and vendors' members follow live."""

from typing import Any

from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

MINE = """subscription ($after: String) {
  walletChanges(after: $after) { cursor wallet { currency balance { amountMinor } } }
}"""
OF_VENDOR = """subscription ($vendorId: ID!, $after: String) {
  vendorWalletChanges(vendorId: $vendorId, after: $after) {
    cursor wallet { balance { amountMinor } entries(first: 1) { changesAfter nodes { kind } } }
  }
}"""


async def follow(shop: Shop, user: Any, query: str, topic: str, after: str = "") -> Any:
    variables = {"after": after or await shop.cursor(topic)}
    if query is OF_VENDOR:
        variables["vendorId"] = gid(shop.vendor)
    return await shop._subscribe(tokens=[shop.token(user)], query=query, variables=variables)


async def adjust(shop: Shop, world: World, owner: Any) -> None:
    admin = shop.api.signed_in(await world.admin())
    one = await world.adjustment(owner)
    assert await admin.refusal_codes("approveLedgerAdjustment", {"adjustmentId": gid(one)}) == []


async def test_users_follow_their_wallet_and_resume(shop: Shop, world: World) -> None:
    topic = f"user:{shop.customer.id}"
    subscriber = await follow(shop, shop.customer, MINE, topic)
    other = await follow(shop, shop.owner, MINE, f"user:{shop.owner.id}")
    await subscriber.connected()
    await other.connected()
    await adjust(shop, world, shop.customer)
    (change,) = await subscriber.received(1)
    assert change["wallet"] == {"currency": "INR", "balance": {"amountMinor": 100_00}}
    await subscriber.stop()
    await adjust(shop, world, shop.customer)
    resumed = await follow(shop, shop.customer, MINE, topic, change["cursor"])
    (later,) = await resumed.received(1)
    assert later["wallet"]["balance"]["amountMinor"] == 200_00
    assert other.changes == []


async def test_managers_follow_the_wallet_of_their_vendor(shop: Shop, world: World) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    subscriber = await follow(shop, manager, OF_VENDOR, shop.topic)
    await subscriber.connected()
    await adjust(shop, world, shop.vendor)
    (change,) = await subscriber.received(1)
    assert change["wallet"]["balance"] == {"amountMinor": 100_00}
    assert change["wallet"]["entries"]["nodes"] == [{"kind": "ADJUST"}]


async def test_others_do_not_follow(shop: Shop, world: World) -> None:
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    for user in (staff, shop.customer, await world.admin()):
        subscriber = await follow(shop, user, OF_VENDOR, shop.topic)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
