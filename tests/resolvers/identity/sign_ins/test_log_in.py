"""Signing in, and being made to wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from random import randrange
from typing import Any
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlmodel import select
from starlette.applications import Starlette
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.database import Database
from core.security import passwords
from core.security.passwords import Comparison
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role, User
from services.identity.addresses.sealed_addresses import has_email, lookup_of
from services.identity.sessions.sessions import AuthenticatedUser
from services.identity.sign_ins.known_networks import is_known
from services.identity.sign_ins.sign_ins import log_in
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.races.crowd import crowd
from tests.resolvers.identity.signing_in import sign_in_of

LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { errors { code } } }"
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


def here_address(client: Client) -> str:
    transport: Any = client.http._transport
    address: str = transport.client[0]
    return address


here = pytest.fixture(calling_from_elsewhere, name="here")
there = pytest.fixture(calling_from_elsewhere, name="there")


async def test_log_in_opens_a_session(world: World, here: Client, keys: SigningKeys) -> None:
    user = await world.user(email=unused_email())
    payload = await here.do("logIn", given(email_of(user)), SESSION)
    assert payload["errors"] == []
    assert payload["viewer"]["id"] == gid(user)
    claims = keys.read_access(payload["session"]["accessToken"])
    assert (claims.user_id, claims.admin) == (user.id, False)


async def test_log_in_forgives_the_case_of_the_address(world: World, here: Client) -> None:
    user = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(email_of(user).upper())) == []


async def test_log_in_of_an_admin_signs_an_admins_token(
    world: World, here: Client, keys: SigningKeys
) -> None:
    user = await world.user(email=unused_email(), role=Role.ADMIN)
    session = (await here.do("logIn", given(email_of(user)), SESSION))["session"]
    assert keys.read_access(session["accessToken"]).admin is True


async def test_log_in_twice_is_two_sessions(world: World, here: Client, keys: SigningKeys) -> None:
    user = await world.user(email=unused_email())
    tokens = [(await here.do("logIn", given(email_of(user)), SESSION))["session"] for _ in range(2)]
    ids = {keys.read_access(session["accessToken"]).session_id for session in tokens}
    assert len(ids) == 2


async def test_log_in_names_neither_address_nor_password_as_the_wrong_one(
    world: World, here: Client
) -> None:
    user = await world.user(email=unused_email())
    wrong = await here.do("logIn", given(email_of(user), "wrong"), SESSION)
    unknown = await here.do("logIn", given(unused_email()), SESSION)
    assert wrong == unknown
    assert wrong["errors"][0]["code"] == "WRONG_CREDENTIALS"
    assert wrong["session"] is None


async def fail(client: Client, email: str, times: int = 1) -> None:
    for _ in range(times):
        assert await client.refusal_codes("logIn", given(email, "x")) == ["WRONG_CREDENTIALS"]


async def is_slowed(client: Client, email: str, password: str = PASSWORD) -> bool:
    return await client.mutation_failed("logIn", given(email, password)) == ["RATE_LIMITED"]


@pytest.fixture
async def client_at(app: Starlette, api: Client) -> AsyncIterator[Callable[[str], Client]]:
    """Return a client that calls from an IP address."""
    async with AsyncExitStack() as stack:

        def connect(address: str) -> Client:
            transport = httpx.ASGITransport(app=app, client=(address, 1))
            http = httpx.AsyncClient(transport=transport, base_url="http://haat")
            stack.push_async_callback(http.aclose)
            return replace(api, http=http)

        yield connect


async def test_log_in_is_slowed_per_account_and_network(
    world: World, here: Client, there: Client
) -> None:
    user, other = await world.user(email=unused_email()), await world.user(email=unused_email())
    await fail(here, email_of(user), 5)
    assert await is_slowed(here, email_of(user))
    assert await is_slowed(here, email_of(user).upper())
    assert not await is_slowed(here, email_of(other))
    assert not await is_slowed(there, email_of(user))


@pytest.mark.parametrize("spelling", ["l{}ly", "L{}LY"])
async def test_log_in_counts_all_spellings_that_the_database_takes_for_one(
    world: World, here: Client, spelling: str
) -> None:
    """PostgreSQL compares İ and i as equal, Python's lower() does not."""
    tail = unused_email()
    user = await world.user(email="lily" + tail)
    tried = [spelling.format(letter) + tail for letter in "iİIi"]
    same = [await here.refusal_codes("logIn", given(email)) == [] for email in tried]
    await fail(here, email_of(user), 10)  # it has signed in here
    for email, reaches_account in zip(tried, same, strict=True):
        assert await is_slowed(here, email) is reaches_account


async def test_log_in_to_an_unknown_account_is_slowed_likewise(here: Client) -> None:
    email = unused_email()
    await fail(here, email, 5)
    assert await is_slowed(here, f" {email.upper()}", "x")


async def test_log_in_of_an_owner_at_home_is_not_slowed_by_others(
    world: World, here: Client, client_at: Callable[[str], Client]
) -> None:
    user = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(email_of(user))) == []
    for number in range(10):
        await fail(client_at(f"{uuid4().hex}-{number}"), email_of(user), 5)
    assert await is_slowed(client_at(uuid4().hex), email_of(user)), "50 guesses an hour"
    assert not await is_slowed(here, email_of(user))


async def test_a_network_is_known_for_30_days(
    world: World, here: Client, database: Database
) -> None:
    user = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(email_of(user))) == []
    await fail(here, email_of(user), 10)
    assert await is_slowed(here, email_of(user)), "twice as many as elsewhere"
    async with database.session() as session, session.begin():
        await session.execute(text("UPDATE known_network SET used_at = now() - interval '31 days'"))
    other = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(email_of(other))) == []
    async with database.session() as session, session.begin():
        assert await is_known(session, other.id, here_address(here))
        assert not await is_known(session, user.id, here_address(here))


async def test_a_session_from_verify_email_makes_the_network_known(
    world: World, here: Client, database: Database
) -> None:
    sign_up = await world.registration(email=unused_email())
    verification = {"registrationSecret": sign_up.secret, "code": sign_up.code}
    assert await here.refusal_codes("verifyEmail", verification) == []
    async with database.session() as session:
        user = (
            await session.exec(select(User).where(has_email(User, lookup_of(sign_up.row))))
        ).one()
        assert await is_known(session, user.id, here_address(here))


async def test_log_in_to_many_accounts_from_one_network_is_slowed(
    world: World, here: Client, there: Client
) -> None:
    resident, newcomer = [await world.user(email=unused_email()) for _ in range(2)]
    assert await here.refusal_codes("logIn", given(email_of(resident))) == []
    for stranger in await crowd(world, 20):
        await fail(here, email_of(stranger), 5)
    assert await is_slowed(here, email_of(newcomer))
    assert not await is_slowed(there, email_of(newcomer))
    assert not await is_slowed(here, email_of(resident)), "signed in here before"


async def test_log_in_does_not_reveal_the_networks_of_an_account(
    world: World, here: Client
) -> None:
    """A wrong password is answered alike, whether or not the account is known in the network."""
    resident = await world.user(email=unused_email())
    assert await here.refusal_codes("logIn", given(email_of(resident))) == []
    for stranger in await crowd(world, 20):
        await fail(here, email_of(stranger), 5)
    answers = [
        await here.send(LOG_IN, input=given(email, "x"))
        for email in (email_of(resident), unused_email())
    ]
    assert answers[0]["errors"] == answers[1]["errors"]


async def test_log_in_of_addresses_in_one_ipv6_network_are_counted_together(
    world: World, client_at: Callable[[str], Client]
) -> None:
    user = await world.user(email=unused_email())
    network = ":".join(f"{randrange(0x10000):x}" for _ in range(4))
    for number in range(1, 6):
        await fail(client_at(f"{network}::{number:x}"), email_of(user))
    assert await is_slowed(client_at(f"{network}:aaaa::"), email_of(user))


@pytest.mark.parametrize(
    ("peer", "forwarded"), [("203.0.113.{}", "{}"), ("10.0.0.9", "{}, 203.0.113.{}")]
)
async def test_log_in_counts_an_address_that_the_caller_cannot_choose(
    app: Starlette, api: Client, peer: str, forwarded: str
) -> None:
    """Neither past the proxy, nor in front of what the proxy adds."""
    own, email = randrange(256), unused_email()
    transport = httpx.ASGITransport(
        app=ProxyHeadersMiddleware(app, "10.0.0.9"),  # type: ignore[arg-type]
        client=(peer.format(own), 1),
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        for number in range(6):
            chosen = f"198.51.100.{number}"
            headers = {"X-Forwarded-For": forwarded.format(chosen, own)}
            client = replace(api, http=http, headers=headers)
            if number < 5:
                await fail(client, email)
        assert await is_slowed(client, email)


@pytest.mark.parametrize(("accounts", "allowed"), [(1, 5), (120, 100)])
async def test_log_in_with_many_guesses_at_once_is_slowed(
    world: World, here: Client, accounts: int, allowed: int
) -> None:
    emails = [email_of(user) for user in await crowd(world, accounts)] * (120 // accounts)
    guesses = (here.mutation_failed("logIn", given(email, "guess")) for email in emails)
    slowed = (await asyncio.gather(*guesses)).count(["RATE_LIMITED"])
    assert slowed == 120 - allowed


async def test_log_in_well_is_never_slowed(world: World, here: Client) -> None:
    user = await world.user(email=unused_email())
    for _ in range(21):
        assert await here.refusal_codes("logIn", given(email_of(user))) == []
    at_once = (here.refusal_codes("logIn", given(email_of(user))) for _ in range(20))
    assert await asyncio.gather(*at_once) == [[]] * 20


async def test_log_in_with_text_that_is_none(world: World, here: Client) -> None:
    """Neither has an account, nor reaches the database."""
    for email in ("a\x00@haat.example", "l\u0130ly@haat.example", "a", ""):
        assert await here.refusal_codes("logIn", given(email)) == ["WRONG_CREDENTIALS"]


async def test_texts_that_are_no_addresses_share_no_limit(world: World, here: Client) -> None:
    """A stranger could use it up for everyone who mistypes."""
    text = f"no address {uuid4()}"
    for _ in range(5):
        await here.refusal_codes("logIn", given(text, "guess"))
    assert await here.mutation_failed("logIn", given(text)) == ["RATE_LIMITED"]
    other = given(f"asha {uuid4()}@")
    assert await here.refusal_codes("logIn", other) == ["WRONG_CREDENTIALS"]


async def test_log_in_hashes_for_an_address_that_can_have_no_account(
    world: World, here: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str | None] = []
    compare = passwords.compare

    def record(password: str, hashed: str | None) -> Comparison:
        compared.append(hashed)
        return compare(password, hashed)

    monkeypatch.setattr(passwords, "compare", record)
    for email in (unused_email(), "l\u0130ly@haat.example", ""):
        await here.refusal_codes("logIn", given(email))
    assert compared == [None] * 3


async def test_log_in_replaces_an_outdated_hash(
    world: World, here: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await world.user(email=unused_email())
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(2, 16, 1))
    assert await here.refusal_codes("logIn", given(email_of(user), "wrong")) == [
        "WRONG_CREDENTIALS"
    ]
    assert (await world.fresh(user)).password_hash == user.password_hash
    assert await here.refusal_codes("logIn", given(email_of(user))) == []
    upgraded = (await world.fresh(user)).password_hash
    assert "m=16,t=2,p=1" in upgraded
    assert await here.refusal_codes("logIn", given(email_of(user))) == []
    assert (await world.fresh(user)).password_hash == upgraded


async def test_log_in_keeps_the_hash_of_a_password_that_was_changed_meanwhile(
    world: World, database: Database, keys: SigningKeys
) -> None:
    user = await world.user()
    former = user.model_copy(update={"password_hash": "former"})
    found = AuthenticatedUser(former, new_hash="upgraded")
    async with database.session() as session, session.begin():
        await log_in(session, sign_in_of(database, keys), found)
    assert (await world.fresh(user)).password_hash == user.password_hash


async def test_log_in_six_times_in_one_document_is_too_expensive(
    world: World, here: Client
) -> None:
    fields = "".join(
        f'a{number}: logIn(input: {{email: "a", password: "b"}}) {{ errors {{ code }} }} '
        for number in range(6)
    )
    assert await here.failed(f"mutation {{ {fields} }}") == ["QUERY_TOO_COMPLEX"]
