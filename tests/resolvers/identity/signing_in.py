"""Sign-ins in two steps."""

from typing import Any

from models.identity.accounts import User
from tests.client import Client
from tests.factories.identity import PASSWORD

STEP = "session { accessToken refreshToken } secondFactor { challengeId methods }"
SESSION = "session { accessToken refreshToken } viewer { id }"


async def first_step(api: Client, user: User) -> dict[str, Any]:
    """Give the right password. Returns the payload."""
    payload = await api.do("logIn", {"email": user.email, "password": PASSWORD}, STEP)
    assert payload["errors"] == []
    return payload


async def challenge_of(api: Client, user: User) -> str:
    """Give the right password of a user with a factor. Returns the challenge's id."""
    challenge_id: str = (await first_step(api, user))["secondFactor"]["challengeId"]
    return challenge_id


async def second_step(api: Client, challenge_id: str, **proof: str) -> dict[str, Any]:
    """Give the factor. Returns the payload."""
    return await api.do("confirmSecondFactor", {"challengeId": challenge_id, **proof}, SESSION)


def codes_of(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]
