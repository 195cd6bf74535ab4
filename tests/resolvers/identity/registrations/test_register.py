"""Asking for an account: no account exists before its address is verified."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from core.security import passwords
from models.identity.accounts import User
from models.identity.registrations import Registration
from services.identity.addresses.sealed_addresses import open_email
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.identity.mailbox import read_mail

PAYLOAD = "registrationSecret viewer { id } session { accessToken }"
REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { errors { code } } }"
WEAK = (
    "mutation ($input: RegisterInput!) { register(input: $input) { registrationSecret"
    " errors { code message field ... on PasswordWeak { reason } } } }"
)


def account(**changes: str) -> dict[str, str]:
    """Return an input with an address of its own, because mails per address are limited."""
    email = f"{uuid4().hex}@haat.example"
    return {"email": email, "password": PASSWORD, "name": "Asha"} | changes


async def count_users(database: Database) -> int:
    async with database.session() as session:
        return len((await session.exec(select(User.id))).all())


async def registrations(database: Database) -> list[Registration]:
    async with database.session() as session:
        return list((await session.exec(select(Registration))).all())


async def test_register_creates_a_registration_and_no_account(
    world: World, api: Client, database: Database
) -> None:
    given = account(email=f"{uuid4().hex.upper()}@Haat.Example")
    payload = await api.do("register", given, PAYLOAD)
    assert payload["errors"] == []
    assert (payload["viewer"], payload["session"]) == (None, None)
    assert len(payload["registrationSecret"]) >= 43  # 256 bits
    assert await count_users(database) == 0
    (row,) = await registrations(database)
    assert (open_email(world.sealer, row), row.name, row.tries) == (
        given["email"].lower(),
        "Asha",
        0,
    )
    assert await api.refusal_codes("logIn", {"email": given["email"], "password": PASSWORD}) == [
        "WRONG_CREDENTIALS"
    ]


async def test_register_stores_no_secret(world: World, api: Client, database: Database) -> None:
    given = account()
    secret = (await api.do("register", given, PAYLOAD))["registrationSecret"]
    proof = await read_mail(world, given["email"])
    query = "SELECT row_to_json(registration)::text FROM registration"
    jobs = "SELECT string_agg(args::text, ' ') FROM procrastinate_jobs"
    async with database.session() as session:
        stored = await session.scalar(text(query.replace("::", r"\:\:")))
        deferred = await session.scalar(text(jobs.replace("::", r"\:\:")))
    for kept in (PASSWORD, secret, proof.token, proof.code):
        assert kept not in f"{stored} {deferred}"


async def test_register_a_taken_address_is_answered_as_a_free_one(
    world: World, api: Client, database: Database
) -> None:
    user, free = await world.user(email=f"{uuid4().hex}@haat.example"), account()
    taken = account(email=email_of(user).upper())
    payloads = [await api.do("register", given, PAYLOAD) for given in (taken, free)]
    for payload in payloads:
        assert payload.pop("registrationSecret")
    assert payloads[0] == payloads[1]
    mails = [await read_mail(world, given["email"].lower()) for given in (taken, free)]
    assert (mails[0].token, mails[0].code) == ("", "")
    assert "already has one" in mails[0].mail.body
    assert mails[1].token


async def test_register_executes_the_same_statements_for_a_taken_address(
    world: World, api: Client
) -> None:
    """A look-up of the address, or a conflict, would take time."""
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    taken, free = [
        await statements(api, REGISTER, input=given)
        for given in (account(email=email_of(user)), account())
    ]
    assert taken == free
    assert not any('FROM "user"' in statement for statement in taken)


async def test_register_hashes_for_a_taken_address_too(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    hashed: list[str] = []
    hash_password = passwords.hash_password

    def record(password: str) -> str:
        hashed.append(password)
        return hash_password(password)

    monkeypatch.setattr(passwords, "hash_password", record)
    await api.do("register", account(email=email_of(user)), PAYLOAD)
    assert hashed == [PASSWORD]


async def test_register_mail_has_no_text_of_the_caller(
    world: World, api: Client, database: Database
) -> None:
    hostile = account(name="Win at evil.example")
    await api.do("register", hostile)
    mail = (await read_mail(world, hostile["email"])).mail
    assert "evil" not in f"{mail.subject} {mail.body}"
    assert hostile["email"] not in f"{mail.subject} {mail.body}"


@pytest.mark.parametrize(
    ("languages", "subject"),
    [
        ("de-CH, en;q=0.5", "Bestätige deine E-Mail-Adresse für Haat"),
        ("fr", "Confirm your email address for Haat"),
    ],
)
async def test_register_mail_is_in_the_language_of_the_request(
    world: World, api: Client, database: Database, languages: str, subject: str
) -> None:
    given = account()
    await api.reading(languages).do("register", given)
    assert (await read_mail(world, given["email"])).mail.subject == subject


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "asha"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "asha@haat.example, eve@haat.example"}, "email"),
        ({"email": "a" * 250 + "@haat.example"}, "email"),
        ({"email": "l\u0130ly@haat.example"}, "email"),
        ({"email": "a\x00@haat.example"}, "email"),
        ({"password": "x" * 7}, "password"),
        ({"password": "e\u0301" * 7}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "x" * 10_000}, "password"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
    ],
)
async def test_register_with_bad_input(
    world: World, api: Client, database: Database, changes: dict[str, str], field: str
) -> None:
    payload = await api.do("register", account(**changes), PAYLOAD)
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]
    assert payload["registrationSecret"] is None
    assert await registrations(database) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("password", "COMMON"),
        ("12345678", "COMMON"),
        ("        ", "GUESSABLE"),
        ("Asha Kapoor", "PERSONAL"),
        ("{email}", "PERSONAL"),
    ],
)
async def test_register_with_a_weak_password(
    world: World, api: Client, database: Database, password: str, reason: str
) -> None:
    given = account(name="Asha Kapoor")
    given["password"] = password.format(email=given["email"])
    payload = (await api.ask(WEAK, input=given))["register"]
    (error,) = payload["errors"]
    assert (error["code"], error["field"], error["reason"]) == (
        "PASSWORD_WEAK",
        ["password"],
        reason,
    )
    assert payload["registrationSecret"] is None
    assert await registrations(database) == []


@pytest.mark.parametrize("password", ["zR7!kq0P=v", "zR7!kq0Pm2" * 12 + "zR7!kq0P"])
async def test_register_at_the_edges(world: World, api: Client, password: str) -> None:
    assert await api.refusal_codes("register", account(password=password)) == []


async def test_register_reports_every_error(world: World, api: Client) -> None:
    errors = (await api.do("register", account(email="", password="", name="")))["errors"]
    assert [error["field"] for error in errors] == [["email"], ["password"], ["name"]]


async def test_register_cannot_make_an_admin(world: World, api: Client) -> None:
    given: dict[str, Any] = account() | {"role": "ADMIN"}
    assert await api.mutation_failed("register", given) == ["BAD_USER_INPUT"]


async def test_register_while_signed_in_changes_nothing(
    world: World, api: Client, database: Database
) -> None:
    user = await world.user()
    payload = await api.signed_in(user).do("register", account(), PAYLOAD)
    assert payload["viewer"] is None
    assert await world.email(user) == email_of(user)


async def test_register_with_a_nul(world: World, api: Client) -> None:
    assert await api.mutation_failed("register", account(name="A\x00")) == ["BAD_USER_INPUT"]


async def test_register_with_half_a_surrogate_pair(world: World, api: Client) -> None:
    body = json.dumps({"query": "{ __typename }", "variables": {"name": "\ud83d"}})
    headers = {"Content-Type": "application/json"}
    response = await api.http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "half a surrogate pair" in error["message"]


async def test_register_ten_times_in_one_document_is_too_expensive(
    world: World, api: Client, database: Database
) -> None:
    fields = "".join(
        f'a{number}: register(input: {{email: "{uuid4().hex}@haat.example", name: "A",'
        f' password: "{PASSWORD}"}}) {{ errors {{ code }} }} '
        for number in range(10)
    )
    assert await api.failed(f"mutation {{ {fields} }}") == ["QUERY_TOO_COMPLEX"]
    assert await registrations(database) == []


async def test_register_the_same_address_is_limited(
    world: World, api: Client, database: Database
) -> None:
    """The limit does not reveal whether the address has an account."""
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    for given in (account(), account(email=email_of(user))):
        for _ in range(3):
            assert await api.refusal_codes("register", given) == []
        assert await api.mutation_failed("register", given) == ["RATE_LIMITED"]
    assert len(await registrations(database)) == 6


async def test_register_at_once_is_limited(world: World, api: Client) -> None:
    given = account()
    calls = (api.mutation_failed("register", given) for _ in range(20))
    failed = await asyncio.gather(*calls)
    assert 3 <= failed.count([]) <= 3 + 3  # four at a time are counted after their hash


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short", "Must have at least 8 characters."),
        ("x" * 129, "Must have at most 128 characters."),
    ],
)
async def test_register_states_the_length_of_passwords_in_characters(
    api: Client, password: str, message: str
) -> None:
    given = {"email": "asha@haat.example", "name": "Asha", "password": password}
    (error,) = (await api.do("register", given))["errors"]
    assert (error["code"], error["message"], error["field"]) == (
        "INVALID_INPUT",
        message,
        ["password"],
    )
