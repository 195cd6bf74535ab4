"""Orders that buyers and members follow live."""

from typing import Any

from models.identity.accounts import User
from models.vendors import MemberRole
from services.journal.topics import user_topic
from tests.client import gid
from tests.factories.downloads import granted, sold_file
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

OWN = """subscription ($orderId: ID, $after: String) {
  orderChanges(orderId: $orderId, after: $after) {
    cursor order { id state suborders { state amounts { refunded { amountMinor } } } }
  }
}"""
FILES = """subscription ($after: String) {
  orderChanges(after: $after) {
    cursor order { suborders { lines { downloads { downloadState } } } }
  }
}"""
VENDOR = """subscription ($vendorId: ID!, $after: String) {
  vendorOrderChanges(vendorId: $vendorId, after: $after) {
    cursor suborder { id state order { id } deliveryAddress { recipient } }
  }
}"""


async def follow(shop: Shop, user: User, query: str, **variables: Any) -> Any:
    variables.setdefault("after", await shop.cursor(shop.topic))
    return await shop._subscribe(tokens=[shop.token(user)], query=query, variables=variables)


async def test_members_follow_their_part_and_resume(shop: Shop, world: World) -> None:
    placed = await world.placed_order(await world.user(), [shop.vendor, await world.vendor()])
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    subscriber = await follow(shop, staff, VENDOR, vendorId=gid(shop.vendor))
    await subscriber.connected()
    part = {"suborderId": gid(placed.suborders[0])}
    owner = shop.api.signed_in(shop.owner)
    await owner.do("acceptSuborder", part)
    (accepted,) = await subscriber.received(1)
    assert accepted["suborder"] == {
        "id": part["suborderId"],
        "state": "PREPARING",
        "order": None,
        "deliveryAddress": {"recipient": "Asha Rao"},
    }
    await subscriber.stop()
    await owner.do("rejectSuborder", part | {"reason": "Broken", "idempotencyKey": "one"})
    resumed = await follow(shop, staff, VENDOR, vendorId=gid(shop.vendor), after=accepted["cursor"])
    (rejected,) = await resumed.received(1)
    assert rejected["suborder"]["state"] == "CANCELLED"


async def test_others_do_not_follow_a_vendors_orders(shop: Shop, world: World) -> None:
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    rival = await world.user()
    await world.vendor(rival)
    for user in (scanner, rival, shop.customer, await world.admin()):
        subscriber = await follow(shop, user, VENDOR, vendorId=gid(shop.vendor))
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


async def test_a_demoted_member_receives_no_further_change(shop: Shop, world: World) -> None:
    placed = await world.placed_order(await world.user(), [shop.vendor])
    user = await world.user()
    member = await world.member(shop.vendor, user, MemberRole.STAFF)
    subscriber = await follow(shop, user, VENDOR, vendorId=gid(shop.vendor))
    await subscriber.connected()
    owner = shop.api.signed_in(shop.owner)
    demoted = {"memberId": gid(member, "Member"), "role": "SCANNER"}
    assert await owner.refusal_codes("changeMemberRole", demoted) == []
    await owner.do("acceptSuborder", {"suborderId": gid(placed.suborders[0])})
    await subscriber.ended()
    assert subscriber.changes == []


async def test_a_buyer_follows_one_order_of_their_own(shop: Shop, world: World) -> None:
    buyer, other = await world.user(), await world.user()
    orders = [await world.placed_order(user, [shop.vendor]) for user in (buyer, buyer, other)]
    followed = gid(orders[1].order)
    after = await shop.cursor(user_topic(buyer.id))
    subscriber = await follow(shop, buyer, OWN, orderId=followed, after=after)
    spy = await follow(
        shop, other, OWN, orderId=followed, after=await shop.cursor(user_topic(other.id))
    )
    await subscriber.connected()
    await spy.connected()
    owner = shop.api.signed_in(shop.owner)
    for placed in orders:
        await owner.do("acceptSuborder", {"suborderId": gid(placed.suborders[0])})
    (change,) = await subscriber.received(1)
    assert change["order"]["id"] == followed
    assert change["order"]["suborders"][0]["state"] == "PREPARING"
    assert len(subscriber.changes) == 1
    assert spy.changes == []


async def test_a_buyer_follows_all_orders_without_an_id(shop: Shop, world: World) -> None:
    """Every order of their own, and none of another."""
    buyer, other = await world.user(), await world.user()
    orders = [await world.placed_order(user, [shop.vendor]) for user in (buyer, other)]
    subscriber = await follow(shop, buyer, OWN, after=await shop.cursor(user_topic(buyer.id)))
    await subscriber.connected()
    owner = shop.api.signed_in(shop.owner)
    for placed in reversed(orders):
        await owner.do("acceptSuborder", {"suborderId": gid(placed.suborders[0])})
    (change,) = await subscriber.received(1)
    assert change["order"]["id"] == gid(orders[0].order)


async def test_a_buyer_sees_at_once_that_a_file_was_taken_back(shop: Shop, world: World) -> None:
    placed = await world.placed_order(shop.customer, [shop.vendor])
    line = placed.lines[0]
    asset = await sold_file(world, shop.owner, shop.vendor.id, line.ref_id)
    grant = granted(asset, line, shop.customer)
    await world.save(grant)
    after = await shop.cursor(user_topic(shop.customer.id))
    subscriber = await follow(shop, shop.customer, FILES, after=after)
    await subscriber.connected()
    input = {"grantId": gid(grant), "idempotencyKey": "one"}
    await shop.api.signed_in(shop.owner).do("revokeDownload", input)
    (changed,) = await subscriber.received(1)
    (part,) = changed["order"]["suborders"]
    assert part["lines"] == [{"downloads": [{"downloadState": "REVOKED"}]}]
