"""A thief adds a passkey while the owner resets the password, and removals meet sign-ins."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.settings import Settings
from models.identity.passkeys import Passkey
from services.identity.addresses.email_changes import apply_change
from services.identity.factors.passkeys import remove_passkey
from services.identity.passwords import password_resets
from services.viewer import Viewer
from tests.authenticator import SoftAuthenticator
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.races.identity.test_reset_and_log_in import person
from tests.races.meeting import waits_or_ends
from tests.resolvers.identity.credentials.test_passkeys import log_in
from tests.resolvers.identity.credentials.test_password_reset import asked, reset
from tests.resolvers.identity.registering import owner_of, started
from tests.resolvers.identity.signing_in import codes_of
from tests.resolvers.identity.test_change_email import address, asked_for, confirm, mails, token_of

ROUNDS = 6
ADD = "mutation ($i: RegisterPasskeyInput!) { registerPasskey(input: $i) { errors { code } } }"
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")


async def thief_keeps_a_passkey(
    world: World, clients: list[Client], origin: str, *, before: int = 0
) -> bool:
    """Add passkeys around a reset, and some before it. Returns whether one is left."""
    user = await person(world)
    thief, token = clients[0].signed_in(user), await asked(world, clients[0], user)
    inputs = []
    for _ in range(3):
        start, device = await started(thief, "REGISTER_PASSKEY"), SoftAuthenticator(origin)
        credential = device.create(start["options"])
        given = {"challengeId": start["challengeId"], "credential": credential, "name": "Mine"}
        inputs.append(given)
    adding: list[Any] = [thief.send(ADD, i=given) for given in inputs]
    for one in adding[:before]:
        await one
    first, *others = adding[before:]
    _, codes, *_ = await asyncio.gather(first, reset(clients[1], token), *others)
    assert codes == []
    async with world.database.session() as session:
        kept = await session.exec(select(Passkey.id).where(Passkey.user_id == user.id))
        return kept.first() is not None


async def test_no_passkey_of_a_thief_outlives_a_reset(
    world: World, clients: list[Client], settings: Settings
) -> None:
    origin = settings.relying_party.origins[0]
    kept = [await thief_keeps_a_passkey(world, clients, origin) for _ in range(ROUNDS)]
    assert kept == [False] * ROUNDS


async def test_without_the_removal_one_does(
    world: World, api: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep(*_: object) -> None:
        pass

    monkeypatch.setattr(password_resets, "remove_recent", keep)
    origin = settings.relying_party.origins[0]
    assert await thief_keeps_a_passkey(world, [api, api], origin, before=1)


async def test_a_passkey_that_is_removed_during_a_sign_in_is_no_copy(
    world: World, api: Client, settings: Settings
) -> None:
    """The sign-in has found it, and waits for the removal. The owner gets no mail about a copy."""
    device = SoftAuthenticator(settings.relying_party.origins[0])
    user = await owner_of(world, api, device)
    async with world.database.session() as session, session.begin():
        rows = select(Passkey.id).where(Passkey.user_id == user.id)
        passkey_id = (await session.exec(rows)).one()
        await session.execute(
            text('SELECT FROM "user" WHERE id = :id FOR NO KEY UPDATE'), {"id": user.id}
        )
        await remove_passkey(session, Viewer(user.id, user.id), passkey_id=passkey_id)
        await session.flush()
        signing_in = asyncio.create_task(_codes(api, device))
        await waits_or_ends(world.database, signing_in)
    assert await signing_in == ["PASSKEY_REFUSED"]
    async with world.database.session() as session:
        notices = (await session.execute(NOTICES)).scalars().all()
    assert sorted(notices) == ["PASSKEY_ADDED", "PASSKEY_REMOVED"]


async def _codes(api: Client, device: SoftAuthenticator) -> list[str]:
    return codes_of(await log_in(api, device))


async def test_an_address_that_is_given_up_meanwhile_can_be_taken_back(
    world: World, api: Client
) -> None:
    """Its former account keeps it for 72 hours, also from a change that waits for the commit."""
    former, other = await person(world), await person(world)
    given_up = await asked_for(world, api, former, address())
    wanted = await asked_for(world, api, other, email_of(former))
    async with world.database.session() as session, session.begin():
        assert await apply_change(session, world.sealer, given_up) is not None
        taking = asyncio.create_task(confirm(api, wanted))
        await waits_or_ends(world.database, taking)
    assert await taking == ["EMAIL_TAKEN"]
    undo = {"token": token_of(await mails(world, former, changed=True))}
    assert await api.refusal_codes("undoChange", undo) == []


async def test_a_link_that_undoes_a_change_works_once(world: World, clients: list[Client]) -> None:
    user = await person(world)
    assert await confirm(clients[0], await asked_for(world, clients[0], user, address())) == []
    given = {"token": token_of(await mails(world, user, changed=True))}
    calls = [client.refusal_codes("undoChange", given) for client in (*clients, *clients)]
    assert sorted(await asyncio.gather(*calls)) == [[], *[["LINK_ENDED"]] * 3]
