"""Ending a session."""

from sqlmodel import select

from models.identity.accounts import UserSession
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.identity.sign_up import TOKENS, opened, opened_twice


async def is_open(api: Client, tokens: dict[str, str]) -> bool:
    refresh = {"refreshToken": tokens["refreshToken"]}
    return await api.refusal_codes("refreshSession", refresh) == []


async def ended(world: World) -> list[bool]:
    async with world.database.session() as session:
        return [row.ended_at is not None for row in await session.exec(select(UserSession))]


async def test_log_out_of_the_callers_own_session(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    assert await api.bearing(tokens["accessToken"]).refusal_codes("logOut", {}) == []
    assert not await is_open(api, tokens)


async def test_log_out_by_refresh_token(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    assert await api.refusal_codes("logOut", {"refreshToken": tokens["refreshToken"]}) == []
    assert not await is_open(api, tokens)


async def test_log_out_by_a_used_refresh_token(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    refresh = {"refreshToken": tokens["refreshToken"]}
    newer = (await api.do("refreshSession", refresh, TOKENS))["session"]
    assert await api.refusal_codes("logOut", refresh) == []
    assert not await is_open(api, newer)


async def test_log_out_twice_is_logging_out_once(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    out = {"refreshToken": tokens["refreshToken"]}
    await api.refusal_codes("logOut", out)
    assert await api.refusal_codes("logOut", out) == []
    assert await api.bearing(tokens["accessToken"]).refusal_codes("logOut", {}) == []


async def test_log_out_leaves_other_sessions_open(world: World, api: Client) -> None:
    tokens, other = await opened_twice(world, api)
    await api.bearing(tokens["accessToken"]).do("logOut", {})
    assert await is_open(api, other)
    assert not await is_open(api, tokens)


async def test_log_out_with_a_token_that_is_none_of_ours(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    assert await api.refusal_codes("logOut", {"refreshToken": "garbage"}) == []
    assert await ended(world) == [False]
    assert await is_open(api, tokens)


async def test_log_out_as_anonymous(world: World, api: Client) -> None:
    assert await api.mutation_failed("logOut", {}) == ["UNAUTHENTICATED"]


async def test_log_out_with_an_access_token_that_is_none(world: World, api: Client) -> None:
    assert await api.bearing("garbage").mutation_failed("logOut", {}) == ["UNAUTHENTICATED"]
