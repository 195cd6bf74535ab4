"""For a new member of a vendor, nothing is unread, and customers do not see them for that."""

import pytest

from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.emails import email_of
from tests.factories.members import invitation
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants

UNREAD = "{ viewer { unreadMessages conversations { nodes { id unreadMessages } } } }"
READ = "query ($id: ID!) { conversation(id: $id) { readByVendor } }"
USER = "query ($id: ID!) { node(id: $id) { id } }"


async def unread(client: Client) -> tuple[int, dict[str, int]]:
    viewer = (await client.ask(UNREAD))["viewer"]
    each = {one["id"]: one["unreadMessages"] for one in viewer["conversations"]["nodes"]}
    return viewer["unreadMessages"], each


@pytest.mark.parametrize("way", ["invited", "added", "promoted", "returned"])
async def test_nothing_is_unread_for_a_new_member(world: World, api: Client, way: str) -> None:
    chat = await Chat.open(world, api)
    other = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    owner, person = await new_member(world, chat.vendor, MemberRole.OWNER), await world.user()
    own = await Chat.between(world, api, person, chat.vendor, chat.member)
    await own.send(person)
    await own.send(chat.member)
    for one in (chat, chat, other):
        await one.send(one.customer)
    gone = await chat.send(chat.customer)
    boss, client = api.signed_in(owner), api.signed_in(person)
    if way == "invited":
        sent = await invitation(world, chat.vendor, owner, email_of(person), MemberRole.STAFF)
        assert await client.refusal_codes("acceptInvitation", sent.input) == []
    elif way == "promoted":
        member = await world.member(chat.vendor, person, MemberRole.SCANNER)
        given = {"memberId": gid(member, "Member"), "role": "STAFF"}
        assert await boss.refusal_codes("changeMemberRole", given) == []
    else:
        if way == "returned":
            await world.member(chat.vendor, person, MemberRole.STAFF)
            await chat.read(person, 1)
            assert await client.refusal_codes("leaveVendor", {"vendorId": gid(chat.vendor)}) == []
        admin = api.signed_in(await world.admin())
        added = {"vendorId": gid(chat.vendor), "user": {"id": gid(person)}, "role": "STAFF"}
        assert await admin.refusal_codes("addVendorMember", added) == []
    assert await unread(client) == (1, {own.id: 1, chat.id: 0, other.id: 0})

    customer = api.signed_in(other.customer)
    assert await customer.ask(READ, id=other.id) == {"conversation": {"readByVendor": 0}}
    assert await customer.ask(USER, id=gid(person)) == {"node": None}
    await other.send(other.customer)
    assert await unread(client) == (2, {own.id: 1, chat.id: 0, other.id: 1})
    await other.read(person, 2)
    assert (await customer.ask(USER, id=gid(person)))["node"] == {"id": gid(person)}
    assert (
        await api.signed_in(chat.customer).refusal_codes("deleteMessage", {"messageId": gone["id"]})
        == []
    )
    await own.read(person, 2)
    assert await unread(client) == (0, {own.id: 0, chat.id: 0, other.id: 0})
    await check_invariants(world.database)


@pytest.mark.parametrize("way", ["reads", "answers"])
async def test_a_new_member_who_sees_the_last_message_turns_its_receipt(
    world: World, api: Client, way: str
) -> None:
    chat = await Chat.open(world, api)
    owner, person = await new_member(world, chat.vendor, MemberRole.OWNER), await world.user()
    for _ in range(2):
        await chat.send(chat.customer)
    sent = await invitation(world, chat.vendor, owner, email_of(person), MemberRole.STAFF)
    client = api.signed_in(person)
    assert await client.refusal_codes("acceptInvitation", sent.input) == []
    if way == "reads":
        assert (await chat.read(person, 1))["readByVendor"] == 0
        assert (await chat.read(person, 2))["readByVendor"] == 2
    else:
        await chat.send(person)
        assert (await chat.row()).vendor_read == 2
    assert (await unread(client))[0] == 0
    await check_invariants(world.database)
