"""Which users a viewer sees besides themself: of others only the name."""

from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.emails import email_of
from tests.factories.world import World

PRIVATE = """email role createdAt vendors { id } vouchers { totalCount }
  unreadMessages conversations { totalCount } messages(search: "x") { totalCount }"""
PERSON = f"query ($id: ID!) {{ node(id: $id) {{ ... on User {{ id name {PRIVATE} }} }} }}"
ACCOUNT = {"email", "role", "createdAt", "vendors", "vouchers"}
OWN = {"unreadMessages", "conversations", "messages"}


async def seen(api: Client, viewer: User, other: User) -> bool:
    """Return whether the viewer sees the user; if so, check that private fields are hidden."""
    node = (await api.signed_in(viewer).ask(PERSON, id=gid(other)))["node"]
    if node is None:
        return False
    assert node == {"id": gid(other), "name": other.name} | dict.fromkeys(ACCOUNT | OWN)
    return True


async def test_people_of_a_conversation_see_each_other(world: World, api: Client) -> None:
    chat, silent = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, silent, MemberRole.OWNER)
    assert await seen(api, chat.member, chat.customer)
    assert await seen(api, silent, chat.customer)
    assert not await seen(api, chat.customer, chat.member)
    await chat.send(chat.member)
    assert await seen(api, chat.customer, chat.member)
    assert not await seen(api, chat.customer, silent)


async def test_people_see_who_looks_after_their_conversation(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    row = await chat.row()
    row.assignee_id = chat.member.id
    await world.save(row)
    assert await seen(api, chat.customer, chat.member)


async def test_people_see_who_received_their_messages(world: World, api: Client) -> None:
    """Receipts show it only in that conversation, and not for the vendor's other members."""
    chat, silent = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, silent, MemberRole.STAFF)
    neighbour = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    await chat.send(chat.customer)
    assert not await seen(api, chat.customer, silent)
    await chat.read(silent, 1)
    assert await seen(api, chat.customer, silent)
    assert not await seen(api, neighbour.customer, silent)


async def test_colleagues_see_each_other(world: World, api: Client) -> None:
    chat, colleague = await Chat.open(world, api), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    assert await seen(api, colleague, chat.member)
    assert await seen(api, chat.member, colleague)


async def test_people_do_not_see_strangers(world: World, api: Client) -> None:
    chat, other = await Chat.open(world, api), await Chat.open(world, api)
    neighbour = await Chat.between(world, api, await world.user(), chat.vendor, chat.member)
    for one in (chat, neighbour, other):
        await one.send(one.customer)
        await one.send(one.member)
    strangers = [other.customer, other.member, await world.user()]
    for viewer in (chat.customer, chat.member):
        assert not [one for one in strangers if await seen(api, viewer, one)]
    assert not await seen(api, chat.customer, neighbour.customer)


async def test_people_in_messages_have_only_names(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.member)
    query = f"""query ($id: ID!) {{ conversation(id: $id) {{
      user {{ id name {PRIVATE} }}
      messages(first: 5) {{ nodes {{ sender {{ id name {PRIVATE} }} }} }}
    }} }}"""
    for user in (chat.customer, chat.member):
        found = (await api.signed_in(user).ask(query, id=chat.id))["conversation"]
        people = [found["user"], found["messages"]["nodes"][0]["sender"]]
        for person in people:
            shown = {name for name in ACCOUNT | OWN if person[name] is not None}
            assert shown == (ACCOUNT | OWN if person["id"] == gid(user) else set())


async def test_people_are_visible_to_admins_except_their_messages(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.member)
    admin = api.signed_in(await world.admin())
    node = (await admin.ask(PERSON, id=gid(chat.customer)))["node"]
    assert node["email"] == email_of(chat.customer)
    assert {name for name in ACCOUNT | OWN if node[name] is None} == OWN
