"""Members take the same conversation in the same moment."""

from collections import Counter
from itertools import cycle
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.chat import Conversation
from models.identity import User
from models.messages import MessageKind
from models.vendors import MemberRole
from services import assignments, thread
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.chats import Chat
from tests.factories.desk import somebody
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally

MEMBERS = 8


async def rush(
    chat: Chat, clients: list[Client], role: MemberRole = MemberRole.STAFF
) -> tuple[Counter[str], list[User], Conversation]:
    """What each was answered, those that were told it is theirs, and the conversation after it."""
    members = [await somebody(chat.world, chat.vendor, role) for _ in range(MEMBERS)]
    answers = await at_once(
        client.signed_in(one).do(
            "assignConversation",
            {"conversationId": chat.id, "memberId": gid(one)},
            "conversation { assignee { id } }",
        )
        for client, one in zip(cycle(clients), members, strict=False)
    )
    taken = [one for one, answer in zip(members, answers, strict=True) if not answer["errors"]]
    return tally(answers), taken, await chat.row()


async def test_one_conversation_is_taken_by_one(
    world: World, clients: list[Client], database: Database
) -> None:
    chat = await Chat.open(world, clients[0])
    answers, taken, row = await rush(chat, clients)
    assert answers == {"OK": 1, "CONVERSATION_TAKEN": MEMBERS - 1}
    assert [one.id for one in taken] == [row.assignee_id]
    assert [one.kind for one in await chat.messages()] == [MessageKind.NOTICE]
    await check_invariants(database)


async def test_one_conversation_is_handed_on_by_each_manager_in_turn(
    world: World, clients: list[Client], database: Database
) -> None:
    chat = await Chat.open(world, clients[0])
    answers, taken, row = await rush(chat, clients, MemberRole.MANAGER)
    assert answers == {"OK": MEMBERS}
    assert row.assignee_id in {one.id for one in taken}
    assert [one.sequence for one in await chat.messages()] == list(range(1, MEMBERS + 1))
    await check_invariants(database)


async def test_one_conversation_is_taken_by_several_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(session: AsyncSession, viewer: Viewer, id: UUID) -> Conversation:
        return (await session.exec(select(Conversation).where(col(Conversation.id) == id))).one()

    async def unheard(*_: object) -> None:
        """The numbers of messages would give it away."""

    monkeypatch.setattr(assignments, "access_conversation", unlocked)
    monkeypatch.setattr(thread, "notice", unheard)
    answers, _, _ = await rush(await Chat.open(world, api), [api])
    assert answers["OK"] > 1
