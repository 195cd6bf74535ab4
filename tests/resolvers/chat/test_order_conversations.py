"""Conversations about a vendor's part of an order, between its buyer and that vendor."""

from models.orders.orders import SubOrder
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World

FIELDS = "conversation { id user { id } subject { __typename ... on SubOrder { id number } } }"


async def test_buyer_and_vendor_write_in_one_conversation_about_an_order(
    world: World, api: Client
) -> None:
    vendor, buyer = await world.vendor(), await world.user()
    staff = await new_member(world, vendor, MemberRole.STAFF)
    placed = await world.placed_order(buyer, [vendor, await world.vendor()])
    given = {"vendorId": gid(vendor), "subjectId": gid(placed.suborders[0])}
    by_buyer = await api.signed_in(buyer).do("startConversation", given, FIELDS)
    assert by_buyer["conversation"]["subject"] == {
        "__typename": "SubOrder",
        "id": gid(placed.suborders[0]),
        "number": placed.order.number,
    }
    by_member = await api.signed_in(staff).do("startConversation", given, FIELDS)
    assert by_member["conversation"] == by_buyer["conversation"]
    assert by_member["conversation"]["user"] == {"id": gid(buyer)}


async def test_others_start_no_conversation_about_an_order(world: World, api: Client) -> None:
    vendor, other, buyer = await world.vendor(), await world.vendor(), await world.user()
    placed = await world.placed_order(buyer, [vendor, other])
    part, of_other = placed.suborders
    rival = await new_member(world, other, MemberRole.OWNER)
    scanner = await new_member(world, vendor, MemberRole.SCANNER)
    own = {"vendorId": gid(vendor), "subjectId": gid(part)}
    wrong = {"vendorId": gid(vendor), "subjectId": gid(of_other)}
    for user in (await world.user(), rival, scanner, await world.admin()):
        codes = await api.signed_in(user).refusal_codes("startConversation", own)
        assert codes == ["NOT_FOUND"]
    assert await api.signed_in(buyer).refusal_codes("startConversation", wrong) == ["NOT_FOUND"]
    assert await api.mutation_failed("startConversation", own) == ["UNAUTHENTICATED"]


async def test_a_buyer_starts_no_conversation_about_an_order_before_it_is_confirmed(
    world: World, api: Client
) -> None:
    """It would show the vendor an order that they must not see yet."""
    vendor, buyer = await world.vendor(), await world.user()
    placed = await world.placed_order(buyer, [vendor])
    async with world.database.session() as session, session.begin():
        (await session.get_one(SubOrder, placed.suborders[0].id)).confirmed_at = None
    given = {"vendorId": gid(vendor), "subjectId": gid(placed.suborders[0])}
    payload = await api.signed_in(buyer).do("startConversation", given)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", ["subjectId"])
    ]
    staff = await new_member(world, vendor, MemberRole.STAFF)
    assert await api.signed_in(staff).refusal_codes("startConversation", given) == ["NOT_FOUND"]
