"""Admins who take each other's rights at once: one always stays."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from itertools import cycle
from typing import Any

import pytest
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.identity.accounts import Role, User
from services.admins import access
from services.identity.sessions import sessions
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import at_once
from tests.races.meeting import Meeting
from tests.resolvers.admins.deciding import change, suspension

ROUNDS = 4
Call = Coroutine[Any, Any, dict[str, Any]]
Race = Callable[[World, Sequence[Client]], Awaitable[list[Call]]]


async def admins_left(world: World) -> int:
    """Return how many admins are left, and take their rights away for the next round."""
    async with world.database.session() as session, session.begin():
        admins = (await session.exec(select(User).where(User.role == Role.ADMIN))).all()
        left = sum(one.is_active_admin for one in admins)
        for admin in admins:
            admin.role = Role.USER
    return left


async def suspend_each_other(world: World, clients: Sequence[Client]) -> list[Call]:
    one, other = await world.admin(), await world.admin()
    pairs = zip(clients, (one, other), (other, one), strict=False)
    return [
        client.signed_in(by).send(SUSPEND, input=suspension(user)) for client, by, user in pairs
    ]


async def revoke_in_a_circle(world: World, clients: Sequence[Client]) -> list[Call]:
    """Each of three asks to revoke the next one, and confirms the request about the one after."""
    admins = [await world.admin() for _ in range(3)]
    for by, user in zip(admins, admins[1:] + admins[:1], strict=True):
        assert await change(clients[0].signed_in(by), "revokeAdmin", user) == ("REQUESTED", [])
    confirmed = zip(cycle(clients), admins, admins[2:] + admins[:2], strict=False)
    return [
        client.signed_in(by).send(REVOKE, input={"userId": gid(user)})
        for client, by, user in confirmed
    ]


async def left_after(world: World, calls: list[Call]) -> int:
    await at_once(calls)
    return await admins_left(world)


SUSPEND = "mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { errors { code } } }"
REVOKE = "mutation ($input: RevokeAdminInput!) { revokeAdmin(input: $input) { errors { code } } }"


async def test_one_of_two_who_suspend_each_other_stays(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await left_after(world, await suspend_each_other(world, clients)) == 1


async def test_two_of_three_who_revoke_each_other_stay(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await left_after(world, await revoke_in_a_circle(world, clients)) == 2


async def _read(session: AsyncSession, *user_ids: object) -> list[User]:
    rows = select(User).where(or_(User.role == Role.ADMIN, col(User.id).in_(user_ids)))
    return list((await session.exec(rows)).all())


def _unlocked(rows: SelectOfScalar[User]) -> SelectOfScalar[User]:
    return rows


@pytest.mark.parametrize(("race", "enough"), [(suspend_each_other, 1), (revoke_in_a_circle, 2)])
async def test_without_the_lock_too_many_go(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, race: Race, enough: int
) -> None:
    calls = await race(world, [api, api])
    monkeypatch.setattr(access, "lock_admins", Meeting().after(_read))
    monkeypatch.setattr(sessions, "for_change", _unlocked)
    assert await left_after(world, calls) < enough
