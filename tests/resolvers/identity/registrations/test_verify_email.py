"""Verifying an address: by code in the client that registered, or by link."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from core.security.signing_keys import SigningKeys
from models.identity.accounts import User
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD, SignUp
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.identity.mailbox import read_mail, wrong

ACCOUNT = "viewer { id name email role } session { accessToken refreshToken }"
LEFT = (
    "mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) {"
    " errors { code message ... on CodeWrong { left } } } }"
)
NEW_PASSWORD = "kitchen-ladder-74-plum"


def by_code(sign_up: SignUp, **changes: str) -> dict[str, str]:
    return {"registrationSecret": sign_up.secret, "code": sign_up.code} | changes


def by_link(sign_up: SignUp, **changes: str) -> dict[str, str]:
    return {"token": sign_up.token} | changes


async def users(database: Database) -> list[User]:
    async with database.session() as session:
        return list((await session.exec(select(User))).all())


async def log_in(api: Client, email: str, password: str) -> list[str]:
    return await api.refusal_codes("logIn", {"email": email, "password": password})


async def test_register_and_verify_and_log_in(
    world: World, api: Client, database: Database, keys: SigningKeys
) -> None:
    given = {"email": f"{uuid4().hex}@haat.example", "password": PASSWORD, "name": "Asha"}
    secret = (await api.do("register", given, "registrationSecret"))["registrationSecret"]
    proof = await read_mail(world, given["email"])
    spaced = f" {proof.code[:3]} {proof.code[3:]} "  # as people type it
    payload = await api.do("verifyEmail", {"registrationSecret": secret, "code": spaced}, ACCOUNT)
    assert payload["errors"] == []
    viewer = payload["viewer"]
    assert (viewer["name"], viewer["email"], viewer["role"]) == ("Asha", given["email"], "USER")
    client = api.bearing(payload["session"]["accessToken"])
    assert (await client.ask("{ viewer { id } }"))["viewer"]["id"] == viewer["id"]
    assert keys.read_access(payload["session"]["accessToken"]).admin is False
    refresh = {"refreshToken": payload["session"]["refreshToken"]}
    assert await api.refusal_codes("refreshSession", refresh) == []
    assert await log_in(api, given["email"].upper(), PASSWORD) == []


async def test_verify_email_by_link_in_the_client_that_registered(
    world: World, api: Client
) -> None:
    sign_up = await world.registration()
    given = by_link(sign_up, registrationSecret=sign_up.secret)
    assert (await api.do("verifyEmail", given, ACCOUNT))["session"]
    assert await log_in(api, email_of(sign_up.row), PASSWORD) == []


@pytest.mark.parametrize("other", [{}, {"registrationSecret": "of another registration"}])
async def test_verify_email_by_link_elsewhere_needs_a_new_password(
    world: World, api: Client, database: Database, other: dict[str, str]
) -> None:
    """The password of the registration may be that of an attacker."""
    sign_up = await world.registration()
    payload = await api.do("verifyEmail", by_link(sign_up, **other), ACCOUNT)
    assert [(e["code"], e["field"]) for e in payload["errors"]] == [
        ("PASSWORD_NEEDED", ["password"])
    ]
    assert payload["session"] is None
    assert await users(database) == []
    given = by_link(sign_up, password=NEW_PASSWORD, **other)
    assert (await api.do("verifyEmail", given, ACCOUNT))["session"]
    assert await log_in(api, email_of(sign_up.row), PASSWORD) == ["WRONG_CREDENTIALS"]
    assert await log_in(api, email_of(sign_up.row), NEW_PASSWORD) == []


@pytest.mark.parametrize(
    ("password", "code"), [("password", "PASSWORD_WEAK"), ("x" * 7, "INVALID_INPUT")]
)
async def test_verify_email_with_a_bad_new_password_can_be_repeated(
    world: World, api: Client, password: str, code: str
) -> None:
    sign_up = await world.registration()
    given = by_link(sign_up, password=password)
    assert await api.refusal_codes("verifyEmail", given) == [code]
    assert await api.refusal_codes("verifyEmail", by_link(sign_up, password=NEW_PASSWORD)) == []


async def test_verify_email_twice(world: World, api: Client, database: Database) -> None:
    sign_up = await world.registration()
    assert await api.refusal_codes("verifyEmail", by_code(sign_up)) == []
    for again in (by_code(sign_up), by_link(sign_up, password=NEW_PASSWORD)):
        assert await api.refusal_codes("verifyEmail", again) == ["CODE_ENDED"]
    assert len(await users(database)) == 1
    assert await log_in(api, email_of(sign_up.row), PASSWORD) == []


async def test_verify_email_after_a_day(world: World, api: Client, database: Database) -> None:
    sign_up = await world.registration(expires_at=now() - timedelta(seconds=1))
    for given in (by_code(sign_up), by_link(sign_up, password=NEW_PASSWORD)):
        assert await api.refusal_codes("verifyEmail", given) == ["CODE_ENDED"]
    assert await users(database) == []


async def test_verify_email_five_wrong_codes_end_the_code(
    world: World, api: Client, database: Database
) -> None:
    sign_up = await world.registration()
    guess = by_code(sign_up, code=wrong(sign_up.code))
    left = []
    for _ in range(5):
        (error,) = (await api.ask(LEFT, input=guess))["verifyEmail"]["errors"]
        left.append((error["code"], error["left"]))
    assert left == [("CODE_WRONG", number) for number in (4, 3, 2, 1, 0)]
    assert await api.refusal_codes("verifyEmail", by_code(sign_up)) == ["CODE_ENDED"]
    assert await users(database) == []
    assert (await world.fresh(sign_up.row)).tries == 5
    # The mailbox still proves the address: only the client that registered can use tries up.
    assert await api.refusal_codes("verifyEmail", by_link(sign_up, password=NEW_PASSWORD)) == []


async def test_verify_email_with_the_code_of_another_registration(
    world: World, api: Client, database: Database
) -> None:
    mine, other = (
        await world.registration(),
        await world.registration(code_hash=None, token_hash=None),
    )
    given = by_code(other, code=mine.code)
    assert await api.refusal_codes("verifyEmail", given) == ["CODE_WRONG"]
    unknown = by_code(mine, registrationSecret="of no registration")
    assert await api.refusal_codes("verifyEmail", unknown) == ["CODE_ENDED"]
    assert await api.refusal_codes("verifyEmail", {"token": "unknown"}) == ["CODE_ENDED"]
    assert await users(database) == []


async def test_verify_email_of_one_address_that_was_registered_twice(
    world: World, api: Client, database: Database
) -> None:
    """The first that is verified becomes the account; the other has no effect, even on its name."""
    email = f"{uuid4().hex}@haat.example"
    attacker = await world.registration(email=email, name="Attacker")
    owner = await world.registration(email=email, name="Owner")
    assert await api.refusal_codes("verifyEmail", by_code(owner)) == []
    payload = await api.do("verifyEmail", by_code(attacker), ACCOUNT)
    assert [error["code"] for error in payload["errors"]] == ["EMAIL_TAKEN"]
    assert payload["session"] is None
    assert [user.name for user in await users(database)] == ["Owner"]
    assert (await world.fresh(attacker.row)).used_at is not None
    assert await api.refusal_codes("verifyEmail", by_code(attacker)) == ["CODE_ENDED"]


async def test_verify_email_of_an_address_with_an_account_is_refused_as_a_wrong_code(
    world: World, api: Client, database: Database
) -> None:
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    given = {"email": email_of(user), "password": PASSWORD, "name": "Eve"}
    secret = (await api.do("register", given, "registrationSecret"))["registrationSecret"]
    await read_mail(world, email_of(user))
    for code in ("000000", ""):
        guess = {"registrationSecret": secret, "code": code}
        assert await api.refusal_codes("verifyEmail", guess) == ["CODE_WRONG"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"code": "123456"},
        {"registrationSecret": "x"},
        {"password": NEW_PASSWORD},
        {"token": "x" * 201},
        {"registrationSecret": "x" * 201, "code": "1"},
        {"registrationSecret": "x", "code": "1" * 41},
    ],
)
async def test_verify_email_with_bad_input(world: World, api: Client, given: Any) -> None:
    assert await api.refusal_codes("verifyEmail", given) == ["INVALID_INPUT"]


async def test_verify_email_while_signed_in_as_another_user(world: World, api: Client) -> None:
    user, sign_up = await world.user(), await world.registration()
    payload = await api.signed_in(user).do("verifyEmail", by_code(sign_up), ACCOUNT)
    assert payload["viewer"]["email"] == email_of(sign_up.row)
    assert (await world.fresh(user)).name == user.name


async def test_verify_email_and_log_in_are_audited(world: World, api: Client) -> None:
    admin, sign_up = await world.admin(), await world.registration()
    await api.do("verifyEmail", by_code(sign_up, code=wrong(sign_up.code)))
    created = await api.do("verifyEmail", by_code(sign_up), ACCOUNT)
    for password in (PASSWORD, "wrong"):
        await log_in(api, email_of(sign_up.row), password)
    user_id = created["viewer"]["id"]
    for act, expected in (
        ("CREATE_ACCOUNT", {(None, user_id), ("CODE_WRONG", None)}),
        ("LOG_IN", {(None, user_id), ("WRONG_CREDENTIALS", user_id)}),
    ):
        async with asyncio.timeout(20):  # refusals are stored every second
            while True:
                entries = await read_log(api.signed_in(admin), act=act)
                if expected <= {(entry["code"], entry["subjectId"]) for entry in entries}:
                    break
                await asyncio.sleep(0.1)
