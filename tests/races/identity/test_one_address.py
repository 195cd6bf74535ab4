"""Registrations that are verified concurrently: one account, and five tries of a code."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from core.security.random_secrets import hash_secret
from models.identity.accounts import User
from models.identity.registrations import Registration
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.identity.registrations import registrations
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.races.conftest import Drop
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.identity.mailbox import wrong

ROUNDS = 5


async def users_of(world: World, email: str) -> int:
    rows = select(User.id).where(has_email(User, lookup_email(world.sealer, email)))
    async with world.database.session() as session:
        return len((await session.exec(rows)).all())


async def test_one_registration_verified_at_once_is_one_account(
    world: World, clients: list[Client], database: Database
) -> None:
    for _ in range(ROUNDS):
        sign_up = await world.registration()
        link = {"token": sign_up.token, "registrationSecret": sign_up.secret}
        code = {"code": sign_up.code, "registrationSecret": sign_up.secret}
        answers = tally(
            await at_once(
                clients[number % 2].do("verifyEmail", (link, code)[number // 2 % 2])
                for number in range(8)
            )
        )
        assert answers == {"OK": 1, "CODE_ENDED": 7}
        assert await users_of(world, email_of(sign_up.row)) == 1


async def test_one_address_registered_by_many_is_one_account(
    world: World, clients: list[Client], database: Database
) -> None:
    for _ in range(ROUNDS):
        email = f"{uuid4().hex}@haat.example"
        waiting = [await world.registration(email=email) for _ in range(8)]
        answers = tally(
            await at_once(
                (
                    clients[number % 2].do(
                        "verifyEmail", {"token": one.token, "registrationSecret": one.secret}
                    )
                    for number, one in enumerate(waiting)
                ),
                most=4,
            )
        )
        assert answers == {"OK": 1, "EMAIL_TAKEN": 7}
        assert await users_of(world, email) == 1
        async with database.session() as session:
            stored = has_email(Registration, lookup_email(world.sealer, email))
            rows = (await session.exec(select(Registration).where(stored))).all()
        assert all(row.used_at is not None for row in rows)


async def test_thirty_guesses_at_once_are_five_tries(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        sign_up = await world.registration()
        guess = {"registrationSecret": sign_up.secret, "code": wrong(sign_up.code)}
        answers = tally(
            await at_once(clients[number % 2].do("verifyEmail", guess) for number in range(30))
        )
        assert answers == {"CODE_WRONG": 5, "CODE_ENDED": 25}


async def test_more_than_five_tries_if_they_are_counted_after_a_read(
    world: World, api: Client, database: Database, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a try that is read and then written lets parallel guesses pass."""
    await drop("registration_tries_check")
    meeting = Meeting()

    async def read_and_write(session: object, secret: str) -> Registration | None:
        async with database.session() as reading:
            rows = select(Registration).where(Registration.secret_hash == hash_secret(secret))
            row = (await reading.exec(rows)).one()
            await meeting.arrive()
            if row.tries >= 5:
                return None
            await reading.execute(
                text("UPDATE registration SET tries = :tries WHERE id = :id"),
                {"tries": row.tries + 1, "id": row.id},
            )
            await reading.commit()
            return row

    monkeypatch.setattr(registrations, "_take_try", read_and_write)
    sign_up = await world.registration()
    guess = {"registrationSecret": sign_up.secret, "code": wrong(sign_up.code)}
    answers = tally(await at_once(api.do("verifyEmail", guess) for _ in range(30)))
    assert answers["CODE_WRONG"] > 5


async def test_several_accounts_of_one_address_without_the_constraints(
    world: World, clients: list[Client], drop: Drop
) -> None:
    """The control. Each of the two constraints alone is enough, as during a rotation."""
    email, at_most = f"{uuid4().hex}@haat.example", 1
    for name in ("user_email_lookup_key", "user_next_email_lookup_key"):
        assert await users_of(world, email) <= at_most
        await drop(name)
        waiting = [await world.registration(email=email) for _ in range(8)]
        await at_once(
            clients[number % 2].do(
                "verifyEmail", {"token": one.token, "registrationSecret": one.secret}
            )
            for number, one in enumerate(waiting)
        )
    assert await users_of(world, email) > at_most
