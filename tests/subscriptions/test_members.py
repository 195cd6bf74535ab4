"""Members who are followed live, and connections that end with a membership."""

import time
from typing import Any

import pytest

from models.vendors import MemberRole
from tests.client import gid
from tests.factories.emails import email_of
from tests.factories.members import address, invitation
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($vendorId: ID!, $after: String) {
  memberChanges(vendorId: $vendorId, after: $after) {
    cursor kind memberId user { id } member { role } invitation { email state }
  }
}"""
MANAGER, STAFF = MemberRole.MANAGER, MemberRole.STAFF


async def follow(shop: Shop, user: Any, **more: Any) -> Any:
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    asked = {"tokens": [shop.token(user)], "query": CHANGES, "variables": variables}
    return await shop._subscribe(**asked, **more)


async def test_managers_follow_members_and_invitations(shop: Shop, world: World) -> None:
    new = address()
    manager, person = await new_member(world, shop.vendor, MANAGER), await world.user()
    sent = await invitation(world, shop.vendor, shop.owner, email_of(person), STAFF)
    subscriber = await follow(shop, manager)
    await subscriber.connected()
    owner, here = shop.api.signed_in(shop.owner), shop.api.signed_in(person)
    assert await here.refusal_codes("acceptInvitation", sent.input) == []
    joined, accepted = await subscriber.received(2)
    member = {"memberId": joined["memberId"]}
    for role in ("SCANNER", None):
        name = "changeMemberRole" if role else "removeMember"
        given = member | ({"role": role} if role else {})
        assert await owner.refusal_codes(name, given) == []
    invited = {"vendorId": gid(shop.vendor), "email": new, "role": "STAFF"}
    assert await owner.refusal_codes("inviteMember", invited) == []
    changes = await subscriber.received(5)
    assert accepted["invitation"] == {"email": email_of(person), "state": "ACCEPTED"}
    assert [(one["kind"], one["member"], one["invitation"]) for one in changes[2:]] == [
        ("ROLE_CHANGED", {"role": "SCANNER"}, None),
        ("REMOVED", None, None),
        ("INVITATION_CHANGED", None, {"email": new, "state": "PENDING"}),
    ]
    assert {one["user"]["id"] for one in changes[:4] if one["user"]} == {gid(person)}


async def test_others_do_not_follow_members(shop: Shop, world: World) -> None:
    rival = await world.user()
    await world.vendor(rival)
    staff = await new_member(world, shop.vendor, STAFF)
    for user in (staff, rival, shop.customer, await world.admin()):
        subscriber = await follow(shop, user)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


@pytest.mark.parametrize("act", ["removed", "demoted", "leaves"])
async def test_connections_end_with_a_membership_though_nothing_happens(
    shop: Shop, world: World, act: str
) -> None:
    """A subscription checks rights when something changes, and nothing does here."""
    user = await world.user()
    member = await world.member(shop.vendor, user, MANAGER)
    given = {"memberId": gid(member, "Member")}
    follower = await follow(shop, user)
    stream = await shop.subscribe_vendor(user, transport="sse")
    await follower.connected()
    await shop.present()
    await stream.received(1)
    owner = shop.api.signed_in(shop.owner)
    began = time.time()
    if act == "removed":
        assert await owner.refusal_codes("removeMember", given) == []
    elif act == "demoted":
        assert await owner.refusal_codes("changeMemberRole", given | {"role": "STAFF"}) == []
    else:
        leaving = {"vendorId": gid(shop.vendor)}
        assert await shop.api.signed_in(user).refusal_codes("leaveVendor", leaving) == []
    for subscriber in (follower, stream):
        last = await subscriber.ended()
        assert last["at"] - began < 3
    again = await follow(shop, user)
    await again.ended()
    assert again.codes == ["NOT_FOUND"]


async def test_a_scanner_follows_no_conversations(shop: Shop, world: World) -> None:
    """Only redemptions of the vendor; the inbox has no topic of it."""
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    client = shop.api.signed_in(scanner)
    given = {"vendorId": gid(shop.vendor)}
    started = await shop.api.signed_in(shop.customer).do(
        "startConversation", given, "conversation { id }"
    )
    inbox = await shop._subscribe(
        tokens=[shop.token(scanner)], query="subscription { inboxChanges { __typename } }"
    )
    till = await shop.subscribe_vendor(scanner)
    await inbox.connected()
    message = {
        "conversationId": started["conversation"]["id"],
        "clientMessageId": "hello",
        "text": "Hello",
    }
    customer = shop.api.signed_in(shop.customer)
    assert await customer.refusal_codes("sendMessage", message) == []
    assert await client.refusal_codes("sendMessage", message) == ["NOT_FOUND"]
    await shop.present()
    await till.received(1)
    assert inbox.changes == []
