"""Accounts of a phone number alone: created by a code, and what they lack."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.identity.accounts import User, UserSession
from models.identity.email_changes import EmailChange
from models.identity.factors import LastWayIn
from models.identity.phones import PHONE, Phone, PhonePurpose
from services.identity.addresses.email_change_mail import compose_change
from services.identity.addresses.sealed_addresses import find_email
from services.identity.factors.recent_changes import remove_recent
from services.identity.factors.ways_in import ensure_other_way_in
from services.identity.phones.phone_codes import request_code
from services.identity.security_notices import SecurityNotice, compose_notice
from tests.client import Client, gid
from tests.factories.factors import passkey_of
from tests.factories.world import World
from tests.resolvers.admins.deciding import REASON, suspension
from tests.resolvers.applications.applying import Applicant
from tests.resolvers.identity.phones.test_phone_codes import (
    ask,
    code_of,
    log_in,
    new_number,
    proof,
    read,
    set_number,
)

VIEWER = "session { accessToken } viewer { id name email needsName }"


@pytest.fixture
def sealer(keys: SigningKeys) -> Sealer:
    return Sealer(keys)


async def signed_up(world: World, api: Client, sealer: Sealer, number: str) -> tuple[User, Client]:
    """Return the user of a number without an account, who has signed in with a code."""
    secret = await ask(api, "requestLoginCode", number)
    payload = await api.do("logInWithCode", proof(secret, await code_of(world, sealer)), VIEWER)
    assert payload["errors"] == []
    async with world.database.session() as session:
        rows = select(User).join(Phone).where(Phone.has_number(sealer.lookup(PHONE, number)))
        return (await session.exec(rows)).one(), api.bearing(payload["session"]["accessToken"])


async def age(world: World, user: User, days: int) -> None:
    """Let an account be unused for so many days."""
    at = now() - timedelta(days=days)
    async with world.database.session() as session, session.begin():
        for row in (await session.exec(select(Phone).where(Phone.user_id == user.id))).all():
            row.proven_at = at
        for one in (await session.exec(select(UserSession))).all():
            one.last_used_at = at


async def another_proof(world: World, sealer: Sealer, number: str) -> dict[str, Any]:
    """Return a proof by another code. Its request is not limited, as after some minutes."""
    async with world.database.session() as session, session.begin():
        secret = await request_code(session, sealer, number, PhonePurpose.LOG_IN, locale="en")
    return proof(secret, await code_of(world, sealer))


async def test_a_code_creates_an_account_and_the_name_is_asked_for(
    world: World, api: Client, sealer: Sealer
) -> None:
    number = new_number()
    secret = await ask(api.reading("de"), "requestLoginCode", number)
    message = await read(world, sealer)
    assert message is not None
    assert "ist dein Code für Haat" in message.body
    code = message.body[:6]
    assert await log_in(api, secret, "000000" if code != "000000" else "1") == ["CODE_WRONG"]
    async with world.database.session() as session:
        assert (await session.exec(select(User))).all() == []
    payload = await api.do("logInWithCode", proof(secret, code), VIEWER)
    assert payload["viewer"] | {"id": ""} == {
        "id": "",
        "name": "Neuer Benutzer",
        "email": None,
        "needsName": True,
    }
    client = api.bearing(payload["session"]["accessToken"])
    named = await client.do("updateProfile", {"name": "Momo"}, "viewer { name needsName }")
    assert named["viewer"] == {"name": "Momo", "needsName": False}


async def test_what_needs_an_address_says_so(world: World, api: Client, sealer: Sealer) -> None:
    user, client = await signed_up(world, api, sealer, new_number())
    given = {"current": "x" * 12, "password": "a long enough secret 5"}
    assert await client.refusal_codes("changePassword", given) == ["EMAIL_NEEDED"]
    documents = [gid(await world.document(user))]
    application = await (await Applicant.enter(world, api)).given(documentUploadIds=documents)
    assert await client.refusal_codes("applyAsVendor", application) == ["EMAIL_NEEDED"]


async def test_who_gets_no_mail_reads_the_reason_of_a_suspension(
    world: World, api: Client, sealer: Sealer
) -> None:
    """A wrong code does not: others may not read it."""
    number = new_number()
    user, _ = await signed_up(world, api, sealer, number)
    here = api.signed_in(await world.admin())
    assert await here.refusal_codes("suspendUser", suspension(user)) == []
    given = await another_proof(world, sealer, number)
    wrong = given | {"code": "000000" if given["code"] != "000000" else "1"}
    assert await api.refusal_codes("logInWithCode", wrong) == ["CODE_WRONG"]
    (refused,) = (await api.reading("de").do("logInWithCode", given, VIEWER))["errors"]
    said = f"Dein Konto ist aus diesem Grund gesperrt: {REASON}"
    assert (refused["code"], refused["message"]) == ("USER_SUSPENDED", said)


async def test_an_address_is_added_later(world: World, api: Client, sealer: Sealer) -> None:
    user, client = await signed_up(world, api, sealer, new_number())
    assert await client.refusal_codes("changeEmail", {"email": "momo@haat.example"}) == []
    async with world.database.session() as session, session.begin():
        change = (await session.exec(select(EmailChange))).one()
        mail = await compose_change(session, sealer, change.id, "https://haat.example")
        requested = SecurityNotice.EMAIL_CHANGE_REQUESTED
        assert await compose_notice(session, sealer, user.id, requested, now()) == []
    assert mail is not None
    token = mail.body.split("#")[1].split()[0]
    assert await api.refusal_codes("verifyEmail", {"token": token}) == []
    user = await world.fresh(user)
    assert find_email(sealer, user) == "momo@haat.example"
    async with world.database.session() as session, session.begin():
        await remove_recent(session, user, now())
        assert (await session.exec(select(Phone.user_id))).all() == [user.id], "it stays"
        assert (await session.exec(select(EmailChange))).one().old_email is None


async def test_a_number_is_detached_from_an_account_that_only_it_opens(
    world: World, api: Client, sealer: Sealer
) -> None:
    """After 100 days it still opens the account; after a year, another one is created."""
    number = new_number()
    user, _ = await signed_up(world, api, sealer, number)
    given = await another_proof(world, sealer, number)
    await age(world, user, 100)
    payload = await api.do("logInWithCode", given, VIEWER)
    assert payload["viewer"]["id"] == gid(user)
    given = await another_proof(world, sealer, number)
    await age(world, user, 366)
    payload = await api.do("logInWithCode", given, VIEWER)
    assert payload["viewer"]["id"] != gid(user)
    assert await world.fresh(user) is not None


@pytest.mark.parametrize("has_passkey", [False, True])
async def test_an_account_with_another_way_in_is_not_opened_by_an_unused_number(
    world: World, api: Client, sealer: Sealer, has_passkey: bool
) -> None:
    number = new_number()
    user, _ = await signed_up(world, api, sealer, number)
    if has_passkey:
        await world.save(passkey_of(user))
    given = await another_proof(world, sealer, number)
    await age(world, user, 100)
    refused = ["NUMBER_UNUSED"] if has_passkey else []
    assert await api.refusal_codes("logInWithCode", given) == refused


async def test_a_number_moves_unless_an_account_needs_it(
    world: World, api: Client, sealer: Sealer
) -> None:
    number = new_number()
    user, _ = await signed_up(world, api, sealer, number)
    mover = await world.user()
    client = api.signed_in(mover)
    async with world.database.session() as session, session.begin():
        secret = await request_code(
            session, sealer, number, PhonePurpose.CHANGE_PHONE, locale="en", user_id=mover.id
        )
    given = proof(secret, await code_of(world, sealer))
    assert await client.refusal_codes("confirmPhone", given) == ["NUMBER_IN_USE"]
    await age(world, user, 366)
    assert await client.refusal_codes("confirmPhone", given) == []
    async with world.database.session() as session:
        assert [phone.user_id for phone in await session.exec(select(Phone))] == [mover.id]


async def test_a_number_is_a_way_in_without_an_address(
    world: World, api: Client, sealer: Sealer
) -> None:
    user, _ = await signed_up(world, api, sealer, new_number())
    other = await world.user()
    other.password_hash = None
    await world.save(other)
    await set_number(world, sealer, other, new_number())
    async with world.database.session() as session:
        await ensure_other_way_in(session, user.id, but=new_id())
        with pytest.raises(LastWayIn):
            await ensure_other_way_in(session, other.id, but=new_id())


async def test_two_codes_at_once_create_one_account(
    world: World, api: Client, sealer: Sealer
) -> None:
    number = new_number()
    given = [await another_proof(world, sealer, number) for _ in range(4)]
    payloads = await asyncio.gather(*(api.do("logInWithCode", one, VIEWER) for one in given))
    assert [payload["errors"] for payload in payloads] == [[]] * 4
    assert len({payload["viewer"]["id"] for payload in payloads}) == 1
    async with world.database.session() as session:
        assert len((await session.exec(select(User))).all()) == 1
