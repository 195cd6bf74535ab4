"""Trading a refresh token for new tokens."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlmodel import select, update

from core.clock import now
from core.security.signing_keys import SigningKeys
from models.identity.accounts import RefreshToken, Role, User
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.identity.refreshing import pass_time, refreshed, refusal, use
from tests.resolvers.identity.sign_up import opened, opened_twice


async def test_refresh_session_rotates_its_token(
    world: World, api: Client, keys: SigningKeys
) -> None:
    first = await opened(world, api)
    await pass_time(world)
    second = await refreshed(api, first)
    await pass_time(world)
    third = await refreshed(api, second)
    assert len({tokens["refreshToken"] for tokens in (first, second, third)}) == 3
    claims = [keys.read_access(tokens["accessToken"]) for tokens in (first, third)]
    assert claims[0].session_id == claims[1].session_id
    assert claims[0].user_id == claims[1].user_id


async def test_refresh_session_with_a_used_token_ends_it_for_both(
    world: World, api: Client
) -> None:
    first = await opened(world, api)
    await pass_time(world)
    second = await refreshed(api, first)
    await pass_time(world)
    third = await refreshed(api, second)
    assert await refusal(api, first) == ["SESSION_ENDED"]
    assert await refusal(api, third) == ["SESSION_ENDED"]


async def test_refresh_session_ends_no_other_session(world: World, api: Client) -> None:
    first, other = await opened_twice(world, api)
    await pass_time(world)
    await use(world, api, await refreshed(api, first))
    await pass_time(world)
    assert await refusal(api, first) == ["SESSION_ENDED"]
    await refreshed(api, other)


async def test_session_states_the_seconds_until_the_access_token_expires(
    world: World, api: Client, keys: SigningKeys
) -> None:
    """For devices whose clock is wrong: it needs no clock but the one that measures durations."""
    tokens = await refreshed(api, await opened(world, api))
    assert int(tokens["expiresIn"]) == 15 * 60
    expires = datetime.fromisoformat(tokens["expiresAt"]).timestamp()
    assert expires == keys.read_access(tokens["accessToken"]).expires


async def test_refresh_session_that_has_expired(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    async with world.database.session() as session, session.begin():
        await session.exec(update(RefreshToken).values(expires_at=now() - timedelta(seconds=1)))
    assert await refusal(api, tokens) == ["SESSION_ENDED"]


async def test_refresh_session_after_log_out(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    await api.do("logOut", {"refreshToken": tokens["refreshToken"]})
    assert await refusal(api, tokens) == ["SESSION_ENDED"]


@pytest.mark.parametrize("token", ["", "garbage", "x" * 10_000, "ünïcode", "a\x00b"])
async def test_refresh_session_with_garbage(world: World, api: Client, token: str) -> None:
    query = (
        "mutation ($t: String!) { refreshSession(input: {refreshToken: $t}) { errors { code } } }"
    )
    answer = await api.send(query, t=token)
    refused = answer.get("data") and answer["data"]["refreshSession"]["errors"]
    failed = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert refused == [{"code": "SESSION_ENDED"}] or failed == ["BAD_USER_INPUT"]


async def test_refresh_session_with_an_access_token(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    assert await refusal(api, {"refreshToken": tokens["accessToken"]}) == ["SESSION_ENDED"]


async def test_refresh_session_keeps_only_a_hash(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    hashed = hashlib.sha256(tokens["refreshToken"].encode()).digest()
    async with world.database.session() as session:
        kept = (await session.exec(select(RefreshToken))).one()
    assert kept.token_hash == hashed
    assert tokens["refreshToken"] not in repr(kept)


async def test_refresh_session_of_a_new_admin(world: World, api: Client, keys: SigningKeys) -> None:
    tokens = await opened(world, api)
    async with world.database.session() as session, session.begin():
        await session.exec(update(User).values(role=Role.ADMIN))
    tokens = await refreshed(api, tokens)
    assert keys.read_access(tokens["accessToken"]).admin is True
