"""Rotations of the keys of sealed columns, with the planted values found before and after."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import col
from starlette.applications import Starlette
from structlog.testing import capture_logs

from commands.keys import KeyChange, KeySetName, change_file
from core.database import Database
from core.ids import FIRST_ID
from core.security import key_file
from core.security.key_file import KeyFile, KeyNotRetirable, KeyNotRotatable, KeySets
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.security.secret_keys import SecretPurpose
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from models.identity.email_changes import EmailChange
from models.identity.password_resets import PasswordReset
from models.identity.phones import Phone, PhonePurpose
from models.sealed_columns import sealed_columns
from services import sealed_values
from services.identity.addresses.changed_addresses import seal_new_email
from services.identity.phones.phone_codes import request_code
from tests.apps import endpoint_of
from tests.client import Client
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.maintenance.sealed_rows import plant
from tests.races.crowd import crowd
from tests.resolvers.identity.phones.test_phone_codes import (
    ask,
    code_of,
    log_in,
    new_number,
    own,
    proof,
)
from tests.resolvers.identity.test_change_email import address

LINK = "query ($token: String!) { authLink(token: $token) { email } }"
Run = Callable[[], Awaitable[None]]
FIELD, LOOKUP = KeySetName.FIELD, KeySetName.LOOKUP


class Rotation:
    """The key file of all processes of this test."""

    def __init__(self, settings: Settings, *processes: SigningKeys) -> None:
        self._settings = settings
        self._processes = processes

    @property
    def sets(self) -> KeySets:
        return KeyFile(self._settings.keys_file, self._settings.file_secrets).read()

    def id_of(self, name: KeySetName) -> str:
        return self.sets.secrets.live(SecretPurpose(name.value))[-1].id.hex()

    async def run(self, **asked: Any) -> None:
        """Run `haat keys`, and have all processes read the file."""
        await change_file(self._settings, KeyChange(**asked))
        for one in self._processes:
            one.reload_if_changed()


@pytest.fixture
def rotation(
    settings: Settings, keys: SigningKeys, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rotation]:
    """Rotate without the minutes in which servers read the file, and take all of it back."""
    monkeypatch.setattr(key_file, "PUBLISH_SECONDS", 0)
    monkeypatch.setattr(key_file, "SETTLE_SECONDS", 0)
    before = settings.keys_file.read_text()
    processes = (keys, endpoint_of(app).app.keys)
    yield Rotation(settings, *processes)
    settings.keys_file.write_text(before)
    for one in processes:
        one.reload_if_changed()


@pytest.fixture
def sealer(keys: SigningKeys) -> Sealer:
    return Sealer(keys)


@pytest.fixture
def reseal(defer: Defer, work: Work) -> Run:
    async def reseal() -> None:
        await defer("reseal", timestamp=0)
        await work()

    return reseal


async def stored(database: Database) -> dict[str, list[Any]]:
    """Return what each sealed column has, with its hashes."""
    found = {}
    async with database.session() as session:
        for one in sealed_columns():
            hashes = [part for part in (one.lookup, one.next_lookup) if part is not None]
            rows = select(one.table.c.id, one.column, *hashes).order_by(one.table.c.id)
            rows = rows.where(one.column.is_not(None))
            found[one.name] = [tuple(row) for row in await session.execute(rows)]
    return found


def opened(sealer: Sealer, found: dict[str, list[Any]]) -> dict[tuple[str, UUID], bytes]:
    """Return the values by column and row."""
    return {
        (name, row[0]): sealer.open(name, row[0], row[1])
        for name, rows in found.items()
        for row in rows
    }


async def request(
    world: World, sealer: Sealer, number: str, owner: User | None = None
) -> dict[str, Any]:
    """Return the proof of a number, without the limit of three messages in an hour."""
    purpose = PhonePurpose.CHANGE_PHONE if owner else PhonePurpose.LOG_IN
    async with world.database.session() as session, session.begin():
        secret = await request_code(
            session, sealer, number, purpose, user_id=owner.id if owner else None, locale="en"
        )
    return proof(secret, await code_of(world, sealer))


async def test_each_sealed_value_gets_the_new_field_key(
    world: World, api: Client, database: Database, sealer: Sealer, rotation: Rotation, reseal: Run
) -> None:
    await plant(world, api, sealer)
    planted = await stored(database)
    assert all(planted.values())
    values = opened(sealer, planted)
    old = rotation.id_of(FIELD)
    with pytest.raises(KeyNotRetirable, match="newest"):
        await rotation.run(retire=old)
    await rotation.run(rotate=True, name=FIELD)
    assert await stored(database) == planted
    with pytest.raises(KeyNotRetirable, match=f"{len(values)} values need {old}"):
        await rotation.run(retire=old, name=FIELD)
    await reseal()
    sealed = await stored(database)
    assert opened(sealer, sealed) == values
    for name, rows in sealed.items():
        assert {row[1][1:5] for row in rows} == {sealer.field_key_id} != {bytes.fromhex(old)}
        assert [row[2:] for row in rows] == [row[2:] for row in planted[name]]
    await reseal()
    assert await stored(database) == sealed, "a second run changes nothing"
    await rotation.run(retire=old)
    assert opened(sealer, sealed) == values


async def test_a_number_is_found_during_the_whole_rotation_of_lookups(
    world: World, api: Client, database: Database, sealer: Sealer, rotation: Rotation, reseal: Run
) -> None:
    number = new_number()
    user = await own(world, sealer, number)
    await world.totp(user)
    await world.application(user, await world.vendor())
    await ask(api, "requestLoginCode", number)

    async def ensure_found() -> None:
        """Sign in by the number, and give it to another user and back."""
        given = await request(world, sealer, number)
        answer = await api.do("logInWithCode", given, "secondFactor { challengeId }")
        assert answer["secondFactor"]["challengeId"]
        for owner in (await world.user(), user):
            client, given = api.signed_in(owner), await request(world, sealer, number, owner)
            assert await client.refusal_codes("confirmPhone", given) == []
            async with database.session() as session:
                assert (await session.execute(select(col(Phone.user_id)))).scalars().all() == [
                    owner.id
                ]

    old = rotation.id_of(LOOKUP)
    await ensure_found()
    before = await stored(database)
    await rotation.run(rotate=True, name=LOOKUP)
    with pytest.raises(KeyNotRotatable, match=f"First retire {old}"):
        await rotation.run(rotate=True, name=LOOKUP)
    with pytest.raises(KeyNotRetirable, match=f"values need {old}"):
        await rotation.run(retire=old, name=LOOKUP)
    await ensure_found()
    await reseal()
    during = await stored(database)
    for name in ("phone.number", "vendor_application.tax_id"):
        assert during[name][0][2] == before[name][0][2], "servers with the old file find it"
        assert during[name][0][3] != before[name][0][3]
    await ensure_found()
    await rotation.run(retire=old)
    await ensure_found()
    with pytest.raises(KeyNotRotatable, match="values have hashes of another key"):
        await rotation.run(rotate=True, name=LOOKUP)
    await reseal()
    await ensure_found()
    after = await stored(database)
    for name in ("phone.number", "vendor_application.tax_id"):
        ((_, _, lookup, newest),) = after[name]
        assert newest == bytes.fromhex(rotation.id_of(LOOKUP)) + lookup
        assert lookup != before[name][0][2]
    await rotation.run(rotate=True, name=LOOKUP)
    await ensure_found()


async def test_an_address_is_found_during_the_whole_rotation_of_both_keys(
    world: World, api: Client, sealer: Sealer, rotation: Rotation, reseal: Run
) -> None:
    user, other = await world.user(email=address()), await world.user(email=address())
    reset = PasswordReset(user_id=other.id, epoch=0, token_hash=hash_secret("reset"))
    change = EmailChange(user_id=other.id, epoch=0, token_hash=hash_secret("change"))
    seal_new_email(world.sealer, change, email_of(user))
    await world.save(give_email(world.sealer, reset, email_of(other)), change)

    async def ensure_found() -> None:
        """Log in by it, and give it to no other account."""
        spelled = email_of(user).upper()
        given = {"email": spelled, "password": PASSWORD}
        assert await api.refusal_codes("logIn", given) == []
        assert await api.refusal_codes("verifyEmail", {"token": "change"}) == ["EMAIL_TAKEN"]
        wanted = await world.registration(email=email_of(user))
        proof = {"token": wanted.token, "registrationSecret": wanted.secret}
        assert await api.refusal_codes("verifyEmail", proof) == ["EMAIL_TAKEN"]
        assert (await api.ask(LINK, token="reset"))["authLink"] == {"email": email_of(other)}

    for name in (FIELD, LOOKUP):
        old = rotation.id_of(name)
        await ensure_found()
        await rotation.run(rotate=True, name=name)
        await ensure_found()
        await reseal()
        await ensure_found()
        await rotation.run(retire=old, name=name)
        await ensure_found()
        await reseal()
        await ensure_found()


async def test_log_ins_during_a_batch(
    world: World, api: Client, sealer: Sealer, rotation: Rotation, reseal: Run
) -> None:
    """Users log in while their addresses are sealed again: none is refused, none is left."""
    users = await crowd(world, 40)
    old = rotation.id_of(FIELD)
    await rotation.run(rotate=True, name=FIELD)
    await rotation.run(rotate=True, name=LOOKUP)

    async def log_in(user: User) -> list[str]:
        given = {"email": email_of(user), "password": PASSWORD}
        return await api.refusal_codes("logIn", given)

    refused, _ = await asyncio.gather(asyncio.gather(*map(log_in, users[:20])), reseal())
    assert refused == [[]] * 20
    await reseal()  # rows that a log-in had locked
    await rotation.run(retire=old, name=FIELD)
    assert [await world.email(user) for user in users] == [email_of(user) for user in users]


async def test_a_code_that_was_sent_before_the_switch_is_right_after_it(
    world: World, api: Client, sealer: Sealer, rotation: Rotation
) -> None:
    number = new_number()
    await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    await rotation.run(rotate=True, name=LOOKUP)
    await rotation.run(rotate=True, name=FIELD)
    assert await log_in(api, secret, code) == []


async def test_rows_of_the_previous_release_get_their_second_hash(
    world: World, database: Database, sealer: Sealer, reseal: Run
) -> None:
    await own(world, sealer, new_number())
    before = await stored(database)
    async with database.session() as session, session.begin():
        await session.execute(text("UPDATE phone SET next_lookup = NULL"))
    await reseal()
    after = await stored(database)
    assert after["phone.number"][0][2:] == before["phone.number"][0][2:]


async def test_batches_leave_locked_and_broken_values(
    world: World,
    database: Database,
    sealer: Sealer,
    rotation: Rotation,
    reseal: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Locked ones for the next run, and broken ones for good, with a line in the log."""
    monkeypatch.setattr(sealed_values, "BATCH_SIZE", 2)
    for _ in range(5):
        await own(world, sealer, new_number())
    ids = [row[0] for row in (await stored(database))["phone.number"]]
    async with database.session() as session, session.begin():
        await session.execute(
            text("UPDATE phone SET number = number || '\\x00' WHERE id = :id"), {"id": ids[0]}
        )
    old = rotation.id_of(FIELD)
    await rotation.run(rotate=True, name=FIELD)
    async with database.session() as session, session.begin():
        await session.execute(text("SELECT FROM phone WHERE id = :id FOR UPDATE"), {"id": ids[2]})
        with capture_logs() as logged:
            await reseal()
    broken = [line for line in logged if line["event"] == "sealed.broken"]
    found = {(line["column"], line["id"]) for line in broken}  # a periodic run may report it too
    assert found == {("phone.number", str(ids[0]))}
    with pytest.raises(KeyNotRetirable, match=f"2 values need {old}"):
        await rotation.run(retire=old)
    await reseal()
    with pytest.raises(KeyNotRetirable, match=f"1 values need {old}"):
        await rotation.run(retire=old)


async def test_a_change_during_a_batch_is_not_overwritten(
    world: World, database: Database, sealer: Sealer, keys: SigningKeys
) -> None:
    """The row is locked from the read to the commit: a change waits, or is read."""
    await own(world, sealer, new_number())
    secrets = keys.sets.secrets.rotated(SecretPurpose.FIELD, used_from=0)
    newer = Sealer(SigningKeys(replace(keys.sets, secrets=secrets)))
    (column,) = (one for one in sealed_columns() if one.name == "phone.number")
    async with database.session() as session, session.begin():
        await sealed_values.reseal_batch(session, newer, column, FIRST_ID)
        async with database.session() as reading:
            number = (await reading.execute(select(col(Phone.number)))).scalar_one()
            assert number[1:5] == sealer.field_key_id, "readers do not wait"
        async with database.session() as writing, writing.begin():
            rows = text("SELECT id FROM phone FOR UPDATE SKIP LOCKED")
            assert (await writing.execute(rows)).all() == []
