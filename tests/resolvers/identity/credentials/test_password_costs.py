"""Hashes of passwords are limited apart from points, and do not keep others from reading."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from core.limits import keys as keys_of_limits
from core.limits.buckets import TokenBucket
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security import passwords
from core.security.passwords import Comparison
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.password_resets import PasswordReset
from services.identity.passwords import hashing_limits
from services.identity.passwords.hashing_limits import MAX_KNOWN_HASHES, HashingLimits
from tests.client import Client
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.test_accept_admin_invitation import invite
from tests.web.conftest import called

LOG_IN = """
mutation ($email: String!, $password: String!) {
  logIn(input: { email: $email, password: $password }) { errors { code } viewer { id } }
}
"""
READ = "{ offers(first: 1) { nodes { id } } }"


ATTEMPTS = 20


def email() -> str:
    return f"{uuid4().hex}@haat.example"


@pytest.fixture
async def client(
    settings: Settings, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """Return a client of an app with low limits, in a network of its own.

    What is counted there stays counted: on a busy machine, buckets would leak during a test.
    """
    monkeypatch.setattr(hashing_limits, "EMPTY_SECONDS", 10**6)
    monkeypatch.setattr(TokenBucket, "of", lambda size, minutes: TokenBucket(size, size / 10**6))
    limited = {
        "anonymous_points": 20_000,
        "points_per_second": 50,
        "log_in_attempts_per_network": ATTEMPTS,
    }
    async with called(settings.model_copy(update=limited)) as http:
        http._transport.client = (uuid4().hex, 1)  # type: ignore[attr-defined]
        yield Client(http, keys)


async def fill(client: Client, settings: Settings) -> None:
    """Hash as many passwords in the network as it may."""
    transport: Any = client.http._transport
    limits, allowance = RateLimits(settings.redis), RedisAllowance()
    bucket = HashingLimits(limits, settings).of_network(transport.client[0])
    while (await limits.charge(bucket, 1, allowance)).allowed:
        pass
    await limits.close()


async def empty_points(client: Client, settings: Settings) -> None:
    """Take the points of the network until some seconds from now."""
    transport: Any = client.http._transport
    limits = RateLimits(settings.redis)
    bucket = {keys_of_limits.of_network(transport.client[0]): TokenBucket(10**9, 50)}
    await limits.charge(bucket, 100_000, RedisAllowance())
    await limits.close()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record what is hashed."""
    recorded: list[str] = []
    hash_password, compare = passwords.hash_password, passwords.compare

    def hash_and_record(password: str) -> str:
        recorded.append(password)
        return hash_password(password)

    def compare_and_record(password: str, known: str | None) -> Comparison:
        recorded.append(password)
        return compare(password, known)

    monkeypatch.setattr(passwords, "hash_password", hash_and_record)
    monkeypatch.setattr(passwords, "compare", compare_and_record)
    return recorded


async def registering(_: World, client: Client) -> tuple[Client, dict[str, str]]:
    return client, {"email": email(), "password": "purple monkey 7 dishwasher", "name": "A"}


async def verifying(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    sign_up = await world.registration(email=email())
    return client, {"token": sign_up.token, "password": "purple monkey 7 dishwasher"}


async def accepting(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    token = await invite(world, email())
    return client, {"token": token, "password": "purple monkey 7 dishwasher", "name": "A"}


async def logging_in(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    return client, {"email": email_of(await world.user(email=email())), "password": PASSWORD}


async def reauthenticating(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    return client.signed_in(await world.user(email=email())), {"password": PASSWORD}


async def resetting(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    user, token = await world.user(email=email()), uuid4().hex
    hashed = hash_secret(token)
    reset = PasswordReset(user_id=user.id, epoch=0, token_hash=hashed)
    await world.save(give_email(world.sealer, reset, email_of(user)))
    return client, {"token": token, "password": "purple monkey 7 dishwasher"}


async def changing(world: World, client: Client) -> tuple[Client, dict[str, str]]:
    caller = client.signed_in(await world.user(email=email()))
    return caller, {"current": PASSWORD, "password": "purple monkey 7 dishwasher"}


HASHES = {"changePassword": 2}  # others hash or compare one password
PREPARE: dict[str, Callable[[World, Client], Awaitable[tuple[Client, dict[str, str]]]]] = {
    "register": registering,
    "verifyEmail": verifying,
    "acceptAdminInvitation": accepting,
    "logIn": logging_in,
    "reauthenticate": reauthenticating,
    "resetPassword": resetting,
    "changePassword": changing,
}


def test_every_mutation_with_a_password_is_known(graph: GraphQLSchema) -> None:
    """One that is missing below may have the server hash for minutes."""
    mutations: Any = graph.mutation_type
    found = set()
    for name, field in mutations.fields.items():
        given = [get_named_type(argument.type) for argument in field.args.values()]
        inputs = [one for one in given if isinstance(one, GraphQLInputObjectType)]
        if any("password" in field.lower() for one in inputs for field in one.fields):
            found.add(name)
    assert found == PREPARE.keys()


@pytest.mark.parametrize("mutation", PREPARE)
async def test_hashes_of_a_network_are_limited(
    world: World, client: Client, settings: Settings, hashed: list[str], mutation: str
) -> None:
    caller, given = await PREPARE[mutation](world, client)
    assert await caller.refusal_codes(mutation, given) == []
    hashes = HASHES.get(mutation, 1)
    assert len(hashed) == hashes
    caller, given = await PREPARE[mutation](world, client)
    await fill(client, settings)
    assert await caller.mutation_failed(mutation, given) == ["RATE_LIMITED"]
    assert len(hashed) == hashes, "refused before it was hashed"


async def test_attempts_to_sign_in_do_not_stop_others_behind_the_same_address(
    world: World, client: Client, hashed: list[str]
) -> None:
    """An attacker behind a carrier's NAT tries 40 passwords at once, and goes on."""
    resident = await world.user(email=email())
    account = {"email": email_of(resident), "password": PASSWORD}
    assert await client.refusal_codes("logIn", account) == []
    hashed.clear()

    async def attempt() -> list[str]:
        answer = await client.send(LOG_IN, email=email(), password="x")
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    refused = (await asyncio.gather(*(attempt() for _ in range(2 * ATTEMPTS)))).count(
        ["RATE_LIMITED"]
    )
    assert len(hashed) + refused == 2 * ATTEMPTS
    assert len(hashed) == ATTEMPTS, "LOG_IN_ATTEMPTS_PER_NETWORK acts first"
    assert await client.failed(READ) == []
    assert await client.refusal_codes("logIn", account) == [], "known here"
    newcomer = await world.user(email=email())
    given = {"email": email_of(newcomer), "password": PASSWORD}
    assert await client.mutation_failed("logIn", given) == ["RATE_LIMITED"]


async def test_a_full_network_does_not_stop_known_accounts(
    world: World, client: Client, settings: Settings
) -> None:
    resident, newcomer = await world.user(email=email()), await world.user(email=email())
    account = {"email": email_of(resident), "password": PASSWORD}
    assert await client.refusal_codes("logIn", account) == []
    await fill(client, settings)
    for _ in range(3):
        assert await client.refusal_codes("logIn", account) == []
    other = {"email": email_of(newcomer), "password": PASSWORD}
    assert await client.mutation_failed("logIn", other) == ["RATE_LIMITED"]
    wrong = [
        await client.mutation_failed("logIn", {"email": email_of(one), "password": "x"})
        for one in (resident, newcomer)
    ]
    assert wrong == [["RATE_LIMITED"]] * 2, "the answers do not reveal where an account is known"


async def test_the_owner_of_an_account_cannot_have_the_server_hash_without_end(
    world: World, client: Client, hashed: list[str]
) -> None:
    account = {"email": email_of(await world.user(email=email())), "password": PASSWORD}
    await client.refusal_codes("logIn", account)
    hashed.clear()
    answers = [await client.send(LOG_IN, **account) for _ in range(MAX_KNOWN_HASHES + 20)]
    assert len(hashed) == MAX_KNOWN_HASHES
    assert "RATE_LIMITED" in str(answers[-1])


async def test_readers_cannot_keep_others_of_their_network_from_signing_in(
    world: World, client: Client, settings: Settings
) -> None:
    account = {"email": email_of(await world.user(email=email())), "password": PASSWORD}
    assert "errors" not in await client.send(LOG_IN, **account)  # the document is known now
    await empty_points(client, settings)
    assert await client.failed(READ) == ["RATE_LIMITED"]
    assert "errors" not in await client.send(LOG_IN, **account)
