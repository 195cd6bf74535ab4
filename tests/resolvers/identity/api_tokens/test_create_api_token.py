"""Tokens for programs, made by their user."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.security import tokens
from models.identity.api_tokens import ApiToken
from tests.client import Client
from tests.factories.world import World

FIELDS = "secret apiToken { id name prefix scopes createdAt lastUsedAt expiresAt revokedAt }"
TILL: dict[str, Any] = {"name": " Till ", "scopes": ["WRITE", "READ", "READ"]}
LONG_AGO = timedelta(hours=2)
SOON = (now() + timedelta(days=1)).isoformat()


async def kept(world: World) -> list[ApiToken]:
    async with world.database.session() as session:
        return list(await session.exec(select(ApiToken)))


async def test_create_api_token_returns_its_secret_once_and_stores_its_hash(
    world: World, api: Client
) -> None:
    user = await world.user()
    payload = await api.signed_in(user).do("createApiToken", TILL, FIELDS)
    assert payload["errors"] == []
    secret, token = payload["secret"], payload["apiToken"]
    assert tokens.is_token(secret)
    assert token["name"] == "Till"
    assert token["scopes"] == ["READ", "WRITE"]
    assert [token[end] for end in ("lastUsedAt", "revokedAt")] == [None, None]
    (row,) = await kept(world)
    assert timedelta(days=89, hours=23) < row.expires_at - now() <= timedelta(days=90)
    assert row.token_hash == hashlib.sha256(secret.encode()).digest()
    assert (row.user_id, row.prefix, token["prefix"]) == (user.id, secret[:9], secret[:9])
    assert secret not in str(row)
    assert (await api.bearing(secret).ask("{ viewer { name } }"))["viewer"]["name"] == user.name


async def test_create_api_token_with_an_end(world: World, api: Client) -> None:
    end = (now() + timedelta(days=30)).isoformat()
    client = api.signed_in(await world.user())
    payload = await client.do("createApiToken", TILL | {"expiresAt": end}, FIELDS)
    assert payload["errors"] == []
    assert payload["apiToken"]["expiresAt"][:19] == end[:19]


@pytest.mark.parametrize("days", [1, 365])
async def test_create_api_token_for_some_days(world: World, api: Client, days: int) -> None:
    client = api.signed_in(await world.user())
    assert await client.refusal_codes("createApiToken", TILL | {"expiresInDays": days}) == []
    (row,) = await kept(world)
    assert timedelta(days=days - 1, hours=23) < row.expires_at - now() <= timedelta(days=days)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, ["name"]),
        ({"name": "x" * 81}, ["name"]),
        ({"scopes": []}, ["scopes"]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, ["expiresAt"]),
        ({"expiresAt": "2040-01-01T00:00:00Z"}, ["expiresAt"]),
        ({"expiresInDays": 0}, ["expiresInDays"]),
        ({"expiresInDays": 366}, ["expiresInDays"]),
        ({"expiresInDays": 1, "expiresAt": SOON}, []),
    ],
)
async def test_create_api_token_out_of_range(
    world: World, api: Client, wrong: dict[str, Any], field: list[str]
) -> None:
    payload = await api.signed_in(await world.user()).do("createApiToken", TILL | wrong, FIELDS)
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
    assert (payload["secret"], payload["apiToken"], await kept(world)) == (None, None, [])


async def test_create_api_token_of_an_unknown_scope(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    wrong = TILL | {"scopes": ["ADMIN"]}
    assert await client.mutation_failed("createApiToken", wrong) == ["BAD_USER_INPUT"]


async def test_create_api_token_as_anonymous(world: World, api: Client) -> None:
    assert await api.mutation_failed("createApiToken", TILL) == ["UNAUTHENTICATED"]


async def test_create_api_token_twenty_times_and_no_more(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    for _ in range(19):
        await world.api_token(user, created_at=now() - LONG_AGO)
    assert await api.signed_in(user).refusal_codes("createApiToken", TILL) == []
    assert await api.signed_in(user).refusal_codes("createApiToken", TILL) == [
        "API_TOKEN_LIMIT_REACHED"
    ]
    assert await api.signed_in(other).refusal_codes("createApiToken", TILL) == []


async def test_create_api_token_replaces_one_that_has_ended(world: World, api: Client) -> None:
    """A new token is not replaced, or revoking and creating would refill the budget."""
    user = await world.user()
    client = api.signed_in(user)
    for _ in range(18):
        await world.api_token(user)
    made = now() - LONG_AGO
    await world.api_token(user, created_at=made, revoked_at=now())
    await world.api_token(user, created_at=made, expires_at=now() - timedelta(minutes=1))
    await world.api_token(user, revoked_at=now())
    assert await client.refusal_codes("createApiToken", TILL) == []
    assert await client.refusal_codes("createApiToken", TILL) == ["API_TOKEN_LIMIT_REACHED"]
