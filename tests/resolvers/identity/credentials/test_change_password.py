"""Changing the password, in a session that stays."""

from typing import Any
from uuid import uuid4

from sqlalchemy import text

from models.identity.accounts import User
from tests.client import Client
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.credentials.test_password_reset import NEW, asked, log_in, reset

CHANGE: dict[str, Any] = {"current": PASSWORD, "password": NEW}
AGED = text("UPDATE user_session SET signed_in_at = signed_in_at - interval '11 minutes'")


async def change(client: Client, **values: Any) -> list[str]:
    return await client.refusal_codes("changePassword", CHANGE | values)


async def person(world: World) -> User:
    return await world.user(email=f"{uuid4().hex}@haat.example")


async def test_change_password_keeps_this_session_alone(world: World, api: Client) -> None:
    user = await person(world)
    other = await log_in(api, user, PASSWORD)
    assert other is not None
    _, secret = await world.api_token(user)
    link = await asked(world, api, user)
    client = api.signed_in(user)
    assert await change(client) == []
    assert await client.failed("{ viewer { id } }") == []
    for ended in (other["accessToken"], secret):
        assert await api.bearing(ended).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    assert await log_in(api, user, PASSWORD) is None
    assert await log_in(api, user, NEW)
    assert await reset(api, link) == ["LINK_ENDED"]


async def test_change_password_keeps_api_tokens_if_asked_to(world: World, api: Client) -> None:
    user = await person(world)
    _, secret = await world.api_token(user)
    assert await change(api.signed_in(user), revokeApiTokens=False) == []
    assert await api.bearing(secret).failed("{ viewer { id } }") == []


async def test_change_password_is_refused(world: World, api: Client) -> None:
    user = await person(world)
    client = api.signed_in(user)
    payload = await client.do("changePassword", CHANGE | {"current": "wrong"})
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("WRONG_CREDENTIALS", ["current"])
    assert await change(client, password="12345678") == ["PASSWORD_WEAK"]
    assert await change(client, password="x") == ["INVALID_INPUT"]
    assert await api.mutation_failed("changePassword", CHANGE) == ["UNAUTHENTICATED"]
    async with world.database.session() as session, session.begin():
        await session.execute(AGED)
    assert await change(client) == ["STEP_UP_REQUIRED"]
    assert await log_in(api, user, PASSWORD)


async def test_wrong_passwords_are_limited(world: World, api: Client) -> None:
    """A thief of an access token must not try passwords without end."""
    client = api.signed_in(await person(world))
    for _ in range(5):
        assert await change(client, current="wrong") == ["WRONG_CREDENTIALS"]
    assert await client.mutation_failed("changePassword", CHANGE) == ["RATE_LIMITED"]
