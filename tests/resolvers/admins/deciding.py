"""Decisions of admins about users."""

from typing import Any

from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD

REASON = "Vouchers were sold on."


def suspension(user: User, **more: Any) -> dict[str, Any]:
    return {"userId": gid(user), "reason": REASON} | more


async def log_in(api: Client, user: User) -> tuple[list[str], Any]:
    """Return the codes of the refusals of a log-in, and its tokens."""
    given = {"email": email_of(user), "password": PASSWORD}
    payload = await api.do("logIn", given, "session { accessToken refreshToken }")
    return [error["code"] for error in payload["errors"]], payload["session"]


async def change(client: Client, name: str, user: User) -> tuple[str | None, list[str]]:
    """Ask for a change of a user's rights. Return its state, and the codes of the refusals."""
    payload = await client.do(name, {"userId": gid(user)}, "change { state }")
    codes = [error["code"] for error in payload["errors"]]
    return payload["change"] and payload["change"]["state"], codes


async def impersonate(client: Client, user: User, **more: Any) -> tuple[list[str], Client]:
    """Return the codes of the refusals, and a client with the token of the user's account."""
    given = {"userId": gid(user), "reason": "They asked for help.", "minutes": 15} | more
    payload = await client.do("impersonateUser", given, "accessToken")
    codes = [error["code"] for error in payload["errors"]]
    return codes, client.bearing(payload["accessToken"] or "none")
