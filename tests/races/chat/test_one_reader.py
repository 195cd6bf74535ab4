"""A user reads on several devices while messages keep arriving."""

from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.chat.conversations import Conversation
from models.vendors import MemberRole
from services.chat import log, read_state
from services.viewer import Viewer
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

FIRST, MORE, DEVICES = 10, 30, 12
CALLS_AT_ONCE = 6
TOTAL = "{ viewer { unreadMessages conversations { nodes { unreadMessages } } } }"


async def open_with_messages(world: World, api: Client) -> Chat:
    """Ten messages wait for the member, who has read one."""
    chat = await Chat.open(world, api)
    for _ in range(FIRST):
        await chat.send(chat.customer)
    await chat.read(chat.member, 1)
    return chat


async def read_and_write(chat: Chat, clients: list[Client]) -> None:
    """Both sides write and read at once, each from several devices; the member reads alone."""
    colleague = await new_member(chat.world, chat.vendor, MemberRole.STAFF)
    calls = []
    for number in range(MORE):
        client = clients[number % 2]
        writer = chat.customer if number % 3 else colleague
        calls.append(client.signed_in(writer).do("sendMessage", chat.draft()))
        for name, user in (("markRead", chat.member), ("markDelivered", chat.customer)):
            given = {"conversationId": chat.id, "sequence": 2 + number % (FIRST - 1)}
            calls.append(client.signed_in(user).do(name, given))
    assert tally(await at_once(calls, most=CALLS_AT_ONCE)) == {"OK": 3 * MORE}


async def test_totals_are_consistent_during_concurrent_writes(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    chat = await open_with_messages(world, api)
    await read_and_write(chat, clients)
    await check_invariants(database)
    waiting = MORE * 2 // 3
    viewer = (await api.signed_in(chat.member).ask(TOTAL))["viewer"]
    assert viewer["unreadMessages"] == waiting
    assert viewer["conversations"]["nodes"] == [{"unreadMessages": waiting}]


async def read_on_all_devices(chat: Chat, clients: list[Client]) -> int:
    """Return the member's total of unread messages in the end."""
    given = {"conversationId": chat.id, "sequence": FIRST}
    answers = await at_once(
        clients[number % 2].signed_in(chat.member).do("markRead", given)
        for number in range(DEVICES)
    )
    assert tally(answers) == {"OK": DEVICES}
    total: int = (await chat.api.signed_in(chat.member).ask(TOTAL))["viewer"]["unreadMessages"]
    return total


async def test_one_reader_on_many_devices_has_read_once(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    chat = await open_with_messages(world, api)
    assert await read_on_all_devices(chat, clients) == 0
    await check_invariants(database)


async def unlocked(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Conversation:
    return await session.get_one(Conversation, conversation_id)


async def test_one_reader_on_many_devices_has_read_too_much_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    chat = await open_with_messages(world, api)
    monkeypatch.setattr(read_state, "access_conversation", unlocked)
    monkeypatch.setattr(log, "find_position", Meeting().after(log.find_position))
    assert await read_on_all_devices(chat, [api, api]) < 0
    with pytest.raises(AssertionError, match=r"inbox_reader\.read differs from the messages read"):
        await check_invariants(database)
