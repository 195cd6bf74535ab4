"""Refreshes of sessions at different times."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from tests.client import Client
from tests.factories.world import World

TOKENS = "session { accessToken refreshToken expiresAt expiresIn }"
LONGER = 31  # seconds, than a token is young and than a repeat is accepted in any case

AGE = text(
    """
    UPDATE refresh_token SET created_at = created_at - make_interval(secs => :seconds),
        used_at = used_at - make_interval(secs => :seconds),
        shared_at = shared_at - make_interval(secs => :seconds)
    """
)
UNCONFIRMED = text("SELECT count(*) FROM user_session WHERE confirmed < rotations")


async def pass_time(world: World, seconds: float = LONGER) -> None:
    """Make all refresh tokens older, as if time had passed."""
    async with world.database.session() as session, session.begin():
        await session.execute(AGE, {"seconds": seconds})


async def refreshed(api: Client, tokens: dict[str, str]) -> dict[str, str]:
    refresh = {"refreshToken": tokens["refreshToken"]}
    payload = await api.do("refreshSession", refresh, TOKENS)
    assert payload["errors"] == []
    answer: dict[str, str] = payload["session"]
    return answer


async def refusal(api: Client, tokens: dict[str, Any]) -> list[str]:
    return await api.refusal_codes("refreshSession", {"refreshToken": tokens["refreshToken"]})


async def use(world: World, api: Client, tokens: dict[str, str]) -> None:
    """Use the access token, and wait until the server has stored that it arrived."""
    assert await api.bearing(tokens["accessToken"]).failed("{ viewer { id } }") == []
    for _ in range(200):
        if not await _count_unconfirmed(world):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the use of the token was not stored")


async def _count_unconfirmed(world: World) -> int:
    async with world.database.session() as session:
        return int((await session.execute(UNCONFIRMED)).scalar_one())


def as_client(api: Client, user_agent: str) -> Client:
    return replace(api, headers=api.headers | {"User-Agent": user_agent})
