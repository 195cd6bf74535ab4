"""A thief with the old password and a code meets a reset: no session outlives it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.signing_keys import SigningKeys
from models.identity.accounts import User
from models.identity.challenges import ChallengeEnded, FactorChallenge, SecondFactorProof
from services.identity import challenges
from services.identity.factors.second_factor import confirm_second_factor
from services.identity.sessions import sessions
from tests.client import Client
from tests.factories.world import World
from tests.races.identity.test_reset_and_log_in import person
from tests.races.meeting import waits_or_ends
from tests.resolvers.identity.credentials.test_password_reset import asked, reset
from tests.resolvers.identity.signing_in import challenge_of, sign_in_of


async def thief_stays(world: World, api: Client, keys: SigningKeys, *, reset_first: bool) -> bool:
    """Give a right code around a reset, and return whether the session is alive.

    The first transaction of the second step counts the try, the second one opens the session. The
    reset comes between them, or before the second one commits.
    """
    user = await person(world)
    app, token = await world.totp(user), await asked(world, api, user)
    given = SecondFactorProof(challenge_id=await challenge_of(api, user), totp=app.code())
    opened: list[AsyncSession] = []
    resetting: list[asyncio.Task[list[str]]] = []

    @asynccontextmanager
    async def transaction() -> AsyncIterator[AsyncSession]:
        if opened and reset_first:
            assert await reset(api, token) == []
        async with world.database.session() as session, session.begin():
            yield session
            if opened and not reset_first:
                await session.flush()
                resetting.append(asyncio.create_task(reset(api, token)))
                await waits_or_ends(world.database, resetting[0])
            opened.append(session)

    try:
        tokens = await confirm_second_factor(sign_in_of(world.database, keys, transaction), given)
    except ChallengeEnded:
        return False
    for task in resetting:
        assert await task == []
    return await api.bearing(tokens.access_token).failed("{ viewer { id } }") == []


@pytest.mark.parametrize("reset_first", [True, False])
async def test_a_second_step_around_a_reset_leaves_no_session(
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

    async def read(session: AsyncSession, challenge: FactorChallenge) -> User:
        return await session.get_one(User, challenge.user_id)

    monkeypatch.setattr(sessions, "ensure_same_epoch", trust)
    monkeypatch.setattr(challenges, "access_owner", read)
    monkeypatch.setattr(challenges, "is_open", lambda: [col(FactorChallenge.used_at).is_(None)])
    assert await thief_stays(world, api, keys, reset_first=reset_first)
