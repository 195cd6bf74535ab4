"""Admins who are removed at once, and a link that is used twice at once."""

import asyncio
from typing import cast

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.redis.pubsub import PubSub
from models.identity.accounts import Role, User
from models.identity.admin_invitations import LastAdmin
from services.admins import access
from services.identity import admin_invitations
from services.identity.admin_invitations import (
    accept_admin_invitation,
    access_invited,
    invite_admin,
    remove_admin,
)
from services.transaction import Transactions
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting, waits_or_ends
from tests.resolvers.audit.test_identity_acts import NoSubscribers

ROUNDS = 10


async def remove_both(world: World) -> int:
    """Remove the only two admins at once, and return how many are left."""
    transactions = Transactions(world.database, cast("PubSub", NoSubscribers()))
    admins = [await world.admin(), await world.admin()]

    async def remove(admin: User) -> bool:
        try:
            async with transactions.begin() as session:
                await remove_admin(session, world.sealer, email_of(admin))
        except LastAdmin:
            return False
        return True

    await asyncio.gather(*map(remove, admins))
    async with world.database.session() as session, session.begin():
        left = (await session.exec(select(User).where(User.role == Role.ADMIN))).all()
        for user in left:
            user.role = Role.USER
    return len(left)


async def test_one_of_two_admins_who_are_removed_at_once_stays(world: World) -> None:
    assert [await remove_both(world) for _ in range(ROUNDS)] == [1] * ROUNDS


async def test_without_the_lock_none_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "for_change", lambda rows: rows)
    monkeypatch.setattr(admin_invitations, "lock_admins", Meeting().after(access.lock_admins))
    assert await remove_both(world) == 0


async def test_an_admin_who_is_removed_while_they_accept_is_none(world: World) -> None:
    """The removal waits for the acceptance, and must see its result."""
    transactions = Transactions(world.database, cast("PubSub", NoSubscribers()))
    await world.admin()
    user = await world.user()
    async with transactions.begin() as session:
        made = await invite_admin(session, world.sealer, email_of(user))
    assert made is not None

    async def remove() -> admin_invitations.Removed:
        async with transactions.begin() as session:
            return await remove_admin(session, world.sealer, email_of(user))

    async with transactions.begin() as accepting:
        invited = await access_invited(accepting, made[0])
        await accept_admin_invitation(accepting, invited, user)
        await accepting.flush()
        removal = asyncio.create_task(remove())
        await waits_or_ends(world.database, removal)
    assert (await removal).admin
    assert (await world.fresh(user)).role is Role.USER


async def use_twice(world: World, clients: list[Client]) -> dict[str, int]:
    """Use a link for a new address twice at once."""
    transactions = Transactions(world.database, cast("PubSub", NoSubscribers()))
    async with transactions.begin() as session:
        made = await invite_admin(session, world.sealer, "new@haat.example")
    assert made is not None
    given = {"token": made[0], "password": "kitchen-ladder-74-plum", "name": "Asha"}
    return tally(await at_once(client.do("acceptAdminInvitation", given) for client in clients[:2]))


async def test_a_link_is_used_once(world: World, clients: list[Client]) -> None:
    assert await use_twice(world, clients) == {"OK": 1, "INVITATION_ENDED": 1}
    async with world.database.session() as session:
        rows = select(User).where(col(User.role) == Role.ADMIN)
        assert len((await session.exec(rows)).all()) == 1


async def test_without_the_guard_it_is_not(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pass_through(session: AsyncSession, invitation: object) -> None:
        pass

    monkeypatch.setattr(admin_invitations, "_use_up", pass_through)
    assert await use_twice(world, [api, api]) != {"OK": 1, "INVITATION_ENDED": 1}
