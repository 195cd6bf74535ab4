"""An account made through the API."""

from typing import Any
from uuid import uuid4

from tests.client import Client
from tests.factories.identity import PASSWORD
from tests.factories.world import World

TOKENS = "session { accessToken refreshToken expiresAt }"


async def opened(world: World, api: Client, **values: Any) -> dict[str, str]:
    """Verify a registration with these values, and return the first tokens of its account."""
    sign_up = await world.registration(**values)
    given = {"registrationSecret": sign_up.secret, "code": sign_up.code}
    tokens: dict[str, str] = (await api.do("verifyEmail", given, TOKENS))["session"]
    return tokens


async def opened_twice(world: World, api: Client) -> tuple[dict[str, str], dict[str, str]]:
    """Return the tokens of two sessions of a new account."""
    email = f"{uuid4().hex}@haat.example"
    first = await opened(world, api, email=email)
    account = {"email": email, "password": PASSWORD}
    second: dict[str, str] = (await api.do("logIn", account, TOKENS))["session"]
    return first, second
