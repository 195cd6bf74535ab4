"""One user starts 40 conversations at once; the quota of a new account allows 10."""

from datetime import UTC
from uuid import UUID

import pytest
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from models.chat.conversations import Conversation
from models.quotas import QUOTAS, DailyAct, DailyLimitReached, DailyUse
from services.chat import conversations
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

TIMES = 40
ALLOWED = QUOTAS[DailyAct.START_CONVERSATION].per_day_if_new


async def start_many(world: World, clients: list[Client]) -> tuple[int, int]:
    """Return how many starts were answered without errors, and how many are stored."""
    user = await world.user(created_at=now())
    vendors = [await world.vendor() for _ in range(TIMES)]
    answers = await at_once(
        clients[number % 2].signed_in(user).do("startConversation", {"vendorId": gid(vendor)})
        for number, vendor in enumerate(vendors)
    )
    counted = tally(answers)
    assert set(counted) <= {"OK", "DAILY_LIMIT_REACHED"}
    async with world.database.session() as session:
        mine = select(func.count()).where(Conversation.user_id == user.id)
        return counted["OK"], (await session.exec(mine)).one()


async def test_concurrent_starts_never_exceed_the_quota(
    world: World, clients: list[Client], database: Database
) -> None:
    assert await start_many(world, clients) == (ALLOWED, ALLOWED)
    await check_invariants(database)


async def test_concurrent_starts_exceed_a_quota_that_is_read_and_written_back(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is allowed, and two callers read that."""
    meeting, today = Meeting(), now().astimezone(UTC).date()

    async def count_without_lock(session: AsyncSession, user_id: UUID, act: DailyAct) -> None:
        use = await session.get_one(DailyUse, (user_id, act, today))
        await meeting.arrive()
        if use.used >= ALLOWED:
            raise DailyLimitReached(ALLOWED)
        use.used += 1

    monkeypatch.setattr(conversations, "ensure_within_quota", count_without_lock)
    user = await world.user(created_at=now())
    act = DailyAct.START_CONVERSATION
    await world.save(DailyUse(user_id=user.id, act=act, day=today, used=ALLOWED - 1))
    vendors = [await world.vendor() for _ in range(2)]
    answers = await at_once(
        api.signed_in(user).do("startConversation", {"vendorId": gid(vendor)}) for vendor in vendors
    )
    assert tally(answers) == {"OK": 2}
