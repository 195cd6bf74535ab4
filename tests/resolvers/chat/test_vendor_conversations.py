"""A vendor's conversations for its members: all, unassigned, and assigned to the viewer."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.ids import new_id
from models.chat.conversations import Conversation, ConversationState
from models.identity.accounts import User
from models.members import Permission, roles_with
from models.vendors import MemberRole, Vendor
from services.journal import queries
from services.journal.cursor import CursorCodec
from services.journal.topics import user_topic, vendor_topic
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.paging import CONNECTION, walk

LIST = f"""query (
  $id: ID!, $assigned: AssignmentFilter = ANYONE, $state: ConversationState = OPEN,
  $first: Int, $after: String, $last: Int, $before: String
) {{ vendor(id: $id) {{ conversations(
  assigned: $assigned, state: $state, first: $first, after: $after, last: $last, before: $before
) {{ totalCount changesAfter {CONNECTION} }} }} }}"""

ENTRIES = """query ($id: ID!, $first: Int) { vendor(id: $id) { conversations(first: $first) {
  nodes { unreadMessages user { name } assignee { name } vendor { name } lastMessage { text } }
} } }"""


async def listed(client: Client, vendor: Vendor, **which: Any) -> list[str]:
    found = await client.ask(LIST, id=gid(vendor), **which)
    return [node["id"] for node in found["vendor"]["conversations"]["nodes"]]


class VendorInbox:
    """A vendor with a member, and conversations of either."""

    def __init__(self, world: World, vendor: Vendor, member: User) -> None:
        self.world, self.vendor, self.member = world, vendor, member
        self.moment = now()

    @classmethod
    async def open(cls, world: World, role: MemberRole = MemberRole.STAFF) -> "VendorInbox":
        vendor = await world.vendor()
        return cls(world, vendor, await new_member(world, vendor, role))

    async def conversation(self, minutes: int = 0, **values: Any) -> str:
        """Return the id of a new user's conversation, whose last message is `minutes` old."""
        user = await self.world.user()
        row = Conversation(
            id=new_id(),
            user_id=user.id,
            **{"vendor_id": self.vendor.id} | values,
            last_message_at=self.moment - timedelta(minutes=minutes),
        )
        await self.world.save(row)
        return gid(row)


@pytest.mark.parametrize("role", roles_with(Permission.CHAT))
async def test_vendor_conversations_for_each_member(
    world: World, api: Client, role: MemberRole
) -> None:
    inbox = await VendorInbox.open(world, role)
    older, newer = await inbox.conversation(5), await inbox.conversation(1)
    await inbox.conversation(vendor_id=(await world.vendor()).id)
    assert await listed(api.signed_in(inbox.member), inbox.vendor) == [newer, older]


async def test_vendor_conversations_by_assignee(world: World, api: Client) -> None:
    inbox = await VendorInbox.open(world)
    other = await new_member(world, inbox.vendor, MemberRole.STAFF)
    free = await inbox.conversation(1)
    mine = await inbox.conversation(2, assignee_id=inbox.member.id)
    theirs = await inbox.conversation(3, assignee_id=other.id)
    elsewhere = await world.vendor(inbox.member)
    await inbox.conversation(vendor_id=elsewhere.id, assignee_id=inbox.member.id)
    client = api.signed_in(inbox.member)
    assert await listed(client, inbox.vendor, assigned="ANYONE") == [free, mine, theirs]
    assert await listed(client, inbox.vendor, assigned="UNASSIGNED") == [free]
    assert await listed(client, inbox.vendor, assigned="MINE") == [mine]
    assert await listed(api.signed_in(other), inbox.vendor, assigned="MINE") == [theirs]


@pytest.mark.parametrize("assigned", ["ANYONE", "UNASSIGNED"])
async def test_vendor_conversations_by_state(world: World, api: Client, assigned: str) -> None:
    inbox = await VendorInbox.open(world)
    ids = {state: await inbox.conversation(state=state) for state in ConversationState}
    client = api.signed_in(inbox.member)
    for state, id in ids.items():
        assert await listed(client, inbox.vendor, assigned=assigned, state=state) == [id]


@pytest.mark.parametrize("assigned", ["ANYONE", "UNASSIGNED", "MINE"])
async def test_vendor_conversations_in_pages_both_ways(
    world: World, api: Client, assigned: str
) -> None:
    inbox = await VendorInbox.open(world)
    assignee_id = inbox.member.id if assigned == "MINE" else None
    ids = [await inbox.conversation(age, assignee_id=assignee_id) for age in range(7)]
    client = api.signed_in(inbox.member)
    given: dict[str, Any] = {"id": gid(inbox.vendor), "assigned": assigned}
    assert await walk(client, LIST, "vendor.conversations", **given, first=3) == ids
    assert await walk(client, LIST, "vendor.conversations", **given, last=3) == ids


async def test_vendor_conversations_are_counted_in_full(world: World, api: Client) -> None:
    inbox = await VendorInbox.open(world)
    for _ in range(3):
        await inbox.conversation()
    found = await api.signed_in(inbox.member).ask(LIST, id=gid(inbox.vendor), first=1)
    assert found["vendor"]["conversations"]["totalCount"] == 3


async def test_vendor_conversations_are_updated_by_inbox_changes(world: World, api: Client) -> None:
    """`inboxChanges` refuses a cursor of other topics than the viewer's and all their vendors'."""
    inbox = await VendorInbox.open(world)
    other = await world.vendor(inbox.member)
    found = await api.signed_in(inbox.member).ask(LIST, id=gid(inbox.vendor))
    changes_after = found["vendor"]["conversations"]["changesAfter"]
    topics = user_topic(inbox.member.id), vendor_topic(inbox.vendor.id), vendor_topic(other.id)
    epoch = (await queries.sweep(world.database, None)).epoch
    assert CursorCodec(api.keys).decode(changes_after, epoch, topics).keys() == {*topics}


async def test_vendor_conversations_take_as_many_statements_for_twenty_as_for_one(
    world: World, api: Client
) -> None:
    inbox = await VendorInbox.open(world)
    for age in range(20):
        await inbox.conversation(age, assignee_id=inbox.member.id)
    one, twenty = [
        await statements(api.signed_in(inbox.member), ENTRIES, id=gid(inbox.vendor), first=first)
        for first in (1, 20)
    ]
    assert len(twenty) == len(one), "\n\n".join(twenty)


async def test_vendor_conversations_for_others(world: World, api: Client) -> None:
    inbox = await VendorInbox.open(world)
    customer, rival = await world.user(), await world.user()
    await world.vendor(rival)
    await world.save(Conversation(user_id=customer.id, vendor_id=inbox.vendor.id))
    for user in (customer, rival, await world.user(), await world.admin()):
        for assigned in ("ANYONE", "MINE"):
            given = {"id": gid(inbox.vendor), "assigned": assigned}
            assert await api.signed_in(user).failed(LIST, **given) == ["FORBIDDEN"]
    assert await api.failed(LIST, id=gid(inbox.vendor)) == ["UNAUTHENTICATED"]
