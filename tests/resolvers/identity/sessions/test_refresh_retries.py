"""A refresh token that is presented again: a retry gets the same successor, a copy ends all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from sqlmodel import select, update
from starlette.applications import Starlette

from models.identity.accounts import RefreshToken, UserSession
from services.identity.sessions import refreshes
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.identity.refreshing import (
    LONGER,
    as_client,
    pass_time,
    refreshed,
    refusal,
    use,
)
from tests.resolvers.identity.sign_up import opened

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari"
REFRESH = """
    mutation ($token: String!) {
      refreshSession(input: {refreshToken: $token}) { session { accessToken } errors { code } }
    }
"""


@pytest.fixture
async def rotated(world: World, api: Client) -> tuple[dict[str, str], dict[str, str]]:
    """Return a session's tokens of its first rotation: the exchanged ones, and the new ones."""
    first = await opened(world, api)
    await pass_time(world)
    return first, await refreshed(api, first)


async def rotations(world: World) -> tuple[int, int]:
    """Return the rotations of the only session, and the number of its refresh tokens."""
    async with world.database.session() as session:
        user_session = (await session.exec(select(UserSession))).one()
        return user_session.rotations, len((await session.exec(select(RefreshToken))).all())


async def test_a_young_token_is_returned(world: World, api: Client) -> None:
    first = await opened(world, api)
    again = await refreshed(api, first)
    assert again["refreshToken"] == first["refreshToken"]
    assert api.keys.read_access(again["accessToken"]).expires
    assert await rotations(world) == (0, 1)


async def test_two_tabs_at_once_get_the_same_token(world: World, api: Client) -> None:
    first = await opened(world, api)
    await pass_time(world)
    answers = await asyncio.gather(*(refreshed(api, first) for _ in range(8)))
    (token,) = {answer["refreshToken"] for answer in answers}
    assert token != first["refreshToken"]
    assert await rotations(world) == (1, 2)


async def test_a_retry_within_the_grace_gets_the_successor_also_if_it_was_used(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Another tab has used its new access token, and this one was slower."""
    first, second = rotated
    await use(world, api, second)
    assert (await refreshed(api, first))["refreshToken"] == second["refreshToken"]


async def test_a_lost_answer_can_be_retried_hours_later(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    first, second = rotated
    await pass_time(world, 5 * 3600)
    again = await refreshed(api, first)
    assert again["refreshToken"] == second["refreshToken"]
    assert await refusal(api, again) == []


async def test_reuse_after_the_grace_ends_the_session(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    first, second = rotated
    await use(world, api, second)
    await pass_time(world)
    assert await refusal(api, first) == ["SESSION_ENDED"]
    assert await refusal(api, second) == ["SESSION_ENDED"]


async def test_reuse_after_the_grace_would_go_unnoticed_without_confirmations(
    world: World,
    api: Client,
    rotated: tuple[dict[str, str], dict[str, str]],
) -> None:
    """The control: a thief who is always a little later than the user is never noticed."""
    first, second = rotated
    await use(world, api, second)
    await pass_time(world)
    async with world.database.session() as session, session.begin():
        await session.exec(update(UserSession).values(confirmed=0))
    assert await refusal(api, first) == []


async def test_only_the_direct_predecessor_is_accepted(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Its predecessor ends the session however short the time since."""
    first, second = rotated
    await pass_time(world)
    third = await refreshed(api, second)
    assert await refusal(api, first) == ["SESSION_ENDED"]
    assert await refusal(api, third) == ["SESSION_ENDED"]


async def test_another_client_gets_no_successor(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    first, second = rotated
    assert await refusal(as_client(api, "curl/8.5.0"), first) == ["SESSION_ENDED"]
    assert await refusal(api, second) == ["SESSION_ENDED"]


async def test_a_client_that_was_updated_is_the_same(world: World, api: Client) -> None:
    first = await opened(world, api)
    await pass_time(world)
    second = await refreshed(as_client(api, CHROME.format("120.0.1")), first)
    again = await refreshed(as_client(api, CHROME.format("121.0")), first)
    assert again["refreshToken"] == second["refreshToken"]


@pytest.fixture
async def elsewhere(app: Starlette, api: Client) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=app, client=("2001:db8::7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield replace(api, http=http)


@pytest.mark.parametrize("most", [3, 100])
async def test_a_thief_who_repeats_each_refresh_is_noticed_at_the_fourth(
    world: World, api: Client, elsewhere: Client, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """From another network and within the grace. Without the limit, the control, never."""
    monkeypatch.setattr(refreshes, "MAX_SHARED_ROTATIONS", most)
    tokens = await opened(world, api)
    refusals = []
    for _ in range(4):
        await pass_time(world)
        newer = await refreshed(api, tokens)
        refusals += [await refusal(elsewhere, tokens)]
        assert refusals[-1] or await refusal(elsewhere, tokens) == [], "counts once a rotation"
        tokens = newer
    assert refusals == [[], [], [], ["SESSION_ENDED"] if most == 3 else []]


@pytest.mark.parametrize("most", [3, 100])
async def test_a_thief_who_hides_as_lost_answers_is_noticed_at_the_fourth(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """In the same network, ahead of the user, without use of an access token.

    Without the limit, the control, never.
    """
    monkeypatch.setattr(refreshes, "MAX_SHARED_ROTATIONS", most)
    tokens = await opened(world, api)
    refusals = []
    for _ in range(4):
        await pass_time(world)
        stolen = await refreshed(api, tokens)
        await pass_time(world, LONGER + 2)
        refusals += [await refusal(api, tokens)]
        assert refusals[-1] or await refusal(api, tokens) == [], "counts once a rotation"
        tokens = stolen
    assert refusals == [[], [], [], ["SESSION_ENDED"] if most == 3 else []]
    assert await refusal(api, tokens) == refusals[-1], "the thief loses the session, too"


async def test_tabs_in_one_network_do_not_count(world: World, api: Client) -> None:
    tokens = await opened(world, api)
    for _ in range(6):
        await pass_time(world)
        newer = await refreshed(api, tokens)
        await use(world, api, newer)
        assert await refusal(api, tokens) == []
        tokens = newer


async def test_shared_rotations_of_another_day_do_not_count(
    world: World, api: Client, elsewhere: Client
) -> None:
    tokens = await opened(world, api)
    for _ in range(6):
        await pass_time(world, 24 * 3600 / 3)
        newer = await refreshed(api, tokens)
        assert await refusal(elsewhere, tokens) == []
        tokens = newer


async def test_a_token_exchanged_by_the_previous_release_ends_the_session(
    world: World, api: Client, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Its successor cannot be derived."""
    async with world.database.session() as session, session.begin():
        await session.exec(update(UserSession).values(successor_salt=None))
    assert await refusal(api, rotated[0]) == ["SESSION_ENDED"]


async def test_the_database_does_not_contain_the_successor(
    world: World, rotated: tuple[dict[str, str], dict[str, str]]
) -> None:
    async with world.database.session() as session:
        stored = [*(await session.exec(select(RefreshToken))).all()]
        user_session = (await session.exec(select(UserSession))).one()
    kept = repr([*stored, user_session])
    assert not any(tokens["refreshToken"] in kept for tokens in rotated)
    assert user_session.successor_salt is not None


async def test_refresh_session_takes_few_statements(world: World, api: Client) -> None:
    """Of a young token, of an exchange, of a retry, and of a late one."""
    first = await opened(world, api)
    assert len(await statements(api, REFRESH, token=first["refreshToken"])) == 1
    await pass_time(world)
    assert len(await statements(api, REFRESH, token=first["refreshToken"])) == 2
    assert len(await statements(api, REFRESH, token=first["refreshToken"])) == 2
    await pass_time(world)
    assert len(await statements(api, REFRESH, token=first["refreshToken"])) == 4
