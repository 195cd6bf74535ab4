"""Passkeys that are added to accounts."""

from typing import Any

from models.identity.accounts import User
from tests.authenticator import SoftAuthenticator
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.identity.signing_in import codes_of

START = "challengeId options"


async def started(client: Client, purpose: str) -> dict[str, Any]:
    return await client.do("startPasskey", {"purpose": purpose}, START)


async def register(client: Client, device: SoftAuthenticator) -> dict[str, Any]:
    start = await started(client, "REGISTER_PASSKEY")
    given = {
        "challengeId": start["challengeId"],
        "credential": device.create(start["options"]),
        "name": "Phone",
    }
    return await client.do("registerPasskey", given, "passkey { id name } recoveryCodes")


async def owner_of(world: World, api: Client, device: SoftAuthenticator) -> User:
    """Return a new user with a passkey."""
    user = await world.user()
    assert codes_of(await register(api.signed_in(user), device)) == []
    return user
