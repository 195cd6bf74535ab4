"""Two admins who delete their accounts at the same moment: one always stays."""

import pytest
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.identity.accounts import Role, User
from services.admins import access
from services.identity.sessions import sessions
from services.privacy import deletions, hindrances
from tests.client import Client
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

ROUNDS = 4
BOTH = 2


async def leaving(world: World, clients: list[Client]) -> int:
    """Have the only two admins act at once, and return how many succeed."""
    async with world.database.session() as session, session.begin():
        admins = update(User).where(col(User.role) == Role.ADMIN)
        await session.execute(admins.values(role=Role.USER))
    both = [await world.admin() for _ in range(BOTH)]
    answers = await at_once(
        client.signed_in(one).do("deleteMyAccount", {"confirm": True})
        for client, one in zip(clients, both, strict=False)
    )
    return tally(answers)["OK"]


async def test_an_admin_stays(world: World, clients: list[Client]) -> None:
    assert [await leaving(world, clients) for _ in range(ROUNDS)] == [1] * ROUNDS


async def test_without_the_lock_none_stays(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lock_none(session: AsyncSession, *user_ids: object) -> list[User]:
        return []

    def unlocked(rows: SelectOfScalar[User]) -> SelectOfScalar[User]:
        return rows

    monkeypatch.setattr(deletions, "lock_admins", lock_none)
    monkeypatch.setattr(sessions, "for_change", unlocked)
    looked = Meeting().after(access.is_only_admin)
    monkeypatch.setattr(hindrances, "is_only_admin", looked)
    assert await leaving(world, [api, api]) == BOTH
