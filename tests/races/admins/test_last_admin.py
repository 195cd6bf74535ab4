"""Admins who take each other's rights at once: one always stays."""

from collections.abc import Sequence
from itertools import cycle

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
from tests.resolvers.admins.deciding import change, suspension

ROUNDS = 4


async def admins_left(world: World) -> int:
    """Return how many admins are left, and take their rights away for the next round."""
    async with world.database.session() as session, session.begin():
        admins = (await session.exec(select(User).where(User.role == Role.ADMIN))).all()
        left = sum(one.is_active_admin for one in admins)
        for admin in admins:
            admin.role = Role.USER
    return left


async def suspend_each_other(world: World, clients: Sequence[Client]) -> int:
    one, other = await world.admin(), await world.admin()
    pairs = zip(clients, (one, other), (other, one), strict=False)
    await at_once(
        client.signed_in(by).send(SUSPEND, input=suspension(user)) for client, by, user in pairs
    )
    return await admins_left(world)


async def revoke_in_a_circle(world: World, clients: Sequence[Client]) -> int:
    """Each of three asks to revoke the next one, and confirms the request about the one after."""
    admins = [await world.admin() for _ in range(3)]
    for by, user in zip(admins, admins[1:] + admins[:1], strict=True):
        assert await change(clients[0].signed_in(by), "revokeAdmin", user) == ("REQUESTED", [])
    confirmed = zip(cycle(clients), admins, admins[2:] + admins[:2], strict=False)
    await at_once(
        client.signed_in(by).send(REVOKE, input={"userId": gid(user)})
        for client, by, user in confirmed
    )
    return await admins_left(world)


SUSPEND = "mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { errors { code } } }"
REVOKE = "mutation ($input: RevokeAdminInput!) { revokeAdmin(input: $input) { errors { code } } }"


async def test_one_of_two_who_suspend_each_other_stays(world: World, clients: list[Client]) -> None:
    assert [await suspend_each_other(world, clients) for _ in range(ROUNDS)] == [1] * ROUNDS


async def test_two_of_three_who_revoke_each_other_stay(world: World, clients: list[Client]) -> None:
    left = [await revoke_in_a_circle(world, clients) for _ in range(ROUNDS)]
    assert left == [2] * ROUNDS


async def _read(session: AsyncSession, *user_ids: object) -> list[User]:
    rows = select(User).where(or_(User.role == Role.ADMIN, col(User.id).in_(user_ids)))
    return list((await session.exec(rows)).all())


def _unlocked(rows: SelectOfScalar[User]) -> SelectOfScalar[User]:
    return rows


@pytest.mark.parametrize("race", [suspend_each_other, revoke_in_a_circle])
async def test_without_the_lock_too_many_go(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, race: object
) -> None:
    monkeypatch.setattr(access, "lock_admins", _read)
    monkeypatch.setattr(sessions, "for_change", _unlocked)
    enough = 1 if race is suspend_each_other else 2
    left = [await race(world, [api, api]) for _ in range(2 * ROUNDS)]  # type: ignore[operator]
    assert min(left) < enough
