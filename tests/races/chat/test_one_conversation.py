"""Both sides start a conversation about the same voucher, fifty times each, concurrently."""

from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.chat.contacts import Contact
from models.chat.conversations import Conversation
from services.chat import conversations
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

TIMES = 50
ONCE = "conversation_user_id_vendor_id_subject_id_key"


async def begin(world: World, clients: list[Client]) -> tuple[set[str], int]:
    """Return the conversation ids in all responses, and the number of stored conversations."""
    till = await Till.open(world, claimed=1)
    given = {"vendorId": gid(till.vendor), "subjectId": gid(await till.voucher())}
    staff = await till.staff()
    answers = await at_once(
        clients[number % 2]
        .signed_in(user)
        .do("startConversation", given, "conversation { id user { id } }")
        for number in range(TIMES)
        for user in (till.customer, staff)
    )
    assert tally(answers) == {"OK": 2 * TIMES}
    async with world.database.session() as session:
        rows = (await session.exec(select(Conversation))).all()
    return {answer["conversation"]["id"] for answer in answers}, len(rows)


async def test_one_conversation_for_concurrent_starts(
    world: World, clients: list[Client], database: Database
) -> None:
    ids, there = await begin(world, clients)
    assert (len(ids), there) == (1, 1)
    await check_invariants(database)


async def unlocked(
    session: AsyncSession, table: type[Contact], *, user_id: UUID, vendor_id: UUID
) -> Contact:
    rows = select(Contact).where(Contact.user_id == user_id, Contact.vendor_id == vendor_id)
    contact = (await session.exec(rows)).first()
    return contact or Contact(user_id=user_id, vendor_id=vendor_id)


async def test_one_conversation_becomes_many_without_lock_and_unique_subject(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(conversations, "lock_or_create", Meeting().after(unlocked))
    await drop(ONCE)
    ids, there = await begin(world, [api, api])
    assert min(len(ids), there) > 1
    with pytest.raises(AssertionError, match=r"contact\.conversations differs from their number"):
        await check_invariants(database)
