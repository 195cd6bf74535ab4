"""Signing in, and being made to wait."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from core.limits.keyed_semaphore import MAX_CONCURRENT
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role
from tests.client import Client, gid
from tests.factories.identity import PASSWORD
from tests.factories.world import World

SESSION = "viewer { id } session { accessToken refreshToken expiresAt }"


def given(email: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


def unused_email() -> str:
    """Return a new address, because attempts are counted in Redis, which all tests share."""
    return f"{uuid4().hex}@haat.example"


async def calling_from_elsewhere(app: Starlette, api: Client) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=app, client=(uuid4().hex, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield replace(api, http=http)


here = pytest.fixture(calling_from_elsewhere, name="here")
there = pytest.fixture(calling_from_elsewhere, name="there")


async def test_log_in_opens_a_session(world: World, here: Client, keys: SigningKeys) -> None:
    user = await world.user(email=unused_email())
    payload = await here.do("logIn", given(user.email), SESSION)
    assert payload["errors"] == []
    assert payload["viewer"]["id"] == gid(user)
    claims = keys.read_access(payload["session"]["accessToken"])
    assert (claims.user_id, claims.admin) == (user.id, False)


async def test_log_in_forgives_the_case_of_the_address(world: World, here: Client) -> None:
    user = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(user.email.upper())) == []


async def test_log_in_of_an_admin_signs_an_admins_token(
    world: World, here: Client, keys: SigningKeys
) -> None:
    user = await world.user(email=unused_email(), role=Role.ADMIN)
    session = (await here.do("logIn", given(user.email), SESSION))["session"]
    assert keys.read_access(session["accessToken"]).admin is True


async def test_log_in_twice_is_two_sessions(world: World, here: Client, keys: SigningKeys) -> None:
    user = await world.user(email=unused_email())
    tokens = [(await here.do("logIn", given(user.email), SESSION))["session"] for _ in range(2)]
    ids = {keys.read_access(session["accessToken"]).session_id for session in tokens}
    assert len(ids) == 2


async def test_log_in_names_neither_address_nor_password_as_the_wrong_one(
    world: World, here: Client
) -> None:
    user = await world.user(email=unused_email())
    wrong = await here.do("logIn", given(user.email, "wrong"), SESSION)
    unknown = await here.do("logIn", given(unused_email()), SESSION)
    assert wrong == unknown
    assert wrong["errors"][0]["code"] == "WRONG_CREDENTIALS"
    assert wrong["session"] is None


async def test_log_in_to_one_account_from_many_places_is_slowed(
    world: World, here: Client, there: Client
) -> None:
    user = await world.user(email=unused_email())
    for _ in range(20):
        assert await here.refusal_codes("logIn", given(user.email, "x")) == ["WRONG_CREDENTIALS"]
    assert await there.mutation_failed("logIn", given(user.email)) == ["RATE_LIMITED"]
    assert await there.mutation_failed("logIn", given(user.email.upper())) == ["RATE_LIMITED"]


async def test_log_in_to_many_accounts_from_one_place_is_slowed(
    world: World, here: Client, there: Client
) -> None:
    user, *others = [await world.user(email=unused_email()) for _ in range(21)]
    for other in others:
        assert await here.refusal_codes("logIn", given(other.email, "x")) == ["WRONG_CREDENTIALS"]
    assert await here.mutation_failed("logIn", given(user.email)) == ["RATE_LIMITED"]
    assert await there.refusal_codes("logIn", given(user.email)) == []


@pytest.mark.parametrize("one_account", [True, False])
async def test_log_in_with_many_guesses_at_once_is_slowed(
    world: World, here: Client, one_account: bool
) -> None:
    users = [await world.user(email=unused_email()) for _ in range(1 if one_account else 60)]
    guessed = [user.email for user in users] * (60 // len(users))
    guesses = (here.mutation_failed("logIn", given(email, "guess")) for email in guessed)
    slowed = (await asyncio.gather(*guesses)).count(["RATE_LIMITED"])
    assert 60 - 20 - MAX_CONCURRENT < slowed <= 60 - 20


async def test_log_in_well_is_never_slowed(world: World, here: Client) -> None:
    user = await world.user(email=unused_email())
    for _ in range(21):
        assert await here.refusal_codes("logIn", given(user.email)) == []


async def test_log_in_with_text_that_is_none(world: World, here: Client) -> None:
    assert await here.mutation_failed("logIn", given("a\x00@haat.example")) == ["BAD_USER_INPUT"]
