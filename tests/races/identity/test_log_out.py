"""A user logs out while a thief uses the session: no token and no session outlives it."""

from typing import Any

import pytest
from sqlmodel import col, select

from core.statements.records import record_of
from core.statements.statement import Statement
from engine import context as engine_context
from models.identity.accounts import RefreshToken, UserSession
from models.identity.api_tokens import ApiToken
from services.identity.sessions import refreshes, sessions
from services.viewer import Viewer
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.races.crowd import at_once
from tests.races.meeting import Overtaking
from tests.resolvers.identity.refreshing import pass_time

ROUNDS = 12
TOKEN = {"name": "Thief", "scopes": ["READ", "WRITE"]}
TOKENS = "session { accessToken refreshToken }"
CREATE = "mutation ($i: CreateApiTokenInput!) { createApiToken(input: $i) { secret } }"


async def log_in(api: Client, world: World) -> tuple[Client, dict[str, str]]:
    account = {"email": email_of(await world.user()), "password": PASSWORD}
    tokens: dict[str, str] = (await api.do("logIn", account, TOKENS))["session"]
    return api.bearing(tokens["accessToken"]), tokens


async def log_out(clients: list[Client], tokens: dict[str, str]) -> dict[str, Any]:
    """Log out by refresh token: an access token could be known as ended already."""
    return await clients[1].do("logOut", {"refreshToken": tokens["refreshToken"]})


async def make_tokens(clients: list[Client], world: World) -> int:
    """Create tokens around a log-out. Returns how many were created after it."""
    thief, tokens = await log_in(clients[0], world)
    attempts = [thief.send(CREATE, i=TOKEN) for _ in range(6)]
    await at_once([*attempts[:3], log_out(clients, tokens), *attempts[3:]])
    return await made_later(world)


async def made_later(world: World) -> int:
    """Return how many tokens were created after the end of the only session that has ended."""
    async with world.database.session() as session:
        ended = (await session.exec(select(UserSession.ended_at))).all()
        (end,) = [one for one in ended if one is not None]
        later = select(ApiToken.id).where(col(ApiToken.created_at) > end)
        return len((await session.exec(later)).all())


async def refresh(clients: list[Client], world: World) -> int:
    """Refresh during a log-out. Returns how many tokens of the ended session can be used."""
    _, tokens = await log_in(clients[0], world)
    await pass_time(world)
    presented = {"refreshToken": tokens["refreshToken"]}
    answers = await at_once(
        [
            clients[0].do("refreshSession", presented, TOKENS),
            log_out(clients, tokens),
        ]
    )
    newest = answers[0].get("session") or tokens
    again = {"refreshToken": newest["refreshToken"]}
    return 0 if await clients[0].refusal_codes("refreshSession", again) else 1


async def test_no_api_token_is_created_after_the_log_out(
    world: World, clients: list[Client]
) -> None:
    for _ in range(ROUNDS):
        assert await make_tokens(clients, world) == 0
        await _forget(world)


async def test_no_session_survives_the_log_out(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        assert await refresh(clients, world) == 0


async def test_api_tokens_are_created_after_the_log_out_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the session is checked, and ends between the check and the commit."""

    async def check_only(_: Any, viewer: Viewer, __: object) -> None:
        await sessions.ensure_session_open(world.database.shared, viewer)

    overtaking = Overtaking()
    monkeypatch.setattr(engine_context, "ensure_fresh_session", overtaking.after(check_only))
    thief, tokens = await log_in(api, world)
    await overtaking.run(thief.send(CREATE, i=TOKEN), log_out([api, api], tokens))
    assert await made_later(world) == 1


async def test_a_session_survives_the_log_out_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a refresh whose read of the session is no lock overwrites nothing, but goes on
    with a session that has ended meanwhile, if it does not look at the end afterwards.
    """

    def unchecked(_: UserSession) -> None:
        pass

    monkeypatch.setattr(refreshes, "LOCK", Statement(refreshes.HELD, UserSession))
    monkeypatch.setattr(record_of(UserSession), "ensure_open", unchecked)
    assert [await refresh([api, api], world) for _ in range(ROUNDS)] == [1] * ROUNDS


async def _forget(world: World) -> None:
    async with world.database.session() as session, session.begin():
        for table in (RefreshToken, ApiToken, UserSession):
            for row in (await session.exec(select(table))).all():
                await session.delete(row)
