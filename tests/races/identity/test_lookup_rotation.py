"""One number or address at once by servers with different key files: it stays of one account."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from core.database import Database
from core.security.key_file import KeySets
from core.security.sealed import Sealer
from core.security.secret_keys import SecretPurpose
from core.security.signing_keys import SigningKeys
from models.identity.accounts import User
from models.identity.phones import Phone
from services.identity.addresses.sealed_addresses import seal_email
from services.identity.phones.phone_accounts import seal_phone
from services.identity.registrations.registrations import create_account
from tests.factories.world import World
from tests.races.conftest import Drop
from tests.races.crowd import crowd
from tests.races.meeting import Meeting

SERVERS = 8
LOOKUP = SecretPurpose.LOOKUP
NUMBER, ADDRESS = "+919820012345", "asha@haat.example"


def files() -> dict[str, Sealer]:
    """Return servers with the file of before, of during and of after a rotation."""
    before = KeySets.generate()
    during = replace(before, secrets=before.secrets.rotated(LOOKUP, used_from=0))
    old = before.secrets.current(LOOKUP).id
    after = replace(during, secrets=during.secrets.retired(LOOKUP, old, 0))
    named = {"before": before, "during": during, "after": after}
    return {name: Sealer(SigningKeys(sets)) for name, sets in named.items()}


async def give_at_once(world: World, database: Database, *sealers: Sealer) -> int:
    """Give one address to many new accounts at once, and return how many have it then."""
    ready = Meeting(SERVERS)

    async def create(at: int) -> None:
        user = User(name=f"User {at}", password_hash=None)
        seal_email(sealers[at % len(sealers)], user, ADDRESS)
        async with database.session() as session, session.begin():
            await session.connection()
            await ready.arrive()
            await create_account(session, user)

    await asyncio.gather(*map(create, range(SERVERS)))
    async with database.session() as session:
        return (await session.exec(select(func.count()).select_from(User))).one()


async def set_at_once(world: World, database: Database, *sealers: Sealer) -> int:
    """Set one number for many users at once, and return how many have it then."""
    users = await crowd(world, SERVERS)
    ready = Meeting(SERVERS)

    async def set_number(at: int) -> None:
        async with database.session() as session, session.begin():
            await session.connection()
            await ready.arrive()
            session.add(seal_phone(sealers[at % len(sealers)], users[at].id, NUMBER))

    ended = await asyncio.gather(*map(set_number, range(SERVERS)), return_exceptions=True)
    refused = [one for one in ended if one is not None]
    assert all(isinstance(one, IntegrityError) for one in refused)
    async with database.session() as session:
        rows = (await session.exec(select(func.count()).select_from(Phone))).one()
    assert rows + len(refused) == SERVERS
    return rows


@pytest.mark.parametrize("names", [("before", "during"), ("during",), ("during", "after")])
async def test_one_number_has_one_account_throughout_a_rotation(
    world: World, database: Database, names: tuple[str, ...]
) -> None:
    sealers = files()
    assert await set_at_once(world, database, *(sealers[name] for name in names)) == 1


@pytest.mark.parametrize("names", [("before", "during"), ("during",), ("during", "after")])
async def test_one_address_has_one_account_throughout_a_rotation(
    world: World, database: Database, names: tuple[str, ...]
) -> None:
    sealers = files()
    assert await give_at_once(world, database, *(sealers[name] for name in names)) == 1


@pytest.mark.parametrize(
    ("names", "constraint"),
    [
        (("before", "during"), "user_email_lookup_key"),
        (("during", "after"), "user_next_email_lookup_key"),
    ],
)
async def test_one_address_has_two_accounts_without_the_hash_in_common(
    world: World, database: Database, drop: Drop, names: tuple[str, ...], constraint: str
) -> None:
    """The control."""
    sealers = files()
    await drop(constraint)
    assert await give_at_once(world, database, *(sealers[name] for name in names)) == 2


@pytest.mark.parametrize(
    ("names", "constraint"),
    [(("before", "during"), "phone_lookup_key"), (("during", "after"), "phone_next_lookup_key")],
)
async def test_one_number_has_two_accounts_without_the_hash_in_common(
    world: World, database: Database, drop: Drop, names: tuple[str, ...], constraint: str
) -> None:
    """The control: the other hash of each server has another key, so it keeps nothing unique."""
    sealers = files()
    await drop(constraint)
    assert await set_at_once(world, database, *(sealers[name] for name in names)) == 2
