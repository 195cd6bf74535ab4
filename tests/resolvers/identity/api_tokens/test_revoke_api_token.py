"""Tokens for programs, ended by their user."""

from uuid import UUID

import pytest
from sqlmodel import select

from models.identity.revocations import Revocation
from tests.client import Client, gid, unknown
from tests.factories.world import World

FIELDS = "apiToken { id revokedAt }"
VIEWER = "{ viewer { id } }"


async def revoked(world: World) -> list[tuple[str, UUID]]:
    async with world.database.session() as session:
        return [(row.kind, row.subject_id) for row in await session.exec(select(Revocation))]


async def test_revoke_api_token_ends_it_at_once(world: World, api: Client) -> None:
    user = await world.user()
    token, secret = await world.api_token(user)
    other, other_secret = await world.api_token(user)
    payload = await api.signed_in(user).do("revokeApiToken", {"apiTokenId": gid(token)}, FIELDS)
    assert payload["errors"] == []
    assert payload["apiToken"]["revokedAt"]
    assert await api.bearing(secret).failed(VIEWER) == ["UNAUTHENTICATED"]
    assert await api.bearing(other_secret).failed(VIEWER) == []
    assert (await world.fresh(other)).revoked_at is None
    assert await revoked(world) == [("TOKEN", token.id)]


async def test_revoke_api_token_twice_is_revoking_it_once(world: World, api: Client) -> None:
    user = await world.user()
    token, _ = await world.api_token(user)
    client, input = api.signed_in(user), {"apiTokenId": gid(token)}
    first, second = [await client.do("revokeApiToken", input, FIELDS) for _ in range(2)]
    assert first == second
    assert len(await revoked(world)) == 1


@pytest.mark.parametrize("who", ["a stranger", "an admin"])
async def test_revoke_api_token_of_another_user(world: World, api: Client, who: str) -> None:
    token, secret = await world.api_token(await world.user())
    client = api.signed_in(await (world.admin() if who == "an admin" else world.user()))
    assert await client.refusal_codes("revokeApiToken", {"apiTokenId": gid(token)}) == ["NOT_FOUND"]
    assert await api.bearing(secret).failed(VIEWER) == []


async def test_revoke_api_token_of_an_unknown_id(world: World, api: Client) -> None:
    client, input = api.signed_in(await world.user()), {"apiTokenId": unknown("ApiToken")}
    assert await client.refusal_codes("revokeApiToken", input) == ["NOT_FOUND"]
    other = {"apiTokenId": unknown("Offer")}
    assert await client.mutation_failed("revokeApiToken", other) == ["BAD_USER_INPUT"]


async def test_revoke_api_token_as_anonymous(world: World, api: Client) -> None:
    token, _ = await world.api_token(await world.user())
    input = {"apiTokenId": gid(token)}
    assert await api.mutation_failed("revokeApiToken", input) == ["UNAUTHENTICATED"]
