"""A thief signs in with the old password while the owner resets it: no session outlives it."""

import asyncio
from uuid import uuid4

import pytest

from core.security.signing_keys import SigningKeys
from models.identity.accounts import User, WrongCredentials
from services.identity.sessions import sessions
from services.identity.sessions.sessions import AuthenticatedUser, Tokens
from services.identity.sign_ins.sign_ins import log_in
from tests.client import Client
from tests.factories.world import World
from tests.races.meeting import waits_or_ends
from tests.resolvers.identity.credentials.test_password_reset import asked, reset
from tests.resolvers.identity.signing_in import sign_in_of


async def person(world: World) -> User:
    return await world.user(email=f"{uuid4().hex}@haat.example")


async def thief_stays(world: World, api: Client, keys: SigningKeys, *, reset_first: bool) -> bool:
    """Sign in with the old password around a reset, and return whether the session is alive.

    The password was compared before. The reset comes between that and the session, or while the
    session is opened and not committed yet.
    """
    user = await person(world)
    token = await asked(world, api, user)
    found = AuthenticatedUser(user, None)
    if reset_first:
        assert await reset(api, token) == []
    async with world.database.session() as session, session.begin():
        try:
            tokens = await log_in(session, sign_in_of(world.database, keys), found)
        except WrongCredentials:
            return False
        assert isinstance(tokens, Tokens)
        await session.flush()
        resetting = asyncio.create_task(reset(api, token)) if not reset_first else None
        if resetting:
            await waits_or_ends(world.database, resetting)
    if resetting:
        assert await resetting == []
    return await api.bearing(tokens.access_token).failed("{ viewer { id } }") == []


@pytest.mark.parametrize("reset_first", [True, False])
async def test_a_session_issued_while_a_reset_commits_is_dead(
    world: World, api: Client, keys: SigningKeys, reset_first: bool
) -> None:
    assert not await thief_stays(world, api, keys, reset_first=reset_first)


@pytest.mark.parametrize("reset_first", [True, False])
async def test_without_the_epoch_the_thief_stays(
    world: World,
    api: Client,
    keys: SigningKeys,
    monkeypatch: pytest.MonkeyPatch,
    reset_first: bool,
) -> None:
    async def trust(*_: object) -> None:
        pass

    monkeypatch.setattr(sessions, "ensure_same_epoch", trust)
    assert await thief_stays(world, api, keys, reset_first=reset_first)


async def test_a_link_that_is_used_twice_at_once_works_once(
    world: World, clients: list[Client]
) -> None:
    token = await asked(world, clients[0], await person(world))
    codes = await asyncio.gather(*(reset(client, token) for client in (*clients, *clients)))
    assert sorted(codes) == [[], ["LINK_ENDED"], ["LINK_ENDED"], ["LINK_ENDED"]]
